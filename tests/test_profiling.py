"""Profiles: what is in them, and that there is never more than one profiler."""

from __future__ import annotations

import asyncio
import cProfile
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import Kit, PluginError, Settings, UnknownBackendError
from hellokit.builtin.monitored import Monitored
from hellokit.monitoring.profiler import SEES_ALL_THREADS, Profiler

if TYPE_CHECKING:
    from collections.abc import Callable
    from pstats import Stats

pytestmark = pytest.mark.alone

PATIENCE_S = 20
unaccompanied = pytest.mark.usefixtures("no_other_thread")


@pytest.fixture
def no_other_thread() -> None:
    """Skip where a thread that another test left running would be in the profile."""
    if SEES_ALL_THREADS and threading.active_count() > 1:
        pytest.skip("another thread runs")


def work() -> None:
    """Be in the profile."""


def other() -> None:
    """Be not."""


class Working:
    """A leaf of both colours that works, and then does what it is told."""

    def __init__(self, then: Callable[[], object] = bool) -> None:
        self.then = then

    def hellokit_greet(self) -> str:
        """Work."""
        work()
        self.then()
        return "Hi"

    async def hellokit_greet_async(self) -> str:
        """Work before and after two turns of the loop."""
        work()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        work()
        self.then()
        return "Hi"


def kit(then: Callable[[], object] = bool) -> Kit:
    """Return a kit that profiles."""
    made = Kit(Settings(enable_profiling=True), discover=False)
    made.register_backend("working", Working(then))
    return made


def calls(stats: Stats, name: str = "work") -> int:
    """Return how many calls of a function the statistics have."""
    found: Any = stats.stats  # type: ignore[attr-defined]  # typeshed does not know it
    return sum(counts[1] for (_, _, function), counts in found.items() if function == name)


def skipped(made: Kit) -> int:
    """Return how often a profile was skipped."""
    return made.metrics().backends["monitored"].attributes.get("profile_skipped", 0)


@unaccompanied
def test_the_calls_of_a_backend_make_one_profile() -> None:
    """It grows; what was read before stays as it was."""
    with kit() as made:
        for _ in range(3):
            made.greet(backend="monitored+working")
        three = made.profile()
        for _ in range(2):
            made.greet(backend="monitored+working")
        assert (calls(three), calls(made.profile())) == (3, 5)
        assert calls(three.add(made.profile())) == 8


def test_nothing_is_profiled_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """The statistics are empty, and can be printed."""
    with Kit(Settings(), discover=False) as made:
        made.greet(backend="monitored")
        stats = made.profile()
    stats.sort_stats("cumulative").print_stats()
    assert "0 function calls" in capsys.readouterr().out


@unaccompanied
def test_profiling_can_be_switched_on_and_off() -> None:
    """From the next call on; what was profiled is kept."""
    with kit() as made:
        for profiling in (True, False, True):
            made.configure(enable_profiling=profiling)
            made.greet(backend="monitored+working")
        assert calls(made.profile()) == 2


@unaccompanied
def test_each_name_has_a_profile_of_its_own() -> None:
    """A backend may be registered under a second name."""
    with kit() as made:
        made.register_backend("watched", Monitored)
        made.greet(backend="watched+working")
        assert (calls(made.profile("watched")), calls(made.profile())) == (1, 0)


def test_only_a_backend_that_profiles_has_a_profile() -> None:
    """The message says which one does."""
    with kit() as made:
        with pytest.raises(PluginError, match=r"'plain' profiles nothing.*'monitored'"):
            made.profile("plain")
        with pytest.raises(UnknownBackendError, match="monitord"):
            made.profile("monitord")


@unaccompanied
def test_a_coroutine_is_profiled_while_it_runs() -> None:
    """What other tasks do while it is suspended is not in the profile."""

    async def others() -> None:
        for _ in range(10):
            other()
            await asyncio.sleep(0)

    async def main() -> None:
        beside = asyncio.create_task(others())
        await asyncio.gather(*(made.greet_async(backend="monitored+working") for _ in range(3)))
        await beside

    with kit() as made:
        asyncio.run(main())
        stats = made.profile()
        assert skipped(made) == 0
    assert (calls(stats), calls(stats, "other")) == (6, 0)


def test_what_is_thrown_into_a_profiled_coroutine_arrives() -> None:
    """Cancelled, it can clean up, answer, or fail, as without a profiler."""

    async def stubborn(told: str) -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            if told == "answer":
                return "late"
            if told == "fail":
                raise ValueError("no") from None
            raise
        return "never"

    async def main(told: str) -> object:
        async def profiled() -> str:
            return await Profiler().steps(stubborn(told), lambda _: None)

        task = asyncio.create_task(profiled())
        await asyncio.sleep(0)
        task.cancel()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        return outcome

    assert asyncio.run(main("answer")) == "late"
    assert isinstance(asyncio.run(main("fail")), ValueError)
    assert isinstance(asyncio.run(main("pass on")), asyncio.CancelledError)


