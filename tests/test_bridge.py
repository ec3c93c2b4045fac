"""The bridge between the colours: threads, cancelling, and how it ends."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from weakref import ref

import pytest
from colours import PATIENCE_S, Waiting, here, make, run, until, who

from hellokit import HellokitError, Kit, KitClosedError, Request, Settings
from hellokit.bridge import Bridge

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with a backend of each kind, one thread of a pool, and a context."""
    token = who.set("Ada")
    with make() as kit:
        yield kit
    who.reset(token)


def test_threads_share_one_loop(kit: Kit) -> None:
    """Their coroutines run at the same time: each waits for all the others."""
    everyone = 5
    arrived: list[asyncio.Event] = []

    class Meeting:
        async def hellokit_greet_async(self) -> str:
            arrived.append(asyncio.Event())
            if len(arrived) == everyone:
                for each in arrived:
                    each.set()
            await asyncio.wait_for(arrived[-1].wait(), PATIENCE_S)
            return here()

    kit.register_backend("meeting", Meeting())
    with ThreadPoolExecutor(everyone) as pool:
        calls = [pool.submit(kit.greet, backend="meeting") for _ in range(everyone)]
        assert {call.result() for call in calls} == {"hellokit-loop"}


def test_a_blocking_leaf_does_not_stop_the_loop() -> None:
    """The loop goes on meanwhile, and as many as the setting says run at once."""
    running: list[int] = []
    most: list[int] = []
    gate = threading.Event()

    class Slow:
        blocking = True

        def hellokit_greet(self) -> str:
            running.append(1)
            most.append(len(running))
            assert gate.wait(PATIENCE_S)
            running.pop()
            return "done"

    async def main(kit: Kit) -> list[str]:
        calls = [asyncio.ensure_future(kit.greet_async(backend="slow")) for _ in range(6)]
        await until(lambda: len(most) == 2)
        gate.set()
        return await asyncio.gather(*calls)

    with Kit(Settings(max_concurrent=2), discover=False) as kit:
        kit.register_backend("slow", Slow())
        assert asyncio.run(main(kit)) == ["done"] * 6
    assert max(most) == 2


def test_a_call_that_needs_two_threads_gets_them(kit: Kit) -> None:
    """Even where one thread is all there is: it does not wait for itself."""
    assert run(kit, "around+aaround+blocking") == "([hellokit-blocking for Ada])"


@pytest.mark.parametrize("blocking", [False, True])
def test_a_stop_iteration_does_not_hang(kit: Kit, *, blocking: bool) -> None:
    """A future cannot hold one: it becomes a RuntimeError, as in any coroutine."""

    class Stopping:
        def __init__(self) -> None:
            self.blocking = blocking

        def hellokit_greet(self) -> str:
            raise StopIteration

    kit.register_backend("stopping", Stopping())
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        run(kit, "stopping")


def test_a_coroutine_on_the_kits_loop_may_not_wait_for_it(kit: Kit) -> None:
    """A sync greeting there is refused if it needs that loop, and only then."""

    class Impatient:
        async def hellokit_greet_async(self, kit: Kit, request: Request) -> str:
            return kit.greet(*request.names, backend="awhere" if request.names else "plain")

    kit.register_backend("impatient", Impatient())
    assert kit.greet(backend="impatient") == "Hello!"
    with pytest.raises(HellokitError, match="use `await greet_async"):
        kit.greet("Ada", backend="impatient")


def test_cancelling_reaches_the_backend(kit: Kit) -> None:
    """It is told so, and the call counts as an error."""
    kit.register_backend("waiting", waiting := Waiting())

    async def main() -> None:
        task = asyncio.ensure_future(kit.greet_async("Ada", backend="aaround+waiting"))
        await until(waiting.began.is_set)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    assert waiting.ended.is_set()
    for name in ("aaround", "waiting"):
        assert kit.metrics().backends[name].errors == {"CancelledError": 1}
        assert kit.metrics().backends[name].in_flight == 0


