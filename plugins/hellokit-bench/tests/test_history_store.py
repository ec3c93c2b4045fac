"""The store of results: what is in it stays, whoever writes, and whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hellokit_bench import checkout
from hellokit_bench.errors import ResultsError
from hellokit_bench.history.store import APPLICATION, VERSION, History
from hellokit_bench.suite import Result, Suite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HERE = {"cpu_model_name": "one", "cpu_count": 2, "python_version": "3.11.7 (64-bit)"}
SUITE = Suite((Result("plain sync", ((1e-6, 2e-6, 9e-6), (3e-6,))),), HERE)
NEXT = Suite(SUITE.results, {**HERE, "date": "2126-01-02 03:04:05"})
VALUES = st.lists(st.lists(st.floats(1e-12, 1e12), min_size=1, max_size=4), min_size=1, max_size=4)

WRITER = """
import sys
from pathlib import Path
from hellokit_bench.history.store import History
from hellokit_bench.suite import Result, Suite
for run in range(25):
    suite = Suite(tuple(Result(f"{sys.argv[2]} {n}", ((1e-6 * (run + 1),),)) for n in range(3)))
    with History(Path(sys.argv[1])) as history:
        history.add(suite, revision=f"{sys.argv[2]}-{run}")
"""
KILLED = """
import os, signal, sys
from pathlib import Path
from hellokit_bench.history import store
with store.History(Path(sys.argv[1])) as history:
    with history._writing() as database:
        run = ("digest", 1.0, "half", None, "{}")
        into = "INSERT INTO run (digest, at, revision, hellokit, machine) VALUES (?,?,?,?,?)"
        database.execute(into, run)
        many = [(1, str(n), "second", 1, "[[1.0]]") for n in range(50_000)]
        database.executemany("INSERT INTO result VALUES (?,?,?,?,?)", many)
        os.kill(os.getpid(), signal.SIGKILL)
"""
FULL = """
import resource, sys
from pathlib import Path
from hellokit import HellokitError
from hellokit_bench.history.store import History
from hellokit_bench.suite import Result, Suite
most = Path(sys.argv[1]).stat().st_size + 4096
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    with History(Path(sys.argv[1])) as history:
        history.add(Suite((Result("large", ((1.0,) * 100_000,)),)))
