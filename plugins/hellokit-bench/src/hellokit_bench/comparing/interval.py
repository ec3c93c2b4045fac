"""Intervals: where the middle of a sample lies, or the shift between two, by ranks alone.

Nothing is assumed of how times are distributed, but that paired differences lie around their
middle alike on both sides. Estimates are Hodges and Lehmann's; the bounds turn round the exact
tests of Wilcoxon, for pairs, and of Mann and Whitney, for two samples.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, combinations_with_replacement
from math import inf
from statistics import median
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence


@attrs.frozen
class Interval:
    """An estimate with its bounds.

    Attributes:
        middle: the estimate.
        low: the bound below; minus infinity if the sample is too small for the confidence.
        high: the bound above; infinity likewise.
    """

    middle: float
    low: float
    high: float

    @property
    def is_bounded(self) -> bool:
        """Whether the sample was large enough for bounds."""
        return self.high < inf

    @property
    def furthest(self) -> float:
        """How far from zero the value may be."""
        return max(-self.low, self.high)


def of_pairs(differences: Sequence[float], confidence: float) -> Interval:
    """Return where the middle of paired differences lies.

    Args:
        differences: one of each pair, at least one.
        confidence: how often such bounds hold, at least: above 0 and below 1.
    """
    averages = [(a + b) / 2 for a, b in combinations_with_replacement(differences, 2)]
    return _interval(averages, _signed_rank_ways(len(differences)), confidence)


def of_samples(first: Sequence[float], second: Sequence[float], confidence: float) -> Interval:
    """Return by how much a second sample lies above a first one.

    Args:
        first: values, at least one.
        second: the same.
        confidence: how often such bounds hold, at least: above 0 and below 1.
    """
    shifts = [b - a for a in first for b in second]
    return _interval(shifts, _rank_sum_ways(len(first), len(second)), confidence)


def fewest_pairs(confidence: float) -> int:
    """Return how many pairs there must be for bounds of this confidence."""
    pairs = 1
    while 2.0 ** (1 - pairs) > 1 - confidence + 1e-12:  # 1 - 0.99 is a little below 0.01
        pairs += 1
    return pairs


def _interval(values: Sequence[float], ways: Sequence[int], confidence: float) -> Interval:
    """Return the interval between the two values that as many lie below and above of as may."""
    ordered = sorted(values)
    allowed = (1 - confidence + 1e-12) / 2 * sum(ways)
    outside = bisect_right(list(accumulate(ways)), allowed)
    if outside == 0:
        return Interval(median(ordered), -inf, inf)
    return Interval(median(ordered), ordered[outside - 1], ordered[-outside])


def _signed_rank_ways(pairs: int) -> list[int]:
    """Return in how many ways the positive ranks of this many pairs have each sum."""
    ways = [1]
    for rank in range(1, pairs + 1):
        padding = [0] * rank
        ways = [a + b for a, b in zip(ways + padding, padding + ways, strict=True)]
    return ways


def _rank_sum_ways(first: int, second: int) -> list[int]:
    """Return in how many ways each number of values of one sample lies below one of the other.

    They are the coefficients of Gauss's polynomial, which is multiplied and divided step by step.
    """
    most = first * second
    ways = [1] + [0] * most
    for size in range(1, first + 1):
        for total in range(most, second + size - 1, -1):
            ways[total] -= ways[total - second - size]
        for total in range(size, most + 1):
            ways[total] += ways[total - size]
    return ways
