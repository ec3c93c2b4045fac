"""Whole processes: how long they take from start to end, and the most memory they hold."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import attrs

from hellokit_bench.errors import SubjectError
from hellokit_bench.reporting.printable import printable
from hellokit_bench.suite import Result
from hellokit_bench.worker import UNSHARED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hellokit_bench.measuring.programs import Program

MEASURABLE = hasattr(os, "wait4") and hasattr(os, "posix_spawn")
"""Whether the system tells what a process used; Windows does not."""

# A child's peak starts from what its parent holds at that moment (Linux keeps it across `exec`),
# so the parent is an interpreter that holds less than any other, and not this process.
_LAUNCH = """
import os, sys
from time import perf_counter
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
began = perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, used = os.wait4(child, 0)
print(perf_counter() - began, used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@attrs.frozen
class Sample:
    """What one process took.

    Attributes:
        time_s: from its start to its end, in seconds.
        peak: the most it held in physical memory, in bytes.
    """

    time_s: float
    peak: int


def sample(program: Program, time_limit_s: float) -> Sample:
    """Run a program in a fresh process.

    Args:
        program: what to run.
        time_limit_s: how long it may take, in seconds.

    Raises:
        SubjectError: if it failed, or took too long.
    """
    python = [sys.executable, "-P", *program.arguments]
    with subprocess.Popen(  # noqa: S603  # our own programs, by our own Python
        [sys.executable, "-I", "-S", "-c", _LAUNCH, *python],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # an interrupt is for the one that measures
        env={**os.environ, **UNSHARED},
        text=True,
        errors="backslashreplace",
    ) as launcher:
        try:
            told, complaints = launcher.communicate(timeout=time_limit_s)
        except subprocess.TimeoutExpired:
            raise SubjectError(
                f"{program.name} took longer than {time_limit_s:g} s: "
                "give it more time with --time-limit, or see why it hangs"
            ) from None
        finally:
            _kill(launcher)
    return _read(program, told, complaints)


def time(program: Program, samples: Sequence[Sample]) -> Result:
    """Return how long the program takes, as its samples have it."""
    return Result(program.name, tuple((each.time_s,) for each in samples))


def memory(program: Program, samples: Sequence[Sample]) -> Result:
    """Return the most memory that the program holds, as its samples have it."""
    return Result(f"{program.name} memory", tuple((each.peak,) for each in samples), unit="byte")


def _kill(launcher: subprocess.Popen[str]) -> None:
    """End the launcher and what it started."""
    from signal import SIGKILL

    with suppress(OSError):  # all have ended
        os.killpg(launcher.pid, SIGKILL)


def _read(program: Program, told: str, complaints: str) -> Sample:
    time_s, peak, code = told.split() if told else ("0", "0", "no exit code")
    if code != "0":
        last = printable(complaints.strip().rpartition("\n")[2])
        raise SubjectError(f"{program.name} failed, exit code {code}: {last}")
    return Sample(float(time_s), int(peak) * _MAXRSS_UNIT)
