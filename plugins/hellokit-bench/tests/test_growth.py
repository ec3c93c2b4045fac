"""Growth: a leak is what grows with the calls to the end, and nothing else is."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit_bench.leaking.growth import LEAST_CALLS, LEAST_ROUNDS, MOST_ROUNDS, judged, positions

if TYPE_CHECKING:
    from collections.abc import Callable

NOISE = 40


@lru_cache(8)
def slots(calls: int) -> int:
    """Return how many bytes a list takes to which so many things were appended."""
    kept: list[None] = []
    for _ in range(calls):
        kept.append(None)  # noqa: PERF401  # it is to grow as it does one by one
    return kept.__sizeof__()


def emptied(room: int) -> Callable[[int], int]:
    """Return a series of what is emptied whenever it is full."""
    return lambda calls: calls % room


def kind(values: Callable[[int], int], calls: int = 50_000, rounds: int = 6) -> str:
    """Return what a series is judged to be that is a function of the calls made."""
    made = positions(calls, rounds)
    return judged(made, [values(each) for each in made], NOISE).kind


@given(st.integers(LEAST_CALLS, 10**7), st.integers(LEAST_ROUNDS, MOST_ROUNDS))
def test_readings_go_from_few_calls_to_all(calls: int, rounds: int) -> None:
    """Each comes after more calls, and the rounds are in the last three quarters."""
    made = positions(calls, rounds)
    assert all(here < there for here, there in pairwise(made))
    assert made[-1] == calls
    assert made[0] == 4
    assert sum(each > calls / 4 + 1 for each in made) in {rounds, rounds - 1}


@pytest.mark.parametrize("rounds", [4, 6, 10, 20])
def test_a_slot_of_a_list_a_call_is_found(rounds: int) -> None:
    """It shows in steps only, of an eighth of the list."""
    made = positions(20_000, rounds)
    growth = judged(made, [slots(each) for each in made], NOISE)
    assert growth.kind == "grows"
    assert growth.per_call == pytest.approx(8, rel=0.25)


def test_an_object_in_64_calls_is_found() -> None:
    """The slope is its rate."""
    made = positions(50_000, 6)
    growth = judged(made, [each // 64 for each in made], NOISE)
    assert growth.kind == "grows"
    assert 1 / growth.per_call == pytest.approx(64, rel=0.01)


@given(
    calls=st.integers(1_000, 10**6),
    rounds=st.integers(LEAST_ROUNDS, MOST_ROUNDS),
    wobble=st.lists(st.integers(0, NOISE // 2), min_size=40, max_size=40),
    excess=st.floats(1, 1000),
)
def test_the_least_that_is_told_is_found(
    calls: int, rounds: int, wobble: list[int], excess: float
) -> None:
    """Whatever else varies by half of the noise, a leak of that size or more is seen."""
    made = positions(calls, rounds)
    least = judged(made, made, NOISE).least
    values = [round(least * excess * at) + more for at, more in zip(made, wobble, strict=False)]
    assert judged(made, values, NOISE).kind == "grows"


@given(
    calls=st.integers(1_000, 10**6),
    rounds=st.integers(LEAST_ROUNDS, MOST_ROUNDS),
    start=st.integers(0, 10**6),
    wobble=st.lists(st.integers(0, NOISE), min_size=40, max_size=40),
)
def test_what_varies_within_the_noise_is_still(
    calls: int, rounds: int, start: int, wobble: list[int]
) -> None:
    """No such series is a leak, in whatever order it varies."""
    made = positions(calls, rounds)
    values = [start + more for _, more in zip(made, wobble, strict=False)]
    assert judged(made, values, NOISE).kind == "still"


@given(
    calls=st.integers(LEAST_CALLS, 10**6),
    rounds=st.integers(LEAST_ROUNDS, MOST_ROUNDS),
    read=st.integers(3, 40),
)
def test_a_leak_is_found_wherever_the_calls_end(calls: int, rounds: int, read: int) -> None:
    """Three readings are enough for one that is large."""
    made = positions(calls, rounds)[:read]
    assert judged(made, [1000 * each for each in made], NOISE).kind == "grows"


@pytest.mark.parametrize("room", [100, 4_096, 20_000, 30_000])
def test_what_fills_up_is_no_leak(room: int) -> None:
    """It grew, and stopped when it was full."""
    assert kind(lambda calls: min(calls, room)) == "stopped"


def test_what_slows_down_is_no_leak() -> None:
    """Every round brings as much as the one before, though it has more calls."""
    assert kind(lambda calls: round(100 * log(calls))) == "stopped"


def test_what_is_emptied_now_and_then_is_rarely_taken_for_a_leak() -> None:
    """Its readings are as good as random: one order of them in 200 looks like a leak."""
    kinds = [kind(emptied(full)) for full in range(100, 5_000)]
    assert kinds.count("grows") < len(kinds) / 100


def test_what_is_slower_than_can_be_told_is_unclear() -> None:
    """It grew by more than the noise in all, and by less at the end."""
    assert kind(lambda calls: calls // 600) == "unclear"


def test_what_becomes_less_is_still() -> None:
    """Only growth is asked for."""
    assert kind(lambda calls: 10**6 - calls) == "still"
