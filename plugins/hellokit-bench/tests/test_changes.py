"""Change points: steps are found where they are, and noise is not taken for one."""

from __future__ import annotations

import random
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit_bench.history.changes import Change, changes

Noise = Literal["even", "spiky"]
SERIES = st.lists(st.floats(1e-9, 1.0), max_size=60)


def seeded(seed: str) -> random.Random:
    """Return dice that always fall alike."""
    return random.Random(seed)  # noqa: S311  # nothing is secret here


def series(dice: random.Random, noise: Noise, levels: list[float]) -> list[float]:
    """Return noisy values: sd 2 %, or sd 1 % and 8 % more in every twelfth, about."""
    if noise == "even":
        return [level * dice.gauss(1, 0.02) for level in levels]
    return [level * dice.gauss(1, 0.01) * (1 + 0.08 * (dice.random() < 0.08)) for level in levels]


def found(noise: Noise, levels: list[float], tries: int) -> list[list[int]]:
    """Return where changes are found in so many series."""
    dice = seeded(f"{noise} {len(levels)} {levels[-1]}")
    return [[each.index for each in changes(series(dice, noise, levels))] for _ in range(tries)]


@pytest.mark.parametrize("noise", ["even", "spiky"])
def test_noise_is_no_change(noise: Noise) -> None:
    """Of 1000 series of 100 values, 5 at most have a change point."""
    assert sum(map(bool, found(noise, [1.0] * 100, 1000))) <= 5


@pytest.mark.parametrize(
    ("noise", "step", "least"),
    [
        ("even", 1.02, 0.5),
        ("even", 1.03, 0.9),
        ("even", 0.95, 0.98),
        ("spiky", 1.02, 0.9),
        ("spiky", 1.03, 0.95),
    ],
)
def test_a_step_is_found_where_it_is(noise: Noise, step: float, least: float) -> None:
    """A step at value 60 of 100 is found within 10 values of it."""
    tries = found(noise, [1.0] * 60 + [step] * 40, 200)
    near = [any(abs(index - 60) <= 10 for index in each) for each in tries]
    assert sum(near) / len(near) >= least


def test_a_step_of_5_percent_is_found_after_16_values() -> None:
    """A change need not be old, but single values are no change."""
    tries = found("even", [1.0] * 84 + [1.05] * 16, 100)
    assert sum(map(bool, tries)) >= 97
    tries = found("even", [1.0] * 97 + [1.05] * 3, 100)
    assert sum(map(bool, tries)) <= 2


def test_a_level_that_was_left_and_came_back_is_two_changes() -> None:
    """What was broken and mended is found, as are the values in between."""
    assert changes([2.0] * 30 + [2.1] * 30 + [2.0] * 30) == [
        Change(30, 2.0, 2.1),
        Change(60, 2.1, 2.0),
    ]


def test_three_levels_are_told_each_beside_the_one_before() -> None:
    """An effect is a fraction of the level that was left."""
    told = changes([1.0] * 30 + [1.1] * 30 + [1.21] * 30)
    assert [each.index for each in told] == [30, 60]
    assert [each.effect for each in told] == pytest.approx([0.1, 0.1])


def test_a_change_that_is_too_small_is_not_told() -> None:
    """However sure it is; and two levels beside it are one then."""
    assert changes([1.0] * 50 + [1.005] * 50) == []
    assert len(changes([1.0] * 50 + [1.005] * 50, least_effect=0.001)) == 1


@given(SERIES)
def test_whatever_the_values_the_points_lie_between_them(values: list[float]) -> None:
    """Points are in order, none at the ends, and each changes something."""
    told = changes(values)
    indices = [each.index for each in told]
    assert indices == sorted(set(indices))
    assert all(0 < index < len(values) for index in indices)
    assert all(abs(each.effect) >= 0.01 for each in told)


@given(st.lists(st.sampled_from([1.0, 1.5, 1.75]), min_size=22, max_size=60), st.integers(-20, 20))
def test_the_unit_does_not_matter(values: list[float], exponent: int) -> None:
    """Seconds and nanoseconds have the same change points."""
    told = changes(values)
    again = changes([value * 2.0**exponent for value in values])
    assert [(each.index, each.effect) for each in told] == [
        (each.index, each.effect) for each in again
    ]
