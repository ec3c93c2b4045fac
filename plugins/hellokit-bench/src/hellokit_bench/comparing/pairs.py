"""Pairs: fresh processes of each side, alive at the same time and measured in turn.

The process is what is repeated: where its memory lies decides on its speed by a percent or so,
and no number of calls in it tells that.
"""

from __future__ import annotations

from contextlib import ExitStack
from itertools import cycle, islice, permutations
from math import log
from statistics import median
from typing import TYPE_CHECKING

import attrs

from hellokit_bench import blocks
from hellokit_bench.comparing.cores import one_core
from hellokit_bench.worker import TIME_LIMIT_S, Worker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hellokit_bench.subject import Subject

ROUNDS = 24
"""How many blocks of each side there are in a pair: four in each order of three sides."""
LONGER = 8
"""How many times as many calls as it needs a side makes at most, for the other's sake."""


@attrs.frozen
class Side:
    """One of the things that are compared.

    Attributes:
        label: how the verdict calls it.
        subject: what is called.
        path: where its process finds modules; as this one does, if None.
        environment: variables of its process, on top of those of this one.
    """

    label: str
    subject: Subject
    path: Sequence[str] | None = None
    environment: Mapping[str, str] | None = None

    def worker(self, time_limit_s: float = TIME_LIMIT_S) -> Worker:
        """Return a fresh process of it, which may take so long for one order, in seconds."""
        return Worker(
            self.subject,
            path=self.path,
            environment=self.environment,
            time_limit_s=time_limit_s,
        )


@attrs.frozen
class Pair:
    """What a fresh process of each side took.

    Attributes:
        rounds: for each round the seconds a call of each side.
    """

    rounds: tuple[tuple[float, ...], ...]

    def seconds(self, side: int) -> float:
        """Return what a call of a side took in the middle, in seconds."""
        return median(each[side] for each in self.rounds)

    def difference(self, side: int) -> float:
        """Return the logarithm of a side's ratio to the first side."""
        return median(log(each[side] / each[0]) for each in self.rounds)


def measured(
    sides: Sequence[Side], number: int, shortest_s: float, time_limit_s: float = TIME_LIMIT_S
) -> Pair:
    """Measure a fresh process of each side, block by block in turn, on one core.

    Args:
        sides: what to compare.
        number: which pair it is, from 0 on; it decides on the core, and on who starts first.
        shortest_s: how long a block takes at least, in seconds.
        time_limit_s: how long a process may take for one order, in seconds.

    Raises:
        SubjectError: if one of the sides fails.
    """
    orders = list(permutations(range(len(sides))))
    with one_core(number), ExitStack() as alive:
        opened = {
            side: alive.enter_context(sides[side].worker(time_limit_s))
            for side in orders[number % len(orders)]
        }
        workers = [opened[side] for side in range(len(sides))]
        calls = _calls(workers, shortest_s)
        rounds = [_round(workers, calls, order) for order in islice(cycle(orders), ROUNDS)]
    return Pair(tuple(rounds))


def _calls(workers: Sequence[Worker], shortest_s: float) -> list[int]:
    """Return how many calls make a block of each: the same number, unless that takes too long."""
    needed = [each.call(blocks.calibrated, round(shortest_s * 1e9)) for each in workers]
    return [min(max(needed), LONGER * each) for each in needed]


def _round(
    workers: Sequence[Worker], calls: Sequence[int], order: Sequence[int]
) -> tuple[float, ...]:
    took = {side: workers[side].call(blocks.timed, calls[side]) for side in order}
    return tuple(took[side] / calls[side] / 1e9 for side in range(len(workers)))
