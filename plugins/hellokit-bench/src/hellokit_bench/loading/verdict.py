"""Verdicts: what the numbers of a load do not say by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hellokit_bench.reporting.amounts import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hellokit_bench.loading.outcome import Outcome

BUSY_RATIO = 0.9
"""A generator that has something to do for this share of the time is the bottleneck."""
HALF_BUSY_RATIO = 0.5
"""From here on answers wait for the generator about as often as it waits for them."""
HELD_RATIO = 0.25
"""If it has something to do and no processor for this share of the time, that is told."""
LATE_RATIO = 0.01
"""If it is late by itself for this share of the calls, that is told."""


FEWEST_CALLS = 1000
LONG_S = 5.0
SHORTEST_S = 0.5
"""A load with fewer calls that is not long, or a short one, says little of who was busy: what is
done once, such as connecting, is most of it."""


def is_telling(outcome: Outcome) -> bool:
    """Tell whether the load was long enough to say how busy the generator was."""
    calls, elapsed_s = outcome.tally.started, outcome.elapsed_s
    is_enough = calls >= FEWEST_CALLS or elapsed_s >= LONG_S
    return bool(calls) and elapsed_s >= SHORTEST_S and is_enough


def is_bottleneck(outcome: Outcome) -> bool:
    """Tell whether the generator could hardly have made more load than it did."""
    return is_telling(outcome) and outcome.busy_ratio >= BUSY_RATIO


def interruption(outcome: Outcome) -> list[str]:
    """Return what an interrupt cut off; nothing if there was none."""
    if not outcome.interrupted:
        return []
    return [f"interrupted after {duration(outcome.elapsed_s)}{_of_the_plan(outcome)}"]


def verdict(outcome: Outcome) -> list[str]:
    """Return what is to be known with the numbers, a sentence or two each."""
    return [*_missing(outcome), *_generator(outcome), *_waiting(outcome)]


def _missing(outcome: Outcome) -> Iterator[str]:
    if outcome.held:
        yield (
            f"Given up: a call held the thread of the load for longer than the timeout of "
            f"{duration(outcome.plan.timeout_s)}. A backend that blocks must say so, by "
            "`blocking = True`."
        )
    if outcome.clinging:
        calls, then = _calls(outcome.clinging), _in_the_way(outcome)
        yield f"{calls} went on although given up at the timeout{then}."
    if outcome.unfinished:
        yield f"{_calls(outcome.unfinished)} had not ended, and no time is known of them."
    if outcome.tally.dropped:
        yield (
            f"{_calls(outcome.tally.dropped)} never began, as every slot was taken for too long: "
            "the response times leave them out, and so look better than they were."
        )


def _in_the_way(outcome: Outcome) -> str:
    if outcome.interrupted or not outcome.stuck:
        return ""
    ended = f"{duration(outcome.elapsed_s)}{_of_the_plan(outcome)}"
    return f", and took every slot: the load ended after {ended}"


def _of_the_plan(outcome: Outcome) -> str:
    plan = outcome.plan
    if plan.count is not None:
        return f", with {outcome.tally.started} of {plan.count} calls begun"
    return f" of {duration(plan.duration_s)}"


def _generator(outcome: Outcome) -> Iterator[str]:
    if is_bottleneck(outcome):
        own = ", in which the backend's Python code runs too," if outcome.in_process else ""
        yield (
            f"The generator was the bottleneck: its thread{own} had something to do for "
            f"{outcome.busy_ratio:.0%} of the time. The target may bear more, and answer faster."
        )
        held = outcome.busy_ratio - outcome.cpu_ratio
        if held >= HELD_RATIO:
            by = "a call that blocks it, or other programs," if outcome.in_process else "others"
            yield f"For {held:.0%} of the time {by} kept it from the processor."
    elif is_telling(outcome) and outcome.busy_ratio >= HALF_BUSY_RATIO:
        yield (
            f"The generator had something to do for {outcome.busy_ratio:.0%} of the time: it may "
            "have been part of the limit, and of the times."
        )
    tally = outcome.tally
    if tally.late_by_generator > LATE_RATIO * tally.started:
        why = "backend code may block its thread, or " if outcome.in_process else ""
        yield (
            f"{_calls(tally.late_by_generator)} ({tally.late_by_generator / tally.started:.1%}) "
            "began late although a slot was free, by up to "
            f"{duration(tally.lag.histogram.max_ns / 1e9)}, as the generator was not there in "
            f"time: {why}other programs keep this machine busy. The response times have that in "
            "them."
        )


def _waiting(outcome: Outcome) -> Iterator[str]:
    tally = outcome.tally
    late = tally.late_for_a_slot
    if late:
        yield (
            f"{_calls(late)} ({late / tally.started:.1%}) began late as they were waiting for a "
            f"slot: all {outcome.plan.concurrency} were taken; either the target or the generator "
            "held them."
        )


def _calls(number: int) -> str:
    return "1 call" if number == 1 else f"{number:,} calls"
