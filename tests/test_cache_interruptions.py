"""Signals, collections and forks in the middle of `cached`: nobody waits for ever."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")


def test_an_interrupted_waiter_leaves_alone(run_script: Callable[[str], str]) -> None:
    """A signal's exception ends the wait of its thread, and of no other."""
    told = run_script(
        """
        import os, signal, threading
        from hellokit import Kit, Settings

        class Held:
            calls = 0
            def hellokit_greet(self):
                self.calls += 1
                begun.set()
                go.wait(20)
                return "Hi"

        begun, go = threading.Event(), threading.Event()
        held = Held()
        kit = Kit(Settings(), discover=False)
        kit.register_backend("held", held)
        texts = []
        def work(): texts.append(kit.greet("Ada", backend="cached+held"))
        threads = [threading.Thread(target=work) for _ in range(5)]
        for thread in threads: thread.start()
        begun.wait(20)
        def handler(*args): raise KeyboardInterrupt
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            kit.greet("Ada", backend="cached+held")
        except KeyboardInterrupt:
            print("interrupted")
        go.set()
        for thread in threads: thread.join(20)
        print(texts, held.calls, kit.greet("Ada", backend="cached+held"), held.calls)
        """
    )
    assert told == "interrupted\n['Hi', 'Hi', 'Hi', 'Hi', 'Hi'] 1 Hi 1\n"


def test_exceptions_of_signals_leave_nobody_waiting(run_script: Callable[[str], str]) -> None:
    """Wherever a signal ends a call, the next one of the same key gets its greeting."""
    told = run_script(
        """
        import signal, threading
        from hellokit import Kit, Settings

        class Stop(BaseException): pass
        def handler(number, frame): raise Stop
        signal.signal(signal.SIGALRM, handler)
        kit = Kit(Settings(cache_max_entries=3), discover=False)
        kit.greet("Ada", backend="cached")
        stopped = 0
        for turn in range(3000):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.000005 + turn % 60 * 1e-6)
                for name in "abcdefghijklmnopqrst": kit.greet(name, backend="cached")
                signal.setitimer(signal.ITIMER_REAL, 0)
            except Stop:
                stopped += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        assert stopped > 100, stopped
        texts = []
        def work():
            texts.extend(kit.greet(name, backend="cached") for name in "abcdefghijklmnopqrst")
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(20)
        assert texts == [f"Hello, {name}!" for name in "abcdefghijklmnopqrst"], texts
        assert kit.cache.info().entries <= 3
        print("sound")
        """
    )
    assert told == "sound\n"


def test_a_signal_handler_and_a_collector_may_greet(run_script: Callable[[str], str]) -> None:
    """Misses in the middle of a miss neither hang nor break the bound, and are counted."""
    told = run_script(
        """
        import gc, itertools, signal
        from hellokit import Kit, Settings

        kit = Kit(Settings(cache_max_entries=8), discover=False)
        kit.greet("Ada", backend="cached")
        numbers = itertools.count()
        calls = 0
        def handler(*args):
            global calls
            calls += 1
            kit.greet(f"Signal {next(numbers) % 20}", backend="cached")
        def collected(phase, info):
            global calls
            calls += 1
            kit.greet(f"Collector {next(numbers) % 20}", backend="cached")
        signal.signal(signal.SIGALRM, handler)
        gc.callbacks.append(collected)
        gc.set_threshold(50)
        for turn in range(2000):
            signal.setitimer(signal.ITIMER_REAL, 0.000005 + turn % 60 * 1e-6)
            for number in range(10): kit.greet(f"Ada {number}", backend="cached")
            assert kit.cache.info().entries <= 8
        signal.setitimer(signal.ITIMER_REAL, 0)
        gc.callbacks.remove(collected)
        info = kit.cache.info()
        assert calls > 100
        assert info.hits + info.misses + info.shared == 20_001 + calls, (info, calls)
        print("exact")
        """
    )
    assert told == "exact\n"


