"""`greet_many_async`: inline while nothing waits, then workers; nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hellokit import Failure, Kit, Request, RequestTypeError, Settings
from hellokit.bulk.pace import Adaptive, Rate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator


class Waiting:
    """Waits as long as a name says in ms (`w5`), fails (`x`), or greets at once."""

    def __init__(self) -> None:
        self.running = self.most = self.begun = 0

    async def hellokit_greet_async(self, request: Request) -> str:
        """Do what the name says."""
        (name,) = request.names
        self.begun += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            if name.startswith("w"):
                await asyncio.sleep(int(name[1:]) / 1000)
            if name.startswith("x"):
                raise ConnectionError(name)
            if name == "cancel":
                raise asyncio.CancelledError
        finally:
            self.running -= 1
        return f"Hi {name}"


@pytest.fixture
def waiting() -> Waiting:
    """The backend."""
    return Waiting()


@pytest.fixture
def kit(waiting: Waiting) -> Iterator[Kit]:
    """A kit with the backend as `waiting`."""
    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("waiting", waiting)
        yield kit


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine, and see that no task is left behind."""

    async def checked() -> Any:
        result = await main
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    return asyncio.run(checked())


async def collected(kit: Kit, items: Any, **options: Any) -> list[Any]:
    """Return the whole stream."""
    return [result async for result in kit.greet_many_async(items, backend="waiting", **options)]


async def sourced(items: Any) -> AsyncIterator[Any]:
    """Yield items from an async source that gives way."""
    for item in items:
        await asyncio.sleep(0)
        yield item


SOURCES: dict[str, Any] = {"list": list, "iterator": iter, "async": sourced}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("names", [["a"] * 600, ["w1"] * 100, ["a", "w1"] * 50, []])
def test_results_come_in_the_order_of_the_items(kit: Kit, source: str, names: list[str]) -> None:
    """Whether items wait, do not, or some of them do, and whatever the source is."""
    results = run(collected(kit, SOURCES[source](names), concurrency=7))
    assert results == [f"Hi {name}" for name in names]


def test_a_slow_item_does_not_hold_up_unordered_results(kit: Kit) -> None:
    """The others come first."""
    results = run(collected(kit, ["w50", *["w1"] * 20], ordered=False, concurrency=5))
    assert results == [*["Hi w1"] * 20, "Hi w50"]


@pytest.mark.parametrize("source", SOURCES)
def test_the_concurrency_and_the_window_are_bounds(kit: Kit, waiting: Waiting, source: str) -> None:
    """While the first item holds the others up, only so many are begun."""
    names = ["w60", *["w0"] * 500]

    async def main() -> None:
        async with aclosing(
            kit.greet_many_async(SOURCES[source](names), backend="waiting", concurrency=5)
        ) as results:
            await anext(results)
            assert waiting.most <= 5
            assert waiting.begun <= 1 + 4 * 5

    run(main())
    assert waiting.running == 0


def test_instant_items_meet_no_task(kit: Kit) -> None:
    """As long as nothing waits, the consumer awaits the items itself."""

    async def main() -> None:
        seen = set()
        async with aclosing(kit.greet_many_async(["a"] * 100, backend="waiting")) as results:
            async for _ in results:
                seen.add(len(asyncio.all_tasks()))
        assert seen == {1}

    run(main())


def test_a_consumer_that_waits_between_instant_items_starts_no_worker(kit: Kit) -> None:
    """Only an item that suspends ends the inline lane."""

    async def main() -> None:
        async with aclosing(kit.greet_many_async(["a"] * 50, backend="waiting")) as results:
            async for _ in results:
                await asyncio.sleep(0)
                assert len(asyncio.all_tasks()) == 1

    run(main())


def test_other_tasks_get_their_turn_beside_an_endless_stream(kit: Kit) -> None:
    """A stream of items that never wait does not starve the loop, whatever the backend."""

    async def main(backend: str) -> None:
        done = asyncio.create_task(asyncio.sleep(0.001))
        async with aclosing(
            kit.greet_many_async(itertools.repeat("a"), backend=backend)
        ) as results:
            async for _ in results:
                if done.done():
                    return

    run(main("waiting"))
    run(main("plain"))


