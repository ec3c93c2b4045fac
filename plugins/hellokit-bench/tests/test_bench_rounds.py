"""Rounds: each has everything once, in turned order; failures and interrupts lose nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hellokit_bench.errors import SubjectError
from hellokit_bench.measuring.rounds import in_turn


def nothing(_: object) -> None:
    """Take no notice of a step."""


def test_the_order_is_turned_from_round_to_round() -> None:
    """What drifts during a round meets first and last alike."""
    steps: list[str] = []
    rounds = in_turn("ab", 3, str.upper, steps.append, beside="c")
    assert "".join(steps) == "abccbaabc"
    assert rounds.taken == {"a": ["A"] * 3, "b": ["B"] * 3, "c": ["C"] * 3}
    assert (rounds.failures, rounds.missing) == ({}, 0)


def test_what_fails_is_left_out_and_the_others_go_on() -> None:
    """One that fails in a later round has no sample left, and its message."""
    steps: list[str] = []

    def take(each: str) -> str:
        if each == "b" and steps.count("b") == 2:
            raise SubjectError("b failed: no paper")
        return each

    rounds = in_turn("abc", 4, take, steps.append)
    assert rounds.taken == {"a": ["a"] * 4, "c": ["c"] * 4}
    assert rounds.failures == {"b": "b failed: no paper"}
    assert steps.count("b") == 2


def test_rounds_end_early_when_all_that_is_measured_has_failed() -> None:
    """What stands beside it is not measured for its own sake."""

    def take(each: str) -> str:
        if each != "c":
            raise SubjectError(f"{each} failed")
        return each

    rounds = in_turn("ab", 10, take, nothing, beside="c")
    assert rounds.taken == {"c": ["c"]}
    assert set(rounds.failures) == {"a", "b"}
    assert rounds.missing == 0


@given(items=st.integers(1, 5), rounds=st.integers(1, 6), last=st.integers(0, 40))
def test_an_interrupt_keeps_whole_rounds(items: int, rounds: int, last: int) -> None:
    """All have as many samples, whenever it comes, and what is missing is counted."""
    done = 0

    def take(each: int) -> int:
        nonlocal done
        if done == last:
            raise KeyboardInterrupt
        done += 1
        return each

    finished = min(rounds, last // items)
    outcome = in_turn(range(items), rounds, take, nothing)
    assert outcome.missing == rounds - finished
    assert [len(each) for each in outcome.taken.values()] == [finished] * items * (finished > 0)