def test_cancelling_does_not_wait_for_a_thread(kit: Kit) -> None:
    """Nobody can stop the thread; the caller goes on."""
    began, gate = threading.Event(), threading.Event()

    class Stubborn:
        blocking = True

        def hellokit_greet(self) -> str:
            began.set()
            return str(gate.wait(PATIENCE_S))

    kit.register_backend("stubborn", Stubborn())

    async def main() -> None:
        task = asyncio.ensure_future(kit.greet_async("Ada", backend="stubborn"))
        await until(began.is_set)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.set()

    asyncio.run(main())


@pytest.mark.skipif(os.name == "nt", reason="os.kill sends no SIGINT there")
def test_an_interrupted_greeting_cancels_its_coroutine(kit: Kit) -> None:
    """Control-C ends the wait, and nothing runs on behind it."""

    class Interrupting(Waiting):
        async def hellokit_greet_async(self) -> str:
            os.kill(os.getpid(), signal.SIGINT)
            return await super().hellokit_greet_async()

    kit.register_backend("interrupting", interrupting := Interrupting())
    with pytest.raises(KeyboardInterrupt):
        kit.greet("Ada", backend="interrupting")
    assert interrupting.ended.wait(PATIENCE_S)


def test_closing_ends_what_runs() -> None:
    """A greeting that waits for an async backend is cancelled, and no thread is left."""
    kit = Kit(discover=False)
    kit.register_backend("waiting", waiting := Waiting())
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(kit.greet, backend="waiting")
        assert waiting.began.wait(PATIENCE_S)
        kit.close()
        assert isinstance(call.exception(PATIENCE_S), KitClosedError)
    assert waiting.ended.is_set()
    assert not [each for each in threading.enumerate() if each.name.startswith("hellokit-loop")]
    with pytest.raises(KitClosedError):
        asyncio.run(kit.greet_async("Ada"))


def test_threads_start_when_they_are_needed(kit: Kit) -> None:
    """A kit that bridges nothing has none."""
    before = threading.active_count()
    kit.greet("Ada", backend="around+where")
    run(kit, "aaround+awhere")
    assert threading.active_count() == before


def test_closing_a_bridge_leaves_nobody_waiting() -> None:
    """However close it comes to the start of a coroutine, that one ends one way or the other."""

    async def coroutine() -> str:
        await asyncio.sleep(0)
        return "done"

    def ending(bridge: Bridge) -> str:
        try:
            return bridge.run(coroutine())
        except asyncio.CancelledError:
            return "cancelled"

    with ThreadPoolExecutor(4) as pool:
        for _ in range(50):
            bridge = Bridge(1)
            calls = [pool.submit(ending, bridge) for _ in range(4)]
            bridge.close()
            assert {call.result(PATIENCE_S) for call in calls} <= {"done", "cancelled"}
            bridge.close()


def test_a_closed_kit_starts_no_thread_again() -> None:
    """A call that found its route before the close is refused, and does not wait for ever."""
    kit = Kit(discover=False)
    kit.register_backend("waiting", Waiting())
    call = kit.selected("waiting").calls["waiting"]
    bridge = kit._started().bridge()
    kit.close()
    with pytest.raises(KitClosedError, match="the kit was closed"):
        call(Request("Ada"))
    assert bridge._loop is None


def test_a_kit_that_is_dropped_ends_its_thread() -> None:
    """Forgetting to close a kit does not leave its loop thread behind."""
    kit = Kit(discover=False)
    kit.register_backend("instant", Instant)
    kit.greet(backend="instant")
    del kit
    gc.collect()
    assert not [each for each in threading.enumerate() if each.name.startswith("hellokit-loop")]


