"""The pictures: throughput over concurrency with the law, and time over the number of items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hellokit_bench.reporting import plot
from hellokit_bench.reporting.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hellokit_bench.scaling.steps import Scaling

CURVE_POINTS = 200
_POINTS, _LAW, _BEST = "#1b6ca8", "#d1495b", "#5b8c5a"


def throughput(scaling: Scaling) -> str:
    """Return the picture of throughput over concurrency, as an `<svg>` element."""
    return plot.svg(lambda axes: _throughput(axes, scaling))


def growth(scaling: Scaling) -> str:
    """Return the picture of the time over the number of items; empty without two of them."""
    return "" if scaling.exponent is None else plot.svg(lambda axes: _growth(axes, scaling))


def _throughput(axes: Axes, scaling: Scaling) -> None:
    levels = sorted(scaling.levels)
    for level, point in scaling.levels.items():
        rates = [each["items"] / each["seconds"] for each in point.rounds]
        axes.plot([level] * len(rates), rates, ".", color=_POINTS, alpha=0.35)
    medians = [scaling.levels[level].throughput for level in levels]
    axes.plot(levels, medians, "o", color=_POINTS, label="measured: rounds and their median")
    _law(axes, scaling)
    axes.set_xscale("log", base=2)
    axes.set_ylim(bottom=0)
    axes.set_xticks(levels, [f"{level:,}" for level in levels])
    axes.minorticks_off()
    axes.set_title(printable(scaling.subject.label), parse_math=False)
    axes.set_xlabel("items at once")
    axes.set_ylabel("items a second")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(visible=True, axis="y", alpha=0.3)
    axes.legend(frameon=False)


def _law(axes: Axes, scaling: Scaling) -> None:
    import numpy as np

    fit, levels = scaling.fit, scaling.levels
    if fit is None:
        return
    farthest = max(*levels, fit.best or 0)
    curve = np.geomspace(min(levels), farthest, CURVE_POINTS)
    name = "Universal Scalability Law" if fit.is_good else "the law, which does not fit"
    style = "-" if fit.is_good else ":"
    rates = [fit.law.throughput(each) for each in curve]
    axes.plot(curve, rates, style, color=_LAW, label=f"{name}, off by {fit.deviation:.1%}")
    if fit.best is not None:
        axes.axvline(fit.best, color=_BEST, ls="--", label=f"predicted best: {fit.best:,.0f}")


def _growth(axes: Axes, scaling: Scaling) -> None:
    sizes = sorted(scaling.sizes)
    times = [scaling.sizes[each].time_s for each in sizes]
    axes.loglog(sizes, times, "o-", color=_POINTS, label="measured")
    linear = [times[0] * each / sizes[0] for each in sizes]
    axes.loglog(sizes, linear, ":", color=_LAW, label="linear")
    axes.set_title(printable(scaling.subject.label), parse_math=False)
    axes.set_xlabel("items")
    axes.set_ylabel("seconds")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
