"""Verdicts: what is told follows from the interval, the band, the control, and nothing else."""

from __future__ import annotations

import random
from math import inf, log, log1p

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit_bench.comparing.interval import Interval, of_pairs
from hellokit_bench.comparing.verdict import Verdict

STEADY = Interval(0.0, -0.002, 0.002)


def seeded(seed: str) -> random.Random:
    """Return dice that always fall alike."""
    return random.Random(seed)  # noqa: S311  # nothing is secret here


def verdict(change: Interval, control: Interval | None = STEADY, band: float = 0.01) -> Verdict:
    """Return a verdict on made-up intervals."""
    return Verdict("old", "new", change, control, band, 0.99)


def around(ratio: float, half: float = 0.005) -> Interval:
    """Return an interval around a ratio, as logarithms."""
    return Interval(log(ratio), log(ratio) - half, log(ratio) + half)


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (around(1.05), "slower"),
        (around(0.95), "faster"),
        (around(1.0), "no difference seen"),
        (around(1.012), "no difference seen"),
        (around(1.05, half=0.06), "no difference seen"),
        (Interval(0.5, -inf, inf), "unsure"),
    ],
)
def test_the_whole_interval_has_to_lie_beyond_the_band(change: Interval, outcome: str) -> None:
    """Neither a small change nor an uncertain one is told as one."""
    assert verdict(change).outcome == outcome


@given(st.floats(0.5, 2), st.floats(0, 0.2), st.floats(0, 0.1))
def test_sides_that_change_places_have_the_opposite_verdict(
    ratio: float, half: float, band: float
) -> None:
    """What is slower one way is faster the other way."""
    opposite = {"slower": "faster", "faster": "slower", "no difference seen": "no difference seen"}
    there = verdict(around(ratio, half), band=band).outcome
    change = around(ratio, half)
    turned = Interval(-change.middle, -change.high, -change.low)
    assert verdict(turned, band=band).outcome == opposite[there]


def test_a_control_that_differs_from_itself_is_told() -> None:
    """Then a machine is too noisy for any verdict."""
    told = verdict(around(1.5), control=around(1.08))
    assert told.outcome == "unsure"
    assert told.sentences()[1] == (
        "Do not trust it: the control differs from itself by +8.0 %: the machine is too noisy."
    )


def test_a_control_without_bounds_says_nothing() -> None:
    """It was measured in too few processes, as what is compared may have been."""
    told = verdict(around(1.5), control=Interval(0.0, -inf, inf))
    assert told.outcome == "unsure"
    assert told.reasons == ("too few processes were measured to be 99 % sure of anything",)


def test_doubts_make_it_unsure() -> None:
    """Every reason not to trust a verdict is told."""
    told = attrs.evolve(verdict(around(1.5)), doubts=("it rained",), notes=("It was cold",))
    assert told.outcome == "unsure"
    assert told.sentences()[1:3] == ["Do not trust it: it rained.", "It was cold."]
    assert told.as_dict()["doubts"] == ["it rained"]


def test_what_would_have_been_seen_is_told() -> None:
    """The sentences have the change and the smallest one; a ratio stands for it in JSON."""
    told = verdict(around(1.05))
    assert told.sentences() == [
        "slower: new takes 5.0 % more time than old.",
        "A slowdown of 1.7 % would have been seen in 4 of 5 tries; up to 1 % counts as noise.",
    ]
    assert told.as_dict()["ratio"] == pytest.approx(1.05)
    assert "4 of 5" not in " ".join(verdict(Interval(0.0, -inf, inf)).sentences())


def test_without_bounds_there_is_null_in_json() -> None:
    """JSON knows no infinity."""
    record = verdict(Interval(0.0, -inf, inf), control=None).as_dict()
    assert [record[name] for name in ("ratio", "low", "high", "smallest_seen", "control")] == [
        *(1.0, None, None, None, None)
    ]


def simulated(dice: random.Random, change: float, pairs: int = 20) -> Verdict:
    """Return the verdict on simulated pairs, whose ratios vary by 1 %."""
    return verdict(of_pairs([dice.gauss(change, 0.01) for _ in range(pairs)], 0.99))


def test_nothing_is_found_where_nothing_is() -> None:
    """Of 1000 simulated comparisons without a change, none is a false alarm."""
    dice = seeded("no change")
    found = [simulated(dice, 0.0).outcome for _ in range(1000)]
    assert set(found) == {"no difference seen"}


def test_a_change_of_5_percent_is_found() -> None:
    """Of 1000 simulated comparisons, each finds it."""
    dice = seeded("5 %")
    assert {simulated(dice, log1p(0.05)).outcome for _ in range(1000)} == {"slower"}


@pytest.mark.parametrize("pairs", [8, 20, 40])
def test_the_smallest_change_is_found_in_4_of_5(pairs: int) -> None:
    """A change as small as was stated is found about as often as was stated."""
    dice = seeded(f"{pairs}")
    stated = sorted(simulated(dice, 0.0, pairs).smallest_seen for _ in range(301))[150]
    found = [simulated(dice, log1p(stated), pairs).outcome for _ in range(500)]
    assert 0.72 <= found.count("slower") / 500 <= 0.88
