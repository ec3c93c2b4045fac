"""`hellokit bench gate`: passes while calls do what they did, and fails when they do not."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from site_folder import install

from hellokit_bench.gating.baseline import this_python

LEAN = "def hellokit_greet(request): return f'Hello, {len(request.names)}'"
FAT = LEAN.replace("{len", "{+len")
RAISES = "def hellokit_greet(request): raise OSError('no paper')"
HANGS = """
import time, pathlib
def hellokit_greet(request):
    pathlib.Path({marker!r}).touch()
    time.sleep(3600)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder: that of a project that installs the backend `mine`."""
    install(tmp_path, {"mine": LEAN, "other": RAISES}, "gated")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # sources change within a second here
    return tmp_path


def gate(*given: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "hellokit", "bench", "gate", *given]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read() -> dict[str, Any]:
    """Return what the baseline holds."""
    whole: dict[str, Any] = json.loads(Path("work.json").read_text(encoding="utf-8"))
    return whole


def write(**work: dict[str, dict[str, int]]) -> dict[str, Any]:
    """Write a baseline with the work of each Python, made with an old pluggy, and return it."""
    whole = {
        python: {"calls": 64, "made_with": {"pluggy": "0.9"}, "work": each}
        for python, each in work.items()
    }
    Path("work.json").write_text(json.dumps(whole), encoding="utf-8")
    return whole


def accept() -> dict[str, Any]:
    """Make the baseline of `mine`, and return what the file holds."""
    done = gate("mine", "--way", "sync", "--baseline", "work.json", "--update")
    assert (done.returncode, done.stderr) == (0, "")
    return read()


def test_a_gate_passes_until_a_bytecode_is_added(project: Path) -> None:
    """One bytecode fails it, and what was accepted stays."""
    accept()
    written = (project / "work.json").read_bytes()
    passed = gate("--baseline", "work.json")
    assert (passed.returncode, passed.stderr) == (0, "")
    (project / "gated_mine.py").write_text(FAT)
    failed = gate("--baseline", "work.json")
    assert failed.returncode == 1
    assert "+1 bytecodes\n" in failed.stdout
    assert "more work: mine sync; if it is meant, run with --update\n" in failed.stdout
    assert (project / "work.json").read_bytes() == written


@pytest.mark.usefixtures("project")
def test_an_update_keeps_what_it_does_not_count() -> None:
    """Other Pythons' numbers and other subjects' stay."""
    mine = {"mine bulk": {"bytecodes": 1}, "mine sync": {"bytecodes": 1}}
    whole = write(**{this_python(): mine, "cpython-3.99": {"far sync": {"bytecodes": 2}}})
    after = accept()
    assert after["cpython-3.99"] == whole["cpython-3.99"]
    assert after[this_python()]["work"]["mine bulk"] == {"bytecodes": 1}
    assert after[this_python()]["work"]["mine sync"]["bytecodes"] > 64


@pytest.mark.usefixtures("project")
def test_a_python_without_a_baseline_is_told_how_to_make_one() -> None:
    """The command to run is in the message; the subjects are those of the other Pythons."""
    missing = gate("--baseline", "work.json")
    assert missing.returncode == 1
    remedy = "make it with `hellokit bench gate --baseline work.json --update`"
    assert f"there is no baseline of {this_python()} in 'work.json': {remedy}" in missing.stderr
    write(**{"cpython-3.99": {"mine sync": {"bytecodes": 2}}})
    assert remedy in gate("--baseline", "work.json").stderr
    given = ("mine", "other", "--way", "sync", "--way", "bulk", "--baseline", "work.json")
    assert f"`hellokit bench gate {' '.join(given)} --update`" in gate(*given).stderr
    made = gate("--baseline", "work.json", "--update")
    assert made.returncode == 0
    assert list(read()[this_python()]["work"]) == ["mine sync"]


@pytest.mark.parametrize("more", [[], ["--update"]])
def test_a_corrupt_baseline_is_neither_used_nor_overwritten(more: list[str], project: Path) -> None:
    """The message names the file."""
    (project / "work.json").write_text("{")
    done = gate("mine", "--baseline", "work.json", *more)
    assert (done.returncode, done.stdout) == (1, "")
    assert "'work.json' holds no baseline that can be read" in done.stderr
    assert (project / "work.json").read_text() == "{"


@pytest.mark.usefixtures("project")
def test_another_version_is_named_as_a_possible_cause() -> None:
    """It is told beside what differs."""
    write(**{this_python(): {"mine sync": {"bytecodes": 2}}})
    shown = gate("--baseline", "work.json").stdout
    assert re.search("this alone may be why: .*; pluggy 0.9 then, ", shown)


def test_json_has_counts_baseline_and_difference(project: Path) -> None:
    """Programs read what the table shows; sums, not means."""
    whole = accept()
    (project / "gated_mine.py").write_text(FAT)
    done = gate("mine", "other", "--way", "sync", "--baseline", "work.json", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["python"], told["calls"]) == (this_python(), 64)
    mine, other = told["subjects"]
    assert mine["baseline"] == whole[this_python()]["work"]["mine sync"]
    assert mine["counts"]["bytecodes"] == mine["baseline"]["bytecodes"] + 64
    assert (mine["difference"], mine["verdict"]) == ({"bytecodes": 64}, "more work")
    assert (other["counts"], other["verdict"]) == ({}, "failed")
    assert "no paper" in other["reason"]


def test_without_a_baseline_counts_are_shown(project: Path) -> None:
    """Nothing is judged, but what fails is told."""
    done = gate("mine", "--way", "sync")
    assert (done.returncode, done.stderr) == (0, "")
    assert "mine sync" in done.stdout
    failed = gate("other", "--way", "sync")
    assert failed.returncode == 1
    assert "other sync failed: OSError: no paper" in failed.stdout
    assert list(project.glob("*.json")) == []


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        (["--update"], 2, "--update has no file to write to: name one with --baseline"),
        (["--baseline", "none/work.json", "--update"], 2, "cannot be written: name a file"),
        (["--way", "fast"], 2, "invalid choice: 'fast'"),
        (["--baseline"], 2, "expected one argument"),
        (["nobody"], 1, "no backend is named 'nobody'"),
    ],
)
def test_wrong_usage_is_told(given: list[str], code: int, told: str) -> None:
    """Nothing is counted then."""
    done = gate(*given)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr


def test_a_backend_that_hangs_ends_after_the_time_limit(project: Path) -> None:
    """It has failed then, and the message says why."""
    (project / "gated_other.py").write_text(HANGS.format(marker=str(project / "hangs")))
    done = gate("other", "--way", "sync", "--time-limit", "0.8")
    assert done.returncode == 1
    assert "other sync took longer than 0.8 s" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="no interrupt can be sent there")
def test_an_interrupt_keeps_what_was_counted(project: Path) -> None:
    """It is shown and written, and what is missing is said."""
    marker = project / "hangs"
    (project / "gated_other.py").write_text(HANGS.format(marker=str(marker)))
    given = ["mine", "other", "--way", "sync", "--baseline", "work.json", "--update"]
    command = [sys.executable, "-m", "hellokit", "bench", "gate", *given]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as running:
        while not marker.exists() and running.poll() is None:
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        shown, told = running.communicate()
    assert running.returncode == 130
    assert "mine sync" in shown
    assert told == "hellokit bench gate: interrupted: 1 of 2 were not counted\n"
    assert list(read()[this_python()]["work"]) == ["mine sync"]
