"""A fork doubles nothing, and a child writes nothing into its parent's file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from hellokit import Kit, Settings, Snapshot
from hellokit.metering import ledger
from hellokit.metering.sharing import SharedShards

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),  # threads of other tests
]


def in_child(work: Callable[[], object]) -> int:
    """Run `work` in a fork of this process; return its pid when it has ended well."""
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return child


def calls(folder: Path, backend: str = "plain") -> int:
    """Return how many calls the folder has."""
    return Snapshot.read(folder).backends[backend].calls


def test_a_parent_is_dead_though_its_children_live(
    run_script: Callable[[str], str], tmp_path: Path
) -> None:
    """Its call that was killed is not in flight, though its child has all of its open files."""
    told = run_script(
        f"""
        import os, signal
        from hellokit import Kit, Settings, Snapshot
        FOLDER = {str(tmp_path)!r}

        class Killed:
            def hellokit_greet(self):
                child = os.fork()
                if not child:
                    os.read(over[0], 1)
                    os._exit(0)
                os.write(ready[1], b"x")
                while True: signal.pause()

        ready, over = os.pipe(), os.pipe()
        parent = os.fork()
        if not parent:
            kit = Kit(Settings(metrics_dir=FOLDER), discover=False)
            kit.register_backend("killed", Killed)
            kit.greet("Ada")
            kit.greet(backend="killed")
        os.read(ready[0], 1)
        before = Snapshot.read(FOLDER).backends["killed"].in_flight
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        after = Snapshot.read(FOLDER).backends
        os.write(over[1], b"x")
        print(before, after["killed"].in_flight, after["plain"].calls)
        """
    )
    assert told == "1 0 1\n"


def test_a_fork_while_the_file_is_opened_does_not_keep_the_parent_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child closes the file, though nobody had entered it anywhere yet."""
    over, ready = os.pipe(), os.pipe()
    children: list[int] = []
    opened = os.open

    def forking(path: str, flags: int, mode: int = 0o777) -> int:
        file = opened(path, flags, mode)
        if flags & os.O_EXCL and not children:
            children.append(os.fork())
            if not children[0]:
                os.close(over[1])
                os.write(ready[1], b"x")
                os.read(over[0], 1)
                os._exit(0)
            os.read(ready[0], 1)
        return file

    monkeypatch.setattr(os, "open", forking)
    shards = SharedShards("any", str(tmp_path))
    shards.shard().started += 1
    monkeypatch.undo()
    assert Snapshot.read(tmp_path).backends["any"].in_flight == 1
    lock = ledger.shelf.ledger(str(tmp_path))._lock
    assert lock is not None
    os.close(lock)  # as if this process were killed
    assert Snapshot.read(tmp_path).backends["any"].in_flight == 0
    os.close(over[1])
    os.waitpid(children[0], 0)


def test_a_call_that_forks_is_counted_in_the_parent_only(tmp_path: Path) -> None:
    """It ends in the child as well, where it must not be written into the parent's file."""
    kit = Kit(Settings(metrics_dir=tmp_path), discover=False)  # type: ignore[arg-type]  # any path
    child = -1

    class Forking:
        def hellokit_greet(self, note: Callable[[str], None]) -> str:
            nonlocal child
            child = os.fork()
            note("forked")
            return "Hi"

    kit.register_backend("forking", Forking)
    kit.greet(backend="forking")
    if not child:
        os._exit(kit.metrics().backends["forking"].calls)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    whole = Snapshot.read(tmp_path).backends["forking"]
    assert (whole.calls, whole.in_flight, whole.duration.count) == (1, 0, 1)
    assert whole.attributes == {"forked": 2}  # by the parent, and by the child after the fork


def test_a_call_that_forks_and_fails_is_counted_in_the_parent_only(tmp_path: Path) -> None:
    """Neither the error nor the call is written into the parent's file by the child."""
    kit = Kit(Settings(metrics_dir=tmp_path), discover=False)  # type: ignore[arg-type]  # any path
    child = -1

    class Forking:
        def hellokit_greet(self) -> str:
            nonlocal child
            child = os.fork()
            raise ValueError

    kit.register_backend("forking", Forking)
    try:
        kit.greet(backend="forking")
    except ValueError:
        if not child:
            os._exit(0)
    os.waitpid(child, 0)
    whole = Snapshot.read(tmp_path).backends["forking"]
    assert (whole.calls, whole.errors) == (1, {"ValueError": 1})


def test_children_and_their_children_have_files_of_their_own(tmp_path: Path) -> None:
    """None doubles or continues what its parent had counted."""
    kit = Kit(Settings(metrics_dir=tmp_path), discover=False)  # type: ignore[arg-type]  # any path
    closed = Kit(Settings(metrics_dir=tmp_path), discover=False)  # type: ignore[arg-type]
    closed.greet("Ada")
    closed.close()

    def work(generations: int) -> None:
        kit.greet("Ada")
        assert kit.metrics().backends["plain"].calls == 1
        if generations:
            in_child(lambda: work(generations - 1))
        kit.greet("Ada")

    work(3)
    assert calls(tmp_path) == 9
    assert len(list(tmp_path.iterdir())) == 4
    assert closed.metrics().backends["plain"].calls == 1


def test_a_greeting_in_a_handler_of_the_fork_is_not_written_into_the_parents_file(
    run_script: Callable[[str], str], tmp_path: Path
) -> None:
    """Another module's handlers may run before hellokit's, in the child as in the parent."""
    told = run_script(
        f"""
        import os, threading, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        def greet():
            for _ in range(10): kit.greet("Ada")
        # Registered before hellokit's: in the child it runs before hellokit knows of the fork.
        os.register_at_fork(before=lambda: greet(), after_in_parent=lambda: greet(),
                            after_in_child=lambda: greet())
        from hellokit import Kit, Settings, Snapshot
        kit = Kit(Settings(metrics_dir={str(tmp_path)!r}), discover=False)
        kit.greet("Ada")
        def fork():
            child = os.fork()
            if not child: os._exit(0)
            os.waitpid(child, 0)
        for _ in range(3): fork()
        for _ in range(2):
            thread = threading.Thread(target=fork)
            thread.start()
            thread.join()
        kit.greet("Ada")
        print(kit.metrics().backends["plain"].calls)
        print(Snapshot.read({str(tmp_path)!r}).backends["plain"].calls)
        """
    )
    assert told == "102\n152\n"


def test_forks_beside_greeting_threads_lose_and_double_nothing(
    run_script: Callable[[str], str], tmp_path: Path
) -> None:
    """Each child greets five times; the threads tell how often they did."""
    told = run_script(
        f"""
        import os, threading, warnings
        from hellokit import Kit, Settings, Snapshot
        warnings.simplefilter("ignore", DeprecationWarning)
        kit = Kit(Settings(metrics_dir={str(tmp_path)!r}), discover=False)
        kit.greet("Ada")
        done, greeted = threading.Event(), []
        def work():
            turns = 0
            while not done.is_set():
                kit.greet("Ada")
                turns += 1
            greeted.append(turns)
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads: thread.start()
        for _ in range(40):
            child = os.fork()
            if not child:
                code = 1
                try:
                    for _ in range(5): kit.greet("Ada")
                    code = kit.metrics().backends["plain"].calls != 5
                finally:
                    os._exit(code)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        done.set()
        for thread in threads: thread.join()
        own = kit.metrics().backends["plain"].calls
        whole = Snapshot.read({str(tmp_path)!r}).backends["plain"]
        print(own - sum(greeted), whole.calls - own, whole.in_flight)
        """
    )
    assert told == "1 200 0\n"
