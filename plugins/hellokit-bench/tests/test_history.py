"""`hellokit bench history`, as users run it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hellokit_bench.history.store import History
from hellokit_bench.suite import Result, Suite

if TYPE_CHECKING:
    from pathlib import Path

HERE = {"cpu_model_name": "one", "python_version": "3.11.7 (64-bit)", "date": "2026-01-02 03:04:05"}
ELSEWHERE = {**HERE, "cpu_model_name": "two"}


def suite(machine: dict[str, str], seconds: float, name: str = "plain sync", run: int = 0) -> Suite:
    """Return made-up results, measured some minutes after the first."""
    machine = {**machine, "date": f"2026-01-02 03:{run:02}:05"}
    processes = tuple((seconds * (1 + n / 1000),) for n in range(3))
    return Suite((Result(name, processes), Result("import", ((2e6,),), unit="byte")), machine)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a history: 40 runs on one machine, slower from run 26 on, and one on another."""
    path = tmp_path / "history.db"
    with History(path) as history:
        for run in range(40):
            slower = 1.1 if run >= 25 else 1.0
            history.add(suite(HERE, 1e-6 * slower, run=run), revision=f"commit{run + 1}")
        history.add(suite(ELSEWHERE, 3e-6, "[red] sync"), revision="")
    return path


def history(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "hellokit", "bench", "history", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_changes_are_told_by_machine(path: Path, tmp_path: Path) -> None:
    """Each machine has a table, each subject a row and on the page a picture."""
    page = tmp_path / "page.html"
    done = history(path, "--html", page)
    assert (done.returncode, done.stderr) == (0, "")
    words = [line.split() for line in done.stdout.splitlines() if not line.startswith("\u2500")]
    assert words[0] == ["one,", "3.11.7", "(64-bit)"]
    assert words[1] == ["subject", "runs", "last", "revision", "date", "changes"]
    assert words[2] == ["import", "40", "2", "MB", "commit40", "2026-01-02", "03:39", "none"]
    assert words[3][:8] == ["plain", "sync", "40", "1.1", "us", "commit40", "2026-01-02", "03:39"]
    assert words[3][8:15] == ["+10.0", "%", "at", "run", "26", "of", "commit26,"]
    assert words[4] == ["two,", "3.11.7", "(64-bit)"]
    assert words[6] == ["[red]", "sync", "1", "3", "us", "-", "2026-01-02", "03:00", "none"]
    text = page.read_text()
    assert text.count("</svg>") == 4
    assert text.count("<table>") == 3, "one for each machine, and one of how it was measured"
    assert "<h2>two, 3.11.7 (64-bit)</h2>" in text
    assert '<th scope="col">revision</th><th scope="col">date</th>' in text


def test_json_has_every_value_and_change(path: Path) -> None:
    """Each series has its machine, its points and where it changed."""
    told = json.loads(history(path, "--json").stdout)
    assert [(each["name"], each["unit"], len(each["points"])) for each in told] == [
        ("import", "byte", 40),
        ("plain sync", "second", 40),
        ("[red] sync", "second", 1),
        ("import", "byte", 1),
    ]
    (change,) = told[1]["changes"]
    assert (change["run"], change["revision"]) == (26, "commit26")
    assert change["effect"] == pytest.approx(0.1)
    assert len(told[1]["points"][0]["processes"]) == 3


def test_a_file_of_results_is_added(tmp_path: Path) -> None:
    """It begins the history if there is none, and is dated as it was measured."""
    path, file = tmp_path / "history.db", tmp_path / "results.json"
    file.write_text(suite(HERE, 1e-6).dumps())
    assert history(path, "--add", file, "--revision", "v1").returncode == 0
    file.write_text(suite(HERE, 1e-6, run=1).dumps())
    told = json.loads(history(path, "--add", file, "--revision", "v2", "--json").stdout)
    assert [point["revision"] for point in told[1]["points"]] == ["v1", "v2"]
    with History(path) as stored:
        assert stored.read()[1].points[0].processes == suite(HERE, 1e-6).results[0].processes


def test_results_are_added_once(tmp_path: Path) -> None:
    """The same file again is the same measurement, whatever revision it is said to be of."""
    path, file = tmp_path / "history.db", tmp_path / "results.json"
    file.write_text(suite(HERE, 1e-6).dumps())
    assert history(path, "--add", file, "--revision", "v1").returncode == 0
    before = path.read_bytes()
    done = history(path, "--add", file, "--revision", "v2")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{str(path)!r} has these very results already, as run 1 of v1," in done.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("page", ["nowhere/x.html", "."])
def test_a_page_that_cannot_be_written_adds_nothing(tmp_path: Path, page: str) -> None:
    """It is wrong usage, and refused first."""
    path, file = tmp_path / "history.db", tmp_path / "results.json"
    file.write_text(suite(HERE, 1e-6).dumps())
    done = history(path, "--add", file, "--html", page)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{page!r} cannot be written" in done.stderr
    assert not path.exists()


def test_a_history_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    """With how to begin one."""
    path = tmp_path / "history.db"
    done = history(path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "begin one with `hellokit bench --save FILE`" in done.stderr
    assert not path.exists()


def test_a_history_without_runs_is_told(tmp_path: Path) -> None:
    """It is there as soon as something was to be added."""
    path = tmp_path / "history.db"
    with History(path):
        pass
    done = history(path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"There are no runs in {str(path)!r} yet.\n"


def test_results_that_cannot_be_read_are_not_added(tmp_path: Path) -> None:
    """No history is begun with them."""
    path, file = tmp_path / "history.db", tmp_path / "results.json"
    file.write_text("[]")
    done = history(path, "--add", file)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{str(file)!r} is no file of results" in done.stderr
    assert not path.exists()


def test_a_file_that_is_no_history_is_told(tmp_path: Path) -> None:
    """It is left as it is, also when something is to be added."""
    path, file = tmp_path / "notes.txt", tmp_path / "results.json"
    path.write_text("to do")
    file.write_text(suite(HERE, 1e-6).dumps())
    for arguments in ([path], [path, "--add", file]):
        done = history(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert (
            "is no history of hellokit-bench: name another file; it was not changed" in done.stderr
        )
    assert path.read_text() == "to do"


def test_a_revision_without_results_is_told(path: Path) -> None:
    """It would be left out silently."""
    done = history(path, "--revision", "v1")
    assert done.returncode == 2
    assert "--revision is that of --add" in done.stderr
