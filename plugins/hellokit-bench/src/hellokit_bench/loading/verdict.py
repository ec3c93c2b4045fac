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


def is_bottleneck(outcome: Outcome) -> bool:
    """Tell whether the generator could hardly have made more load than it did."""
    return outcome.busy_ratio >= BUSY_RATIO


def verdict(outcome: Outcome) -> list[str]:
    """Return what is to be known with the numbers, a sentence or two each."""
    return [*_missing(outcome), *_generator(outcome), *_waiting(outcome)]


def _missing(outcome: Outcome) -> Iterator[str]:
    if outcome.interrupted:
        yield f"Interrupted after {duration(outcome.elapsed_s)}{_of_the_plan(outcome)}."
    if outcome.held:
        yield (
            f"Given up: a call held the thread of the load for longer than the timeout of "
            f"{duration(outcome.plan.timeout_s)}. A backend that blocks must say so, by "
            "`blocking = True`."
        )
    if outcome.unfinished:
        yield f"{_calls(outcome.unfinished)} had not ended, and no time is known of them."
    if outcome.tally.dropped:
        yield (
            f"{_calls(outcome.tally.dropped)} never began, as every slot was taken for too long: "
            "the response times leave them out, and so look better than they were."
        )


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
    elif outcome.busy_ratio >= HALF_BUSY_RATIO:
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
    if tally.late_by_target:
        yield (
            f"{_calls(tally.late_by_target)} ({tally.late_by_target / tally.started:.1%}) began "
            f"late because {outcome.plan.concurrency} were in flight, as many as may be: "
            "the target was slower than the schedule."
        )


def _calls(number: int) -> str:
    return "1 call" if number == 1 else f"{number:,} calls"
