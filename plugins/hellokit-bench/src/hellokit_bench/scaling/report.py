"""The report: tables, sentences and pictures of how backends scale."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import attrs
from rich.text import Text

from hellokit_bench.reporting.amounts import duration, size
from hellokit_bench.reporting.page import Section
from hellokit_bench.reporting.printable import printable
from hellokit_bench.reporting.table import Table, output
from hellokit_bench.scaling.picture import growth, throughput
from hellokit_bench.scaling.verdict import levels, sizes
from hellokit_bench.suite import this_machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hellokit_bench.scaling.steps import Scaling

TITLE = "How it scales"
LEVELS = ("at once", "items/s", "fitted", "p50", "p99", "failed")
SIZES = ("items", "time", "an item", "peak memory", "failed")


def write_json(scalings: Sequence[Scaling]) -> None:
    """Print what was measured, fitted and predicted, in JSON."""
    told = {"machine": this_machine(), "scaling": [each.as_dict() for each in scalings]}
    sys.stdout.write(f"{json.dumps(told, indent=2)}\n")


def show(scalings: Sequence[Scaling]) -> None:
    """Print tables, and what they say."""
    console = output()
    for part in _parts(scalings):
        console.print(Text(printable(part.heading), style="bold"))
        part.table.show()
        for sentence in part.sentences:
            console.print(Text(sentence), soft_wrap=True)
        console.print()


def sections(scalings: Sequence[Scaling]) -> list[Section]:
    """Return the parts of a page."""
    return [
        Section(part.heading, " ".join(part.sentences), part.table, part.draw(part.scaling))
        for part in _parts(scalings)
    ]


@attrs.frozen
class _Part:
    scaling: Scaling
    heading: str
    table: Table
    sentences: Sequence[str]
    draw: Callable[[Scaling], str]


def _parts(scalings: Sequence[Scaling]) -> Iterator[_Part]:
    for each in scalings:
        label = each.subject.label
        if each.levels:
            yield _Part(each, f"{label} over concurrency", _levels(each), levels(each), throughput)
        if each.sizes:
            yield _Part(each, f"{label} over size", _sizes(each), sizes(each), growth)


def _levels(scaling: Scaling) -> Table:
    fit = scaling.fit
    rows = [
        [
            f"{level:,}",
            f"{point.throughput:,.0f}",
            f"{fit.law.throughput(level):,.0f}" if fit else "-",
            *(duration(point.duration.quantile(q) / 1e9) for q in (0.5, 0.99)),
            f"{point.error_ratio:.1%}",
        ]
        for level, point in scaling.levels.items()
    ]
    return Table(LEVELS, rows)


def _sizes(scaling: Scaling) -> Table:
    rows = [
        [
            f"{items:,}",
            duration(point.time_s),
            duration(point.time_s / items),
            size(point.peak_bytes),
            f"{point.error_ratio:.1%}",
        ]
        for items, point in scaling.sizes.items()
    ]
    return Table(SIZES, rows)
