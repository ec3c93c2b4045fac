"""Numbers on the command line."""

from __future__ import annotations

from argparse import ArgumentTypeError
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal


def whole(text: str) -> int:
    """Read a whole number from 1 on.

    Raises:
        ArgumentTypeError: if it is something else.

    >>> whole("1000")
    1000
    """
    if text.isascii() and text.isdecimal() and int(text[:19]) >= 1:
        return int(text[:19])
    raise ArgumentTypeError("use a whole number, at least 1")


def positive(text: str) -> float:
    """Read a number above 0.

    Raises:
        ArgumentTypeError: if it is something else.

    >>> positive("0.5")
    0.5
    """
    with suppress(ValueError):
        if 0 < (number := float(text)) < float("inf"):
            return number
    raise ArgumentTypeError("use a number above 0")


def concurrency(text: str) -> int | Literal["auto"]:
    """Read a whole number from 1 on, or `auto`.

    Raises:
        ArgumentTypeError: if it is something else.

    >>> concurrency("50"), concurrency("auto")
    (50, 'auto')
    """
    if text == "auto":
        return "auto"
    with suppress(ArgumentTypeError):
        return whole(text)
    raise ArgumentTypeError("use a whole number, at least 1, or auto")
