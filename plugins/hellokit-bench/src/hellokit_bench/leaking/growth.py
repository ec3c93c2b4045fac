"""Growth: whether a series of readings grows with the calls, or only until something is full."""

from __future__ import annotations

from itertools import combinations
from statistics import median
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind: TypeAlias = Literal["still", "stopped", "unclear", "grows"]

Reading: TypeAlias = tuple[int, int]

FIRST = 4
"""After how many calls the first reading is: few, as each may leave a process behind."""
LEAST_CALLS = 64
LEAST_ROUNDS, MOST_ROUNDS = 4, 20
JUDGED = 4
"""Readings count from a quarter of the calls on: a list that doubles has doubled twice by then."""
AS_MUCH = 0.58
"""How much of the growth a call before the end has to bring: a list does 0.65, a logarithm 0.51."""
A_REST = 0.1
"""How much of all growth the end may bring of what has stopped."""
NEARLY_EVERY = 0.8
"""Kendall's tau from which readings count as growing: 1 if each is above all before it."""


@attrs.frozen
class Growth:
    """What became of one series of readings.

    Attributes:
        kind: `grows` if it grows with the calls, to the end; `still` if it did not grow worth
            mentioning; `stopped` if it grew, and no more at the end; `unclear` between these.
        per_call: the slope of the judged readings, a call; 0 unless it grows.
        grown: by how much it grew from the first reading to the last.
        least: the smallest growth a call that is sure to be found.
    """

    kind: Kind
    per_call: float
    grown: int
    least: float


def positions(calls: int, rounds: int) -> list[int]:
    """Return after how many calls in all to read.

    Until a quarter of the calls the number of calls doubles; from there it grows by a constant
    factor, so that whatever grows in steps of a part of its size takes as many in each round.

    Args:
        calls: how many there are in all, at least `LEAST_CALLS`.
        rounds: how many rounds make up the last three quarters of them.
    """
    warm: list[int] = []
    while FIRST << len(warm) < calls / JUDGED:
        warm.append(FIRST << len(warm))
    last = {round(calls * JUDGED ** (number / rounds - 1)) for number in range(rounds + 1)}
    return sorted({*warm, *last})


def judged(calls: Sequence[int], values: Sequence[int], noise: int) -> Growth:
    """Judge a series of readings.

    Args:
        calls: after how many calls each was taken, as `positions` has it; three or more.
        values: the readings.
        noise: how much they vary without a leak, in their unit.

    Returns:
        How it grew. A leak is what nearly every judged reading has more of than those before,
        and as much of a call at the end as before: what fills up and what slows down is none.
    """
    readings = [
        (at, value)
        for at, value in zip(calls, values, strict=True)
        if at >= calls[-1] // JUDGED and at > 0
    ]
    (start, at_start), (then, at_then), (end, at_end) = _parts(readings)
    came, before = at_end - at_then, (at_then - at_start) / (then - start) * (end - then)
    slope = _slope(readings)
    # The slope is robust: one step up, of whatever height, makes no leak.
    steadily = _rises(readings) and slope * (end - then) > noise / 2
    goes_on = steadily and came > max(noise, AS_MUCH * before)
    grown = values[-1] - values[0]
    if goes_on:
        kind: Kind = "grows"
    elif grown <= noise:
        kind = "still"
    else:
        kind = "stopped" if came < A_REST * grown else "unclear"
    return Growth(
        kind=kind,
        per_call=slope if goes_on else 0.0,
        grown=grown,
        least=2 * noise / (end - then),
    )


def _parts(readings: Sequence[Reading]) -> tuple[Reading, Reading, Reading]:
    """Return the first reading, the latest with a third of all calls behind it, and the last.

    Where calls ended early there may be none such: then it is the second one.
    """
    first, *between, last = readings
    early = (each for each in between if 3 * each[0] <= 2 * last[0] + 3)
    return first, max(early, default=between[0]), last


def _slope(readings: Sequence[Reading]) -> float:
    """Return the estimator of Theil and Sen: the median of the slopes between any two readings."""
    return median((there - here) / (b - a) for (a, here), (b, there) in combinations(readings, 2))


def _rises(readings: Sequence[Reading]) -> bool:
    """Tell whether nearly every reading is above those before, by Kendall's tau."""
    signs = [(there > here) - (there < here) for (_, here), (_, there) in combinations(readings, 2)]
    return sum(signs) >= NEARLY_EVERY * len(signs)
