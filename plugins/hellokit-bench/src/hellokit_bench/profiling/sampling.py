"""Samples: where the calling thread was, looked at time and again."""

from __future__ import annotations

from collections import Counter
from contextvars import copy_context
from functools import cache
from math import sqrt
from typing import TYPE_CHECKING, Any

from hellokit_bench import subject
from hellokit_bench.profiling.function import Cost, Function
from hellokit_bench.profiling.slices import Spent, measured
from hellokit_bench.reporting import amounts
from hellokit_bench.reporting.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyinstrument.session import Session

    from hellokit_bench.profiling.slices import Warmed
    from hellokit_bench.subject import Opened

INTERVAL_S = 0.001
FEWEST = 30
"""How many samples tell anything: a share of a half is good to about 18 points then."""
SPEEDSCOPE = "https://www.speedscope.app/file-format-schema.json"


def sample(opened: Opened, calls: int) -> dict[str, Any]:
    """Sample calls: an order.

    Args:
        opened: what to call.
        calls: how many times.

    Returns:
        What they took; the functions that were seen; and the stacks of them, outermost first,
        each with its number of samples and how long it was, in seconds.
    """
    from pyinstrument import Profiler

    profiler = Profiler(interval=INTERVAL_S, async_mode="enabled")
    # The profiler is known in the context of the calls alone: so it tells their waiting from the
    # waiting of the loop, which runs outside.
    context = copy_context()
    opened.context = context

    def block(calls: int) -> int:
        is_async = opened.subject.way == "async"  # then it enters the context by itself
        return opened.block(calls) if is_async else context.run(opened.block, calls)

    context.run(profiler.start)
    try:
        spent = measured(block, calls)
    finally:
        session = context.run(profiler.stop)
    return {"spent": spent, **_indexed(_stacks(session))}


def _stacks(session: Session) -> Iterator[tuple[list[Function], float]]:
    """Yield the stack and the seconds of each sample, below our own functions."""
    from pyinstrument.frame import AWAIT_FRAME_IDENTIFIER

    function = cache(_function)
    for seen, seconds in session.frame_records:
        stack = [function(each) for each in seen]
        if stack[-1].name == AWAIT_FRAME_IDENTIFIER:
            stack[-2:] = [_waiting(stack[-2])]
        ours = [depth for depth, each in enumerate(stack) if each.path == subject.__file__]
        if ours:
            yield stack[ours[-1] + 1 :], seconds


def _waiting(function: Function) -> Function:
    return Function(f"{function.name} [await]", function.path, function.line)


def _function(seen: str) -> Function:
    from pyinstrument.frame import Frame

    frame = Frame(seen)
    # What was seen of a frame is an attribute of it, with the time for which it was so.
    frame.record_time_from_frame_info(seen, 1.0)
    name = f"{frame.class_name}.{frame.function}" if frame.class_name else frame.function
    return Function(name, frame.file_path or "", frame.line_no or 0)


def _indexed(samples: Iterator[tuple[list[Function], float]]) -> dict[str, Any]:
    numbers: dict[Function, int] = {}
    count: Counter[tuple[int, ...]] = Counter()
    seconds: Counter[tuple[int, ...]] = Counter()
    for stack, time in samples:
        key = tuple(numbers.setdefault(each, len(numbers)) for each in stack)
        count[key] += 1
        seconds[key] += time  # type: ignore[assignment]  # a Counter adds up any numbers
    return {
        "functions": [(each.name, each.path, each.line) for each in numbers],
        "stacks": [(key, count[key], seconds[key]) for key in count],
    }


class Samples:
    """The samples of one subject.

    Args:
        warmed: the subject.

    Attributes:
        count: how many there are.
        stacks: the seconds of each stack of functions, outermost first.
    """

    title = "samples"
    sees_all_threads = False

    @property
    def tells(self) -> bool:
        """Whether there are enough of them to tell shares."""
        return self.count >= FEWEST

    def __init__(self, warmed: Warmed) -> None:
        self._worker = warmed.worker
        self.count = 0
        self.stacks: dict[tuple[Function, ...], float] = Counter()  # type: ignore[assignment]
        self._calls = 0

    def take(self, calls: int) -> Spent:
        """Take the samples of so many calls more."""
        return self.add(self._worker.call(sample, calls))

    def add(self, reply: Mapping[str, Any]) -> Spent:
        """Add what `sample` returned."""
        functions = [Function(*each) for each in reply["functions"]]
        for stack, count, seconds in reply["stacks"]:
            if stack:  # otherwise it was in our own loop
                self.stacks[tuple(functions[each] for each in stack)] += seconds
                self.count += count
        spent = Spent(*reply["spent"])
        self._calls += spent.calls
        return spent

    @property
    def total_s(self) -> float:
        """How long all stacks were, in seconds."""
        return sum(self.stacks.values())

    def costs(self) -> list[Cost]:
        """Return what each function cost, the one with the most time of its own first."""
        own: Counter[Function] = Counter()
        cumulative: Counter[Function] = Counter()
        for stack, seconds in self.stacks.items():
            own[stack[-1]] += seconds  # type: ignore[assignment]  # a Counter adds up any numbers
            for each in set(stack):
                cumulative[each] += seconds  # type: ignore[assignment]
        costs = [Cost(each, float(own[each]), float(cumulative[each])) for each in cumulative]
        return sorted(costs, key=lambda cost: (-cost.own_s, -cost.cumulative_s, cost.function))

    def table(self, limit: int) -> Table:
        """Return the functions that took the most time of their own."""
        total_s = self.total_s or 1.0
        rows = [
            (
                cost.function.label,
                f"{cost.own_s / total_s:.1%}",
                f"{cost.cumulative_s / total_s:.1%}",
                amounts.duration(cost.own_s / self._calls),
            )
            for cost in self.costs()[:limit]
        ]
        return Table(("function", "own share", "with callees", "own/greeting"), rows)

    def notes(self) -> list[str]:
        """Return how good the shares are."""
        every = f"one every {amounts.duration(INTERVAL_S)} at most"
        if not self.tells:
            advice = "give it more --calls or --duration"
            return [f"too few samples to tell ({self.count}, {every}): {advice}"]
        # Two standard errors of a share of a half, which is the one that is known worst.
        margin = f"{min(100.0, 100 / sqrt(self.count)):.1f} points"
        return [f"{self.count:,} samples, {every}: shares are good to about +-{margin}"]

    def picture(self) -> str:
        """Return the flame graph."""
        from hellokit_bench.profiling.flame import svg

        return svg(self.stacks)

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON: with the stacks in the form of speedscope, which shows them."""
        numbers = {cost.function: number for number, cost in enumerate(self.costs())}
        frames = [{"name": each.name, "file": each.path, "line": each.line} for each in numbers]
        stacks = {
            "type": "sampled",
            "name": "calls",
            "unit": "seconds",
            "startValue": 0,
            "endValue": self.total_s,
            "samples": [[numbers[each] for each in stack] for stack in self.stacks],
            "weights": list(self.stacks.values()),
        }
        return {
            "samples": self.count,
            "interval_s": INTERVAL_S,
            "functions": [cost.as_dict() for cost in self.costs()],
            "$schema": SPEEDSCOPE,
            "shared": {"frames": frames},
            "profiles": [stacks],
        }
