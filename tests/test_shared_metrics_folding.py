"""Files of processes that have ended move into one, and the sum stays the same at any moment."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hellokit import HellokitError, Kit, Settings, Snapshot
from hellokit.metering import folder as folders
from hellokit.metering import ledger
from hellokit.metering.folder import ENDED, fold
from hellokit.metering.sharing import SharedShards

if TYPE_CHECKING:
    from collections.abc import Callable


pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # other tests' threads


def ended(folder: Path, processes: int = 1) -> None:
    """Have processes count a call, one that fails, and be killed during a third."""
    for _ in range(processes):
        child = os.fork()
        if not child:
            shard = SharedShards("moody", str(folder)).shard()
            for turn in range(3):
                shard.started += 1
                shard.note("seen", 1)
                if turn == 0:
                    shard.fail(ValueError())
                if turn == 2:
                    os.kill(os.getpid(), signal.SIGKILL)
                shard.finish(1000)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def calls(folder: Path, backend: str = "moody") -> int:
    """Return how many calls the folder has."""
    return Snapshot.read(folder).backends[backend].calls


def ledgers(folder: Path) -> int:
    """Return how many files of single processes there are."""
    return len(list(folder.glob("*.ledger")))


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fold when three have ended, and not sixteen."""
    monkeypatch.setattr(folders, "FOLD_AT", 3)


def test_a_reader_folds_the_files_of_ended_processes(tmp_path: Path) -> None:
    """All they counted stays, but for what was in flight; a second time adds to the first."""
    for turn in range(1, 8):
        ended(tmp_path)
        moody = Snapshot.read(tmp_path).backends["moody"]
        assert (moody.calls, moody.errors, moody.in_flight) == (2 * turn, {"ValueError": turn}, 0)
        assert moody.attributes == {"seen": 3 * turn}
        assert moody.duration.count == 2 * turn
        assert (moody.duration.sum_ns, moody.duration.max_ns) == (2000 * turn, 1000)
        assert ledgers(tmp_path) == turn % 3
    assert Snapshot.read(tmp_path) == Snapshot.read(tmp_path)


def test_a_process_that_begins_folds_too(tmp_path: Path) -> None:
    """Where nobody ever reads, files do not pile up either."""
    ended(tmp_path, 7)
    assert ledgers(tmp_path) <= 4
    assert calls(tmp_path) == 14


def test_the_file_of_a_living_process_stays(tmp_path: Path) -> None:
    """It goes on being written."""
    shards = SharedShards("living", str(tmp_path))
    shards.shard().finish(1)
    ended(tmp_path, 3)
    assert calls(tmp_path, "living") == 1
    shards.shard().finish(1)
    assert (calls(tmp_path, "living"), calls(tmp_path), ledgers(tmp_path)) == (2, 6, 1)


@pytest.mark.parametrize("step", ["_ended", "_write", "unlink", "fsync", "replace"])
@pytest.mark.parametrize("turn", [0, 1])
def test_a_fold_that_is_killed_doubles_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, turn: int
) -> None:
    """Wherever that happens, the sum is the same, and the next one finishes the work."""
    homes = {"unlink": Path, "replace": Path, "fsync": os}
    ended(tmp_path, 3)
    home = homes.get(step, folders)
    before = getattr(home, step)
    turns = iter(range(10))

    def killed(*given: object) -> object:
        if next(turns) == turn:
            os.kill(os.getpid(), signal.SIGKILL)
        result = before(*given)
        if step != "unlink" and turn:  # this time, right behind it
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    child = os.fork()
    if not child:
        monkeypatch.setattr(home, step, killed)
        fold(tmp_path)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    for _ in range(2):
        assert calls(tmp_path) == 6
    ended(tmp_path, 3)
    monkeypatch.setattr(folders, "FOLD_AT", 1)
    for _ in range(2):
        assert (calls(tmp_path), ledgers(tmp_path)) == (12, 0)


