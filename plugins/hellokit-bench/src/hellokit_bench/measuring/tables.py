"""The tables of a run: calls, and whole processes."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from hellokit_bench.measuring.measured import spread
from hellokit_bench.reporting.amounts import duration, ratio, size
from hellokit_bench.reporting.table import Table

if TYPE_CHECKING:
    from hellokit_bench.measuring.measured import Measured
    from hellokit_bench.measuring.programs import Program
    from hellokit_bench.suite import Result

F_STRING, PLUGGY = "f-string", "pluggy"
"""The peers that all calls are held against."""

CALLS = ("what", "a call takes", "spread", "to an f-string", "to pluggy", "p99 inside", "memory")
PROCESSES = ("what", "time", "spread", "memory", "speed-up", "memory change", "it succeeds")


def tables(measured: Measured) -> list[Table]:
    """Return the tables of what was measured."""
    found = []
    if measured.subjects:
        rows = [_call(measured, each.label) for each in measured.subjects]
        found.append(Table(CALLS, rows, "Calls"))
    if measured.programs:
        rows = [_process(measured, each) for each in measured.programs]
        found.append(Table(PROCESSES, rows, "Whole processes"))
    return found


def p99_s(result: Result) -> float:
    """Return what one call in a hundred exceeds, in seconds; `nan` if none was timed."""
    return nan if result.duration is None else result.duration.quantile(0.99) / 1e9


def change(memory: Result | None, reference: Result | None) -> str:
    """Return how much more memory one result is than another."""
    if memory is None or reference is None:
        return "-"
    more = memory.value - reference.value
    return f"{'-' if more < 0 else '+'}{size(abs(more))}"


def _call(measured: Measured, label: str) -> list[str]:
    time, memory = measured.result(label), measured.result(f"{label} memory")
    if time is None or memory is None:
        return _failed(label, CALLS)
    return [
        label,
        duration(time.value),
        _spread(time),
        _ratio(time, measured.result(F_STRING)),
        _ratio(time, measured.result(PLUGGY)),
        duration(p99_s(time)),
        change(memory, measured.result(f"{F_STRING} memory")),
    ]


def _process(measured: Measured, program: Program) -> list[str]:
    name, before = program.name, program.succeeds
    time, memory = measured.result(name), measured.result(f"{name} memory")
    if time is None or memory is None:
        return _failed(name, PROCESSES)
    earlier = measured.result(before)
    return [
        name,
        duration(time.value),
        _spread(time),
        size(memory.value),
        ratio(1 / time.over(earlier)) if earlier else "",
        change(memory, measured.result(f"{before} memory")) if before else "",
        before,
    ]


def _failed(label: str, headings: tuple[str, ...]) -> list[str]:
    return [label, "failed", *("-" for _ in headings[2:])]


def _spread(result: Result) -> str:
    return f"{spread(result):.1%}" if len(result.processes) > 1 else "-"


def _ratio(result: Result, reference: Result | None) -> str:
    return ratio(result.over(reference)) if reference else "-"
