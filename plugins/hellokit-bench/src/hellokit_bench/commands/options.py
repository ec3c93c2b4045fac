"""Options that several subcommands take, and what their values may be."""

from __future__ import annotations

import math
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path


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
    """Return a number above 0.

    Raises:
        ArgumentTypeError: if it is none.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise ArgumentTypeError("use a number above 0")
    return number


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


def add_fail_over(parser: ArgumentParser) -> None:
    """Add the switch that makes thresholds of the settings decide on the exit code."""
    parser.add_argument(
        "--fail-over",
        action="store_true",
        help="exit with 1 if a threshold of the settings is exceeded, such as PERF_TIME_THRESHOLD",
    )
