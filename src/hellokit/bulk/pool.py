"""The stream of sync code over backends that wait: on threads, or on the kit's event loop.

Items are taken, and outcomes given out, in the caller's thread, as a source may be bound to it.
They go out in batches as room becomes free, so that a hop between threads carries many.
"""

from __future__ import annotations

from itertools import islice
from os import getpid

from hellokit.bulk.failure import Failure, settled
from hellokit.bulk.loop import Loop
from hellokit.bulk.threads import Threads
from hellokit.errors import HellokitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import Any, Protocol

    from hellokit.bridge import Bridge
    from hellokit.bulk.attempt import Outcome
    from hellokit.bulk.options import Options
    from hellokit.metering.meter import Make
    from hellokit.routes import Route

    class Pool(Protocol):
        """Carries items out."""

        def put(self, items: list[Any]) -> None:
            """Take items on."""

        def end(self) -> None:
            """Learn that there are no more items."""

        def get(self) -> Outcome:
            """Wait for the next outcome, in the order that the options ask for."""

        def close(self) -> None:
            """End what runs, as far as it can be ended."""


AHEAD = 2
"""Items taken from the source before their results are, as a multiple of the concurrency."""


def pool_for(route: Route, make: Make, options: Options, bridge: Callable[[], Bridge]) -> Pool:
    """Return what carries the items of a route that blocks: the loop if it can wait instead."""
    if route.waits:
        return Loop(lambda item: route.call_async(make(item)), options, bridge())
    return Threads(lambda item: route.call(make(item)), options)


def pooled(
    source: Iterable[Any], start: Callable[[], Pool], options: Options
) -> Generator[Outcome, None, None]:
    """Yield the outcome of each item.

    Args:
        source: the items, taken in this thread.
        start: gives what carries them out, when the first result is asked for.
        options: the stream's options.

    Raises:
        HellokitError: in a process that was forked since the stream began.
        Exception: what the source raised, after the outcomes of the items before.
    """
    process = getpid()
    ahead = AHEAD * options.limit
    outstanding = 0
    taker = _Taker(source)
    pool = start()
    try:
        while True:
            if getpid() != process:  # what carries the items out stayed behind
                raise HellokitError(
                    "this stream was begun before the process was forked, and belongs to the "
                    "parent: call greet_many() again here"
                )
            if not taker.exhausted and outstanding <= ahead * 3 // 4:
                items = taker.take(ahead - outstanding)
                outstanding += len(items)
                pool.put(items)
                if taker.exhausted:
                    pool.end()
            if not outstanding:
                break
            outcome = pool.get()
            outstanding -= 1
            if type(outcome) is Failure:
                yield from settled(outcome, options.on_error)
            else:
                yield outcome
    finally:
        if getpid() == process:
            pool.close()
    if taker.error is not None:
        raise taker.error


class _Taker:
    """Takes items from a source, and keeps its exception for the end."""

    def __init__(self, source: Iterable[Any]) -> None:
        self._source = iter(source)
        self.exhausted = False
        self.error: Exception | None = None

    def take(self, most: int) -> list[Any]:
        """Return the next items, at most `most`; fewer only at the end."""
        items: list[Any] = []
        try:
            items.extend(islice(self._source, most))
        except Exception as error:  # noqa: BLE001  # the source's own, raised in its turn
            self.error = error
        self.exhausted = len(items) < most
        return items