def test_an_error_is_raised_in_its_place_and_ends_the_others(kit: Kit, waiting: Waiting) -> None:
    """Results before it come first; what runs is cancelled and awaited."""

    async def main() -> None:
        results = kit.greet_many_async(["w1", "w2", "x", "w5000"], backend="waiting")
        assert [await anext(results), await anext(results)] == ["Hi w1", "Hi w2"]
        with pytest.raises(ConnectionError):
            await anext(results)
        assert waiting.running == 0

    run(main())


@pytest.mark.parametrize("names", [["a", "x", "b"], ["w1", "x", "w1"], ["w1", "cancel", "w1"]])
def test_failures_are_returned_or_skipped(kit: Kit, names: list[str]) -> None:
    """Inline and by workers; a backend's own CancelledError is a failure like any other."""
    first, failure, last = run(collected(kit, names, on_error="return"))
    assert (first, last) == (f"Hi {names[0]}", f"Hi {names[2]}")
    assert isinstance(failure, Failure)
    assert (failure.index, failure.item) == (1, names[1])
    assert len(run(collected(kit, names, on_error="skip"))) == 2


def test_leaving_early_cancels_what_runs(kit: Kit, waiting: Waiting) -> None:
    """After aclose() no call runs, and every call that began was counted."""

    async def main() -> None:
        results = kit.greet_many_async(["w1", *["w5000"] * 100], backend="waiting")
        await anext(results)
        await results.aclose()
        assert waiting.running == 0

    run(main())
    metrics = kit.metrics().backends["waiting"]
    assert (metrics.calls, metrics.in_flight) == (waiting.begun, 0)


def test_cancelling_the_consumer_ends_the_stream(kit: Kit, waiting: Waiting) -> None:
    """Cancellation reaches the items, and the consumer sees its own CancelledError."""

    async def main() -> None:
        task = asyncio.create_task(collected(kit, ["w5000"] * 20))
        await asyncio.sleep(0.02)
        assert waiting.running > 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert waiting.running == 0

    run(main())


@pytest.mark.parametrize("lead", ["a", "w1"])
@pytest.mark.parametrize("source", ["iterator", "async"])
def test_a_source_that_raises_is_told_in_its_place(kit: Kit, source: str, lead: str) -> None:
    """After the results of the items before it."""

    def failing() -> Iterator[str]:
        yield from [lead] * 3
        raise OSError("no more")

    async def main() -> None:
        items: Any = failing() if source == "iterator" else sourced(failing())
        results = kit.greet_many_async(items, backend="waiting")
        assert [await anext(results) for _ in range(3)] == [f"Hi {lead}"] * 3
        with pytest.raises(OSError, match="no more"):
            await anext(results)

    run(main())


def test_an_item_that_takes_too_long_fails_alone(kit: Kit, waiting: Waiting) -> None:
    """The others are not cancelled with it."""
    results = run(
        collected(kit, ["w1", "w5000", "w1"], timeout=0.03, on_error="return", concurrency=2)
    )
    assert (results[0], results[2]) == ("Hi w1", "Hi w1")
    assert isinstance(results[1].error, TimeoutError)
    assert waiting.running == 0


def test_a_rate_spaces_the_starts(kit: Kit) -> None:
    """20 items at 200 a second take at least 19 intervals, also if they do not wait."""
    start = time.monotonic()
    assert run(collected(kit, ["a"] * 20, rate=200)) == ["Hi a"] * 20
    assert time.monotonic() - start >= 19 / 200


def test_the_rate_catches_up_with_nothing() -> None:
    """Starts are evenly spaced; an idle schedule saves up no burst."""
    now = 100.0
    rate = Rate(10, lambda: now)
    assert [rate.reserve() for _ in range(3)] == pytest.approx([0, 0.1, 0.2])
    now = 200.0
    assert [rate.reserve() for _ in range(2)] == pytest.approx([0, 0.1])


def test_the_adaptive_limit_grows_until_the_latency_does() -> None:
    """With a backend that serves 10 at once, the limit stays near 10."""
    adaptive = Adaptive(100)
    limits = []
    for _ in range(3_000):
        adaptive.done(max(1.0, adaptive.limit / 10))
        limits.append(adaptive.limit)
    assert min(limits[1_000:]) >= 8
    assert max(limits[1_000:]) <= 17


def test_the_adaptive_limit_shrinks_on_failures_to_one_at_least() -> None:
    """A failure is a sign of too much."""
    adaptive = Adaptive(100)
    for _ in range(50):
        adaptive.done(1.0, failed=True)
    assert adaptive.limit == 1


