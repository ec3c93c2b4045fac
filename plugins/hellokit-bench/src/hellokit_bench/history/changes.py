"""Change points: where a series of values went to another level, and stayed.

A point is found by Pettitt's test, which looks at ranks alone, so that single spikes count for
little: in the series and in shorter and shorter windows of it. The likeliest point cuts the
series in two parts, each of which is searched likewise.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, pairwise
from math import exp
from statistics import median
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHANCE = 0.001
"""How likely a change point is allowed to be where there is none, for one test."""
SHORTEST = 22
"""How many values it takes for that, with the change in their middle."""
LEAST_EFFECT = 0.01
"""By how much a level must differ from the one before, as a fraction of it."""


@attrs.frozen
class Change:
    """A point at which values went to another level.

    Attributes:
        index: of the first value of the new level.
        before: the median of the level before.
        after: the median of the new level.
    """

    index: int
    before: float
    after: float

    @property
    def effect(self) -> float:
        """By how much the level changed, as a fraction of the one before."""
        return self.after / self.before - 1


def changes(
    values: Sequence[float], *, chance: float = CHANCE, least_effect: float = LEAST_EFFECT
) -> list[Change]:
    """Return the change points of a series.

    Args:
        values: all above zero, the oldest first.
        chance: how likely a point may be by chance, for one test.
        least_effect: what is too little to be told, as a fraction.
    """
    cuts = sorted(_cuts(values, 0, len(values), chance))
    while cuts:
        found = _levels(values, cuts)
        least = min(found, key=lambda change: abs(change.effect))
        if abs(least.effect) >= least_effect:
            return found
        cuts.remove(least.index)
    return []


def _cuts(values: Sequence[float], begin: int, end: int, chance: float) -> Iterator[int]:
    """Yield where a part of the series is to be cut."""
    tests = [_tested(values, *window) for window in _windows(begin, end)]
    by_chance, cut = min(tests, default=(1.0, begin))
    if by_chance < chance:
        yield cut
        yield from _cuts(values, begin, cut, chance)
        yield from _cuts(values, cut, end, chance)


def _windows(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a part of the series as a whole, in halves, and so on, each overlapping the next.

    Seen as a whole, a level that was left and came back is no change.
    """
    length = end - begin
    while length >= SHORTEST:
        yield from ((first, first + length) for first in range(begin, end - length, length // 2))
        yield end - length, end
        length //= 2


def _tested(values: Sequence[float], begin: int, end: int) -> tuple[float, int]:
    """Return how likely the change in a window is by chance, nearly, and where it is."""
    length, departures = end - begin, _departures(values[begin:end])
    after = max(range(1, length), key=lambda after: departures[after - 1])
    by_chance = 2 * exp(-6 * departures[after - 1] ** 2 / (length**3 + length**2))
    return by_chance, begin + after


def _departures(values: Sequence[float]) -> list[float]:
    """Return Pettitt's |U| after each value: how far its ranks so far are from the usual sum."""
    ordered, usual = sorted(values), len(values) + 1
    doubled = [bisect_left(ordered, value) + bisect_right(ordered, value) + 1 for value in values]
    return [abs(total - after * usual) for after, total in enumerate(accumulate(doubled), 1)]


def _levels(values: Sequence[float], cuts: Sequence[int]) -> list[Change]:
    edges = [0, *cuts, len(values)]
    levels = [median(values[begin:end]) for begin, end in pairwise(edges)]
    return [Change(cut, *both) for cut, both in zip(cuts, pairwise(levels), strict=True)]
