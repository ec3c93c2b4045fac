"""The survey of one subject: rounds of calls in fresh processes, and what they left behind."""

from __future__ import annotations

import os
from time import monotonic
from typing import TYPE_CHECKING, Literal

import attrs

from hellokit_bench.errors import SubjectError
from hellokit_bench.leaking import origin, probes
from hellokit_bench.leaking.growth import JUDGED, LEAST_CALLS, Growth, judged, positions
from hellokit_bench.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit_bench.subject import Opened, Subject

NOISE = {
    "objects": 20,
    "blocks": 60,
    "bytes": 4_000,
    "files": 2,
    "threads": 2,
    "tasks": 2,
    "processes": 2,
    "memory": 1_000_000,
}
"""What is measured, and how much each varies in a round without a leak.

The kit's histograms alone take some hundred bytes: a count above 256 is an object of its own.
"""
TOO_MANY = {
    "files": 400,
    "threads": 400,
    "tasks": 2_000,
    "processes": 50,
    "memory": 400_000_000,
}
"""How much more of something ends the calls: the machine has no more to give to a leak."""
WINDOW = {"HELLOKIT_ALERT_WINDOW": "86400"}
"""What `monitored` keeps of a window grows until the window is full: none is, in so short a time.

Whoever sets the variable has it as it is set.
"""
LEFT = ("files", "threads", "tasks", "processes")

LEAST_READINGS = 3
"""How many readings show a growth."""
IN_A_ROW = 100
"""How many calls are made in a row, or in a stream of many: what each row leaves is found too."""
TRACED = 10_000
TRACED_SHARE = 10
"""One call in so many is traced, and `TRACED` at least: tracing makes calls much slower."""


