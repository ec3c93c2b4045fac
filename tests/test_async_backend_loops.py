"""The async backend and its loops: several of them, the kit's own, and none."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from colours import PATIENCE_S, Blocking, Waiting, here

from hellokit import BackendTimeoutError, HellokitError, Kit, KitClosedError, Settings

if TYPE_CHECKING:
    from collections.abc import Callable


class Meeting:
    """An async leaf whose calls wait for each other, two by two on each loop."""

    def __init__(self) -> None:
        self.first: dict[object, asyncio.Event] = {}
        self.running = self.most = 0

    async def hellokit_greet_async(self) -> str:
        """Meet."""
        loop = asyncio.get_running_loop()
        other = self.first.pop(loop, None)
        if other is not None:
            other.set()
        else:
            self.first[loop] = asyncio.Event()
            await self.first[loop].wait()
        return here()


def kit(leaf: object, **given: Any) -> Kit:
    """Return a kit with this leaf."""
    made = Kit(Settings(**given), discover=False)
    made.register_backend("leaf", leaf)
    return made


async def pair(made: Kit) -> list[str]:
    """Greet twice at once."""
    calls = [made.greet_async(backend="async+leaf") for _ in range(2)]
    return await asyncio.wait_for(asyncio.gather(*calls), PATIENCE_S)


def test_loops_in_two_threads_have_slots_of_their_own() -> None:
    """One kit serves both at once."""
    with kit(Meeting(), max_concurrent=2) as made, ThreadPoolExecutor(2) as pool:
        both = threading.Barrier(2)

        def work() -> list[list[str]]:
            both.wait(PATIENCE_S)
            return [asyncio.run(pair(made)) for _ in range(20)]

        results = [pool.submit(work) for _ in range(2)]
        assert all(len(result.result(PATIENCE_S)) == 20 for result in results)
        assert made.metrics().backends["async"].attributes == {}


def test_loops_that_take_turns_in_one_thread_keep_their_slots() -> None:
    """A call that waits on one loop takes no slot of the other, and keeps its own."""
    with kit(Meeting(), max_concurrent=1) as made:
        one, other = asyncio.new_event_loop(), asyncio.new_event_loop()
        first = one.create_task(made.greet_async(backend="async+leaf"))
        second = other.create_task(made.greet_async(backend="async+leaf"))
        waiting = one.create_task(made.greet_async(backend="async+plain"))
        for loop in (one, other, one, other):
            loop.run_until_complete(asyncio.sleep(0))
        assert [task.done() for task in (first, second, waiting)] == [False] * 3
        for loop, task in ((one, first), (other, second)):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                loop.run_until_complete(task)
        assert one.run_until_complete(waiting) == "Hello!"
        one.close()
        other.close()


def test_two_kits_on_two_loops_know_nothing_of_each_other() -> None:
    """Each has its own bound, and its own counts."""
    with kit(Meeting(), max_concurrent=2) as one, kit(Meeting(), max_concurrent=2) as other:

        async def main() -> list[str]:
            return (await pair(one)) + (await asyncio.to_thread(asyncio.run, pair(other)))

        assert len(asyncio.run(main())) == 4
        assert {each.metrics().backends["async"].calls for each in (one, other)} == {2}


def test_a_loop_is_not_kept_alive() -> None:
    """What the backend holds of a loop goes with it."""
    seen: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def main() -> None:
        seen.append(weakref.ref(asyncio.get_running_loop()))
        await pair(made)

    with kit(Meeting()) as made:
        for _ in range(3):
            asyncio.run(main())
        gc.collect()
        assert [loop() for loop in seen] == [None] * 3


def test_a_loop_that_was_closed_under_its_calls_is_forgotten() -> None:
    """It goes when the next loop comes; calls that end by being dropped disturb nobody."""
    with kit(Meeting(), max_concurrent=1) as made:
        loop = asyncio.new_event_loop()
        tasks = [loop.create_task(made.greet_async(backend="async+leaf")) for _ in range(2)]
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(asyncio.sleep(0))
        for task in tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # it is what is tested
        loop.close()
        backend: Any = made.plugins.get_plugin("hellokit.backends:async")
        assert list(backend._bounds) == [loop]
        assert asyncio.run(made.greet_async(backend="async+plain")) == "Hello!"
        assert loop not in backend._bounds
        del tasks, task
        gc.collect()  # what it raises, pytest turns into a failure


def test_sync_code_runs_on_the_loop_of_the_kit() -> None:
    """Which all threads share, and with it the slots."""
    with kit(Meeting(), max_concurrent=2) as made, ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(made.greet, backend="async+leaf") for _ in range(2)]
        assert [call.result(PATIENCE_S) for call in calls] == ["hellokit-loop"] * 2


def test_sync_code_is_told_of_a_timeout() -> None:
    """As async code is."""
    leaf = Waiting()
    with kit(leaf, async_timeout_s=0.02) as made:
        with pytest.raises(BackendTimeoutError, match="async_timeout_s"):
            made.greet(backend="async+leaf")
        assert leaf.ended.wait(PATIENCE_S)


def test_a_sync_call_inside_a_running_loop_works() -> None:
    """It blocks that loop, and runs on the kit's."""

    async def main() -> str:
        return made.greet(backend="async+where")

    class Where:
        async def hellokit_greet_async(self) -> str:
            return here()

    with Kit(Settings(), discover=False) as made:
        made.register_backend("where", Where())
        assert asyncio.run(main()) == "hellokit-loop"


