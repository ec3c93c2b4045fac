"""Reports of a load: tables for a terminal, and the sections of a page."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING

from hellokit_bench.loading.verdict import interruption, is_telling, verdict
from hellokit_bench.reporting.amounts import duration
from hellokit_bench.reporting.page import Section
from hellokit_bench.reporting.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from hellokit import Histogram
    from hellokit_bench.loading.outcome import Outcome

QUANTILES = (0.5, 0.9, 0.99, 0.999, 0.9999)
NINES = 5
"""The quantile curve ends at so many nines."""


def title(outcome: Outcome) -> str:
    """Return what was done, in a line."""
    plan = outcome.plan
    if not plan.stages:
        users = (
            "1 user who waits" if plan.concurrency == 1 else f"{plan.concurrency} users who wait"
        )
        return f"{outcome.label}: {users} for each answer (closed model)"
    rates = [plan.stages[0].first, *(stage.last for stage in plan.stages)]
    steady = len(set(rates)) == 1
    told = f"{rates[0]:g}" if steady else " to ".join(f"{rate:g}" for rate in rates)
    chance = " by chance" if plan.poisson else ""
    return f"{outcome.label}: {told} calls a second{chance}, whatever it does (open model)"


def tables(outcome: Outcome) -> list[Table]:
    """Return what was measured."""
    found = [_times(outcome), _amounts(outcome)]
    if outcome.tally.failures:
        found.append(_failures(outcome))
    return found


def sections(outcome: Outcome, exceeded: Sequence[str] = ()) -> list[Section]:
    """Return the same with pictures, for a page.

    Args:
        outcome: what became of a load.
        exceeded: a sentence for each threshold that was exceeded.
    """
    from hellokit_bench.reporting.plot import svg

    times, *others = tables(outcome)
    cut_off = [f"{each.capitalize()}." for each in interruption(outcome)]
    told = " ".join([*cut_off, *verdict(outcome), *exceeded])
    parts = [Section("How long calls took", told, times, svg(lambda axes: curve(axes, outcome)))]
    parts += [Section(table.title, table=table) for table in others]
    parts.append(Section("Latency over time", picture=svg(lambda axes: latency(axes, outcome))))
    parts.append(Section("Calls over time", picture=svg(lambda axes: rate(axes, outcome))))
    return parts


def _times(outcome: Outcome) -> Table:
    columns = {"response": outcome.tally.response.histogram}
    if outcome.plan.stages:
        columns["service"] = outcome.tally.service.histogram
    rows = [
        [f"p{q * 100:g}", *(duration(known(times, q) / 1e9) for times in columns.values())]
        for q in QUANTILES
    ]
    longest = [duration(times.quantile(1) / 1e9) for times in columns.values()]
    return Table(("time", *columns), [*rows, ["longest", *longest]], title(outcome))


def known(times: Histogram, q: float) -> float:
    """Return a quantile in ns, or `nan` if there are too few durations to tell it."""
    return times.quantile(q) if times.count * (1 - q) >= 1 - 1e-9 else nan


def _amounts(outcome: Outcome) -> Table:
    tally = outcome.tally
    rows = [
        ("begun", f"{tally.started:,}"),
        ("ended well", f"{outcome.succeeded:,}"),
        ("ended well, a second", f"{outcome.per_second:,.0f}" if outcome.elapsed_s else "-"),
        ("failed", f"{tally.failed:,}"),
        ("unfinished", f"{outcome.unfinished:,}"),
    ]
    if outcome.plan.stages:
        rows += [
            ("late for a slot", f"{tally.late_for_a_slot:,}"),
            ("late by the generator", f"{tally.late_by_generator:,}"),
            ("dropped", f"{tally.dropped:,}"),
        ]
    busy = f"{outcome.busy_ratio:.0%}" if is_telling(outcome) else "-"
    rows.append(("generator busy", busy))
    return Table(("calls", "number"), rows, "Calls")


def _failures(outcome: Outcome) -> Table:
    found = sorted(outcome.tally.failures.items(), key=lambda item: -item[1][0])
    rows = [(kind, f"{number:,}", message) for kind, (number, message) in found]
    return Table(("failure", "number", "the first said"), rows, "Failures")


def curve(axes: Axes, outcome: Outcome) -> None:
    """Draw each quantile of the response and the service times, the more nines the wider."""
    tally = outcome.tally
    for times, label in ((tally.response, "response"), (tally.service, "service")):
        shown = [nines / 20 for nines in range(NINES * 20 + 1)]
        points = [(nines, known(times.histogram, 1 - 10**-nines) / 1e6) for nines in shown]
        points = [(nines, ms) for nines, ms in points if isfinite(ms)]
        if points and (outcome.plan.stages or label == "response"):
            axes.plot(*zip(*points, strict=True), label=label)
    labels = ["0", "p90", "p99", "p99.9", "p99.99", "p99.999"]
    axes.set_xticks(range(NINES + 1), labels)
    axes.set(yscale="log", xlabel="share of the calls that took no longer", ylabel="ms")
    axes.legend(frameon=False)


def latency(axes: Axes, outcome: Outcome) -> None:
    """Draw the response times of the calls that ended in each stretch of time."""
    tally = outcome.tally
    at = [(number + 0.5) * tally.row_s for number in range(len(tally.rows))]
    for q, label in ((0.5, "p50"), (0.99, "p99"), (1.0, "longest")):
        ms = [row.response.quantile(q) / 1e6 for row in tally.rows]
        axes.plot(at, ms, label=label, marker=".", linewidth=1)
    axes.set(yscale="log", xlabel="s", ylabel="response time, ms")
    axes.legend(frameon=False)


def rate(axes: Axes, outcome: Outcome) -> None:
    """Draw how many calls ended in each stretch of time, and how many were to begin."""
    tally, plan = outcome.tally, outcome.plan
    at = [(number + 0.5) * tally.row_s for number in range(len(tally.rows))]
    axes.plot(at, [row.response.count / tally.row_s for row in tally.rows], label="ended")
    if plan.stages:
        axes.plot(at, [plan.rate_at(second) for second in at], "--", label="to begin")
    if tally.failed:
        axes.plot(at, [row.failed / tally.row_s for row in tally.rows], label="failed")
    axes.set(xlabel="s", ylabel="calls a second", ylim=(0, None))
    axes.legend(frameon=False)
