"""Whole processes: what they take, and the four programs that hellokit grew out of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from time import monotonic

import psutil
import pytest

from hellokit_bench import founding
from hellokit_bench.errors import SubjectError
from hellokit_bench.measuring.processes import MEASURABLE, sample
from hellokit_bench.measuring.programs import BARE, Program, programs

MB = 1_000_000
FOUNDING = Path(founding.__path__[0])

pytestmark = pytest.mark.skipif(not MEASURABLE, reason="the system does not tell what they used")


def run(folder: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of the four programs."""
    command = [sys.executable, str(FOUNDING / folder / "__main__.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def is_running(pid: int) -> bool:
    """Tell whether a process is there, and not only its entry in the system's table."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_memory_is_that_of_the_program_alone() -> None:
    """However much the one that measures holds; the system would count that as the child's."""
    ballast = bytearray(100 * MB)
    assert MB < sample(BARE, 60).peak < len(ballast) / 2
    holds = Program("holds", ("-c", "bytearray(100_000_000)"))
    assert sample(holds, 60).peak > 100 * MB


def test_the_time_is_from_start_to_end() -> None:
    """What the program waits for is in it."""
    assert sample(Program("waits", ("-c", "import time; time.sleep(0.05)")), 60).time_s >= 0.05


def test_every_program_can_be_measured() -> None:
    """The four, what succeeds each of them, and the command with a backend."""
    for program in [*programs([]), *programs(["cached+plain"])]:
        assert sample(program, 60).time_s > 0


def test_each_of_the_four_has_a_successor() -> None:
    """No row of the founding report's table is without its counterpart."""
    named = {each.name for each in programs([])}
    succeeded = {each.succeeds for each in programs([]) if each.succeeds}
    assert succeeded == {"original script", "optimized script", "async script", "simple function"}
    assert succeeded < named


def test_a_program_that_fails_says_why() -> None:
    """The message has the exit code, and the last line it wrote."""
    fails = Program("fails", ("-c", "import sys; print('no paper', file=sys.stderr); sys.exit(3)"))
    with pytest.raises(SubjectError, match=r"^fails failed, exit code 3: no paper$"):
        sample(fails, 60)


def test_what_a_program_writes_moves_no_terminal() -> None:
    """Escape sequences in its last line are written out."""
    fails = Program("fails", ("-c", r"import sys; sys.exit('no \x1b[31m paper')"))
    with pytest.raises(SubjectError, match=r": no \\x1b\[31m paper$"):
        sample(fails, 60)


def test_a_program_is_not_counted_among_what_others_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application's folder of metrics stays as it is."""
    monkeypatch.setenv("HELLOKIT_METRICS_DIR", str(tmp_path))
    sample(programs(["plain"])[-1], 60)
    assert list(tmp_path.iterdir()) == []


def test_what_a_program_leaves_running_is_ended(tmp_path: Path) -> None:
    """It does not live on behind the one that measures."""
    child = "import time; time.sleep(60)"
    script = (
        "import subprocess, sys; nowhere = subprocess.DEVNULL; "
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stderr=nowhere); "
        "open(sys.argv[1], 'w').write(str(child.pid))"
    )
    pid = tmp_path / "pid"
    sample(Program("leaves", ("-c", script, str(pid))), 60)
    deadline = monotonic() + 10
    while is_running(int(pid.read_text())):
        assert monotonic() < deadline


def test_a_program_that_hangs_is_killed(tmp_path: Path) -> None:
    """It does not live on behind the one that measures."""
    script = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
    pid = tmp_path / "pid"
    with pytest.raises(SubjectError, match=r"longer than 1\.5 s"):
        sample(Program("hangs", ("-c", script, str(pid))), 1.5)
    deadline = monotonic() + 10
    while is_running(int(pid.read_text())):
        assert monotonic() < deadline


def test_the_original_script_is_of_98_bytes_and_prints_a_message() -> None:
    """It does nothing else."""
    assert (FOUNDING / "original" / "__main__.py").stat().st_size == 98
    assert run("original").stdout == "Hello, World!\n"


def test_the_optimized_script_refuses_warns_and_profiles() -> None:
    """It has the exit codes and switches that the report tells of."""
    many = run("optimized", "--message", "Hi", "--repeat", "1001", "--benchmark")
    assert (many.stdout, many.returncode) == ("Hi\n" * 1001, 0)
    assert "WARNING 1001" in many.stderr
    assert "1001 in " in many.stderr
    assert "function calls" in run("optimized", "--profile").stderr
    assert run("optimized", "--repeat", "0").returncode == 1


def test_the_async_script_bounds_its_concurrency() -> None:
    """It greets in batches, and simulates the load of a thousand requests."""
    many = run("concurrent", "--count", "250", "--concurrent-limit", "5", "--message", "Hi")
    assert (many.stdout, many.returncode) == ("Hi\n" * 250, 0)
    web = run("concurrent", "--web-simulation", "--benchmark", "--concurrent-limit", "200")
    assert "1000 in " in web.stderr
    assert run("concurrent", "--concurrent-limit", "0").returncode == 1
