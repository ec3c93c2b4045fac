"""Memory: which lines hold how much after calls that they did not hold before."""

from __future__ import annotations

import gc
import linecache
import tracemalloc
from typing import TYPE_CHECKING, Any

import attrs

from hellokit_bench import subject
from hellokit_bench.profiling import slices
from hellokit_bench.profiling.function import short
from hellokit_bench.profiling.slices import Spent, measured
from hellokit_bench.reporting import amounts
from hellokit_bench.reporting.printable import printable
from hellokit_bench.reporting.table import Table

if TYPE_CHECKING:
    from hellokit_bench.profiling.slices import Warmed
    from hellokit_bench.subject import Opened

LONGEST_SOURCE = 60
WARM_UPS = 100
OUR_OWN = {subject.__file__, slices.__file__, __file__, tracemalloc.__file__}


@attrs.frozen
class Line:
    """A line that holds more than before.

    Attributes:
        path: its file.
        line: its number.
        size: how much more it holds, in bytes.
        blocks: in how many pieces.
        source: what stands there; empty if nobody knows.
    """

    path: str
    line: int
    size: int
    blocks: int
    source: str

    @property
    def label(self) -> str:
        """Its place and its source, as people read them."""
        source = self.source[:LONGEST_SOURCE]
        return printable(f"{short(self.path)}:{self.line}  {source}".rstrip())


def weigh(opened: Opened, calls: int) -> dict[str, Any]:
    """Trace the memory of calls: an order.

    Args:
        opened: what to call.
        calls: how many times.

    Returns:
        What they took; by how much the peak was above the start, in bytes; and the lines that
        hold more or less than before, each as path, line, bytes, blocks, source.
    """
    tracemalloc.start()
    try:
        opened.block(min(calls, WARM_UPS))  # what is made once, as it is traced, is no growth
        gc.collect()
        before = tracemalloc.take_snapshot()
        start, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        spent = measured(opened.block, calls)
        _, peak = tracemalloc.get_traced_memory()
        gc.collect()
        changes = tracemalloc.take_snapshot().compare_to(before, "lineno")
    finally:
        tracemalloc.stop()
    return {"spent": spent, "peak": peak - start, "lines": [*map(_line, filter(_changed, changes))]}


def _changed(change: tracemalloc.StatisticDiff) -> bool:
    return bool(change.size_diff) and change.traceback[0].filename not in OUR_OWN


def _line(change: tracemalloc.StatisticDiff) -> tuple[str, int, int, int, str]:
    frame = change.traceback[0]
    source = linecache.getline(frame.filename, frame.lineno).strip()
    return frame.filename, frame.lineno, change.size_diff, change.count_diff, source


class Held:
    """What one subject holds after calls.

    Args:
        warmed: the subject.

    Attributes:
        lines: the lines that hold more or less than before, the one with the most first.
        peak: by how much the most that was held meanwhile is above the start, in bytes.
    """

    title = "memory"
    sees_all_threads = True
    tells = True

    def __init__(self, warmed: Warmed) -> None:
        self._worker = warmed.worker
        self._calls = 0
        self.lines: list[Line] = []
        self.peak = 0

    def take(self, calls: int) -> Spent:
        """Trace so many calls."""
        reply = self._worker.call(weigh, calls)
        self._calls, self.peak = calls, reply["peak"]
        lines = (Line(*each) for each in reply["lines"])
        self.lines = sorted(lines, key=lambda line: (-line.size, line.path, line.line))
        return Spent(*reply["spent"])

    @property
    def total(self) -> int:
        """How much more all lines hold than before, in bytes."""
        return sum(line.size for line in self.lines)

    def table(self, limit: int) -> Table:
        """Return the lines that hold the most."""
        rows = [
            (
                line.label,
                amounts.size(line.size),
                f"{line.blocks:,}",
                amounts.size(line.size / self._calls),
            )
            for line in self.lines[:limit]
            if line.size > 0
        ]
        return Table(("line", "held", "blocks", "held/greeting"), rows)

    def notes(self) -> list[str]:
        """Return what is held in all, and what was at the peak."""
        held = (
            f"after {self._calls:,} calls {amounts.size(self.total)} more are held than before, "
            f"{amounts.size(self.total / self._calls)} a greeting; "
            f"at the peak it was {amounts.size(self.peak)}"
        )
        return [held, "only what Python allocates is seen, and not what C code takes by itself"]

    def picture(self) -> str:
        """Return none: a table says it."""
        return ""

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "held_bytes": self.total,
            "peak_bytes": self.peak,
            "lines": [attrs.asdict(line) for line in self.lines],
        }
