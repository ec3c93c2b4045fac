"""What the tests of this plugin start from: no settings from outside, and Prometheus's programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "support"))

from prometheus_server import Watched, serving  # noqa: E402  # it is found now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOREIGN = re.compile(r"(HELLOKIT_|PERF_).*|ENVIRONMENT|DEBUG|VERBOSE_LOGGING")
UNPACKED = HERE.parents[2] / "build" / "debian" / "usr" / "bin"
HANG_S = 60
"""No script of the tests takes as long, unless it hangs."""


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables that hellokit and this plugin read."""
    for name in filter(FOREIGN.fullmatch, list(os.environ)):
        monkeypatch.delenv(name)


@pytest.fixture
def run_script(tmp_path: Path) -> Callable[..., str]:
    """Run a script in a fresh interpreter; it must end well, and quietly. Return its output."""

    def run(script: str, **variables: str) -> str:
        command = [sys.executable, "-W", "error::RuntimeWarning", "-c", textwrap.dedent(script)]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
            cwd=tmp_path,
            env={**os.environ, **variables},
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return run


def found(name: str) -> str | None:
    """Return the path of one of Prometheus's programs, if it is there."""
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], str(UNPACKED)]))


def program(name: str) -> str:
    """Return the path of one of Prometheus's programs, which has to be there."""
    path = found(name)
    if path is None:
        pytest.fail(
            f"these tests need Prometheus's program {name!r}, which is neither on PATH nor in "
            f"{UNPACKED}: run `nox -s debian`, or install Prometheus 2.42 or later",
            pytrace=False,
        )
    return path


@pytest.fixture(scope="session")
def promtool() -> Callable[..., str]:
    """Run promtool, which must be content; return its output."""
    path = program("promtool")

    def run(*arguments: str | Path, given: str | None = None) -> str:
        done = subprocess.run(
            [path, *map(str, arguments)],
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=HANG_S,
            check=False,
        )
        told = done.stdout + done.stderr
        assert done.returncode == 0, told
        return told

    return run


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Return a kit that a real Prometheus server scrapes, with its alert rules."""
    path = program("prometheus")
    with (
        Watched() as watched,
        serving(path, tmp_path_factory.mktemp("prometheus"), watched) as server,
    ):
        watched.server = server
        yield watched


@pytest.fixture(scope="session", autouse=True)
def early(request: pytest.FixtureRequest) -> None:
    """Start the server before the first test: it takes 5 s to find what to scrape."""
    wanted = any("watched" in getattr(each, "fixturenames", ()) for each in request.session.items)
    if wanted and found("prometheus"):
        request.getfixturevalue("watched")
