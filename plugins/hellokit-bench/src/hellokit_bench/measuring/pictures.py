"""The pictures of a run: ratios, distributions, quantiles, and whole processes."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from hellokit_bench.measuring.tables import F_STRING
from hellokit_bench.reporting.plot import SIZE_IN, svg

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from hellokit_bench.measuring.measured import Measured
    from hellokit_bench.subject import Subject, Way
    from hellokit_bench.suite import Result

QUANTILES = {"median": 0.5, "p90": 0.9, "p99": 0.99, "longest": 1.0}
COLOURS: dict[Way, str] = {"sync": "C0", "async": "C1", "bulk": "C2", "peer": "C7"}

_ROW_IN, _MARGIN_IN = 0.28, 1.1


def ratio_bars(measured: Measured) -> str:
    """Return a picture of what a call of each takes, as a multiple of an f-string."""
    shown, reference = _called(measured), measured.suite[F_STRING]

    def draw(axes: Axes) -> None:
        over = [result.over(reference) for _, result in shown]
        colours = [COLOURS[subject.way] for subject, _ in shown]
        bars = axes.barh(range(len(shown)), over, color=colours)
        axes.bar_label(bars, fmt="{:.3g}x", padding=3)
        axes.set_xscale("log")
        axes.margins(x=0.15)
        axes.set_xlabel("time of a call, as a multiple of an f-string's")
        _rows(axes, [result.name for _, result in shown])

    return _svg(draw, len(shown))


def distributions(measured: Measured) -> str:
    """Return a picture of every value of each, around the median of its own."""
    shown = [result for _, result in _called(measured)]

    def draw(axes: Axes) -> None:
        for row, result in enumerate(shown):
            values = [value / result.value - 1 for each in result.processes for value in each]
            axes.plot([100 * each for each in values], [row] * len(values), "C0o", alpha=0.4, ms=4)
        axes.axvline(0, color="grey", lw=0.8)
        axes.set_xlabel("each value, in % from the median of its row")
        _rows(axes, [result.name for result in shown])

    return _svg(draw, len(shown))


def quantiles(measured: Measured) -> str:
    """Return a picture of the kit's own histograms; empty if nothing was timed by it."""
    timed = [
        (result.name, result.duration)
        for _, result in _called(measured)
        if result.duration is not None and result.duration.count
    ]
    if not timed:
        return ""

    def draw(axes: Axes) -> None:
        for mark, (told, q) in zip("o^sx", QUANTILES.items(), strict=True):
            found = [duration.quantile(q) / 1e3 for _, duration in timed]
            axes.plot(found, range(len(timed)), mark, label=told)
        axes.set_xscale("log")
        axes.set_xlabel("time of a call as the kit counts it, in us")
        axes.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
        _rows(axes, [name for name, _ in timed])

    return _svg(draw, len(timed))


def process_times(measured: Measured) -> str:
    """Return a picture of how long whole processes take."""
    return _processes(measured, "", 1e3, "time from start to end, in ms")


def process_memory(measured: Measured) -> str:
    """Return a picture of the most memory that whole processes hold."""
    return _processes(measured, " memory", 1e-6, "most memory, in MB")


def _processes(measured: Measured, suffix: str, factor: float, axis: str) -> str:
    shown = [
        (program, result)
        for program in measured.programs
        if (result := measured.result(f"{program.name}{suffix}"))
    ]
    if not shown:
        return ""

    def draw(axes: Axes) -> None:
        values = [result.value * factor for _, result in shown]
        colours = ["C0" if "hellokit" in program.name else "C7" for program, _ in shown]
        axes.barh(range(len(shown)), values, color=colours)
        for row, (_, result) in enumerate(shown):
            rounds = [median(each) * factor for each in result.processes]
            axes.hlines(row, min(rounds), max(rounds), color="black", lw=1)
            axes.text(max(rounds), row, f"  {values[row]:.3g}", va="center")
        axes.margins(x=0.1)
        axes.set_xlabel(axis)
        _rows(axes, [program.name for program, _ in shown])

    return _svg(draw, len(shown))


def _called(measured: Measured) -> list[tuple[Subject, Result]]:
    found = ((each, measured.result(each.label)) for each in measured.subjects)
    return [(subject, result) for subject, result in found if result]


def _rows(axes: Axes, names: Sequence[str]) -> None:
    # No mathematics: a dollar in a name is a dollar.
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(len(names) - 0.4, -0.6)  # the first is on top, as in the table


def _svg(draw: Callable[[Axes], object], rows: int) -> str:
    return svg(draw, (SIZE_IN[0], _MARGIN_IN + _ROW_IN * rows))
