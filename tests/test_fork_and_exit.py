"""Nothing hangs, is lost or counted twice at a fork or at the interpreter's exit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")


@needs_fork
def test_children_start_from_zero_and_never_hang(run_script: Callable[[str], str]) -> None:
    """100 forks while other threads greet: each child counts its own calls only."""
    told = run_script(
        """
        import os, threading, warnings
        from hellokit import Kit, Settings
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads is the test

        class Sink:
            def hellokit_record(self, record): pass

        class Looped:
            async def hellokit_greet_async(self, request):
                return "Hi"

        kit = Kit(Settings(), discover=False, plugins=[Sink])
        kit.register_backend("looped", Looped)
        kit.greet("Ada", backend="looped")
        done = threading.Event()
        def work():
            while not done.is_set():
                kit.greet("Ada")
                kit.greet("Ada", backend="looped")
                kit.register(Sink())()
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads: thread.start()
        try:
            for _ in range(100):
                child = os.fork()
                if not child:
                    code = 1
                    try:
                        before = kit.metrics().backends["plain"].calls
                        for _ in range(5): kit.greet("Ada")
                        kit.greet("Ada", backend="looped")
                        after = kit.metrics().backends
                        own = (after["plain"].calls, after["looped"].calls)
                        code = 0 if (before, *own) == (0, 5, 1) else 2
                    finally:
                        os._exit(code)
                assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        finally:
            done.set()
            for thread in threads: thread.join()
        print("exact", kit.metrics().backends["plain"].in_flight)
        """
    )
    assert told == "exact 0\n"


@needs_fork
def test_a_fork_during_the_first_greeting_never_hangs(run_script: Callable[[str], str]) -> None:
    """A child forked while another thread starts the default kit can greet."""
    told = run_script(
        """
        import os, threading, warnings
        import hellokit
        warnings.simplefilter("ignore", DeprecationWarning)

        thread = threading.Thread(target=hellokit.greet, args=("Ada",))
        thread.start()
        children = []
        for _ in range(20):
            child = os.fork()
            if not child:
                os._exit(0 if hellokit.greet("Eve") == "Hello, Eve!" else 1)
            children.append(child)
        thread.join()
        codes = {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children}
        print(codes)
        """
    )
    assert told == "{0}\n"


@needs_fork
def test_a_child_reports_nothing_of_a_kit_that_its_parent_closed(
    run_script: Callable[[str], str],
) -> None:
    """The counts of a closed kit stay readable, in the process that counted."""
    told = run_script(
        """
        import os
        from hellokit import Kit
        kit = Kit(discover=False)
        kit.greet("Ada")
        kit.close()
        child = os.fork()
        if not child:
            os._exit(kit.metrics().backends["plain"].calls)
        counted = kit.metrics().backends["plain"].calls
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), counted)
        """
    )
    assert told.split() == ["0", "1"]


@needs_fork
def test_a_call_that_forks_is_counted_in_the_parent_only(run_script: Callable[[str], str]) -> None:
    """A backend that forks: the parent counts the call, the child starts from zero."""
    told = run_script(
        """
        import os, sys
        from hellokit import Kit, Settings

        class Forking:
            def hellokit_greet(self, request):
                global child
                child = os.fork()
                return "Hi"

        kit = Kit(Settings(), discover=False)
        kit.register_backend("forking", Forking)
        kit.greet(backend="forking")
        calls = kit.metrics().backends["forking"].calls
        if not child:
            os._exit(calls)
        print(calls, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )
    assert told == "1 0\n"


def test_greetings_at_exit_work_and_plugins_are_told_to_flush(
    run_script: Callable[[str], str],
) -> None:
    """Greetings from atexit handlers are counted before plugins flush."""
    told = run_script(
        """
        import atexit, os
        import hellokit
        from hellokit.kit import default

        class Flushing:
            def hellokit_closing(self, kit):
                os.write(1, b"flushed %d\\n" % kit.metrics().backends["plain"].calls)

        atexit.register(lambda: hellokit.greet("Exit"))
        hellokit.greet("Ada")
        default.register(Flushing)
        """
    )
    assert told == "flushed 2\n"


def test_a_finalizer_may_greet_at_exit(run_script: Callable[[str], str]) -> None:
    """What is finalized after the atexit handlers have run can still greet."""
    told = run_script(
        """
        import os
        import hellokit

        class Late:
            def __init__(self):
                self.greet, self.write = hellokit.greet, os.write
            def __del__(self):
                self.write(1, self.greet("Finalizer").encode())

        hellokit.greet("Ada")
        late = Late()
        """
    )
    assert told == "Hello, Finalizer!"


