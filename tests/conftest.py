"""What every test starts from: no settings from outside, and the same examples in CI."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import hypothesis
import pytest
from installed import Installed

import hellokit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HANG_S = 60
"""No script of the tests takes as long, unless it hangs."""

# A shell starts what it puts in the background with Control-C ignored, and that is inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)

FOREIGN = re.compile(r"(HELLOKIT_|PERF_).*|ENVIRONMENT|DEBUG|VERBOSE_LOGGING")

# Derandomized in CI: a failure there is then of the change, and the same for everybody.
# Failures are not explained: the tracer for that changes how generators end on 3.13.0.
PHASES = [phase for phase in hypothesis.Phase if phase is not hypothesis.Phase.explain]
hypothesis.settings.register_profile("here", deadline=None, max_examples=100, phases=PHASES)
hypothesis.settings.register_profile(
    "ci", deadline=None, max_examples=100, phases=PHASES, derandomize=True, database=None
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_report_header() -> str:
    """Say which hellokit is under test."""
    return f"hellokit: {next(iter(hellokit.__path__))}"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables that hellokit reads."""
    for name in filter(FOREIGN.fullmatch, list(os.environ)):
        monkeypatch.delenv(name)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    """Return a folder of distributions, on `sys.path` for one test."""
    monkeypatch.syspath_prepend(tmp_path)
    distributions = Installed(tmp_path)
    yield distributions
    distributions.forget()


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave processes alone: coverage imports modules, and its tracer can be interrupted."""
    for name in [name for name in os.environ if "COVERAGE" in name]:
        monkeypatch.delenv(name)


@pytest.fixture
def run_script(unmeasured: None) -> Callable[[str], str]:  # noqa: ARG001  # it is in force
    """Run a script in a fresh interpreter; it must end well, and quietly. Return its output."""

    def run(script: str) -> str:
        command = [sys.executable, "-W", "error::RuntimeWarning", "-c", textwrap.dedent(script)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_S, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run