def test_a_reader_begins_again_if_files_are_folded_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has opened the file of the ended before, or looked for it, and the ledgers are gone."""
    ended(tmp_path, 2)
    listed = folders._ledgers
    turns = iter(range(10))

    def folding(folder: Path) -> list[str]:
        if (turn := next(turns)) in {0, 2}:
            ended(tmp_path, 1 + turn)
            fold(folder)
        return listed(folder)

    monkeypatch.setattr(folders, "_ledgers", folding)
    assert (calls(tmp_path), ledgers(tmp_path), next(turns)) == (2 * 6, 0, 6)


def test_a_fold_under_way_is_left_to_whoever_is_at_it(tmp_path: Path) -> None:
    """Nobody waits for it, and reading goes on."""
    here = os.open(tmp_path, os.O_RDONLY)
    ended(tmp_path, 2)
    fcntl.flock(here, fcntl.LOCK_EX)
    ended(tmp_path, 2)
    assert (calls(tmp_path), ledgers(tmp_path)) == (8, 4)
    os.close(here)
    assert (calls(tmp_path), ledgers(tmp_path)) == (8, 0)


def test_readers_and_restarting_workers_at_once_stay_exact(
    run_script: Callable[[str], str], tmp_path: Path
) -> None:
    """Two readers fold, a third process only looks; each sees the sum grow and never shrink."""
    told = run_script(
        f"""
        import os
        from hellokit import Snapshot
        from hellokit.metering import folder
        from hellokit.metering.sharing import SharedShards
        folder.FOLD_AT = 2
        FOLDER = {str(tmp_path)!r}
        def read(pipe):
            seen = 0
            while seen < 360:
                now = Snapshot.read(FOLDER).backends
                now = now["plain"].calls if now else 0
                assert seen <= now <= 360, (seen, now)
                seen = now
        def work(pipe):
            shard = SharedShards("plain", FOLDER).shard()
            for _ in range(10): shard.finish(1)
        def begin(what):
            child = os.fork()
            if not child:
                code = 1
                try:
                    what(None)
                    code = 0
                finally:
                    os._exit(code)
            return child
        readers = [begin(read) for _ in range(2)]
        codes = []
        for _ in range(12):
            workers = [begin(work) for _ in range(3)]
            codes += [os.waitpid(worker, 0)[1] for worker in workers]
        codes += [os.waitpid(reader, 0)[1] for reader in readers]
        print(set(codes), Snapshot.read(FOLDER).backends["plain"].calls)
        """
    )
    assert told == "{0} 360\n"


def test_a_file_deleted_before_its_process_could_lock_it_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To a fold it is the empty file of a process that has ended."""
    locked = ledger._locked
    turns = iter(range(10))

    def folded_before(file: int) -> bool:
        if next(turns) < 2:
            fold(tmp_path)
            assert ledgers(tmp_path) == 0
        return locked(file)

    monkeypatch.setattr(ledger, "_locked", folded_before)
    SharedShards("any", str(tmp_path)).shard().finish(1)
    assert (calls(tmp_path, "any"), ledgers(tmp_path), next(turns)) == (1, 1, 3)


