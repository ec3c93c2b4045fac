"""Arrivals: counts, order and shape of schedules, whatever the rates."""

from __future__ import annotations

from itertools import islice, pairwise
from math import ceil, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit_bench.loading.arrivals import Stage, arrivals, ramp, steady
from hellokit_bench.loading.plan import Plan

RATES = st.floats(0, 200)
TIMES = st.floats(0.01, 5)
RAMPS = st.builds(ramp, RATES, st.lists(st.tuples(TIMES, RATES), min_size=1, max_size=4))


def expected(stages: tuple[Stage, ...], until_s: float) -> float:
    """Return the integral of the rates until a moment."""
    total = 0.0
    for stage in stages:
        within = min(stage.duration_s, until_s)
        growth = (stage.last - stage.first) / stage.duration_s
        total += stage.first * within + growth * within**2 / 2
        until_s -= within
    return total


@given(stages=RAMPS)
def test_as_many_calls_come_as_the_rates_add_up_to(stages: tuple[Stage, ...]) -> None:
    """The first comes at the beginning, and the last before the area under the rates is full."""
    total = sum(stage.arrivals for stage in stages)
    assert len(list(arrivals(stages))) in {ceil(total - 1e-6), ceil(total + 1e-6)}


@given(stages=RAMPS, poisson=st.booleans(), seed=st.integers(0, 5))
def test_calls_come_in_order_and_in_time(
    stages: tuple[Stage, ...],
    poisson: bool,  # noqa: FBT001  # hypothesis passes it by name
    seed: int,
) -> None:
    """None comes before the one in front of it, or after the last stage."""
    times = list(arrivals(stages, poisson=poisson, seed=seed))
    assert all(one <= other + 1e-9 for one, other in pairwise(times))
    assert all(0 <= at <= sum(stage.duration_s for stage in stages) + 1e-6 for at in times)


@given(stages=RAMPS)
def test_each_call_comes_when_the_area_under_the_rates_has_reached_its_number(
    stages: tuple[Stage, ...],
) -> None:
    """The schedule is the inverse of the integral of the rate."""
    for number, at in enumerate(arrivals(stages, most=50)):
        assert isclose(expected(stages, at), number, rel_tol=1e-6, abs_tol=1e-3)


@given(seed=st.integers(0, 1000))
def test_chance_is_repeatable_and_about_as_much(seed: int) -> None:
    """One seed gives one schedule, with the number of calls that a Poisson process has."""
    times = list(arrivals(steady(100, 10), poisson=True, seed=seed))
    assert times == list(arrivals(steady(100, 10), poisson=True, seed=seed))
    assert abs(len(times) - 1000) < 6 * 1000**0.5


def test_a_count_ends_a_schedule_without_end() -> None:
    """Without a duration there is a call as long as somebody takes one."""
    assert list(arrivals(steady(10), most=3)) == [0.0, 0.1, 0.2]
    assert len(list(islice(arrivals(steady(1e6)), 1000))) == 1000


@pytest.mark.parametrize(
    ("at", "rate"), [(0.0, 10.0), (2.5, 55.0), (5.0, 100.0), (7.0, 100.0), (11.0, 0.0)]
)
def test_a_plan_knows_its_rate_at_any_time(at: float, rate: float) -> None:
    """Rates are told for pictures, and are 0 after the end."""
    plan = Plan(stages=ramp(10, [(5, 100), (5, 100)]))
    assert plan.rate_at(at) == pytest.approx(rate)


def test_a_plan_tells_its_starts_in_whole_nanoseconds() -> None:
    """The clock counts them."""
    plan = Plan(stages=steady(4, 1), duration_s=1)
    assert list(plan.starts_ns()) == [0, 250_000_000, 500_000_000, 750_000_000]
