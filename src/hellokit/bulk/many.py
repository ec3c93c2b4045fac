"""`greet_many`: which stream fits a backend and a source."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable

from hellokit.bulk.failure import Failure, settled
from hellokit.bulk.inline import batched, inline
from hellokit.errors import RequestTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from typing import Any

    from hellokit.bridge import Bridge
    from hellokit.bulk.attempt import Outcome
    from hellokit.bulk.options import Options
    from hellokit.metering.meter import Make
    from hellokit.routes import Route


def many(
    items: object, route: Route, make: Make, options: Options, bridge: Callable[[], Bridge]
) -> Generator[Outcome, None, None]:
    """Return the stream of a sync caller: in place, or on threads or the loop if it blocks.

    Args:
        items: the items.
        route: the route that each of them takes.
        make: makes an item's request.
        options: the stream's options.
        bridge: gives the kit's bridge.

    Raises:
        RequestTypeError: if `items` is no iterable of items.
    """
    source = _iterable(items)
    if route.blocks:
        from hellokit.bulk.pool import pool_for, pooled

        return pooled(source, lambda: pool_for(route, make, options, bridge), options)
    return _in_place(source, route, make, options)


def many_async(
    items: object, route: Route, make: Make, options: Options
) -> AsyncGenerator[Outcome, None]:
    """Return the stream of an async caller.

    Args:
        items: the items, also an async iterable.
        route: the route that each of them takes.
        make: makes an item's request.
        options: the stream's options.

    Raises:
        RequestTypeError: if `items` is no iterable of items.
    """
    from hellokit.bulk.stream import stream

    if isinstance(items, AsyncIterable):
        source: Any = aiter(items)
    else:
        source = _iterable(items)
        if not route.blocks and options.simple:
            return _yielding(_in_place(source, route, make, options))
        source = iter(source)
    call = route.call_async
    return _settling(stream(source, lambda item: call(make(item)), options), options)


def _in_place(
    source: Iterable[Any], route: Route, make: Make, options: Options
) -> Generator[Outcome, None, None]:
    if route.batch is not None and options.simple and isinstance(source, list | tuple):
        return batched(source, make, route.batch, options.batch_size, options.on_error)
    return inline(source, make, route.call, options)


async def _settling(
    outcomes: AsyncGenerator[Outcome, None], options: Options
) -> AsyncGenerator[Outcome, None]:
    """Yield the outcomes, and what stands for those that failed; close the stream behind."""
    try:
        async for outcome in outcomes:
            if type(outcome) is Failure:
                for each in settled(outcome, options.on_error):
                    yield each
            else:
                yield outcome
    finally:
        await outcomes.aclose()


async def _yielding(outcomes: Iterable[Outcome]) -> AsyncGenerator[Outcome, None]:
    """Yield what never waits, and give other tasks their turn."""
    from asyncio import sleep

    from hellokit.bulk.stream import FAIR

    until_turn = FAIR
    for outcome in outcomes:
        yield outcome
        until_turn -= 1
        if not until_turn:
            until_turn = FAIR
            await sleep(0)


def _iterable(items: object) -> Iterable[Any]:
    if isinstance(items, str | bytes):
        raise RequestTypeError(
            f"items is of type {type(items).__name__}, which is one name and not its letters: "
            "pass [name], or use greet(name)"
        )
    if isinstance(items, AsyncIterable):
        raise RequestTypeError(
            f"items is an async iterable ({type(items).__name__}): use greet_many_async"
        )
    if not isinstance(items, Iterable):
        raise RequestTypeError(
            f"items is of type {type(items).__name__}: pass an iterable of names, tuples of names "
            "or Requests"
        )
    return items
