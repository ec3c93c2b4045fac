"""The account of what was found: tables, sentences and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from hellokit_bench.leaking.origin import NAMES
from hellokit_bench.leaking.survey import NOISE
from hellokit_bench.reporting.amounts import size
from hellokit_bench.reporting.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

    from hellokit_bench.leaking.survey import Finding, Line, Series
    from hellokit_bench.reporting.page import Section

IN_BYTES = ("bytes", "memory")
ONE = {
    "objects": "object",
    "blocks": "block",
    "files": "file",
    "threads": "thread",
    "tasks": "task",
    "processes": "process",
}


def rate(name: str, per_call: float) -> str:
    """Return a growth a call, in words.

    Args:
        name: what grows.
        per_call: by how much.

    >>> rate("blocks", 1 / 64), rate("tasks", 2), rate("memory", 8.4)
    ('1 block per 64.0 calls', '2 tasks a call', '8.4 B of memory a call')
    """
    if name in IN_BYTES:
        return f"{size(per_call)}{' of memory' if name == 'memory' else ''} a call"
    number, _, per = _short(name, per_call).partition(" ")
    return f"{number} {ONE[name] if number == '1' else name} {per}"


def _short(name: str, per_call: float) -> str:
    if name in IN_BYTES:
        return f"{size(per_call)} a call"
    if per_call > 0.95:  # noqa: PLR2004  # what is nearly one is one
        return f"{per_call:.3g} a call"
    calls = 1 / per_call
    return f"1 per {calls:,.1f} calls" if calls < 100 else f"1 per {calls:,.0f} calls"  # noqa: PLR2004  # three digits


def table(findings: Sequence[Finding]) -> Table:
    """Return a row for each finding: what grew of each kind, and the verdict."""
    return Table(["", "calls", *NOISE, "verdict"], [list(_row(each)) for each in findings])


def sentences(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield what is to say below the table: each leak, each failure, and how small a leak shows."""
    for finding in findings:
        yield from _leaks(finding)
        if finding.failed:
            yield f"not measured to the end: {finding.failed}"
        unclear = [name for name, each in finding.series.items() if each.growth.kind == "unclear"]
        if unclear:
            yield f"{finding.subject.label}: more calls would tell whether {_listed(unclear)} leak"
    clean = [each for each in findings if each.verdict == "no leak seen"]
    if clean:
        yield f"No leak seen in {len(clean)} of {len(findings)}."
        yield f"It would have been seen from these on: {', '.join(_least(clean))}."


def as_dict(finding: Finding) -> dict[str, Any]:
    """Return a finding, ready for JSON."""
    told = attrs.asdict(finding)
    return {
        "name": finding.subject.name,
        "way": finding.subject.way,
        "verdict": finding.verdict,
        "calls": finding.calls,
        "leaks": finding.leaks,
        **{name: told[name] for name in ("series", "lines", "left", "failed")},
    }


def sections(findings: Sequence[Finding]) -> Iterator[Section]:
    """Yield the parts of a page: the table, and each subject of which something grew."""
    from hellokit_bench.reporting.page import Section

    yield Section("What calls leave behind", " ".join(_summary(findings)), table(findings))
    for finding in findings:
        grown = {name: each for name, each in finding.series.items() if each.growth.kind != "still"}
        if grown or finding.failed:
            yield Section(
                finding.subject.label,
                finding.failed,
                _lines(finding.lines) if finding.lines else None,
                "".join(_picture(name, each) for name, each in grown.items()),
            )


def _summary(findings: Sequence[Finding]) -> list[str]:
    return [each if each.endswith(".") else f"{each}." for each in sentences(findings)]


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _row(finding: Finding) -> Iterator[str]:
    yield finding.subject.label
    yield f"{finding.calls:,}"
    for name in NOISE:
        yield _cell(name, finding.series.get(name))
    yield finding.verdict


def _cell(name: str, series: Series | None) -> str:
    if series is None:
        return "-"
    growth = series.growth
    if growth.kind == "grows":
        return _short(name, growth.per_call)
    if growth.kind == "still":
        return "0"
    amount = size(growth.grown) if name in IN_BYTES else f"{growth.grown:,}"
    return f"+{amount}, {growth.kind}"


def _leaks(finding: Finding) -> Iterator[str]:
    if not finding.leaks:
        return
    rates = [rate(name, finding.series[name].growth.per_call) for name in finding.leaks]
    yield f"{finding.subject.label} leaks {_listed(rates)}"
    if finding.leaks == ["memory"]:
        yield "  which Python did not allocate: see what the backend calls that is written in C"
    for line in finding.lines:
        yield f"  {_place(line)}: {', '.join(_amounts(line))}"
    for kind, names in finding.left.items():
        for name, count in names:
            yield f"  {kind} left: {count:,} of {name}"


def _place(line: Line) -> str:
    return line.file if line.file == NAMES else f"{line.file}:{line.number}"


def _amounts(line: Line) -> Iterator[str]:
    yield rate("bytes", line.size)
    if line.blocks > 0:
        yield rate("blocks", line.blocks)


def _least(findings: Sequence[Finding]) -> Iterator[str]:
    for name in NOISE:
        found = [each.series[name].growth.least for each in findings if name in each.series]
        if found:
            yield rate(name, max(found))


def _lines(lines: Sequence[Line]) -> Table:
    rows = [[_place(line), size(line.size), f"{line.blocks:.3g}"] for line in lines]
    return Table(["allocated at", "bytes a call", "blocks a call"], rows)


def _picture(name: str, series: Series) -> str:
    from hellokit_bench.reporting.plot import svg

    def draw(axes: Axes) -> None:
        axes.plot(series.calls, [each - series.values[0] for each in series.values], marker="o")
        axes.set_xlabel("calls")
        axes.set_ylabel(f"{'bytes of memory' if name == 'memory' else name} more than at first")

    return svg(draw)
