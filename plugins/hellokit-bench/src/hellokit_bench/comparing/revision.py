"""Revisions: an older state of this checkout, built into a folder that goes first on the path."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import attrs

from hellokit_bench import checkout
from hellokit_bench.comparing.pairs import Side
from hellokit_bench.errors import ComparisonError
from hellokit_bench.worker import TIME_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec

    from hellokit_bench.subject import Opened, Subject

SHOWN = 10


@attrs.frozen
class Revision:
    """A project at a revision, built.

    Attributes:
        project: the name of its distribution, such as `hellokit`.
        commit: the first characters of the commit.
        folder: where it is installed, without what it depends on.
    """

    project: str
    commit: str
    folder: Path

    @property
    def path(self) -> list[str]:
        """Where a process finds it, and all else as this one does."""
        return [str(self.folder), *sys.path]

    def side(self, subject: Subject, time_limit_s: float = TIME_LIMIT_S) -> Side:
        """Return a subject at this revision.

        Args:
            subject: what is called.
            time_limit_s: how long its process may take to open it, in seconds.

        Raises:
            ComparisonError: if Python would take another state of it, or nothing of it at all.
            SubjectError: if it cannot be opened there.
        """
        side = Side(f"{subject.label} at {self.commit}", subject, self.path)
        with side.worker(time_limit_s) as worker:
            wrong = worker.call(elsewhere, str(self.folder))
            used = subject.way != "peer" and worker.call(uses, str(self.folder))
        if wrong:
            raise ComparisonError(
                f"{self.project} at {self.commit} was built, but Python takes {', '.join(wrong)} "
                "from elsewhere: install the project without a finder of its own, then try again"
            )
        if not used:
            raise ComparisonError(
                f"nothing that {subject.name!r} runs comes from this checkout, which is of "
                f"{self.project}: name a backend of it, or go to the checkout of that one"
            )
        return side


@contextmanager
def built(revision: str) -> Iterator[Revision]:
    """Build the project of this checkout as it was at a revision.

    Args:
        revision: whatever Git takes for one.

    Yields:
        What was built; it is removed in the end.

    Raises:
        ComparisonError: if there is no such revision, or if it cannot be built.
    """
    commit = checkout.resolved(revision)
    with TemporaryDirectory(prefix="hellokit-bench-") as made:
        source, folder = Path(made, "source"), Path(made, "installed")
        source.mkdir()
        checkout.archive(commit, source)
        _install(source, folder, revision)
        yield Revision(_project(source, revision), commit[:SHOWN], folder)


def elsewhere(opened: Opened, folder: str) -> list[str]:
    """Return the modules of a folder that Python would take from elsewhere; an order to a worker.

    Args:
        opened: the subject, which is not asked.
        folder: where they should come from.
    """
    from importlib.util import find_spec

    del opened
    names = [path.stem for path in Path(folder).iterdir() if path.stem.isidentifier()]
    return [name for name in names if not _places(find_spec(name)).startswith(folder)]


def uses(opened: Opened, folder: str) -> bool:
    """Tell whether anything that was imported comes from a folder; an order to a worker.

    Args:
        opened: the subject, which was called before.
        folder: where it may have come from.
    """
    del opened
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return any(Path(folder) in Path(file).parents for file in files if file)


def _places(spec: ModuleSpec | None) -> str:
    """Return where a module is, or the first of several places; nothing if nowhere."""
    if spec is None:
        return ""
    return next(iter(spec.submodule_search_locations or []), spec.origin or "")


def _project(source: Path, revision: str) -> str:
    try:
        project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["name"])
    except (OSError, ValueError, KeyError) as error:
        raise ComparisonError(
            f"the checkout at {revision!r} has no pyproject.toml that names a project: "
            "go to a checkout of hellokit, or of a plugin"
        ) from error


def _install(source: Path, folder: Path, revision: str) -> None:
    _project(source, revision)
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-warn-conflicts"]
    command = [sys.executable, "-m", "pip", "install", *quiet, "--no-deps"]
    done = subprocess.run(  # noqa: S603  # our own Python
        [*command, "--target", str(folder), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise ComparisonError(
            f"pip could not build {revision!r}: {said[-1].strip()}. See what "
            f"`{' '.join(command[1:4])}` says of that revision, or compare with a file of results"
        )
