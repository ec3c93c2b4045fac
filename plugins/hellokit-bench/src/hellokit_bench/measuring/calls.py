"""Calls: what a call of each subject costs, sampled in a fresh process each time."""

from __future__ import annotations

from functools import reduce
from operator import add
from statistics import median_low
from typing import TYPE_CHECKING

import attrs

from hellokit import Histogram
from hellokit_bench import blocks, footprint
from hellokit_bench.suite import Result
from hellokit_bench.worker import TIME_LIMIT_S, Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hellokit_bench.subject import Subject


@attrs.frozen
class Plan:
    """How a subject is measured.

    Attributes:
        processes: in how many fresh processes, one a round.
        values: how many blocks of calls each of them times.
        shortest_s: how long a block takes at least, in seconds.
        time_limit_s: how long a process may take for one thing it is told, in seconds.
    """

    processes: int = 10
    values: int = 3
    shortest_s: float = 0.005
    time_limit_s: float = TIME_LIMIT_S


@attrs.frozen
class Sample:
    """What one process gave.

    Attributes:
        values: how long a call took in each block, in seconds.
        calls: how many calls a block had.
        duration: what the kit timed of the blocks' calls; None of a peer.
        resident: the memory of the process afterwards, in bytes.
    """

    values: tuple[float, ...]
    calls: int
    duration: Histogram | None
    resident: int


def sample(subject: Subject, plan: Plan) -> Sample:
    """Measure a subject in a fresh process.

    Raises:
        SubjectError: if the subject failed.
    """
    with Worker(subject, time_limit_s=plan.time_limit_s) as worker:
        calls = worker.call(blocks.calibrated, round(plan.shortest_s * 1e9))
        before = _duration(worker)
        took_ns = [worker.call(blocks.timed, calls) for _ in range(plan.values)]
        after = _duration(worker)
        resident = worker.call(footprint.resident)
    values = tuple(each / calls / 1e9 for each in took_ns)
    # What was counted before was cold, and a p99 of few calls would be of nothing else.
    timed = after - before if after is not None and before is not None else None
    return Sample(values, calls, timed, resident)


def time(subject: Subject, samples: Sequence[Sample]) -> Result:
    """Return what a call takes, as its samples have it."""
    durations = [each.duration for each in samples if each.duration is not None]
    return Result(
        subject.label,
        tuple(each.values for each in samples),
        calls=median_low(each.calls for each in samples),
        duration=reduce(add, durations) if durations else None,
    )


def memory(subject: Subject, samples: Sequence[Sample]) -> Result:
    """Return what a process with the subject holds in memory, as its samples have it."""
    return Result(
        f"{subject.label} memory", tuple((each.resident,) for each in samples), unit="byte"
    )


def _duration(worker: Worker) -> Histogram | None:
    counted = worker.call(blocks.counted)
    return None if counted is None else Histogram.from_dict(counted["duration"])
