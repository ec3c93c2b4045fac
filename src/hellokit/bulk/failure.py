"""The failure: what stands in the place of a greeting that was not made."""

from __future__ import annotations

import attrs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    OnError = Literal["raise", "skip", "return"]


@attrs.frozen
class Failure:
    """An item that could not be greeted.

    Attributes:
        index: the item's place in the input, from 0.
        item: the item itself.
        error: the exception of its last attempt.
    """

    index: int
    item: object
    error: BaseException


def settled(failure: Failure, on_error: OnError) -> tuple[Failure, ...]:
    """Return what is given out in the place of a failed item.

    Raises:
        BaseException: the item's own error, if `on_error` is `"raise"`.
    """
    if on_error == "raise":
        raise failure.error
    return (failure,) if on_error == "return" else ()
