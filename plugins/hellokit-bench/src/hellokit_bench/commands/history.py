"""The subcommand `hellokit bench history`."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from hellokit_bench.commands.options import add_outputs, refuse_unwritable
from hellokit_bench.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence
    from typing import Any

    from matplotlib.axes import Axes

    from hellokit_bench.history.changes import Change
    from hellokit_bench.history.store import Series
    from hellokit_bench.reporting.table import Table

TOLD = (
    "Show the results that were kept from run to run, and where they changed for good. "
    "Each machine, and each Python, has its own series."
)


def add(parser: ArgumentParser) -> None:
    """Add what the subcommand takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the history, a SQLite file")
    parser.add_argument(
        "--add",
        type=Path,
        metavar="RESULTS",
        help="add a file that `hellokit bench --json` wrote; the history is made if there is none",
    )
    parser.add_argument(
        "--revision", metavar="REV", help="what --add was measured of: what is checked out here"
    )
    add_outputs(parser)


def run(arguments: Namespace) -> int:
    """Show a history.

    Returns:
        The exit code: 0.
    """
    from hellokit_bench.history.changes import changes

    if arguments.revision is not None and arguments.add is None:
        raise UsageError("--revision is that of --add: give both, or neither")
    refuse_unwritable(arguments.html, arguments.add and arguments.file)
    shown = [(each, changes([point.value for point in each.points])) for each in _series(arguments)]
    if arguments.json:
        records = [_record(series, found) for series, found in shown]
        sys.stdout.write(f"{json.dumps(records, indent=2)}\n")
    elif not shown:
        sys.stdout.write(f"There are no runs in {str(arguments.file)!r} yet.\n")
    else:
        for table in _tables(shown):
            table.show()
    if arguments.html:
        _write(arguments.html, arguments.file, shown)
    return 0


def _series(arguments: Namespace) -> list[Series]:
    """Return what the history holds, after what is to be added."""
    from hellokit_bench.errors import ResultsError
    from hellokit_bench.history.store import History
    from hellokit_bench.suite import Suite

    if arguments.add is None and not arguments.file.exists():
        raise ResultsError(
            f"there is no history {str(arguments.file)!r}: begin one with "
            "`hellokit bench --save FILE`, or with --add"
        )
    suite = None if arguments.add is None else Suite.load(arguments.add)
    with History(arguments.file) as history:
        if suite is not None:
            history.add(suite, revision=arguments.revision)
        return history.read()


def _tables(shown: Sequence[tuple[Series, Sequence[Change]]]) -> list[Table]:
    """Return a table for each machine, with a row for each subject."""
    machines = groupby(shown, key=lambda pair: pair[0].machine)
    return [_table(machine, list(each)) for machine, each in machines]


def _table(machine: str, shown: Sequence[tuple[Series, Sequence[Change]]]) -> Table:
    from hellokit_bench.reporting.table import Table

    rows = [
        [
            series.name,
            str(len(series.points)),
            _amount(series)(series.points[-1].value),
            series.points[-1].revision or "-",
            series.points[-1].day,
            "; ".join(_told(series, change) for change in found) or "none",
        ]
        for series, found in shown
    ]
    return Table(("subject", "runs", "last", "revision", "date", "changes"), rows, machine)


def _told(series: Series, change: Change) -> str:
    """Return by how much, and where, a series changed."""
    point = series.points[change.index]
    of = f" of {point.revision}" if point.revision else ""
    return f"{change.effect * 100:+.1f} % at run {point.run}{of}, {point.day}"


def _amount(series: Series) -> Callable[[float], str]:
    from hellokit_bench.reporting import amounts

    return amounts.duration if series.unit == "second" else amounts.size


def _record(series: Series, found: Sequence[Change]) -> dict[str, Any]:
    """Return all there is to know of a series, ready for JSON."""
    about = attrgetter("run", "at", "revision", "hellokit", "value", "processes")
    names = ("run", "at_s", "revision", "hellokit", "value", "processes")
    return {
        "name": series.name,
        "unit": series.unit,
        "machine": series.machine,
        "points": [dict(zip(names, about(point), strict=True)) for point in series.points],
        "changes": [
            {
                "run": series.points[change.index].run,
                "revision": series.points[change.index].revision,
                "before": change.before,
                "after": change.after,
                "effect": change.effect,
            }
            for change in found
        ],
    }


def _write(path: Path, file: Path, shown: Sequence[tuple[Series, Sequence[Change]]]) -> None:
    from hellokit_bench.reporting.page import Section, write

    tables = [Section(table.title, table=table) for table in _tables(shown)]
    pictures = [
        Section(series.name, series.machine, picture=_picture(series, found))
        for series, found in shown
    ]
    write(path, f"History {file.name}", [*tables, *pictures])


def _picture(series: Series, found: Sequence[Change]) -> str:
    """Return a picture of the values run by run, with the levels between the change points."""
    from hellokit_bench.reporting.plot import svg

    factor, unit = (1e6, "us") if series.unit == "second" else (1e-3, "kB")
    values = [point.value * factor for point in series.points]

    def draw(axes: Axes) -> None:
        numbers = range(1, len(values) + 1)
        axes.plot(numbers, values, "o", color="C0", markersize=3)
        for change in found:
            axes.axvline(change.index + 0.5, color="C3", linestyle="--")
            told = f"{change.effect * 100:+.1f} %"
            axes.text(change.index + 0.8, max(values) * 1.04, told, color="C3")
        axes.locator_params(axis="x", integer=True)
        axes.set_xlabel("run")
        axes.set_ylabel(unit)
        axes.set_ylim(bottom=0, top=max(values) * 1.1)

    return svg(draw)
