"""Intervals: the bounds are those of the exact rank tests, and hold as often as they say."""

from __future__ import annotations

import random
from itertools import combinations, product
from math import comb, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit_bench.comparing import interval

VALUES = st.floats(-1, 1, allow_subnormal=False)
CONFIDENCES = st.sampled_from([0.5, 0.9, 0.95, 0.99])


def seeded(seed: str) -> random.Random:
    """Return dice that always fall alike."""
    return random.Random(seed)  # noqa: S311  # nothing is secret here


def test_bounds_are_those_of_the_published_table() -> None:
    """Of 20 pairs, 99 % bounds leave out 37 averages on each side, as Wilcoxon's table has it."""
    differences = [float(2**exponent) for exponent in range(20)]
    averages = sorted((a + b) / 2 for a, b in [*combinations(differences, 2)])
    averages = sorted([*averages, *differences])
    found = interval.of_pairs(differences, 0.99)
    assert (found.low, found.high) == (averages[37], averages[-38])


def test_the_number_of_pairs_that_a_confidence_takes_is_known() -> None:
    """One pair less has no bounds, as all signs alike are too likely."""
    for confidence, fewest in [(0.5, 2), (0.9, 5), (0.95, 6), (0.99, 8), (0.999, 11)]:
        assert interval.fewest_pairs(confidence) == fewest
        assert interval.of_pairs([0.5] * fewest, confidence).is_bounded
        assert interval.of_pairs([0.5] * (fewest - 1), confidence).high == inf


@pytest.mark.parametrize("pairs", range(1, 9))
def test_sums_of_signed_ranks_are_counted(pairs: int) -> None:
    """Each way in which signs may fall is counted once."""
    sums = [
        sum(rank for rank, sign in enumerate(signs, 1) if sign)
        for signs in product((False, True), repeat=pairs)
    ]
    assert interval._signed_rank_ways(pairs) == [sums.count(n) for n in range(max(sums) + 1)]


@pytest.mark.parametrize(("first", "second"), [(1, 1), (1, 5), (3, 2), (4, 4), (5, 3)])
def test_sums_of_ranks_are_counted(first: int, second: int) -> None:
    """Each way in which two samples may be mixed is counted once."""
    least = first * (first + 1) // 2
    sums = [sum(ranks) - least for ranks in combinations(range(1, first + second + 1), first)]
    ways = interval._rank_sum_ways(first, second)
    assert ways == [sums.count(n) for n in range(first * second + 1)]
    assert sum(ways) == comb(first + second, first)


@given(st.lists(VALUES, min_size=1, max_size=25), CONFIDENCES)
def test_the_estimate_lies_within_its_bounds(differences: list[float], confidence: float) -> None:
    """The bounds lie within the sample, or there are none."""
    found = interval.of_pairs(differences, confidence)
    assert found.low <= found.middle <= found.high
    if found.is_bounded:
        assert min(differences) <= found.low
        assert found.high <= max(differences)


@given(st.lists(VALUES, min_size=1, max_size=12), CONFIDENCES)
def test_sides_that_change_places_have_the_opposite_interval(
    differences: list[float], confidence: float
) -> None:
    """No side is better off."""
    found = interval.of_pairs(differences, confidence)
    turned = interval.of_pairs([-each for each in differences], confidence)
    assert (turned.low, turned.middle, turned.high) == (-found.high, -found.middle, -found.low)


@given(st.lists(VALUES, min_size=1, max_size=9), st.lists(VALUES, min_size=1, max_size=9))
def test_samples_that_change_places_have_the_opposite_interval(
    first: list[float], second: list[float]
) -> None:
    """No sample is better off, however many values each has."""
    found = interval.of_samples(first, second, 0.95)
    turned = interval.of_samples(second, first, 0.95)
    assert (turned.low, turned.middle, turned.high) == (-found.high, -found.middle, -found.low)
    assert found.low <= found.middle <= found.high


def test_a_stray_pair_moves_little() -> None:
    """One pair in which the machine stood still is not the verdict."""
    usual = [n / 1000 for n in range(-10, 10)]
    found = interval.of_pairs([*usual[1:], 50.0], 0.99)
    assert abs(found.middle) < 0.002
    assert found.high < 0.01


@pytest.mark.parametrize("spikes", [0.0, 0.1])
@pytest.mark.parametrize("pairs", [8, 20])
def test_bounds_of_pairs_hold_as_often_as_they_say(pairs: int, spikes: float) -> None:
    """In 1500 simulated samples, 99 % bounds miss in 2 % at most, with spikes and without."""
    dice = seeded(f"{pairs} {spikes}")
    missed = 0
    for _ in range(1500):
        sample = [
            dice.gauss(0, 0.01) + (dice.random() < spikes) * dice.gauss(0, 0.2)
            for _ in range(pairs)
        ]
        found = interval.of_pairs(sample, 0.99)
        missed += not found.low <= 0 <= found.high
    assert missed <= 30


def test_bounds_of_samples_hold_as_often_as_they_say() -> None:
    """In 1500 simulated pairs of samples, 95 % bounds miss in 4 % to 6 %, as they are exact."""
    dice = seeded("samples")
    missed = 0
    for _ in range(1500):
        first = [dice.expovariate(1) for _ in range(9)]
        second = [dice.expovariate(1) + 3 for _ in range(12)]
        found = interval.of_samples(first, second, 0.95)
        missed += not found.low <= 3 <= found.high
    assert 0.035 <= missed / 1500 <= 0.065