def test_an_adaptive_stream_keeps_its_promises(kit: Kit, waiting: Waiting) -> None:
    """In order, complete, and within the setting's bound."""
    kit.configure(max_concurrent=8)
    assert run(collected(kit, ["w1"] * 200, concurrency="auto")) == ["Hi w1"] * 200
    assert 4 <= waiting.most <= 8


def test_a_string_is_refused(kit: Kit) -> None:
    """It is one name, not its letters."""
    with pytest.raises(RequestTypeError, match="one name"):
        kit.greet_many_async("Ada")


def test_two_loops_may_stream_from_one_kit(kit: Kit) -> None:
    """Each stream belongs to its own loop."""
    for _ in range(2):
        assert run(collected(kit, ["w1"] * 10)) == ["Hi w1"] * 10


def test_a_stream_whose_loop_is_closed_leaves_nothing_unawaited(kit: Kit) -> None:
    """A stream that is dropped with its loop warns of nothing."""

    async def main() -> None:
        results = kit.greet_many_async(["w1", "w5000"], backend="waiting")
        await anext(results)

    asyncio.run(main())
    gc.collect()


names_of_items = st.lists(st.sampled_from(["a", "w0", "w1", "w2", "x"]), max_size=40)


@settings(max_examples=60)
@given(
    names=names_of_items,
    concurrency=st.integers(1, 9),
    ordered=st.booleans(),
    source=st.sampled_from(sorted(SOURCES)),
    attempts=st.integers(1, 2),
)
def test_every_item_is_accounted_for_once(
    names: list[str],
    concurrency: int,
    ordered: bool,  # noqa: FBT001  # hypothesis gives it by name
    source: str,
    attempts: int,
) -> None:
    """Each item has one result or one failure, in order when asked, and each call is counted."""
    backend = Waiting()
    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("waiting", backend)
        results = run(
            collected(
                kit,
                SOURCES[source](names),
                concurrency=concurrency,
                ordered=ordered,
                attempts=attempts,
                backoff=1e-6,
                on_error="return",
            )
        )
        metrics = kit.metrics().backends["waiting"]
    told = [str(each.item) if isinstance(each, Failure) else each[3:] for each in results]
    assert (told if ordered else sorted(told)) == (names if ordered else sorted(names))
    assert metrics.calls == len(names) + names.count("x") * (attempts - 1)
    assert backend.running == metrics.in_flight == 0
    assert backend.most <= concurrency


@settings(max_examples=25)
@given(names=names_of_items, taken=st.integers(0, 40), cancelled_after_ms=st.integers(0, 4))
def test_a_stream_that_is_left_or_cancelled_at_any_moment_leaves_nothing(
    names: list[str], taken: int, cancelled_after_ms: int
) -> None:
    """No task, no running call and no uncounted one."""
    backend = Waiting()
    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("waiting", backend)

        async def partly() -> None:
            stream = kit.greet_many_async(names, backend="waiting", on_error="skip", concurrency=4)
            async with aclosing(stream) as results:
                for _ in range(taken):
                    if await anext(results, None) is None:
                        break

        async def main() -> None:
            task = asyncio.create_task(partly())
            await asyncio.sleep(cancelled_after_ms / 1000)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        run(main())
        metrics = kit.metrics().backends["waiting"]
    assert (metrics.calls, metrics.in_flight, backend.running) == (backend.begun, 0, 0)


def test_100_000_greetings_with_faults_lose_none() -> None:
    """1 % of the calls fail at random; every item has its greeting or its failure, in order."""
    dice = random.Random(7)  # noqa: S311  # it chooses who fails
    failing = {number for number in range(100_000) if dice.random() < 0.01}

    class Faulty:
        """Fails for the chosen ones, and waits for some others."""

        async def hellokit_greet_async(self, request: Request) -> str:
            """Fail, wait or greet."""
            number = int(request.names[0])
            if number in failing:
                raise ConnectionError
            if number % 1000 == 0:
                await asyncio.sleep(0)
            return request.names[0]

    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("waiting", Faulty)
        results = run(collected(kit, map(str, range(100_000)), on_error="return"))
        metrics = kit.metrics().backends["waiting"]
    told = [each.index if isinstance(each, Failure) else int(each) for each in results]
    assert told == list(range(100_000))
    assert {each.index for each in results if isinstance(each, Failure)} == failing
    assert (metrics.calls, metrics.errors) == (100_000, {"ConnectionError": len(failing)})
