"""The Universal Scalability Law: found again in numbers that were made by it, and else refused."""

from __future__ import annotations

from math import inf, isclose
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit_bench.scaling.usl import FEWEST_LEVELS, Law, fit

LEVELS = (1, 2, 4, 8, 16, 32, 64, 128)
laws = st.builds(
    Law,
    rate=st.floats(0.1, 1e6),
    waiting=st.floats(0, 1),
    disturbance=st.one_of(st.just(0.0), st.floats(1e-6, 0.1)),
)


def made_by(law: Law, noise: float = 0.0, seed: int = 1) -> dict[int, float]:
    """Return throughputs that a law makes, with a relative noise."""
    random = Random(seed)  # noqa: S311  # not secret
    return {n: law.throughput(n) * random.lognormvariate(0, noise) for n in LEVELS}


@given(laws)
def test_a_law_is_found_again(law: Law) -> None:
    """Without noise its throughput is met at each level, and nothing is off."""
    found = fit(made_by(law))
    assert found is not None
    assert found.deviation < 1e-6
    for level in LEVELS:
        assert isclose(found.law.throughput(level), law.throughput(level), rel_tol=1e-5)
    assert found.law.waiting == pytest.approx(law.waiting, rel=1e-4, abs=1e-6)
    assert found.law.disturbance == pytest.approx(law.disturbance, rel=1e-4, abs=1e-8)


@given(laws, st.integers(0, 1000))
def test_noise_does_not_make_the_law_nonsense(law: Law, seed: int) -> None:
    """No coefficient is below 0, and no other law of this form is nearer than the one found."""
    points = made_by(law, noise=0.03, seed=seed)
    found = fit(points)
    assert found is not None
    assert min(found.law.waiting, found.law.disturbance) >= 0
    assert off(found.law, points) <= off(law, points) + 1e-9


def off(law: Law, points: dict[int, float]) -> float:
    """Return the sum of squares of how far a law is off, as the fit sees it."""
    return sum((points[n] / law.throughput(n) - 1) ** 2 for n in points)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_concurrency_is_found_in_noise(seed: int) -> None:
    """It is near that of the law, and leaving a level out moves it little."""
    law = Law(1000, waiting=0.03, disturbance=0.0005)
    found = fit(made_by(law, noise=0.02, seed=seed))
    assert found is not None
    assert found.is_good
    assert found.best is not None
    assert found.best == pytest.approx(law.best, rel=0.15)
    assert found.lowest_best <= found.best <= found.highest_best


@given(laws, st.floats(1, 1000))
def test_nothing_exceeds_the_best(law: Law, concurrency: float) -> None:
    """The best concurrency has the highest throughput, and the ceiling is not exceeded."""
    throughput = law.throughput(concurrency)
    assert throughput <= law.ceiling * (1 + 1e-9)
    if law.best < inf:
        assert throughput <= law.throughput(law.best) * (1 + 1e-9)


@given(laws, st.floats(1e-3, 1e3))
def test_the_unit_of_the_throughput_changes_the_rate_alone(law: Law, factor: float) -> None:
    """Items an hour wait in line as those a second do."""
    points = made_by(law, noise=0.02)
    one, other = fit(points), fit({n: x * factor for n, x in points.items()})
    assert one is not None
    assert other is not None
    assert other.law.rate == pytest.approx(one.law.rate * factor, rel=1e-6)
    assert other.deviation == pytest.approx(one.deviation, rel=1e-4)


def test_what_does_not_wait_is_best_one_at_a_time() -> None:
    """Throughput that concurrency does not change, or hardly, waits in line."""
    for waiting in (1, 0.97):
        found = fit(made_by(Law(5000, waiting)))
        assert found is not None
        assert found.best == 1
        assert found.law.ceiling == pytest.approx(5000 / waiting)


def test_there_is_no_limit_where_none_was_measured() -> None:
    """Throughput that grows with each level has no best one, nor has one far beyond."""
    for law in (Law(1000), Law(1000, 0.01), Law(1000, disturbance=1e-6)):
        found = fit(made_by(law))
        assert found is not None
        assert found.is_good
        assert found.best is None


def test_a_limit_just_beyond_what_was_measured_is_told() -> None:
    """Up to twice the highest level, the law may be followed."""
    found = fit(made_by(Law(1000, disturbance=1 / 200**2)))
    assert found is not None
    assert found.best == pytest.approx(200)


@pytest.mark.parametrize(
    "points",
    [
        {n: min(800.0 * n, 20_000.0) for n in LEVELS},
        {n: 100.0 * n**1.5 for n in LEVELS},
        dict(zip(LEVELS, [900, 400, 3000, 1000, 9000, 2000, 500, 7000], strict=True)),
    ],
    ids=["a sharp knee", "more than linear", "noise"],
)
def test_what_the_law_does_not_describe_is_not_predicted(points: dict[int, float]) -> None:
    """A fit that is far off predicts nothing."""
    found = fit(points)
    assert found is not None
    assert not found.is_good
    assert found.best is None


def test_few_levels_make_no_law() -> None:
    """Three coefficients fit any three points."""
    points = made_by(Law(1000, 0.03, 0.0005))
    few = dict(list(points.items())[: FEWEST_LEVELS - 1])
    assert fit(few) is None