def test_max_concurrent_can_be_changed_while_calls_run() -> None:
    """New blocking calls get the new number of threads."""
    with Kit(Settings(max_concurrent=1), discover=False) as kit:
        kit.register_backend("blocking", Counting)
        asyncio.run(eight(kit))
        assert Counting.most == 1
        kit.configure(max_concurrent=8)
        asyncio.run(eight(kit))
        assert Counting.most == 8


def test_max_concurrent_may_change_while_a_call_asks_for_a_thread() -> None:
    """The call is made all the same, on a thread of before."""

    class Resizing:
        """A lock: when it is first given back, the bridge gets another size."""

        lock = threading.RLock()

        def __enter__(self) -> None:
            self.lock.acquire()

        def __exit__(self, *_: object) -> None:
            self.lock.release()
            bridge._lock = self.lock
            bridge.resize(2)

    bridge = Bridge(1)
    bridge._lock = Resizing()  # type: ignore[assignment]  # it is all of a lock that is used
    assert asyncio.run(bridge.in_thread(int, "42")) == 42
    assert asyncio.run(bridge.in_thread(int, "43")) == 43
    bridge.end()


def test_a_loop_does_not_start_once_the_bridge_has_ended() -> None:
    """Not even for a call that came before the end and gets its turn after it."""

    async def coroutine() -> None:
        pass

    class Ending:
        """A lock: while it is waited for, the bridge ends."""

        lock = threading.RLock()

        def __enter__(self) -> None:
            self.lock.acquire()
            bridge._lock = self.lock
            bridge.end()

        def __exit__(self, *_: object) -> None:
            self.lock.release()

    bridge = Bridge(1)
    bridge._lock = Ending()  # type: ignore[assignment]  # it is all of a lock that is used
    with pytest.raises(KitClosedError):
        bridge.run(coroutine())
    assert bridge._loop is None


def test_closing_refuses_calls_that_wait_for_a_thread() -> None:
    """They would wait for ever; the one that runs gives its result."""
    began, gate = threading.Event(), threading.Event()

    class Slow:
        blocking = True

        def hellokit_greet(self) -> str:
            began.set()
            return str(gate.wait(PATIENCE_S))

    async def main(kit: Kit) -> list[str | BaseException]:
        calls = [asyncio.ensure_future(kit.greet_async(backend="slow")) for _ in range(2)]
        await until(began.is_set)
        kit.close()
        await asyncio.wait(calls[1:])
        gate.set()
        return await asyncio.gather(*calls, return_exceptions=True)

    kit = Kit(Settings(max_concurrent=1), discover=False)
    kit.register_backend("slow", Slow)
    text, error = asyncio.run(main(kit))
    assert text == "True"
    assert isinstance(error, KitClosedError)


def test_a_kit_that_is_dropped_is_not_held_by_an_idle_thread() -> None:
    """Its threads know their calls only while they make them, and leave with it."""
    kit = Kit(discover=False)
    kit.register_backend("quick", Quick)
    asyncio.run(kit.greet_async(backend="quick"))
    bridge, dropped = kit._started().bridge(), ref(kit)
    del kit
    gc.collect()
    assert dropped() is None
    assert bridge._crews == []


class Instant:
    """An async backend that does not wait."""

    async def hellokit_greet_async(self) -> str:
        """Greet."""
        return "Hi"


class Quick:
    """A blocking backend that does not take long."""

    blocking = True

    def hellokit_greet(self) -> str:
        """Greet."""
        return "Hi"


class Counting:
    """A blocking backend that sees how many of its calls run at once."""

    blocking = True
    lock = threading.Lock()
    running = most = 0

    def hellokit_greet(self) -> str:
        """Wait until eight calls run, or a moment has passed."""
        with Counting.lock:
            Counting.running += 1
            Counting.most = max(Counting.most, Counting.running)
        time.sleep(0.05)
        with Counting.lock:
            Counting.running -= 1
        return "Hi"


async def eight(kit: Kit) -> None:
    """Greet eight times at once."""
    await asyncio.gather(*[kit.greet_async(backend="blocking") for _ in range(8)])
