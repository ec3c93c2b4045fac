"""Arrivals: when calls are to begin, whatever the target does."""

from __future__ import annotations

from itertools import accumulate, count, islice, repeat
from math import inf, sqrt
from random import Random
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@attrs.frozen
class Stage:
    """A time in which the rate goes evenly from one value to another.

    Attributes:
        duration_s: how long it is, in seconds; infinite for one that is ended by a count.
        first: the rate at its beginning, in calls a second.
        last: the rate at its end.
    """

    duration_s: float
    first: float
    last: float

    @property
    def arrivals(self) -> float:
        """How many calls begin in it."""
        return (self.first + self.last) / 2 * self.duration_s

    def when(self, arrivals: float) -> float:
        """Return how far into the stage so many calls have begun, in seconds.

        >>> Stage(10, 5, 5).when(20), Stage(10, 0, 100).when(125)
        (4.0, 5.0)
        """
        if not arrivals:
            return 0.0
        growth = (self.last - self.first) / self.duration_s
        # The smaller root of the quadratic, in the form that loses no digits as growth nears 0.
        return 2 * arrivals / (self.first + sqrt(max(0.0, self.first**2 + 2 * growth * arrivals)))


def ramp(rate: float, targets: Sequence[tuple[float, float]]) -> tuple[Stage, ...]:
    """Return stages, each of which begins with the rate that the one before ends with.

    Args:
        rate: the rate at the beginning, in calls a second.
        targets: for each stage its duration, in seconds, and its rate at the end.

    >>> ramp(10, [(5, 100), (20, 100)])
    (Stage(duration_s=5, first=10, last=100), Stage(duration_s=20, first=100, last=100))
    """
    rates = [rate, *(target for _, target in targets)]
    return tuple(
        Stage(duration_s, first, last)
        for (duration_s, _), first, last in zip(targets, rates, rates[1:], strict=False)
    )


def steady(rate: float, duration_s: float = inf) -> tuple[Stage, ...]:
    """Return one stage whose rate does not change."""
    return (Stage(duration_s, rate, rate),)


def arrivals(
    stages: Sequence[Stage], *, poisson: bool = False, seed: int = 0, most: int | None = None
) -> Iterator[float]:
    """Return when each call is to begin, in seconds from the beginning, ascending.

    Args:
        stages: the rates, one after the other.
        poisson: whether calls come by chance, independently of each other, rather than evenly.
        seed: decides on chance.
        most: how many calls there are at most.

    >>> list(arrivals(ramp(0, [(2, 4), (1, 0)])))
    [0.0, 1.0, 1.4142135623730951, 1.7320508075688772, 2.0, 2.2928932188134525]
    """
    return islice(_within(stages, _by_chance(seed) if poisson else count()), most)


def _by_chance(seed: int) -> Iterator[float]:
    random = Random(seed)  # noqa: S311  # nobody is kept out by it
    return accumulate(map(random.expovariate, repeat(1.0)))


def _within(stages: Sequence[Stage], arrived: Iterator[float]) -> Iterator[float]:
    """Yield when the expected number of calls reaches each of the numbers that are given."""
    begin_s = before = 0.0
    number = next(arrived)
    for stage in stages:
        while number - before < stage.arrivals:
            yield begin_s + stage.when(number - before)
            number = next(arrived)
        before += stage.arrivals
        begin_s += stage.duration_s
