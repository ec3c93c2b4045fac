"""`hellokit overhead`: what the metrics hook costs here, in each mode."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import attrs
from rich.text import Text

import hellokit
from hellokit_bench import modes
from hellokit_bench.commands.codes import FAILED, INTERRUPTED
from hellokit_bench.commands.options import (
    add_fail_over,
    add_outputs,
    add_time_limit,
    refuse_unknown,
    refuse_unwritable,
    whole,
)
from hellokit_bench.modes import F_STRING, OFF, cost, variants
from hellokit_bench.reporting import page, plot
from hellokit_bench.reporting.amounts import duration, ratio
from hellokit_bench.reporting.printable import printable
from hellokit_bench.reporting.progress import progress
from hellokit_bench.reporting.table import Table, output
from hellokit_bench.subject import WAYS
from hellokit_bench.suite import this_machine
from hellokit_bench.thresholds import exceeded

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from hellokit_bench.modes import Cost, Round, Variant

TOLD = (
    "Measure what a greeting takes in each mode of the setting metrics, beside one with metrics "
    "off and beside a bare f-string; with a sink that listens, with processes that count "
    "together, and with the backend monitored."
)
HEADINGS = ("metrics", "a greeting", "more than off", "to off", "in rounds", "to an f-string")
FEW = 5
"""Below how many rounds numbers are rough."""
_BAR, _IN_FORCE = "#1b6ca8", "#d1495b"


def add(parser: ArgumentParser) -> None:
    """Add what the subcommand takes."""
    parser.add_argument(
        "backend",
        nargs="?",
        metavar="BACKEND",
        help="a backend, or a chain such as cached+plain; that of the settings if left out",
    )
    parser.add_argument("--way", choices=WAYS, default="sync", help="call it in this way")
    parser.add_argument(
        "--rounds",
        type=whole(1),
        default=5,
        metavar="N",
        help="fresh processes for each mode, all at a time; 5 if not said",
    )
    parser.add_argument(
        "--blocks",
        type=whole(1),
        default=100,
        metavar="N",
        help="timed blocks of calls in each process, in turn; 100 if not said",
    )
    add_time_limit(parser)
    add_outputs(parser)
    add_fail_over(parser)


def run(arguments: Namespace) -> int:
    """Measure, and show what there is.

    Returns:
        0; 1 if a threshold is exceeded and that is to fail; 130 if it was interrupted.
    """
    refuse_unwritable(arguments.html)
    settings = hellokit.settings()
    backend = arguments.backend or settings.backend
    refuse_unknown([backend])
    measured = variants(backend, arguments.way)
    rounds = _rounds(measured, arguments)
    missing, exceeding = arguments.rounds - len(rounds), []
    try:
        if rounds:
            exceeding = exceeded(settings, modes.duration(settings.metrics, rounds))
            _tell(arguments, _Overhead.of(measured, rounds, settings.metrics))
    finally:  # a page that cannot be written hides nothing
        if arguments.fail_over:
            for each in exceeding:
                sys.stderr.write(f"hellokit overhead: {settings.metrics}: {each}\n")
        if missing:
            sys.stderr.write(
                f"hellokit overhead: interrupted: {missing} of {arguments.rounds} rounds are "
                "missing\n"
            )
    if missing:
        return INTERRUPTED
    return FAILED if arguments.fail_over and exceeding else 0


def _rounds(measured: Sequence[Variant], arguments: Namespace) -> list[Round]:
    """Return what the rounds gave that were finished when an interrupt came, or all."""
    rounds: list[Round] = []
    with progress(len(measured) * arguments.rounds) as step:
        try:
            while len(rounds) < arguments.rounds:
                rounds.append(modes.take(measured, arguments.blocks, step, arguments.time_limit))
        except KeyboardInterrupt:
            return rounds
    return rounds


@attrs.frozen
class _Overhead:
    """What is told."""

    label: str
    rounds: int
    in_force: str
    costs: Mapping[str, Cost]

    @classmethod
    def of(cls, measured: Sequence[Variant], rounds: Sequence[Round], in_force: str) -> _Overhead:
        label = next(each.subject.label for each in measured if each.name == OFF)
        costs = {each.name: cost(each.name, rounds) for each in measured}
        return cls(label, len(rounds), in_force, costs)


def _tell(arguments: Namespace, told: _Overhead) -> None:
    if arguments.json:
        found = {**attrs.asdict(told), "machine": this_machine()}
        sys.stdout.write(f"{json.dumps(found, indent=2)}\n")
    else:
        console = output()
        console.print(Text(printable(f"{told.label}: what metrics cost"), style="bold"))
        _table(told).show()
        for sentence in _sentences(told):
            console.print(Text(sentence), soft_wrap=True)
    if arguments.html:
        picture = plot.svg(lambda axes: _draw(axes, told))
        section = page.Section(told.label, " ".join(_sentences(told)), _table(told), picture)
        page.write(arguments.html, "What metrics cost", [section])


def _table(told: _Overhead) -> Table:
    rows = [_row(name, each, name == told.in_force) for name, each in told.costs.items()]
    return Table(HEADINGS, rows)


def _row(name: str, cost: Cost, in_force: bool) -> list[str]:  # noqa: FBT001  # it is a cell
    time = duration(cost.time_ns / 1e9)
    if name in {OFF, F_STRING}:
        beside = ["-", "-", "-"]
    else:
        lowest, highest = ratio(cost.lowest_ratio), ratio(cost.highest_ratio)
        beside = [duration(cost.added_ns / 1e9), ratio(cost.ratio), f"{lowest} to {highest}"]
    return [f"{name} (here)" if in_force else name, time, *beside, ratio(cost.to_f_string)]


def _sentences(told: _Overhead) -> list[str]:
    bare, off, here = (told.costs[each] for each in (F_STRING, OFF, told.in_force))
    base = (
        f"With metrics off a greeting takes {duration(off.time_ns / 1e9)}, "
        f"{ratio(off.to_f_string)} of a bare f-string, which takes "
        f"{duration(bare.time_ns / 1e9)}."
    )
    if told.in_force == OFF:
        return [base, "The settings have metrics off: nothing is counted here."]
    added = (
        f"The settings have {told.in_force}: {duration(here.added_ns / 1e9)} more, "
        f"{ratio(here.ratio)} of the greeting without."
    )
    whole = (
        f"Against the bare f-string, which most figures for monitoring go by, the same "
        f"{duration(here.added_ns / 1e9)} are {ratio(here.added_ns / bare.time_ns)} of it."
    )
    return [base, f"{added}{_doubt(here, told.rounds)}", whole]


def _doubt(cost: Cost, rounds: int) -> str:
    if rounds < FEW:
        return f" Take {FEW} rounds or more to trust these numbers."
    if cost.lowest_ratio <= 1 <= cost.highest_ratio:
        return " Not all rounds agree that it is more at all."
    return ""


def _draw(axes: Axes, told: _Overhead) -> None:
    names = list(told.costs)[::-1]
    colours = [_IN_FORCE if name == told.in_force else _BAR for name in names]
    bars = axes.barh(names, [told.costs[name].time_ns for name in names], color=colours)
    axes.bar_label(bars, fmt="{:,.0f}", padding=3)
    axes.set_xlabel("ns a greeting")
    axes.set_title(printable(told.label), parse_math=False)