def test_a_daemon_thread_that_greets_does_not_hold_the_exit(
    run_script: Callable[[str], str],
) -> None:
    """The interpreter ends while a daemon thread greets, quietly."""
    told = run_script(
        """
        import threading
        import hellokit

        def forever():
            while True:
                hellokit.greet("Daemon")
                ready.set()

        ready = threading.Event()
        threading.Thread(target=forever, daemon=True).start()
        ready.wait()
        print("leaving")
        """
    )
    assert told == "leaving\n"


def test_an_unfinished_async_backend_does_not_hold_the_exit(
    run_script: Callable[[str], str],
) -> None:
    """The kit's loop thread ends with the interpreter, whatever runs on it."""
    told = run_script(
        """
        import asyncio, threading
        from hellokit import Kit

        class Endless:
            async def hellokit_greet_async(self, request):
                started.set()
                await asyncio.sleep(3600)

        def wait():
            try:
                kit.greet(backend="endless")
            except BaseException as error:
                print(type(error).__name__)

        started = threading.Event()
        kit = Kit(discover=False)
        kit.register_backend("endless", Endless)
        threading.Thread(target=wait, daemon=True).start()
        started.wait()
        print("leaving")
        """
    )
    assert told.splitlines()[0] == "leaving"


def test_a_blocking_call_that_nobody_waits_for_does_not_hold_the_exit(
    run_script: Callable[[str], str],
) -> None:
    """The interpreter ends beside the thread that makes it."""
    told = run_script(
        """
        import asyncio, threading
        from hellokit import Kit

        class Stuck:
            blocking = True
            def hellokit_greet(self, request):
                began.set()
                threading.Event().wait()

        async def main():
            call = asyncio.ensure_future(kit.greet_async("Ada", backend="stuck"))
            while not began.is_set():
                await asyncio.sleep(0)
            call.cancel()

        began = threading.Event()
        kit = Kit(discover=False)
        kit.register_backend("stuck", Stuck)
        asyncio.run(main())
        kit.close()
        print("leaving")
        """
    )
    assert told == "leaving\n"


@needs_fork
def test_a_child_forked_amid_a_long_start_is_told_so(run_script: Callable[[str], str]) -> None:
    """It cannot finish an import that its parent's thread began, and does not wait for it."""
    told = run_script(
        """
        import os, threading, warnings
        import hellokit, hellokit.lifetime
        from hellokit import HellokitError, Kit
        warnings.simplefilter("ignore", DeprecationWarning)
        hellokit.lifetime.PATIENCE_S = 0.01

        class Slow:
            def __init__(self):
                began.set()
                gate.wait()
            def hellokit_record(self, record): pass

        began, gate = threading.Event(), threading.Event()
        kit = Kit(discover=False, plugins=[Slow])
        thread = threading.Thread(target=kit.greet)
        thread.start()
        began.wait()
        child = os.fork()
        if not child:
            try:
                kit.greet("Ada")
            except HellokitError as error:
                os.write(1, str(error).encode())
            os._exit(0)
        os.waitpid(child, 0)
        gate.set()
        thread.join()
        assert kit.greet("Ada") == "Hello, Ada!"
        """
    )
    assert told.startswith("this process was forked while its parent was starting this kit")


@needs_fork
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_stream_does_not_go_on_in_a_forked_child(
    run_script: Callable[[str], str], kind: str
) -> None:
    """The child is told, and neither waits nor ends the stream of its parent."""
    hook = "hellokit_greet" if kind == "def" else "hellokit_greet_async"
    told = run_script(
        f"""
        import os, warnings
        from hellokit import HellokitError, Kit
        warnings.simplefilter("ignore", DeprecationWarning)

        class Waiting:
            blocking = True
            {kind} {hook}(self, request):
                return "Hi"

        kit = Kit(discover=False)
        kit.register_backend("waiting", Waiting)
        stream = kit.greet_many(["Ada"] * 100, backend="waiting", concurrency=2)
        next(stream)
        child = os.fork()
        if not child:
            try:
                list(stream)
            except HellokitError as error:
                os.write(1, str(error).encode())
            os._exit(0)
        os.waitpid(child, 0)
        print("", len(list(stream)))
        """
    )
    assert told.startswith("this stream was begun before the process was forked")
    assert told.endswith(" 99\n")
