"""`hellokit leaks`, as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest
from site_folder import install

if TYPE_CHECKING:
    from pathlib import Path

SMALL = ("--calls", "600", "--way", "sync", "--settle", "0")


def typed(*words: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Return what came of `hellokit leaks` with these words."""
    return subprocess.run(
        [sys.executable, "-m", "hellokit", "leaks", *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | ({"PYTHONPATH": str(path)} if path else {}),
    )


BACKENDS = {
    "hoarder": """
        KEPT = []
        def hellokit_greet(request):
            KEPT.append([request])
            return 'Hello'
    """,
    "stopper": "def hellokit_greet(request): raise OSError('no paper')",
    "hanger": "import time\ndef hellokit_greet(request): time.sleep(3600)",
}


@pytest.fixture
def hoarder_path(tmp_path: Path) -> Path:
    """Install a backend that keeps what it is given, and return where."""
    install(tmp_path, BACKENDS)
    return tmp_path


def test_a_backend_without_a_leak_is_a_row_of_zeros() -> None:
    """It is said how small a leak would have been seen, and the exit code is 0."""
    done = typed("plain", *SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    assert "plain sync" in done.stdout
    assert "No leak seen in 1 of 1." in done.stdout
    assert "It would have been seen from these on: 1 object per " in done.stdout


def test_a_leak_is_told_with_its_line(hoarder_path: Path) -> None:
    """The exit code is 1; a backend that fails is told, and stops no other."""
    page = hoarder_path / "leaks.html"
    done = typed("stopper", "hoarder", *SMALL, "--html", str(page), path=hoarder_path)
    assert done.returncode == 1
    assert "hoarder sync leaks 2 objects a call" in done.stdout
    assert f"{hoarder_path / 'kind_hoarder.py'}:4: " in done.stdout
    assert "stopper sync failed: OSError: no paper" in done.stdout
    assert page.read_text().count("<svg") >= 3


def test_a_finding_in_json_has_all_readings(hoarder_path: Path) -> None:
    """Of each series the calls and the values, and what they come to."""
    done = typed("hoarder", *SMALL, "--json", path=hoarder_path)
    told = json.loads(done.stdout)
    (finding,) = told["findings"]
    assert (told["calls"], finding["name"], finding["verdict"]) == (600, "hoarder", "leaks")
    objects = finding["series"]["objects"]
    assert objects["calls"][-1] == 600
    assert len(objects["calls"]) == len(objects["values"])
    assert "cpu_count" in told["machine"]
    assert objects["growth"]["per_call"] == pytest.approx(2, rel=0.1)
    assert finding["lines"][0]["number"] == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--calls", "10"), "at least 64"),
        (("--rounds", "100"), "choose from 4, 5"),
        (("--settle", "-1"), "0 or more"),
        (("--way", "fax"), "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_called(
    words: tuple[str, ...], told: str
) -> None:
    """The message says what can be."""
    done = typed("plain", *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stdout == ""


def test_a_page_that_cannot_be_written_is_refused_before_anything_is_called(
    tmp_path: Path,
) -> None:
    """Nobody waits for results that would be lost."""
    done = typed("plain", "--html", str(tmp_path / "none" / "leaks.html"))
    assert done.returncode == 2
    assert "name a file in a folder that is there" in done.stderr
    assert done.stdout == ""


def test_a_backend_that_is_not_there_is_refused_before_anything_is_called() -> None:
    """The others are not called for nothing."""
    done = typed("plain", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no backend is named 'nobody'" in done.stderr


def test_a_backend_that_hangs_ends_after_the_time_limit(hoarder_path: Path) -> None:
    """No call is waited for longer than was asked for."""
    done = typed("hanger", *SMALL, "--time-limit", "0.8", path=hoarder_path)
    assert done.returncode == 1
    assert "hanger sync took longer than 0.8 s" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_an_interrupt_keeps_what_was_found(hoarder_path: Path) -> None:
    """What is missing is told, and the exit code is 130."""
    words = ("stopper", "plain", "--way", "sync", "--settle", "0.5")
    with subprocess.Popen(
        [sys.executable, "-m", "hellokit", "leaks", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(hoarder_path)},
    ) as process:
        while not any('"plain"' in each for each in commands_below(process.pid)):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        printed, told = process.communicate()
    assert process.returncode == 130
    assert "stopper sync failed: OSError: no paper" in printed
    assert told == "hellokit leaks: interrupted: not measured: plain sync\n"


def commands_below(pid: int) -> list[str]:
    """Return the command lines of a process's children."""
    found = []
    for child in psutil.Process(pid).children():
        with suppress(psutil.Error):  # it has ended meanwhile
            found.append(" ".join(child.cmdline()))
    return found
