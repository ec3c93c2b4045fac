"""The command `hellokit bench`, as it is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from site_folder import install

from hellokit import Histogram
from hellokit_bench.history.store import History
from hellokit_bench.measuring.calls import Plan, sample
from hellokit_bench.subject import Subject
from hellokit_bench.suite import Suite

TINY = ("--processes", "1", "--values", "1", "--min-time", "0.00001")
# A shell that runs these tests in the background has them ignore interrupts.
MAIN = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('hellokit', run_name='__main__', alter_sys=True)"
)
BROKEN = "def hellokit_greet(request): raise OSError('no \\x1b[31m paper')"
INTERRUPTS = """
import os, signal
with open(os.environ["STARTED"], "a") as started:
    started.write(".")
    if started.tell() == 2:
        os.kill(os.getppid(), signal.SIGINT)
def hellokit_greet(request): return "Hello"
"""


def bench(
    *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-c", MAIN, "bench", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **(environment or {})},
    )


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which the backends `broken` and `interrupts` are installed."""
    install(tmp_path, {"broken": BROKEN, "interrupts": INTERRUPTS})
    return {"PYTHONPATH": str(tmp_path), "STARTED": str(tmp_path / "started")}


def test_one_that_fails_does_not_stop_the_others(installed: dict[str, str], tmp_path: Path) -> None:
    """It is a row with its reason, harmless to a terminal; the page has it too."""
    page = tmp_path / "page.html"
    names = ("cached+plain", "broken", "--html", page)
    done = bench(*names, "--way", "sync", *TINY, environment=installed)
    assert done.returncode == 1
    told = " ".join(done.stdout.split())
    assert "broken sync failed - - - - -" in told
    assert r"broken sync failed: OSError: no \x1b[31m paper" in told
    assert "\x1b" not in done.stdout + done.stderr
    assert "A sync call of cached+plain takes" in told
    assert {"f-string", "function", "pluggy"} <= set(done.stdout.split())
    assert page.read_text().count("<svg") == 3


def test_an_interrupt_keeps_the_finished_rounds(installed: dict[str, str]) -> None:
    """They are told, and how many are missing."""
    done = bench("interrupts", "--way", "sync", *TINY, "--processes", "5", environment=installed)
    assert done.returncode == 130
    assert "There was one round" in done.stdout
    assert done.stderr == ("hellokit bench: interrupted: 4 of 5 rounds of calls are missing\n")


def test_what_is_left_of_an_interrupted_run_goes_into_no_history(
    installed: dict[str, str], tmp_path: Path
) -> None:
    """There it would pass for a whole one; that it is not kept is told."""
    save = tmp_path / "history.db"
    given = ("interrupts", "--way", "sync", *TINY, "--processes", "5", "--save", save)
    done = bench(*given, environment=installed)
    assert done.returncode == 130
    assert "There was one round" in done.stdout
    assert done.stderr.splitlines() == [
        "hellokit bench: interrupted: 4 of 5 rounds of calls are missing",
        f"hellokit bench: nothing was added to {str(save)!r}, which keeps whole runs only",
    ]
    with History(save) as history:
        assert history.read() == []


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, int]:
    """Return where a run's JSON and history are, its complaints and its exit code.

    The run has a threshold that every call exceeds.
    """
    folder = tmp_path_factory.mktemp("saved")
    given = ("plain", "--json", "--save", folder / "history.db", "--fail-over", *TINY)
    done = bench(*given, environment={"PERF_TIME_THRESHOLD": "1e-9"})
    (folder / "suite.json").write_text(done.stdout)
    return folder, done.stderr, done.returncode


def test_json_is_a_suite_and_goes_into_the_history(saved: tuple[Path, str, int]) -> None:
    """All ways are measured if none is asked for, with what the kit has timed."""
    folder, _, _ = saved
    suite = Suite.load(folder / "suite.json")
    for way in ("sync", "async", "bulk"):
        assert suite[f"plain {way}"].value > 0
        duration = suite[f"plain {way}"].duration
        assert duration is not None
        assert duration.count == suite[f"plain {way}"].calls
        assert suite[f"plain {way} memory"].unit == "byte"
    assert suite["f-string"].duration is None
    with History(folder / "history.db") as history:
        assert {each.name for each in history.read()} == {each.name for each in suite.results}


def test_a_threshold_decides_on_the_exit_code(saved: tuple[Path, str, int]) -> None:
    """It is that of the settings, and the message has both numbers."""
    _, complaints, code = saved
    assert code == 1
    assert "hellokit bench: plain sync: p99 is" in complaints
    assert "over time_threshold_s = 1e-09" in complaints


def test_whole_processes_are_measured_by_themselves(
    installed: dict[str, str], tmp_path: Path
) -> None:
    """With names, the command greets through each; one that fails does not stop the others."""
    page = tmp_path / "page.html"
    only = ("--only", "processes", "--markdown", "--html", page)
    done = bench("plain", "broken", *only, *TINY, environment=installed)
    assert done.returncode == 1
    assert "| hellokit greet --backend plain | " in done.stdout
    assert "| hellokit greet --backend broken | failed | " in done.stdout
    assert "no &#92;x1b&#91;31m paper" in done.stdout
    assert "## Calls" not in done.stdout
    assert page.read_text().count("<svg") == 2


def test_settings_that_count_only_leave_the_quantile_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kit did not time is no number, and the time of a block is there all the same."""
    monkeypatch.setenv("HELLOKIT_METRICS", "off")
    taken = sample(Subject("plain"), Plan(values=2, shortest_s=1e-5))
    assert taken.duration == Histogram()
    assert len(taken.values) == 2


@pytest.mark.parametrize("metrics", ["off", "count"])
def test_a_threshold_of_what_is_not_timed_is_refused(metrics: str) -> None:
    """It would never be exceeded."""
    done = bench("plain", "--fail-over", environment={"HELLOKIT_METRICS": metrics})
    assert (done.returncode, done.stdout) == (2, "")
    assert "--fail-over goes by the p99 of calls" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no such device")
def test_a_page_that_cannot_be_written_loses_no_results(tmp_path: Path) -> None:
    """They are kept in the history all the same."""
    save = tmp_path / "history.db"
    done = bench("plain", "--way", "sync", "--html", "/dev/full", "--save", save, *TINY)
    assert done.returncode == 1
    assert "the page cannot be written to '/dev/full'" in done.stderr
    with History(save) as history:
        assert "plain sync" in {each.name for each in history.read()}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--processes", "0"), 2, "argument --processes: use a whole number, at least 1"),
        (("--min-time", "0"), 2, "argument --min-time: use a number above 0"),
        (("--way", "up"), 2, "argument --way: invalid choice"),
        (("--json", "--markdown"), 2, "--json and --markdown both print"),
        (("--html", "nowhere/page.html"), 2, "'nowhere/page.html' cannot be written"),
        (("--save", "."), 2, "'.' cannot be written"),
        (("--html", "."), 2, "'.' cannot be written"),
        (("--fail-over", "--only", "processes"), 2, "--fail-over goes by the p99 of calls"),
        (("--save", __file__), 1, "test_bench_command.py"),
    ],
)
def test_what_cannot_be_done_is_refused_first(
    arguments: tuple[str, ...], code: int, told: str
) -> None:
    """Nothing is measured before."""
    done = bench("plain", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
