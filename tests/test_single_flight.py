"""One computation for all who ask at once: threads, tasks, and what goes wrong between them."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import TYPE_CHECKING, Any

import pytest
import uvloop
from caching import PATIENCE_S, Held, HeldAsync, add, ended, in_threads

from hellokit import Kit, Request, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit."""
    with Kit(Settings(), discover=False) as kit:
        yield kit


async def settled() -> None:
    """Let every task get as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


def waiting(kit: Kit, count: int) -> None:
    """Wait until so many calls run in `cached`."""
    until = threading.Event()
    for _ in range(PATIENCE_S * 100):
        if kit.metrics().backends["cached"].in_flight == count:
            until.wait(0.05)  # the last one still has a few steps to go until it waits
            return
        until.wait(0.01)
    pytest.fail(f"there never were {count} calls in flight")


def test_100_threads_compute_once(kit: Kit) -> None:
    """All get the text of the one that computes, and are counted as what they were."""
    leaf = Held()
    add(kit, leaf)
    threads, outcomes = in_threads(100, lambda: kit.greet("Ada", backend="cached+leaf"))
    waiting(kit, 100)
    leaf.go.set()
    assert ended(threads)
    assert outcomes == ["Held Ada"] * 100
    info = kit.cache.info()
    assert (leaf.calls, info.misses, info.hits + info.shared) == (1, 1, 99)


def test_threads_that_race_for_many_keys_compute_each_once(kit: Kit) -> None:
    """However calls interleave, a key that is kept is never computed twice."""
    computed: list[str] = []

    class Leaf:
        """Notes what it computes."""

        def hellokit_greet(self, request: Request) -> str:
            """Note it."""
            computed.append(request.names[0])
            return request.names[0]

    add(kit, Leaf)
    names = ["".join(pair) for pair in zip("abcdefghijklmnopqrst" * 10, "x" * 200, strict=True)]
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        for name in names:
            assert kit.greet(name, backend="cached+leaf") == name

    threads, outcomes = in_threads(8, work)
    assert ended(threads)
    assert outcomes == [None] * 8
    assert sorted(computed) == sorted(set(names))


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_100_tasks_compute_once(kit: Kit, run: Any) -> None:
    """All get the text of the one computation, under asyncio and uvloop."""

    async def main() -> tuple[list[str], int]:
        leaf = HeldAsync()
        add(kit, leaf)
        tasks = [
            asyncio.create_task(kit.greet_async("Ada", backend="cached+leaf")) for _ in range(100)
        ]
        await settled()
        leaf.go.set()
        return await asyncio.gather(*tasks), leaf.calls

    assert run(main()) == (["Held Ada"] * 100, 1)
    info = kit.cache.info()
    assert (info.misses, info.shared, info.hits) == (1, 99, 0)


def test_an_error_reaches_every_thread_and_is_not_kept(kit: Kit) -> None:
    """All who wait get the error; the next call computes again."""
    leaf = Held(ValueError("no"))
    add(kit, leaf)
    threads, outcomes = in_threads(10, lambda: kit.greet("Ada", backend="cached+leaf"))
    waiting(kit, 10)
    leaf.go.set()
    assert ended(threads)
    assert outcomes == [leaf.error] * 10
    assert leaf.calls == 1
    leaf.error = None
    assert kit.greet("Ada", backend="cached+leaf") == "Held Ada"


def test_an_error_reaches_every_task_and_is_not_kept(kit: Kit) -> None:
    """All who wait get the error; the next call computes again."""

    async def main() -> None:
        leaf = HeldAsync(ValueError("no"))
        add(kit, leaf)
        calls = [kit.greet_async("Ada", backend="cached+leaf") for _ in range(10)]
        leaf.go.set()
        assert await asyncio.gather(*calls, return_exceptions=True) == [leaf.error] * 10
        assert leaf.calls == 1
        leaf.error = None
        assert await kit.greet_async("Ada", backend="cached+leaf") == "Held Ada"

    asyncio.run(main())


@pytest.mark.parametrize("cancelled", [0, 5, 9])
def test_a_cancelled_task_leaves_alone(kit: Kit, cancelled: int) -> None:
    """Whichever it is, the first one included: the others get the text of one computation."""

    async def main() -> None:
        leaf = HeldAsync()
        add(kit, leaf)
        tasks = [
            asyncio.create_task(kit.greet_async("Ada", backend="cached+leaf")) for _ in range(10)
        ]
        await settled()
        tasks[cancelled].cancel()
        await settled()
        assert tasks[cancelled].cancelled()
        leaf.go.set()
        others = [task for task in tasks if task is not tasks[cancelled]]
        assert await asyncio.gather(*others) == ["Held Ada"] * 9
        assert (leaf.calls, leaf.cancelled) == (1, 0)

    asyncio.run(main())


def test_the_last_task_to_leave_cancels_the_computation(kit: Kit) -> None:
    """Nothing is computed for nobody, and who comes then begins anew."""

    async def main() -> None:
        leaf = HeldAsync()
        add(kit, leaf)
        tasks = [
            asyncio.create_task(kit.greet_async("Ada", backend="cached+leaf")) for _ in range(3)
        ]
        await settled()
        for task in tasks:
            task.cancel()
        late = asyncio.create_task(kit.greet_async("Ada", backend="cached+leaf"))
        await settled()
        assert (leaf.calls, leaf.cancelled) == (2, 1)
        leaf.go.set()
        assert await late == "Held Ada"
        await settled()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_timeout_ends_one_call(kit: Kit) -> None:
    """A caller's own time limit does not touch the others."""

    async def main() -> None:
        leaf = HeldAsync()
        add(kit, leaf)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await kit.greet_async("Ada", backend="cached+leaf")
        patient = asyncio.create_task(kit.greet_async("Ada", backend="cached+leaf"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await kit.greet_async("Ada", backend="cached+leaf")
        leaf.go.set()
        assert await patient == "Held Ada"

    asyncio.run(main())


def test_a_computation_sees_the_context_of_its_first_caller(kit: Kit) -> None:
    """Whoever else waits for it, and although it is a task of its own."""
    who = contextvars.ContextVar("who", default="nobody")

    class Leaf:
        """Says for whom it works."""

        async def hellokit_greet_async(self) -> str:
            """Say it."""
            await asyncio.sleep(0)
            return who.get()

    async def call(name: str) -> str:
        who.set(name)
        return await kit.greet_async(backend="cached+leaf")

    async def main() -> list[str]:
        return await asyncio.gather(*map(call, ["first", "second", "third"]))

    add(kit, Leaf)
    assert asyncio.run(main()) == ["first"] * 3


def test_each_loop_has_its_own_flights(kit: Kit) -> None:
    """A task never waits for what runs on another loop; what was kept serves all loops."""
    leaves: list[HeldAsync] = []
    both = threading.Barrier(2)

    class Leaf:
        """One leaf for each loop."""

        async def hellokit_greet_async(self, request: Request) -> str:
            """Wait until the other loop is here too."""
            leaf = HeldAsync()
            leaves.append(leaf)
            await asyncio.to_thread(both.wait, PATIENCE_S)
            leaf.go.set()
            return await leaf.hellokit_greet_async(request)

    add(kit, Leaf)
    threads, outcomes = in_threads(
        2, lambda: asyncio.run(kit.greet_async("Ada", backend="cached+leaf"))
    )
    assert ended(threads)
    assert outcomes == ["Held Ada"] * 2
    assert len(leaves) == 2
    assert asyncio.run(kit.greet_async("Ada", backend="cached+leaf")) == "Held Ada"
    assert len(leaves) == 2


def test_closed_loops_are_forgotten(kit: Kit) -> None:
    """A process that runs one loop after the other does not keep them."""
    for turn in range(5):
        asyncio.run(kit.greet_async(f"Ada {turn}", backend="cached+plain"))
    cached: Any = kit.plugins.get_plugin("hellokit.backends:cached")
    assert len(cached._tasks._loops) == 1


@pytest.mark.skipif(not hasattr(asyncio, "eager_task_factory"), reason="there are no eager tasks")
def test_eager_tasks_are_computed_once_too(kit: Kit) -> None:
    """A computation that is over before anybody could wait for it is kept and handed out."""

    async def main() -> list[str]:
        asyncio.get_running_loop().set_task_factory(vars(asyncio)["eager_task_factory"])
        calls = [kit.greet_async("Ada", backend="cached+plain") for _ in range(3)]
        return await asyncio.gather(*calls)

    assert asyncio.run(main()) == ["Hello, Ada!"] * 3
    assert kit.metrics().backends["plain"].calls == 1


def test_a_loop_does_not_wait_for_a_thread(kit: Kit) -> None:
    """A sync call on a loop's thread computes by itself what a thread is computing.

    That thread may be waiting for this very loop.
    """
    leaf = Held()
    add(kit, leaf)
    threads, outcomes = in_threads(1, lambda: kit.greet("Ada", backend="cached+leaf"))
    assert leaf.begun.wait(PATIENCE_S)

    async def main() -> str:
        threading.Timer(0.05, leaf.go.set).start()
        return kit.greet("Ada", backend="cached+leaf")

    assert asyncio.run(main()) == "Held Ada"
    assert ended(threads)
    assert outcomes == ["Held Ada"]
    assert leaf.calls == 2


@pytest.mark.parametrize("forget", ["clear", "invalidate"])
def test_what_is_forgotten_while_it_is_computed_is_not_kept(kit: Kit, forget: str) -> None:
    """Those who wait get it, as they asked before; those who come later do not."""
    leaf = Held()
    add(kit, leaf)
    threads, outcomes = in_threads(5, lambda: kit.greet("Ada", backend="cached+leaf"))
    waiting(kit, 5)
    if forget == "clear":
        kit.cache.clear()
    else:
        assert kit.cache.invalidate(Request("Ada")) == 0
    leaf.go.set()
    assert ended(threads)
    assert outcomes == ["Held Ada"] * 5
    assert kit.cache.info().entries == 0
    kit.greet("Ada", backend="cached+leaf")
    assert leaf.calls == 2


@pytest.mark.parametrize("forget", ["clear", "invalidate"])
def test_what_is_forgotten_while_a_task_computes_it_is_not_kept(kit: Kit, forget: str) -> None:
    """The same for tasks; those who come later do not join."""

    async def main() -> None:
        leaf = HeldAsync()
        add(kit, leaf)
        tasks = []
        for _ in range(2):
            tasks.append(asyncio.create_task(kit.greet_async("Ada", backend="cached+leaf")))
            await settled()
            if forget == "clear":
                kit.cache.clear()
            else:
                kit.cache.invalidate(Request("Ada"))
        leaf.go.set()
        assert await asyncio.gather(*tasks) == ["Held Ada"] * 2
        assert leaf.calls == 2
        assert kit.cache.info().entries == 0

    asyncio.run(main())
