"""Checkouts: the Git repository one stands in, and older revisions of it."""

from __future__ import annotations

import subprocess
from shutil import which
from typing import TYPE_CHECKING

from hellokit_bench.errors import ComparisonError

if TYPE_CHECKING:
    from pathlib import Path

REVISION_LENGTH = 12


def described() -> str | None:
    """Return the revision that is checked out here, `-dirty` if files differ; None without one."""
    short = f"--abbrev={REVISION_LENGTH}"
    try:
        return _git("describe", "--always", "--dirty", "--exclude=*", short)
    except ComparisonError:
        return None


def resolved(revision: str) -> str:
    """Return the full name of a commit of this checkout.

    Args:
        revision: whatever Git takes for one, such as `HEAD~3`, `v0.1.0` or `main`.

    Raises:
        ComparisonError: if there is no Git, no checkout, or no such revision.
    """
    root()
    try:
        return _git("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    except ComparisonError as error:
        raise ComparisonError(
            f"{revision!r} is neither a file of results nor a revision of this checkout: "
            "`git log --oneline` and `git tag` list those there are"
        ) from error


def root() -> str:
    """Return the folder that is checked out.

    Raises:
        ComparisonError: if there is no Git, or no checkout here.
    """
    return _git("rev-parse", "--show-toplevel")


def archive(commit: str, into: Path) -> None:
    """Write the files of a commit, and nothing of what differs in the checkout.

    Args:
        commit: its full name.
        into: the folder to write to.

    Raises:
        ComparisonError: if Git cannot.
    """
    import tarfile

    packed = into / "archive.tar"
    _git("-C", root(), "archive", "--format=tar", f"--output={packed}", commit)
    with tarfile.open(packed) as files:
        files.extractall(into, filter="tar")  # links may lead anywhere, as in the checkout
    packed.unlink()


def _git(*arguments: str) -> str:
    """Return what Git prints.

    Raises:
        ComparisonError: if there is no Git, or if it fails.
    """
    program = which("git")
    if program is None:
        raise ComparisonError(
            "an older revision is read by git, which is not on PATH: install it, or compare with "
            "a file that `hellokit bench --json` wrote"
        )
    done = subprocess.run(  # noqa: S603  # no shell, and options end before what users give
        [program, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().removeprefix("fatal: ") or f"exit code {done.returncode}"
        raise ComparisonError(
            f"git {arguments[0]} failed in this folder: {said}. Go to a checkout of the project, "
            "or compare with a file that `hellokit bench --json` wrote"
        )
    return done.stdout.strip()