def test_children_never_wait_for_threads_they_do_not_have(run_script: Callable[[str], str]) -> None:
    """Forks while threads greet, compute and evict: each child's cache works, and is sound."""
    told = run_script(
        """
        import os, threading, time, warnings
        from hellokit import Kit, Settings
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads is the test

        class Slow:
            def hellokit_greet(self, request, words):
                time.sleep(0.0005 if request.names[0] != "Held" or os.getpid() != parent else 0.05)
                return words(request)

        parent = os.getpid()
        kit = Kit(Settings(cache_max_entries=10), discover=False)
        kit.register_backend("slow", Slow)
        kit.greet("Ada", backend="cached+slow")
        done = threading.Event()
        def work(name):
            turn = 0
            while not done.is_set():
                turn += 1
                kit.greet(f"{name} {turn % 15}", backend="cached+slow")
                kit.greet("Held", backend="cached+slow")
                kit.cache.clear()
        threads = [threading.Thread(target=work, args=(f"Thread {n}",)) for n in range(4)]
        for thread in threads: thread.start()
        try:
            for _ in range(60):
                child = os.fork()
                if not child:
                    code = 1
                    try:
                        names = ["Held", *[f"Thread {n} {m}" for n in range(4) for m in range(15)]]
                        for name in names:
                            assert kit.greet(name, backend="cached+slow") == f"Hello, {name}!"
                            assert kit.cache.info().entries <= 10
                        hits = kit.cache.info().hits
                        assert kit.greet(names[-1], backend="cached+slow")
                        assert kit.cache.info().hits == hits + 1
                        code = 0
                    finally:
                        os._exit(code)
                assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        finally:
            done.set()
            for thread in threads: thread.join()
        print("sound")
        """
    )
    assert told == "sound\n"


def test_a_fork_in_the_middle_of_a_change_leaves_a_sound_store(
    run_script: Callable[[str], str],
) -> None:
    """While another thread is putting a greeting into the store, a child can use it."""
    told = run_script(
        """
        import os, threading, time, warnings
        from hellokit import Kit, Settings
        from hellokit.builtin.cached import Cached
        from hellokit.caching.store import ClockStore
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads is the test

        def clock():
            if threading.current_thread() is thread and os.getpid() == parent:
                changing.set()
                go.wait(20)
            return time.monotonic()

        parent = os.getpid()
        changing, go = threading.Event(), threading.Event()
        thread = threading.Thread(target=lambda: kit.greet("Thread", backend="mine"))
        kit = Kit(Settings(cache_max_entries=2), discover=False)
        cached = Cached(ClockStore(clock))
        kit.register_backend("mine", cached)
        for name in ("Ada", "Eve"): kit.greet(name, backend="mine")
        thread.start()
        changing.wait(20)
        child = os.fork()
        if not child:
            names = ["Eve", "Ada", "Thread", "Zoe", "Zoe"]
            texts = [kit.greet(name, backend="mine") for name in names]
            sound = texts == [f"Hello, {name}!" for name in names] and cached.held() == 2
            os._exit(0 if sound and kit.metrics().backends["plain"].calls == 2 else 1)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        go.set()
        thread.join(20)
        print(code, cached.held())
        """
    )
    assert told == "0 2\n"


def test_a_computation_that_forks_ends_in_both(run_script: Callable[[str], str]) -> None:
    """Parent and child each keep what their own thread computed."""
    told = run_script(
        """
        import os
        from hellokit import Kit, Settings

        class Forking:
            calls = 0
            def hellokit_greet(self):
                global child
                self.calls += 1
                child = os.fork()
                return "Hi"

        forking = Forking()
        kit = Kit(Settings(), discover=False)
        kit.register_backend("forking", forking)
        texts = [kit.greet("Ada", backend="cached+forking") for _ in range(2)]
        if not child:
            os._exit(0 if (texts, forking.calls) == (["Hi", "Hi"], 1) else 1)
        print(texts, forking.calls, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )
    assert told == "['Hi', 'Hi'] 1 0\n"
