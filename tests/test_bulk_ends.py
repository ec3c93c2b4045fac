"""What ends a stream or an item from inside: cancellations, strange exceptions, rests."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import Kit, KitClosedError, Request, Settings
from hellokit.bridge import Bridge
from hellokit.bulk.loop import Loop
from hellokit.bulk.pace import Rate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class Own:
    """Greets after a turn of the loop, or raises a cancellation of its own at once."""

    async def hellokit_greet_async(self, request: Request) -> str:
        """Do what the name says."""
        (name,) = request.names
        if name == "cancel":
            raise asyncio.CancelledError
        await asyncio.sleep(0)
        return f"Hi {name}"


@pytest.fixture
def kit() -> Iterator[Kit]:
    """A kit with that backend as `own`."""
    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("own", Own())
        yield kit


class Stopped(BaseException):
    """What some test runners and event loops end a task with."""


@pytest.mark.parametrize("ordered", [True, False])
def test_what_ends_a_worker_ends_the_stream(kit: Kit, *, ordered: bool) -> None:
    """An exception that is no `Exception` reaches the consumer, who would else wait for ever."""

    class Stopping:
        async def hellokit_greet_async(self) -> str:
            await asyncio.sleep(0)
            raise Stopped

    kit.register_backend("stopping", Stopping())

    async def main() -> None:
        async with asyncio.timeout(60):
            async for _ in kit.greet_many_async(["a"] * 5, backend="stopping", ordered=ordered):
                pass

    with pytest.raises(Stopped):
        asyncio.run(main())


@pytest.mark.parametrize("concurrency", [1, 5])
def test_a_source_that_was_cancelled_does_not_just_end(kit: Kit, concurrency: int) -> None:
    """The cancellation that an async source raises reaches the consumer."""

    async def source() -> AsyncIterator[str]:
        yield "a"
        raise asyncio.CancelledError

    async def main() -> None:
        async with asyncio.timeout(60):
            async for _ in kit.greet_many_async(source(), concurrency=concurrency):
                pass

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())


@pytest.mark.parametrize("ordered", [True, False])
def test_an_item_whose_backend_raises_a_cancellation_fails_alone(
    kit: Kit, *, ordered: bool
) -> None:
    """It is a failure like another, also of an item that never waited."""

    async def main() -> list[Any]:
        stream = kit.greet_many_async(
            ["cancel", "a"], backend="own", ordered=ordered, on_error="return"
        )
        return [outcome async for outcome in stream]

    failure, text = asyncio.run(main())
    assert isinstance(failure.error, asyncio.CancelledError)
    assert text == "Hi a"


def test_attempts_may_be_as_many_as_one_likes(kit: Kit) -> None:
    """The waits between attempts are not computed before they are needed."""

    async def main() -> list[Any]:
        stream = kit.greet_many_async(["a"], backend="own", attempts=10**12)
        return [outcome async for outcome in stream]

    assert asyncio.run(main()) == ["Hi a"]


def test_starts_keep_the_rate_after_the_source_has_rested(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start is reserved for an item that is there: none is saved up meanwhile."""
    reserved: list[int] = []
    given = 0

    class Counting(Rate):
        def reserve(self) -> float:
            reserved.append(given)
            return 0.0

    monkeypatch.setattr("hellokit.bulk.stream.Rate", Counting)

    async def source() -> AsyncIterator[str]:
        nonlocal given
        for _ in range(3):
            await asyncio.sleep(0.001)
            given += 1
            yield "a"

    async def main() -> None:
        async for _ in kit.greet_many_async(source(), rate=1000, concurrency=3):
            pass

    asyncio.run(main())
    assert reserved == [1, 2, 3]


def test_a_stream_over_a_kit_that_is_closed_ends_with_that() -> None:
    """The consumer learns it as an error, whether it was waiting or comes back later."""

    class Waiting:
        async def hellokit_greet_async(self, request: Request) -> str:
            if request.names == ("wait",):
                threading.Thread(target=closing.close).start()
                await asyncio.sleep(60)
            return "Hi"

    closing = Kit(Settings(), discover=False)
    closing.register_backend("waiting", Waiting)
    later = closing.greet_many(
        (f"{each}" for each in range(10**6)), backend="waiting", concurrency=2
    )
    assert next(later) == "Hi"
    waiting = closing.greet_many(["a", "wait"], backend="waiting", concurrency=2)
    assert next(waiting) == "Hi"
    for stream in (waiting, later):
        with pytest.raises(KitClosedError, match="the kit was closed"):
            list(stream)


def test_a_stream_that_is_cancelled_before_it_begins_ends() -> None:
    """Its consumer does not wait for what nobody will put in."""
    began, gate = threading.Event(), threading.Event()

    async def hold_the_loop() -> None:
        began.set()
        gate.wait(60)

    bridge = Bridge(1)
    bridge.submit(hold_the_loop())
    assert began.wait(60)
    never_used: Any = None
    loop = Loop(never_used, never_used, bridge)
    loop._running.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        loop.get()
    bridge.end()