def test_a_sync_call_on_the_loop_of_the_kit_is_refused() -> None:
    """It would wait for itself; the message says what to write."""

    class Nested:
        async def hellokit_greet_async(self) -> str:
            return made.greet(backend="async")

    with kit(Nested()) as made, pytest.raises(HellokitError, match="await greet_async"):
        made.greet(backend="async+leaf")


def test_closing_the_kit_ends_its_thread_and_what_waits_there() -> None:
    """The callers are told that it was closed; no thread is left."""
    leaf = Waiting()
    made = kit(leaf, max_concurrent=1)
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(made.greet, backend="async+leaf") for _ in range(2)]
        assert leaf.began.wait(PATIENCE_S)
        while made.metrics().backends["async"].in_flight < 2:
            time.sleep(0.001)
        made.close()
        assert {type(call.exception(PATIENCE_S)) for call in calls} == {KitClosedError}
    assert "hellokit-loop" not in {thread.name for thread in threading.enumerate()}


def test_a_blocking_leaf_is_timed_on_its_thread() -> None:
    """The thread cannot be stopped; what it returns late goes nowhere."""
    leave = threading.Event()

    class Stuck(Blocking):
        def hellokit_greet(self) -> str:
            assert leave.wait(PATIENCE_S)
            return "late"

    with kit(Stuck(), async_timeout_s=0.02) as made:
        with pytest.raises(BackendTimeoutError):
            asyncio.run(made.greet_async(backend="async+leaf"))
        leave.set()


def test_a_coroutine_that_is_stepped_by_hand_has_no_timeout() -> None:
    """There is no task that could be cancelled."""
    steps: list[object] = []

    def step() -> None:
        with pytest.raises(StopIteration) as done:
            made.greet_async("Ada", backend="async").send(None)
        steps.append(done.value.value)

    async def main() -> None:
        asyncio.get_running_loop().call_soon(step)
        await asyncio.sleep(0)

    with Kit(Settings(), discover=False) as made:
        asyncio.run(main())
    assert steps == ["Hello, Ada!"]


def test_a_child_has_a_loop_of_its_own(run_script: Callable[[str], str]) -> None:
    """Forked while calls run and wait in the parent, it has all slots and no thread yet."""
    told = run_script(
        """
        import asyncio, os, threading, time, warnings
        from hellokit import Kit, Settings
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads is the test

        class Leaf:
            async def hellokit_greet_async(self, request):
                if request.names == ("Slow",):
                    inside.set()
                    await asyncio.sleep(3600)
                return threading.current_thread().name

        def slow():
            try:
                kit.greet("Slow", backend="async+leaf")
            except BaseException as error:
                ended.append(type(error).__name__)

        ended = []
        inside = threading.Event()
        kit = Kit(Settings(max_concurrent=1), discover=False)
        kit.register_backend("leaf", Leaf)
        threads = [threading.Thread(target=slow) for _ in range(2)]
        for thread in threads: thread.start()
        inside.wait()
        while kit.metrics().backends["async"].in_flight < 2:
            time.sleep(0.001)
        child = os.fork()
        if not child:
            told = [kit.greet(backend="async+leaf") for _ in range(3)]
            kit.close()
            os._exit(0 if told == ["hellokit-loop"] * 3 and threading.active_count() == 1 else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        kit.close()
        for thread in threads: thread.join()
        print(*ended)
        """
    )
    assert told == "0\nKitClosedError KitClosedError\n"


def test_a_call_that_still_waits_does_not_hold_the_exit(run_script: Callable[[str], str]) -> None:
    """Nor does a greeting made at the exit fail."""
    told = run_script(
        """
        import asyncio, atexit, contextlib, threading
        import hellokit
        from hellokit.kit import default

        class Leaf:
            async def hellokit_greet_async(self):
                inside.set()
                await asyncio.sleep(3600)

        def slow():
            with contextlib.suppress(BaseException):
                hellokit.greet(backend="async+leaf")

        inside = threading.Event()
        default.register_backend("leaf", Leaf)
        threading.Thread(target=slow, daemon=True).start()
        inside.wait()
        atexit.register(lambda: print(hellokit.greet("Exit", backend="async")))
        """
    )
    assert told == "Hello, Exit!\n"