@attrs.frozen
class Plan:
    """What to do with each subject.

    Attributes:
        calls: how many calls to make.
        rounds: how many rounds make up the last three quarters of them.
        different: whether each call greets another name.
        settle_s: how long to wait before each reading for what ends by itself, in seconds.
        time_limit_s: about how long the calls of a process may take, in seconds: it makes as
            many as there is time for, and is ended if it is silent for so long.
    """

    calls: int
    rounds: int
    different: bool
    settle_s: float
    time_limit_s: float

    @property
    def traced(self) -> int:
        """How many calls are traced, in a process of their own."""
        return min(self.calls, max(TRACED, self.calls // TRACED_SHARE))


@attrs.frozen
class Line:
    """A line that allocated what was left behind.

    Attributes:
        file: its file.
        number: its number there.
        size: how many bytes it left a call.
        blocks: how many blocks it left a call.
    """

    file: str
    number: int
    size: float
    blocks: float


@attrs.frozen
class Series:
    """Readings of one kind.

    Attributes:
        calls: after how many calls each was taken.
        values: the readings.
        growth: what they come to.
    """

    calls: tuple[int, ...]
    values: tuple[int, ...]
    growth: Growth


@attrs.frozen
class Finding:
    """What was found of one subject.

    Attributes:
        subject: whose.
        series: the readings, by what was read.
        lines: the lines that allocated what was left behind.
        left: what was left of the kinds that leak, and how often.
        failed: why it could not be measured to the end; empty if it was.
    """

    subject: Subject
    series: dict[str, Series]
    lines: tuple[Line, ...] = ()
    left: dict[str, list[tuple[str, int]]] = attrs.field(factory=dict)
    failed: str = ""

    @property
    def leaks(self) -> list[str]:
        """The names of the series that grow."""
        return [name for name, series in self.series.items() if series.growth.kind == "grows"]

    @property
    def calls(self) -> int:
        """How many calls were made until the last reading of everything but bytes."""
        return self.series["objects"].calls[-1] if "objects" in self.series else 0

    @property
    def verdict(self) -> Literal["leaks", "failed", "no leak seen"]:
        """What it comes to, in a word or three."""
        return "leaks" if self.leaks else "failed" if self.failed else "no leak seen"


def steps(plan: Plan) -> int:
    """Return how many rounds the survey of a subject has, if nothing leaks."""
    return sum(len(positions(calls, plan.rounds)) for calls in (plan.calls, plan.traced))


def survey(subject: Subject, plan: Plan, step: Callable[[str], None]) -> Finding:
    """Call a subject over and over, and see what it leaves behind.

    Args:
        subject: what to call.
        plan: how often, and how.
        step: told before each round what is done.
    """
    rounds = _Rounds(subject, plan, step)
    lines: tuple[Line, ...] = ()
    try:
        rounds.count()
        rounds.trace()
        if rounds.leaks - {"memory"}:  # what Python did not allocate has no line of Python
            step(f"{subject.label}: lines")
            lines = rounds.located()
    except SubjectError as error:
        return Finding(subject, rounds.series, lines, rounds.left, str(error))
    return Finding(subject, rounds.series, lines, rounds.left)


class _Rounds:
    """Rounds of calls, and what was read between them."""

    def __init__(self, subject: Subject, plan: Plan, step: Callable[[str], None]) -> None:
        self._subject, self._plan, self._step = subject, plan, step
        self._made = 0
        self.series: dict[str, Series] = {}
        self.left: dict[str, list[tuple[str, int]]] = {}

    @property
    def leaks(self) -> set[str]:
        """The names of the series that grow."""
        return {name for name, each in self.series.items() if each.growth.kind == "grows"}

    def count(self) -> None:
        """Read everything that can be read while calls are as fast as ever."""
        with self._worker() as worker:
            self._read(worker, probes.held, self._plan.calls)
            for name in sorted(self.leaks.intersection(LEFT)):
                self.left[name] = worker.call(origin.left, name)

    def trace(self) -> None:
        """Read how many bytes Python holds, in another process, which traces them."""
        with self._worker() as worker:
            worker.call(probes.trace, 1)
            self._read(worker, probes.traced, min(self._plan.traced, self._made))

    def located(self) -> tuple[Line, ...]:
        """Return the lines that allocate what is left, from a third process."""
        calls = min(self._plan.traced, self._made)
        warm = calls // 4
        with self._worker() as worker:
            worker.call(probes.trace, origin.FRAMES)
            self._make(worker, 0, warm)
            worker.call(origin.mark)
            self._make(worker, warm, calls)
            found = worker.call(origin.grown)
        made = calls - warm
        return tuple(
            Line(file, number, size / made, blocks / made) for file, number, size, blocks in found
        )

    def _worker(self) -> Worker:
        window = {name: value for name, value in WINDOW.items() if name not in os.environ}
        limit_s = self._plan.time_limit_s
        return Worker(self._subject, environment=window, time_limit_s=limit_s)

    def _read(
        self, worker: Worker, read: Callable[[Opened, float], dict[str, int]], calls: int
    ) -> None:
        """Make rounds of calls and read after each; what was read is kept if they fail."""
        first = worker.call(read, self._plan.settle_s)  # what reading itself needs is there then
        made, readings, goal, past_s = [0], [first], calls, 0.0
        try:
            while after := [each for each in positions(goal, self._plan.rounds) if each > made[-1]]:
                position = after[0]
                self._step(f"{self._subject.label}: {position:,} calls")
                past_s += self._make(worker, made[-1], position)
                readings.append(worker.call(read, self._plan.settle_s))
                made.append(position)
                if LEAST_CALLS <= position < goal / JUDGED:  # it still warms up
                    goal = self._affordable(calls, position, past_s)
                if _is_exhausting(first, readings[-1]) and len(made) > LEAST_READINGS:
                    break
        finally:
            self._made = made[-1]
            if len(made) > LEAST_READINGS:
                self.series |= _series(made[1:], readings[1:])

    def _affordable(self, calls: int, made: int, past_s: float) -> int:
        """Return how many calls the time is enough for, if they go on as they began."""
        return min(calls, max(LEAST_CALLS, int(self._plan.time_limit_s / past_s * made)))

    def _make(self, worker: Worker, first: int, last: int) -> float:
        """Make calls, and return how long they took, in seconds."""
        began = monotonic()
        for begin in range(first, last, IN_A_ROW):
            end = min(begin + IN_A_ROW, last)
            worker.call(probes.made, begin, end, different=self._plan.different)
        return monotonic() - began


def _is_exhausting(first: dict[str, int], last: dict[str, int]) -> bool:
    return any(last.get(name, 0) - first.get(name, 0) > most for name, most in TOO_MANY.items())


def _series(made: list[int], readings: list[dict[str, int]]) -> dict[str, Series]:
    series = {}
    for name in readings[0]:
        values = [each[name] for each in readings]
        series[name] = Series(tuple(made), tuple(values), judged(made, values, NOISE[name]))
    return series
