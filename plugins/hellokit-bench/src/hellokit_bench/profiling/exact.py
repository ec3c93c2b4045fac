"""Every call of every function, counted and timed by cProfile."""

from __future__ import annotations

import sys
import threading
from cProfile import Profile
from pathlib import Path
from pstats import Stats
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hellokit import HellokitError
from hellokit_bench import subject
from hellokit_bench.profiling.function import Cost, Function
from hellokit_bench.profiling.slices import Spent, measured
from hellokit_bench.reporting import amounts
from hellokit_bench.reporting.table import Table

if TYPE_CHECKING:
    from hellokit_bench.profiling.slices import Warmed
    from hellokit_bench.subject import Opened

SEES_ALL_THREADS = sys.version_info >= (3, 12)
SWITCH = ("_lsprof.Profiler", "cProfile.py")


def profile(opened: Opened, calls: int, path: str) -> dict[str, Any]:
    """Profile calls: an order.

    Args:
        opened: what to call.
        calls: how many times.
        path: where to write the statistics, as pstats reads them.

    Returns:
        What they took, and the names of the other threads there are.
    """
    profiler = Profile()

    def block(calls: int) -> int:
        with profiler:
            return opened.block(calls)

    spent = measured(block, calls)
    profiler.dump_stats(path)
    me = threading.current_thread()
    return {"spent": spent, "threads": [each.name for each in threading.enumerate() if each != me]}


class Calls:
    """The calls of all functions that one subject made.

    Args:
        warmed: the subject.
    """

    title = "every call"
    sees_all_threads = SEES_ALL_THREADS
    tells = True

    def __init__(self, warmed: Warmed) -> None:
        self._worker = warmed.worker
        self._stats = Stats()
        self._calls = 0
        self._threads: set[str] = set()

    def take(self, calls: int) -> Spent:
        """Profile so many calls more."""
        with TemporaryDirectory() as folder:
            written = str(Path(folder, "calls.pstats"))
            reply = self._worker.call(profile, calls, written)
            self._stats.add(written)
        self._threads.update(reply["threads"])
        spent = Spent(*reply["spent"])
        self._calls += spent.calls
        return spent

    def keep(self, path: Path) -> None:
        """Write the file that pstats reads, and viewers of such files.

        Raises:
            HellokitError: if it cannot be written.
        """
        try:
            self._stats.dump_stats(str(path))
        except OSError as error:
            raise HellokitError(
                f"the statistics cannot be written to {str(path)!r}: {error.strerror or error}"
            ) from error

    def costs(self) -> list[Cost]:
        """Return what each function cost, the one with the most time of its own first."""
        kept = self._stats.stats  # type: ignore[attr-defined]  # typeshed has it not
        costs = [
            Cost(Function(name, path, line), own_s, cumulative_s, calls)
            for (path, line, name), (_, calls, own_s, cumulative_s, _) in kept.items()
            if path != subject.__file__ and not any(each in path + name for each in SWITCH)
        ]
        return sorted(costs, key=lambda cost: (-cost.own_s, -cost.cumulative_s, cost.function))

    def table(self, limit: int) -> Table:
        """Return the functions that took the most time of their own."""
        costs = self.costs()
        total_s = sum(cost.own_s for cost in costs) or 1.0
        rows = [
            (
                cost.function.label,
                f"{cost.own_s / total_s:.1%}",
                f"{cost.calls:,}",
                f"{(cost.calls or 0) / self._calls:.3g}",
                amounts.duration(cost.own_s / self._calls),
                amounts.duration(cost.cumulative_s / self._calls),
            )
            for cost in costs[:limit]
        ]
        headings = (
            "function",
            "own share",
            "calls",
            "calls/greeting",
            "own/greeting",
            "cumulative/greeting",
        )
        return Table(headings, rows)

    def notes(self) -> list[str]:
        """Return what the numbers leave out, or mix up."""
        notes = ["every call counts; what is called often seems slower than it is"]
        if self._threads and SEES_ALL_THREADS:
            names = ", ".join(sorted(self._threads))
            notes.append(
                f"there are other threads ({names}), and from Python 3.12 on cProfile mixes in "
                "what they do: leave --exact out to see the calling thread alone"
            )
        return notes

    def picture(self) -> str:
        """Return none: cProfile knows who called a function, and not from where that was called."""
        return ""

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {"functions": [cost.as_dict() for cost in self.costs()]}
