"""The folder of `metrics_dir` has every call of every process, however that ends."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hellokit import Kit, Settings, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),  # threads of other tests
]


WORKERS = """
import os, signal, sys, threading, warnings
from hellokit import Kit, Settings, Snapshot
warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads is the test
BATCH, BATCHES, THREADS, FOLDER = 100, 20, 4, sys.argv[1]
kit = Kit(Settings(metrics_dir=FOLDER), discover=False)
kit.greet("Ada")

def work(batches, tell):
    for _ in range(batches):
        for _ in range(BATCH): kit.greet("Ada")
        tell()

def begun(count, batches, tell):
    threads = [threading.Thread(target=work, args=(batches, tell)) for _ in range(count)]
    for thread in threads: thread.start()
    return threads

def worker(batches):
    here, there = os.pipe()
    child = os.fork()
    if not child:
        for thread in begun(THREADS, batches, lambda: os.write(there, b"x")): thread.join()
        os._exit(0)
    os.close(there)
    return child, here

def told(child, pipe):
    tellings = 0
    while some := os.read(pipe, 1000): tellings += len(some)
    return tellings, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def read():
    seen = [0]
    while not done.is_set():
        seen.append(Snapshot.read(FOLDER).backends["plain"].calls)
    grown.append(seen == sorted(seen))

done, grown = threading.Event(), []
reader = threading.Thread(target=read, daemon=True)
reader.start()
threads = begun(8, 2 * BATCHES, int)
victim, *others = [worker(10**9), *(worker(BATCHES) for _ in range(3))]
first = len(os.read(victim[1], 1))
os.kill(victim[0], signal.SIGKILL)
more, code = told(*victim)
ends = [told(*each) for each in others]
for thread in threads: thread.join()
done.set()
reader.join()
assert code == -signal.SIGKILL, code
assert ends == [(THREADS * BATCHES, 0)] * 3, ends
own = 1 + 8 * 2 * BATCHES * BATCH
low = own + (3 * THREADS * BATCHES + first + more) * BATCH
plain = Snapshot.read(FOLDER).backends["plain"]
assert low <= plain.calls <= low + THREADS * BATCH, (low, plain.calls)
assert kit.metrics().backends["plain"].calls == own
print(grown, plain.in_flight, plain.duration.count == plain.calls)
"""


@pytest.mark.usefixtures("unmeasured")
def test_threads_and_workers_are_counted_and_so_is_one_that_is_killed(tmp_path: Path) -> None:
    """8 threads and 4 workers of 4 threads greet, one worker is killed, and a reader reads."""
    command = [sys.executable, "-c", WORKERS, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("[True] 0 True\n", "")


@pytest.mark.parametrize("mode", ["full", "sampled", "count"])
def test_a_worker_killed_between_greetings_leaves_each_of_them(
    run_script: Callable[[str], str], tmp_path: Path, mode: str
) -> None:
    """What it has told of is there to the last one, errors, notes and batches included."""
    told = run_script(
        f"""
        import os, signal
        from hellokit import Kit, Settings, Snapshot

        class Noting:
            def hellokit_greet(self, request, note):
                note("seen", 2)
                if request.names == ("Eve",): raise ValueError
                return "Hi"

        kit = Kit(Settings(metrics_dir={str(tmp_path)!r}, metrics={mode!r}), discover=False)
        kit.register_backend("noting", Noting)
        here, there = os.pipe()
        child = os.fork()
        if not child:
            for _ in range(777): kit.greet("Ada", backend="noting")
            list(kit.greet_many(["Ada", "Eve"] * 100, backend="noting", on_error="skip"))
            os.write(there, b"x")
            while True: signal.pause()
        os.read(here, 1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        noting = Snapshot.read({str(tmp_path)!r}).backends["noting"]
        print(noting.calls, noting.in_flight, dict(noting.errors), dict(noting.attributes))
        """
    )
    assert told == "977 0 {'ValueError': 100} {'seen': 1954}\n"


def test_a_worker_killed_in_the_middle_of_a_greeting_has_it_not_in_flight(tmp_path: Path) -> None:
    """What it had finished is there, and what runs in others."""
    kit = Kit(Settings(metrics_dir=tmp_path), discover=False)  # type: ignore[arg-type]  # any path

    class Dying:
        def hellokit_greet(self) -> str:
            assert Snapshot.read(tmp_path).backends["dying"].in_flight == 1
            os.kill(os.getpid(), 9)
            return "never"

    class Forking:
        def hellokit_greet(self) -> str:
            child = os.fork()
            if not child:
                kit.greet(backend="plain")
                kit.greet(backend="dying")
            os.waitpid(child, 0)
            return "Hi"

    kit.register_backend("dying", Dying)
    kit.register_backend("forking", Forking)
    kit.greet(backend="forking")
    whole = Snapshot.read(tmp_path).backends
    assert (whole["dying"].calls, whole["dying"].in_flight) == (0, 0)
    assert (whole["plain"].calls, whole["forking"].calls, whole["forking"].in_flight) == (1, 1, 0)


def test_handlers_of_signals_that_greet_are_counted(
    run_script: Callable[[str], str], tmp_path: Path
) -> None:
    """They come in between at any place: at a count, at a new name, at a new page."""
    told = run_script(
        f"""
        import signal
        from hellokit import Kit, Settings, Snapshot

        class Noting:
            def hellokit_greet(self, request, note):
                note("all")
                note(request.names[0])
                return "Hi"

        kit = Kit(Settings(metrics_dir={str(tmp_path)!r}), discover=False)
        for name in "abcdefgh": kit.register_backend(name, Noting)
        handled = 0
        def handle(*_):
            global handled
            kit.greet(f"handler {{handled % 9}}", backend="abcdefgh"[handled // 50 % 8])
            handled += 1
        kit.greet("Ada", backend="a")
        signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
        turns = 1
        while handled < 400:
            kit.greet(f"name {{turns % 12}}", backend="abcdefgh"[turns // 100 % 8])
            turns += 1
        signal.setitimer(signal.ITIMER_REAL, 0)
        read = Snapshot.read({str(tmp_path)!r})
        assert read == kit.metrics()
        calls = sum(each.calls for each in read.backends.values())
        noted = [dict(each.attributes) for each in read.backends.values()]
        alls = sum(each.pop("all") for each in noted)
        others = sum(sum(each.values()) for each in noted)
        print(calls - turns - handled, alls - calls, others - calls)
        """
    )
    assert told == "0 0 0\n"


def test_a_process_that_ends_with_greeting_daemons_leaves_its_counts(tmp_path: Path) -> None:
    """An interpreter of its own, told where by the variable, greets until its very end."""
    script = """
import atexit, threading, hellokit
atexit.register(lambda: hellokit.greet("Exit"))
hellokit.greet("Ada")
def forever():
    while True:
        hellokit.greet("Daemon", backend="cached")
        began.set()
began = threading.Event()
threading.Thread(target=forever, daemon=True).start()
began.wait()
"""
    environ = {**os.environ, "HELLOKIT_METRICS_DIR": str(tmp_path)}
    for turn in range(1, 3):
        subprocess.run([sys.executable, "-c", script], env=environ, check=True, timeout=60)
        whole = Snapshot.read(tmp_path).backends
        assert whole["plain"].calls == 2 * turn + whole["cached"].attributes["miss"]
        assert whole["cached"].calls >= turn
