"""The verdict: what was measured and fitted says, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hellokit_bench.reporting.amounts import duration, size
from hellokit_bench.scaling.steps import FEWEST_ITEMS
from hellokit_bench.scaling.usl import FARTHEST, FEWEST_LEVELS, WORST_DEVIATION

if TYPE_CHECKING:
    from hellokit_bench.scaling.steps import Scaling
    from hellokit_bench.scaling.usl import Fit

NEARLY = 0.95
"""The share of the highest throughput that is as good as it."""
STRAIGHT = 0.1
"""How far from 1 the power is that is still called linear."""
REFERENCE_BYTES = 8
"""What remembering an item takes at the very least: one reference."""


def levels(scaling: Scaling) -> list[str]:
    """Return what the levels say; there is at least one."""
    fit = scaling.fit
    if fit is None:
        told = [f"Nothing is predicted from fewer than {FEWEST_LEVELS} levels: see --levels."]
    elif fit.is_good:
        told = [_explained(fit), _predicted(fit)]
    else:
        told = [_refused(fit)]
    return [_measured(scaling), *told]


def sizes(scaling: Scaling) -> list[str]:
    """Return what the sizes say; there is at least one."""
    if scaling.exponent is None:
        return ["One size has no growth: see --sizes."]
    least, most = min(scaling.sizes), max(scaling.sizes)
    grown = scaling.sizes[most].peak_bytes - scaling.sizes[least].peak_bytes
    change = f"{'-' if grown < 0 else '+'}{size(abs(grown))}"
    time = (
        f"From {least:,} to {most:,} items, time grows as their number to the power of "
        f"{scaling.exponent:.2f}: {_shape(scaling.exponent)}."
    )
    return [time, f"Memory at its peak changes by {change}: {_kept(scaling)}."]


def _refused(fit: Fit) -> str:
    return (
        f"Nothing is predicted: the law is off by {fit.deviation:.1%}, more than "
        f"{WORST_DEVIATION:.0%}. Throughput has a shape that the law does not know, or was "
        "measured in too much noise: take more --rounds, or more --items."
    )


def _measured(scaling: Scaling) -> str:
    """Return which level suffices, without any law."""
    points = scaling.levels
    top = max(points, key=lambda level: points[level].throughput)
    highest = points[top].throughput
    enough = min(level for level in points if points[level].throughput >= NEARLY * highest)
    gain = points[enough].throughput / points[min(points)].throughput
    p99, p99_first = (points[n].duration.quantile(0.99) / 1e9 for n in (enough, min(points)))
    return (
        f"Measured: {enough:,} at once reach {points[enough].throughput:,.0f}/s, "
        f"{gain:.1f} times what {min(points):,} does; p99 is {duration(p99)} then, and "
        f"{duration(p99_first)} with {min(points):,}. The highest is {highest:,.0f}/s at {top:,}."
    )


def _explained(fit: Fit) -> str:
    law = fit.law
    return (
        f"Fitted, to {fit.deviation:.1%}: one at a time does {law.rate:,.0f}/s; "
        f"{law.waiting * 100:.2g} % of the work waits in line (sigma = {law.waiting:.2g}); and "
        f"each one more slows every other by {law.disturbance * 100:.2g} %, by getting in its way "
        f"(kappa = {law.disturbance:.2g})."
    )


def _predicted(fit: Fit) -> str:
    best = fit.best
    if best == 1:
        return "Predicted best: 1 at once. The backend does not wait, or does one at a time."
    if best is None:
        return (
            "Predicted best: no limit within what was measured (up to "
            f"{fit.highest_level:,} at once): try higher --levels."
        )
    far = fit.highest_best > FARTHEST * fit.highest_level
    highest = "no limit" if far else f"{fit.highest_best:,.0f}"
    told = (
        f"Predicted best: {best:,.0f} at once, at {fit.law.ceiling:,.0f}/s; from "
        f"{fit.lowest_best:,.0f} to {highest}, if a level is left out."
    )
    if best > fit.highest_level:
        return f"{told} That is beyond what was measured: see --levels {best:.0f}."
    return told


def _shape(exponent: float) -> str:
    if abs(exponent - 1) <= STRAIGHT:
        return "linear"
    if exponent < 1:
        return "less than linear, as there is something to be done once, however many there are"
    return f"more than linear, ten times as many take {10**exponent:.0f} times as long"


def _kept(scaling: Scaling) -> str:
    each = scaling.bytes_an_item
    if each is None:
        return f"it takes {FEWEST_ITEMS:,} items more to say what is kept of each"
    if each < REFERENCE_BYTES:
        return f"flat, as one reference to each item would be {REFERENCE_BYTES} B an item"
    return f"{size(each)} are kept of each item"