def test_a_profiled_coroutine_that_is_dropped_is_closed() -> None:
    """Its clean-up runs."""
    closed = []

    async def waiting() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            closed.append("closed")

    async def profiled() -> None:
        await Profiler().steps(waiting(), lambda _: None)

    coroutine = profiled()
    coroutine.send(None)
    coroutine.close()
    assert closed == ["closed"]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_profiler_of_the_application_goes_first(colour: str) -> None:
    """Ours steps back, notes it, and does not stop the other one."""
    theirs = cProfile.Profile()
    with kit() as made:
        theirs.enable()
        try:
            if colour == "sync":
                made.greet(backend="monitored+working")
            else:
                asyncio.run(made.greet_async(backend="monitored+working"))
            made.profile()
            other()
        finally:
            theirs.disable()
        assert skipped(made) > 0
        assert calls(made.profile()) == 0
    theirs.snapshot_stats()
    seen = {function for _, _, function in theirs.stats}
    assert {"work", "other"} <= seen


def test_a_profile_function_of_the_application_goes_first() -> None:
    """One that is set by sys.setprofile stays set."""
    events: list[str] = []

    def profile(frame: Any, event: str, _: object) -> None:
        events.append(f"{event} {frame.f_code.co_name}")

    with kit() as made:
        made.greet(backend="monitored+working")
        sys.setprofile(profile)
        try:
            made.greet(backend="monitored+working")
            assert sys.getprofile() is profile
        finally:
            sys.setprofile(None)
        assert "call work" in events
        assert skipped(made) >= 1


@unaccompanied
def test_a_call_inside_a_profiled_one_is_in_its_profile() -> None:
    """It is not counted as skipped."""
    depth = [3]

    def again() -> None:
        depth[0] -= 1
        if depth[0]:
            made.greet(backend="monitored+working")

    with kit(again) as made:
        made.greet(backend="monitored+working")
        assert calls(made.profile()) == 3
        assert skipped(made) == 0


@unaccompanied
def test_a_profile_may_be_read_inside_a_profiled_call() -> None:
    """That call's profile ends there, and the next call has one again."""
    read: list[int] = []

    def look() -> None:
        read.append(calls(made.profile()))
        other()

    with kit(look) as made:
        for _ in range(2):
            made.greet(backend="monitored+working")
        assert read == [1, 2]
        assert calls(made.profile(), "other") == 0


def test_of_two_threads_one_is_profiled_at_most() -> None:
    """The other one greets all the same; a reader waits for the one that is profiled."""
    inside, leave = threading.Event(), threading.Event()

    def wait() -> None:
        if threading.current_thread() is not threading.main_thread():
            inside.set()
            assert leave.wait(PATIENCE_S)

    with kit(wait) as made, ThreadPoolExecutor(2) as pool:
        first = pool.submit(made.greet, backend="monitored+working")
        assert inside.wait(PATIENCE_S)
        made.greet(backend="monitored+working")
        assert skipped(made) >= 1
        reading = pool.submit(made.profile)
        leave.set()
        assert first.result(PATIENCE_S) == "Hi"
        assert calls(reading.result(PATIENCE_S)) == (0 if SEES_ALL_THREADS else 1)


def test_8_threads_are_not_disturbed() -> None:
    """Texts are right, and every call is profiled or noted as skipped."""
    each = 200

    def greet() -> set[str]:
        return {made.greet(backend="monitored+working") for _ in range(each)}

    with kit() as made:
        with ThreadPoolExecutor(8) as pool:
            running = [pool.submit(greet) for _ in range(8)]
            while not all(one.done() for one in running):
                assert calls(made.profile()) <= 8 * each
        assert [one.result() for one in running] == [{"Hi"}] * 8
        assert calls(made.profile()) + skipped(made) == 8 * each


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_a_child_can_profile(run_script: Callable[[str], str]) -> None:
    """Also if another thread of the parent was profiling, or the call itself forked."""
    told = run_script(
        """
        import os, threading, warnings
        from hellokit import Kit, Settings
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads is the test

        class Leaf:
            def hellokit_greet(self, request):
                if request.names == ("Slow",):
                    inside.set()
                    leave.wait()
                if request.names == ("Fork",):
                    global child
                    child = os.fork()
                return "Hi"

        def total():
            return sum(counts[1] for key, counts in kit.profile().stats.items()
                       if key[2] == "hellokit_greet" and key[0] == "<string>")

        inside, leave = threading.Event(), threading.Event()
        kit = Kit(Settings(enable_profiling=True), discover=False)
        kit.register_backend("leaf", Leaf)
        kit.greet("Fork", backend="monitored+leaf")
        if not child:
            kit.greet("Ada", backend="monitored+leaf")
            os._exit(0 if total() >= 1 else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        slow = threading.Thread(target=lambda: kit.greet("Slow", backend="monitored+leaf"))
        slow.start()
        inside.wait()
        child = os.fork()
        if not child:
            before = total()
            kit.greet("Ada", backend="monitored+leaf")
            os._exit(0 if total() == before + 1 else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        leave.set()
        slow.join()
        """
    )
    assert told == "0\n0\n"
