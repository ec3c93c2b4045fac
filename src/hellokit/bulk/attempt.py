"""One item: its request, its attempts, and the outcome, a text or a failure."""

from __future__ import annotations

from hellokit.bulk.failure import Failure
from hellokit.errors import BackendTimeoutError, HellokitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from typing import TypeAlias

    from hellokit.bulk.options import Options

    Outcome: TypeAlias = str | Failure


MOST_DOUBLINGS = 63
"""A wait that long never ends, and one doubled a thousand times is no number."""


def again(error: BaseException) -> bool:
    """Tell whether an item is worth another attempt: not if hellokit refused it, or it exited."""
    refused = isinstance(error, HellokitError) and not isinstance(error, BackendTimeoutError)
    return isinstance(error, Exception) and not refused


def waits(options: Options) -> Iterator[float]:
    """Yield how long to wait before each further attempt, in seconds."""
    for turn in range(options.attempts - 1):
        yield options.backoff * 2.0 ** min(turn, MOST_DOUBLINGS)


async def attempted(
    index: int, item: object, call: Callable[[object], Awaitable[str]], options: Options
) -> Outcome:
    """Return the outcome of an item after as many attempts as the options allow.

    Args:
        index: the item's place in the input.
        item: the item.
        call: carries an item out.
        options: the stream's options.

    Raises:
        asyncio.CancelledError: if the task that runs this is cancelled.
    """
    import asyncio

    wait = waits(options)
    while True:
        try:
            async with asyncio.timeout(options.timeout) as clock:
                return await call(item)
        except (Exception, SystemExit) as raised:  # noqa: BLE001  # whatever the backend raises
            error = late(index, options) if clock.expired() else raised
        except asyncio.CancelledError as raised:
            if cancelled():
                raise
            return Failure(index, item, raised)
        if not again(error) or (pause := next(wait, None)) is None:
            return Failure(index, item, error)
        await asyncio.sleep(pause)


def late(index: int, options: Options) -> BackendTimeoutError:
    """Return the error of an item that took too long."""
    return BackendTimeoutError(
        f"item {index} took longer than {options.timeout} s: "
        "raise timeout=, or find out what its backend waits for"
    )


def cancelled() -> bool:
    """Tell whether somebody cancelled this task, or the backend raised CancelledError itself."""
    import asyncio

    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
