"""The stream of a sync backend that does not block: made in place, one after the other."""

from __future__ import annotations

import time

from hellokit.bulk.attempt import again, waits
from hellokit.bulk.failure import Failure, settled
from hellokit.bulk.pace import Rate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import Any

    from hellokit.bulk.attempt import Outcome
    from hellokit.bulk.failure import OnError
    from hellokit.bulk.options import Options
    from hellokit.metering.meter import Make
    from hellokit.request import Request

    Call = Callable[[Request], str]
    Batch = Callable[[Make, Iterable[Any], list[str]], None]


def inline(
    source: Iterable[Any], make: Make, call: Call, options: Options
) -> Generator[Outcome, None, None]:
    """Yield the outcome of each item, none of them taken before the one before it was.

    Args:
        source: the items.
        make: makes an item's request.
        call: carries a request out.
        options: the stream's options; a timeout cannot interrupt what runs in place.
    """
    rate = None if options.rate is None else Rate(options.rate)
    for index, item in enumerate(source):
        if rate is not None:
            time.sleep(rate.reserve())
        try:
            outcome: Outcome = call(make(item))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the backend raises
            outcome = _again(Failure(index, item, error), make, call, options)
        if type(outcome) is Failure:
            yield from settled(outcome, options.on_error)
        else:
            yield outcome


def batched(
    items: list[Any] | tuple[Any, ...], make: Make, batch: Batch, size: int, on_error: OnError
) -> Generator[Outcome, None, None]:
    """Yield the outcome of each item, greeted in batches: a list has no later items to wait for.

    A batch is as large as what was taken before it and one: whoever leaves early has had few
    made in vain.

    Args:
        items: the items.
        make: makes an item's request.
        batch: greets items into a list until one raises, metered as a whole.
        size: how many items make the largest batch.
        on_error: what becomes of a failed item.

    Raises:
        BaseException: what interrupted a batch, after the texts that were made before.
    """
    index = taken = 0
    while index < len(items):
        texts: list[str] = []
        failed: BaseException | None = None
        try:
            batch(make, items[index : index + min(size, taken + 1)], texts)
        except BaseException as error:  # noqa: BLE001  # whatever the backend raises
            failed = error
        try:
            yield from texts
        finally:  # also if the consumer leaves meanwhile: an interrupt must not be lost
            if not isinstance(failed, Exception | SystemExit | None):
                raise failed
        index += len(texts)
        taken += len(texts)
        if failed is not None:
            yield from settled(Failure(index, items[index], failed), on_error)
            index += 1


def _again(failure: Failure, make: Make, call: Call, options: Options) -> Outcome:
    """Return the outcome of the further attempts at an item."""
    for wait in waits(options):
        if not again(failure.error):
            break
        time.sleep(wait)
        try:
            return call(make(failure.item))
        except (Exception, SystemExit) as raised:  # noqa: BLE001  # as above
            failure = Failure(failure.index, failure.item, raised)
    return failure