except HellokitError as error:
    print(error)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a history may be made."""
    return tmp_path / "history.db"


def script(source: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a script of its own."""
    command = [sys.executable, "-c", source, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def names(path: Path) -> list[tuple[str, list[str | None]]]:
    """Return the series of a history, and the revisions of each."""
    with History(path) as history:
        return [(each.name, [point.revision for point in each.points]) for each in history.read()]


def test_what_was_added_is_read(path: Path) -> None:
    """Values of each process, revision and time come back as they were."""
    dated = {**HERE, "date": "2026-01-02 03:04:05.5", "hellokit_version": "0.1.0"}
    with History(path) as history:
        assert history.add(Suite(SUITE.results, dated), revision="abc") == 1
        assert history.add(Suite(SUITE.results, HERE), revision="def") == 2
        (series,) = history.read()
    assert (series.name, series.unit, series.machine) == (
        *("plain sync", "second", "one, 2 cores, 3.11.7 (64-bit)"),
    )
    first, second = series.points
    assert (first.run, first.revision, first.hellokit) == (1, "abc", "0.1.0")
    assert first.processes == SUITE.results[0].processes
    assert first.value == SUITE.results[0].value == pytest.approx(2.5e-6)
    assert (second.revision, second.hellokit) == ("def", None)
    assert first.at < second.at


def test_the_same_results_are_refused(path: Path) -> None:
    """Twice counted they would weigh twice; the message says which run they are."""
    with History(path) as history:
        history.add(SUITE, revision="abc")
        history.add(NEXT, revision="abc")
        with pytest.raises(ResultsError, match="has these very results already, as run 1 of abc"):
            history.add(SUITE, revision="def")
    assert names(path) == [("plain sync", ["abc", "abc"])]


@settings(max_examples=25)
@given(VALUES)
def test_values_are_kept_to_the_last_digit(
    tmp_path_factory: pytest.TempPathFactory, values: list[list[float]]
) -> None:
    """No value is rounded."""
    processes = tuple(map(tuple, values))
    with History(tmp_path_factory.mktemp("kept") / "history.db") as history:
        history.add(Suite((Result("x", processes),)), revision="")
        assert history.read()[0].points[0].processes == processes


def test_the_revision_is_the_one_that_is_checked_out(path: Path) -> None:
    """Unless another is said."""
    with History(path) as history:
        history.add(SUITE)
        assert history.read()[0].points[0].revision == checkout.described()


def test_machines_have_series_of_their_own(path: Path) -> None:
    """Another processor or Python is another series; another kernel is not."""
    with History(path) as history:
        for change in (
            {},
            {"platform": "next"},
            {"cpu_model_name": "two"},
            {"python_version": "3"},
        ):
            history.add(Suite(SUITE.results, {**HERE, **change}), revision="")
        assert sorted(len(each.points) for each in history.read()) == [1, 1, 2]


def test_two_processes_write_at_once(path: Path) -> None:
    """Both make the file if there is none, and neither loses a run."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in ("a", "b")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert names(path) == [
        (f"{name} {n}", [f"{name}-{run}" for run in range(25)]) for name in "ab" for n in range(3)
    ]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no such end")
def test_a_run_that_was_killed_leaves_nothing(path: Path) -> None:
    """The runs before it are there, and the next may be added."""
    with History(path) as history:
        history.add(SUITE, revision="whole")
    assert script(KILLED, path).returncode == -signal.SIGKILL
    assert names(path) == [("plain sync", ["whole"])]
    with History(path) as history:
        history.add(NEXT, revision="next")
    assert names(path) == [("plain sync", ["whole", "next"])]


@pytest.mark.skipif(os.name == "nt", reason="this system has no limit for files")
def test_a_full_disk_is_told_and_changes_nothing(path: Path) -> None:
    """The message says what to look at; the runs before are there."""
    with History(path) as history:
        history.add(SUITE, revision="before")
    done = script(FULL, path)
    assert f"the history {str(path)!r} cannot be used: " in done.stdout, done.stderr
    assert "See whether the disk is full" in done.stdout
    assert names(path) == [("plain sync", ["before"])]


def damaged(path: Path) -> None:
    """Write a history, and noise into the middle of it."""
    with History(path) as history:
        for run in range(40):
            history.add(Suite((Result("x", ((1.0 + run,) * 200,)),)), revision="")
    content = bytearray(path.read_bytes())
    content[5000:30000] = os.urandom(25000)
    path.write_bytes(content)


def foreign(path: Path) -> None:
    """Write a database of somebody else."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE run (id)")
    database.close()


def newer(path: Path) -> None:
    """Write a history as a later version may make it."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE tomorrow (id)")
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    database.close()


def marked(path: Path) -> None:
    """Write a history that has nothing in it but its marks."""
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute(f"PRAGMA user_version = {VERSION}")
    database.close()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.write_text("once upon a time" * 100), "is no history of hellokit-bench"),
        (lambda path: path.write_bytes(b"\0"), "is no history of hellokit-bench"),
        (lambda path: path.write_bytes(b"SQLite format 3\0and so on"), "is no history of"),
        (foreign, "is no history of hellokit-bench: name another file"),
        (newer, f"has version {VERSION + 1} of the schema, and this hellokit-bench knows"),
        (damaged, "it was not changed"),
    ],
)
def test_what_is_no_history_is_refused_and_left_as_it_is(
    path: Path, make: Callable[[Path], object], told: str
) -> None:
    """Neither another file nor a damaged or newer history is written to."""
    make(path)
    before = path.read_bytes()
    with pytest.raises(ResultsError, match=told) as refused, History(path):
        pass
    assert repr(str(path)) in str(refused.value)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_history_without_its_tables_is_told(path: Path) -> None:
    """It is opened, but neither read nor written."""
    marked(path)
    with History(path) as history:
        with pytest.raises(ResultsError, match="no such table"):
            history.read()
        with pytest.raises(ResultsError, match="nothing was changed"):
            history.add(SUITE, revision="")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """No folder is made."""
    path = tmp_path / "nowhere" / "history.db"
    with pytest.raises(ResultsError, match="unable to open database file"), History(path):
        pass
    assert not path.parent.exists()


def test_an_empty_file_becomes_a_history(path: Path) -> None:
    """There is nothing in it that could be lost."""
    path.touch()
    assert names(path) == []
    with History(path) as history:
        history.add(SUITE, revision="first")
    assert names(path) == [("plain sync", ["first"])]


def test_a_run_with_two_results_of_one_name_is_refused_as_a_whole(path: Path) -> None:
    """Nothing of it is kept."""
    with History(path) as history:
        with pytest.raises(ResultsError, match="UNIQUE"):
            history.add(Suite(SUITE.results * 2), revision="")
        assert history.read() == []
