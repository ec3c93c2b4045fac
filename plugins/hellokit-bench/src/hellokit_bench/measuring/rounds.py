"""Rounds: each has everything once, so that whatever the machine does meets all alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from hellokit_bench.errors import SubjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

K = TypeVar("K")
T = TypeVar("T")


@attrs.frozen
class Rounds(Generic[K, T]):
    """What rounds gave.

    Attributes:
        taken: what each gave, a sample for each round that was finished; not of what failed.
        failures: why what failed did.
        missing: how many rounds an interrupt left out.
    """

    taken: dict[K, list[T]]
    failures: dict[K, str]
    missing: int = 0


def in_turn(
    items: Sequence[K],
    rounds: int,
    take: Callable[[K], T],
    step: Callable[[K], object],
    *,
    beside: Sequence[K] = (),
) -> Rounds[K, T]:
    """Take a sample of each in every round, forwards and backwards by turns.

    One that fails is left out from then on; the rounds end early when none of `items` is left.
    An interrupt ends them too: what is there of finished rounds is returned.

    Args:
        items: what is measured.
        rounds: how many rounds there are.
        take: takes a sample.
        step: is told what is next.
        beside: what is measured along with the items.

    Returns:
        What the finished rounds gave.
    """
    finished: list[dict[K, T]] = []
    failures: dict[K, str] = {}
    try:
        while len(finished) < rounds and any(each not in failures for each in items):
            order = [each for each in (*items, *beside) if each not in failures]
            turned = order if len(finished) % 2 == 0 else order[::-1]
            finished.append(_round(turned, take, step, failures))
        missing = 0
    except KeyboardInterrupt:
        missing = rounds - len(finished)
    whole = [each for each in (*items, *beside) if each not in failures] if finished else []
    taken = {each: [samples[each] for samples in finished] for each in whole}
    return Rounds(taken, failures, missing)


def _round(
    order: Sequence[K],
    take: Callable[[K], T],
    step: Callable[[K], object],
    failures: dict[K, str],
) -> dict[K, T]:
    samples = {}
    for each in order:
        step(each)
        try:
            samples[each] = take(each)
        except SubjectError as error:
            failures[each] = str(error)
    return samples
