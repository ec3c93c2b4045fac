"""Counts are exact under threads, tasks, signals and gc callbacks."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from outliving import begun

from hellokit import Kit, Settings
from hellokit.metering.shards import Shards

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit import Request


@pytest.mark.parametrize("mode", ["full", "sampled", "count"])
def test_8_threads_lose_no_call(mode: str) -> None:
    """Every call and every error of 8 threads is counted, also while somebody reads."""

    class Moody:
        """A backend that fails on every tenth call of a thread."""

        def hellokit_greet(self, request: Request, note: Callable[[str], None]) -> str:
            """Raise for Eve."""
            if request.names == ("Eve",):
                raise ValueError
            note("seen")
            return "Hi"

    each, threads = 2_000, 8
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with Kit(Settings(metrics=mode), discover=False) as kit:  # type: ignore[arg-type]  # any mode
            kit.register_backend("moody", Moody)

            def work() -> None:
                for turn in range(each):
                    with suppress(ValueError):
                        kit.greet("Eve" if turn % 10 == 0 else "Ada", backend="moody")

            running = [threading.Thread(target=work) for _ in range(threads)]
            for thread in running:
                thread.start()
            seen = 0
            while any(thread.is_alive() for thread in running):
                now = kit.metrics().backends.get("moody")
                assert now is None or seen <= now.calls <= each * threads
                seen = now.calls if now else 0
            moody = kit.metrics().backends["moody"]
    finally:
        sys.setswitchinterval(interval)
    assert moody.calls == each * threads
    assert moody.errors == {"ValueError": each * threads // 10}
    assert moody.attributes == {"seen": each * threads * 9 // 10}
    assert moody.in_flight == 0


def test_shards_of_ended_threads_are_folded_into_one() -> None:
    """A process that starts threads for ever keeps the counts and not the shards."""
    shards = Shards()

    def work() -> None:
        shard = shards.shard()
        shard.started += 1
        shard.fail(ValueError())
        shard.note("seen", 2)
        shard.finish(10)

    for _ in range(300):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert len(shards._all) <= Shards.FOLD_AT + 1
    whole = shards.read()
    assert (whole.calls, whole.errors, whole.attributes) == (
        300,
        {"ValueError": 300},
        {"seen": 600},
    )
    assert (whole.duration.sum_ns, whole.duration.max_ns, whole.in_flight) == (3000, 10, 0)
    assert len(shards._all) == 1


def test_a_shard_with_a_call_that_still_runs_is_not_folded() -> None:
    """A call may outlive the thread it began in; its end must still be counted."""
    shards = Shards()
    kept = begun(shards, 3)
    assert shards.read().in_flight == 3
    for shard in kept:
        shard.finish(1)
    assert (shards.read().calls, shards.read().in_flight) == (3, 0)


def test_tasks_are_counted_when_they_complete() -> None:
    """2,000 tasks, some failing and some cancelled while they wait, are all counted once."""

    class Slow:
        """An async backend that waits, or fails."""

        async def hellokit_greet_async(self, request: Request) -> str:
            """Wait by the name."""
            (name,) = request.names
            if name == "Eve":
                raise ValueError
            await asyncio.sleep(3600 if name == "Zoe" else 0)
            return "Hi"

    async def main(kit: Kit) -> None:
        names = ["Ada"] * 1_700 + ["Eve"] * 200 + ["Zoe"] * 100
        tasks = [asyncio.create_task(kit.greet_async(name, backend="slow")) for name in names]
        await asyncio.sleep(0.01)
        assert kit.metrics().backends["slow"].in_flight == 100
        for task in tasks[-100:]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("slow", Slow)
        asyncio.run(main(kit))
        slow = kit.metrics().backends["slow"]
    assert (slow.calls, slow.in_flight) == (2_000, 0)
    assert slow.errors == {"ValueError": 200, "CancelledError": 100}


def test_a_gc_callback_may_greet() -> None:
    """Collections at any point of a greeting lose and double nothing."""
    greeted = 0

    def callback(phase: str, info: object) -> None:  # noqa: ARG001  # gc gives both
        nonlocal greeted
        if phase == "start":
            kit.greet("Collector")
            greeted += 1

    thresholds = gc.get_threshold()
    with Kit(Settings(), discover=False) as kit:
        kit.greet("Ada")
        gc.callbacks.append(callback)
        gc.set_threshold(1)
        try:
            for _ in range(3_000):
                kit.greet("Ada")
                kit.metrics()
        finally:
            gc.set_threshold(*thresholds)
            gc.callbacks.remove(callback)
        calls = kit.metrics().backends["plain"].calls
    assert greeted > 0
    assert calls == 3_001 + greeted


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no setitimer")
def test_a_signal_handler_may_greet_and_read(run_script: Callable[[str], str]) -> None:
    """Signals at any point of a greeting lose and double nothing, also on a thread's first."""
    told = run_script(
        """
        import signal
        from hellokit import Kit, Settings

        handled = 0
        def handler(number, frame):
            global handled
            handled += 1
            kit.greet("Signal")
            kit.metrics()

        for mode in ("full", "sampled", "count"):
            kit = Kit(Settings(metrics=mode), discover=False)
            handled = 0
            signal.signal(signal.SIGALRM, handler)
            for turn in range(3_000):
                signal.setitimer(signal.ITIMER_REAL, 0.000005 + turn % 40 * 1e-6)
                for _ in range(10):
                    kit.greet("Ada")
            signal.setitimer(signal.ITIMER_REAL, 0)
            plain = kit.metrics().backends["plain"]
            assert handled > 100, handled
            assert plain.calls == 30_000 + handled, (mode, plain.calls, handled)
            assert plain.in_flight == 0
        print("exact")
        """
    )
    assert told == "exact\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no setitimer")
def test_an_interrupted_call_is_counted_once(run_script: Callable[[str], str]) -> None:
    """An exception that a signal raises in the middle of a greeting ends exactly that call."""
    told = run_script(
        """
        import signal
        from hellokit import Kit, Settings

        class Stop(BaseException): pass
        def handler(number, frame):
            raise Stop
        signal.signal(signal.SIGALRM, handler)
        for sinks in ((), (type("Sink", (), {"hellokit_record": lambda self, record: None}),)):
            kit = Kit(Settings(), discover=False, plugins=sinks)
            kit.greet("Ada")
            whole = interrupted = 0
            for turn in range(4_000):
                try:
                    signal.setitimer(signal.ITIMER_REAL, 0.000005 + turn % 50 * 1e-6)
                    while True:
                        kit.greet("Ada")
                        whole += 1
                except Stop:
                    interrupted += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            plain = kit.metrics().backends["plain"]
            assert plain.in_flight == 0, plain.in_flight
            stopped = plain.errors.get("Stop", 0)
            # A call is complete, or counted as stopped, or had not begun or had just ended.
            assert whole + 1 <= plain.calls <= whole + 1 + interrupted, (plain, whole, interrupted)
            assert plain.calls - stopped >= whole + 1
            assert stopped > 100, stopped
        print("exact")
        """
    )
    assert told == "exact\n"