def test_a_file_that_a_reader_looks_at_before_it_is_locked_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader holds a lock for a moment; nobody waits for it."""
    locked = ledger._locked
    looking: list[int] = []

    def looked_at(file: int) -> bool:
        if not looking:
            (path,) = tmp_path.iterdir()
            looking.append(os.open(path, os.O_RDONLY))
            fcntl.flock(looking[0], fcntl.LOCK_SH)
        return locked(file)

    monkeypatch.setattr(ledger, "_locked", looked_at)
    SharedShards("any", str(tmp_path)).shard().finish(1)
    os.close(looking[0])
    assert (calls(tmp_path, "any"), ledgers(tmp_path)) == (1, 1)


@pytest.mark.parametrize("name", ["hellokit.ledger", "other.ledger", "hellokit-1.txt", ".ledger"])
def test_files_of_others_are_left_alone(tmp_path: Path, name: str) -> None:
    """Whatever is in them."""
    (tmp_path / name).write_bytes(b"x" * 8192)
    (tmp_path / "hellokit").mkdir()
    ended(tmp_path, 3)
    assert calls(tmp_path) == 6
    assert (tmp_path / name).stat().st_size == 8192


@pytest.mark.parametrize("written", [b"hellok\xff\xff" + bytes(4088), b"x" * 4096])
def test_a_ledger_of_another_version_is_refused(tmp_path: Path, written: bytes) -> None:
    """The sum would be wrong without it, and the message says which file it is."""
    file = tmp_path / "hellokit-1-00.ledger"
    file.write_bytes(written)
    with pytest.raises(HellokitError, match=r"hellokit-1-00\.ledger cannot be read: another"):
        Snapshot.read(tmp_path)
    SharedShards("any", str(tmp_path)).shard().finish(1)
    file.unlink()
    assert calls(tmp_path, "any") == 1


def test_a_damaged_ledger_is_refused(tmp_path: Path) -> None:
    """The message says which file it is."""
    ended(tmp_path)
    (file,) = tmp_path.iterdir()
    written = bytearray(file.read_bytes())
    written[326 * 8 : 4096] = b"\xff" * (4096 - 326 * 8)
    file.write_bytes(written)
    with pytest.raises(HellokitError, match=rf"{file.name} cannot be read: it is damaged"):
        Snapshot.read(tmp_path)


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        ("", "damaged"),
        ("[]", "damaged"),
        ('{"layout": 1}', "damaged"),
        ('{"layout": 1, "ledgers": [], "backends": {"plain": {"calls": 1}}}', "damaged"),
        ('{"layout": 2}', "another version"),
    ],
)
def test_a_file_of_ended_processes_that_is_damaged_is_refused(
    tmp_path: Path, written: str, cause: str
) -> None:
    """The message says which file it is, and nothing is folded into it."""
    ended(tmp_path, 2)
    (tmp_path / ENDED).write_text(written, encoding="ascii")
    with pytest.raises(HellokitError, match=rf"{ENDED} cannot be read: .*{cause}"):
        Snapshot.read(tmp_path)
    ended(tmp_path, 2)
    assert (ledgers(tmp_path), (tmp_path / ENDED).read_text(encoding="ascii")) == (4, written)


def test_a_folder_that_is_missing_has_no_calls(tmp_path: Path) -> None:
    """Nobody has counted there yet."""
    assert Snapshot.read(tmp_path / "nowhere") == Snapshot()
    assert Snapshot.read(str(tmp_path)) == Snapshot()


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """The message names it, and the setting."""
    (tmp_path / "file").touch()
    with pytest.raises(HellokitError, match=r"file' cannot be read: .*metrics_dir"):
        Snapshot.read(tmp_path / "file")


def test_reading_goes_on_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that may not fold has the sum all the same."""

    def refuse(*_: object) -> None:
        raise PermissionError

    ended(tmp_path, 2)
    monkeypatch.setattr(folders, "_write", refuse)
    ended(tmp_path, 2)
    assert (calls(tmp_path), ledgers(tmp_path)) == (8, 4)


def test_threads_read_while_others_count(tmp_path: Path) -> None:
    """What a reader sees only grows."""
    kit = Kit(Settings(metrics_dir=tmp_path), discover=False)  # type: ignore[arg-type]  # any path
    kit.greet("Ada")
    threads = [
        threading.Thread(target=lambda: [kit.greet("Ada") for _ in range(2000)]) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    seen = [0]
    while any(thread.is_alive() for thread in threads):
        seen.append(calls(tmp_path, "plain"))
    assert seen == sorted(seen)
    assert calls(tmp_path, "plain") == 6001
