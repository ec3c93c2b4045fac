"""Options that several subcommands take, and what their values may be."""

from __future__ import annotations

import math
import os
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING

import hellokit
from hellokit import ChainError, UnknownBackendError
from hellokit_bench.commands.dispatch import VERBS
from hellokit_bench.errors import UsageError
from hellokit_bench.worker import TIME_LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST_S = 1_000_000
"""The longest time that may be asked for, in seconds: systems wait for no more than 24 days."""


def whole(least: int) -> type[int]:
    """Return what reads a whole number that is not below `least`."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise ArgumentTypeError(f"use a whole number, at least {least}")
        return number

    return read  # type: ignore[return-value]  # argparse calls it as it would call int


def above_zero(text: str) -> float:
    """Return a number above 0, which is one of seconds.

    Raises:
        ArgumentTypeError: if it is none, or above `LONGEST_S`.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= LONGEST_S:
        raise ArgumentTypeError(f"use a number above 0, at most {LONGEST_S}")
    return number


def refuse_unwritable(*paths: Path | None) -> None:
    """Refuse, before anything is measured, files that could not be written after it.

    Raises:
        UsageError: if one has no folder, or is one, or may not be written.
    """
    for path in filter(None, paths):
        if not path.parent.is_dir() or path.is_dir():
            raise UsageError(
                f"{str(path)!r} cannot be written: name a file in a folder that is there"
            )
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise UsageError(
                f"{str(path)!r} cannot be written: this user may not write there, name another file"
            )


def refuse_unknown(backends: Iterable[str], peers: Sequence[str] = (), command: str = "") -> None:
    """Refuse, before anything is measured, backends that are not installed.

    Args:
        backends: names and chains that were given.
        peers: what else may be named.
        command: the subcommand, whose first words may have been meant.

    Raises:
        ChainError: if a chain has an empty part.
        UnknownBackendError: if a part of one is not installed.
    """
    names = [each.name for each in hellokit.backends()]
    for backend in backends:
        parts = [part.strip() for part in backend.split("+")]
        if not all(parts):
            raise ChainError(
                f"backend {backend!r} has an empty part: join names with +, as in 'cached+plain'"
            )
        for part in parts if backend not in peers else ():
            if part not in names:
                raise _unknown(part, names, peers, command)


def _unknown(
    name: str, names: Sequence[str], peers: Sequence[str], command: str
) -> UnknownBackendError:
    from difflib import get_close_matches

    words = {word: f"`hellokit {command} {word}`" for word in VERBS.get(command, ())}
    meant = {each: repr(each) for each in (*names, *peers)} | words
    near = [meant[each] for each in get_close_matches(name.lower(), meant, 3)]
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return UnknownBackendError(
        f"no backend is named {name!r}: {hint}there is {', '.join(names) or 'none'}; "
        "install the package that brings it"
    )


def add_backends(parser: ArgumentParser) -> None:
    """Add the backends to work on."""
    parser.add_argument(
        "backends",
        nargs="*",
        metavar="BACKEND",
        help="a backend, or a chain such as cached+plain; every installed one if left out",
    )


def add_outputs(parser: ArgumentParser) -> None:
    """Add the forms in which results are told."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with pictures too")


def add_time_limit(parser: ArgumentParser, default: float = TIME_LIMIT_S) -> None:
    """Add how long a process may take for one thing it is told, in seconds."""
    parser.add_argument(
        "--time-limit",
        type=above_zero,
        default=default,
        metavar="SECONDS",
        help=f"how long a process may be silent before it is ended; {default:g} if not said",
    )


def add_fail_over(parser: ArgumentParser) -> None:
    """Add the switch that makes thresholds of the settings decide on the exit code."""
    parser.add_argument(
        "--fail-over",
        action="store_true",
        help="exit with 1 if a threshold of the settings is exceeded, such as PERF_TIME_THRESHOLD",
    )
