"""Steps: what is measured in a process of its own, and how its rounds come together."""

from __future__ import annotations

from functools import reduce
from math import log
from operator import add
from statistics import linear_regression, median
from typing import TYPE_CHECKING, Any

import attrs

from hellokit import Histogram
from hellokit_bench.scaling.crowd import Passage, passed
from hellokit_bench.scaling.usl import Fit, fit
from hellokit_bench.worker import TIME_LIMIT_S, Worker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hellokit_bench.subject import Subject

SHORTEST_S = 0.05
"""How long a level is measured at least; items of backends that are quick double until it is."""
FEWEST_ITEMS = 50_000
"""How many items make the memory of each of them visible, at least."""


@attrs.frozen
class Step:
    """What one process measures.

    Attributes:
        subject: the backend, and how it is called.
        concurrency: how many items run at once.
        items: how many there are.
        shortest_s: how long they take together at least, in seconds, or they are doubled.
    """

    subject: Subject
    concurrency: int
    items: int
    shortest_s: float = 0.0

    @property
    def label(self) -> str:
        """What it is called in messages."""
        return f"{self.subject.label}, {self.items:,} items, {self.concurrency:,} at once"


@attrs.frozen
class Plan:
    """What is measured of each backend.

    Attributes:
        levels: how many items run at once.
        per_place: how many items there are for each of those that run at once.
        sizes: how many items there are, for the growth with their number.
        concurrency: how many of those run at once.
    """

    levels: Sequence[int]
    per_place: int
    sizes: Sequence[int]
    concurrency: int

    def steps(self, subject: Subject) -> list[Step]:
        """Return all steps."""
        return [*self.at_levels(subject), *self.at_sizes(subject)]

    def at_levels(self, subject: Subject) -> list[Step]:
        """Return the steps of the levels."""
        return [Step(subject, each, each * self.per_place, SHORTEST_S) for each in self.levels]

    def at_sizes(self, subject: Subject) -> list[Step]:
        """Return the steps of the sizes."""
        return [Step(subject, self.concurrency, each) for each in self.sizes]


def take(step: Step, time_limit_s: float = TIME_LIMIT_S) -> Passage:
    """Measure a step in a fresh process.

    Args:
        step: what to measure.
        time_limit_s: how long it may take, in seconds.

    Raises:
        SubjectError: if the backend failed with every item, or took too long.
    """
    bound = {
        # The backend `async` and the threads of blocking backends have a bound of their own.
        "HELLOKIT_MAX_CONCURRENT": str(step.concurrency),
    }
    worker = Worker(step.subject, environment=bound, time_limit_s=time_limit_s, tried=False)
    with worker:
        return worker.call(passed, step.items, step.concurrency, step.shortest_s)


@attrs.frozen
class Point:
    """What the rounds of a step gave.

    Attributes:
        rounds: what each gave; at least one.
    """

    rounds: Sequence[Passage]

    @property
    def throughput(self) -> float:
        """Items a second: the median of the rounds."""
        return median(each["items"] / each["seconds"] for each in self.rounds)

    @property
    def time_s(self) -> float:
        """How long all items took together, in seconds: the median of the rounds."""
        return median(each["seconds"] for each in self.rounds)

    @property
    def peak_bytes(self) -> float:
        """The most memory that the process had, in bytes: the median of the rounds."""
        return median(each["peak_bytes"] for each in self.rounds)

    @property
    def error_ratio(self) -> float:
        """The share of all items that failed."""
        items = sum(each["items"] for each in self.rounds)
        return sum(each["failed"] for each in self.rounds) / items

    @property
    def duration(self) -> Histogram:
        """How long the backend's calls took, as the kit timed them."""
        return reduce(add, (Histogram.from_dict(each["duration"]) for each in self.rounds))

    def as_dict(self) -> dict[str, Any]:
        """Return numbers ready for JSON, with their units in the names."""
        p50, p99 = (self.duration.quantile(q) if self.duration.count else None for q in (0.5, 0.99))
        return {
            "throughput_per_s": self.throughput,
            "throughputs_per_s": [each["items"] / each["seconds"] for each in self.rounds],
            "time_s": self.time_s,
            "p50_ns": p50,
            "p99_ns": p99,
            "error_ratio": self.error_ratio,
            "peak_bytes": self.peak_bytes,
        }


@attrs.frozen
class Scaling:
    """How a backend scales.

    Attributes:
        subject: the backend, and how it was called.
        levels: what was measured by the concurrency.
        sizes: what was measured by the number of items.
    """

    subject: Subject
    levels: Mapping[int, Point]
    sizes: Mapping[int, Point]

    @classmethod
    def of(cls, subject: Subject, plan: Plan, taken: Mapping[Step, Sequence[Passage]]) -> Scaling:
        """Return how a backend scales, by what was taken of its steps."""
        levels = {each.concurrency: each for each in plan.at_levels(subject)}
        sizes = {each.items: each for each in plan.at_sizes(subject)}
        return cls(subject, *(_points(each, taken) for each in (levels, sizes)))

    @property
    def fit(self) -> Fit | None:
        """The law that fits the levels; None if there are too few of them."""
        return fit({level: point.throughput for level, point in self.levels.items()})

    @property
    def exponent(self) -> float | None:
        """The power of the number of items that the time grows with; 1 is linear.

        None with fewer than two sizes.
        """
        if len(self.sizes) < 2:  # noqa: PLR2004  # a line has two points
            return None
        times = [log(each.time_s) for each in self.sizes.values()]
        return linear_regression([log(each) for each in self.sizes], times).slope

    @property
    def bytes_an_item(self) -> float | None:
        """What the peak of memory grows by for each item, in bytes; None with too few items.

        What a process takes differs by some hundred kB from one to the next.
        """
        if not self.sizes or max(self.sizes) - min(self.sizes) < FEWEST_ITEMS:
            return None
        least, most = min(self.sizes), max(self.sizes)
        grown = self.sizes[most].peak_bytes - self.sizes[least].peak_bytes
        return grown / (most - least)

    def as_dict(self) -> dict[str, Any]:
        """Return what was measured and predicted, ready for JSON."""
        return {
            "backend": self.subject.name,
            "way": self.subject.way,
            "levels": {str(level): point.as_dict() for level, point in self.levels.items()},
            "fit": self.fit and self.fit.as_dict(),
            "sizes": {str(size): point.as_dict() for size, point in self.sizes.items()},
            "exponent": self.exponent,
            "bytes_an_item": self.bytes_an_item,
        }


def _points(steps: Mapping[int, Step], taken: Mapping[Step, Sequence[Passage]]) -> dict[int, Point]:
    return {n: Point(taken[step]) for n, step in steps.items() if taken.get(step)}
