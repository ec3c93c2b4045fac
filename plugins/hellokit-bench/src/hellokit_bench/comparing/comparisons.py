"""Comparisons: which sides are measured in turn, and how they are judged then."""

from __future__ import annotations

from math import expm1, inf, log, log1p
from statistics import median
from typing import TYPE_CHECKING, Protocol

import attrs

from hellokit_bench.comparing import interval
from hellokit_bench.comparing.pairs import Side
from hellokit_bench.comparing.verdict import Verdict
from hellokit_bench.errors import ResultsError
from hellokit_bench.peers import available
from hellokit_bench.subject import Subject
from hellokit_bench.suite import DECISIVE, Suite, this_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from hellokit_bench.comparing.interval import Interval
    from hellokit_bench.comparing.pairs import Pair
    from hellokit_bench.suite import Result


FEWEST = 10
"""How many processes a file must have of what is compared."""
FAR, STEADY = 5, 0.05
"""How many noise bands, and which fraction in any case, a machine may have drifted by."""
BLIND = 0.25
"""From which smallest change on, as a fraction, not to have seen one says nothing."""


class Comparison(Protocol):
    """What is compared."""

    @property
    def sides(self) -> Sequence[Side]:
        """What is measured in turn."""

    def times(self, pairs: Sequence[Pair]) -> list[tuple[str, float]]:
        """Return what a call took in the middle, in seconds: of first, second and control."""

    def differences(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the logarithm of the second's ratio to the first, for each pair."""

    def judge(self, pairs: Sequence[Pair], band: float, confidence: float) -> Verdict:
        """Return what may be said, with what is too little to be told, and how sure it is to be."""


@attrs.frozen
class InTurn:
    """Two sides, measured in turn; a second process of the first is the control.

    Attributes:
        first: what it is compared with.
        second: what is compared.
    """

    first: Side
    second: Side

    @property
    def sides(self) -> tuple[Side, ...]:
        """Both, and the control."""
        return self.first, self.second, attrs.evolve(self.first, label="control")

    def times(self, pairs: Sequence[Pair]) -> list[tuple[str, float]]:
        """Return what a call took in the middle, in seconds: of first, second and control."""
        labels = (self.first.label, self.second.label, f"{self.first.label} again: the control")
        return [(label, _middle(pairs, side)) for side, label in enumerate(labels)]

    def differences(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the logarithm of the second's ratio to the first, for each pair."""
        return [pair.difference(1) for pair in pairs]

    def judge(self, pairs: Sequence[Pair], band: float, confidence: float) -> Verdict:
        """Return what may be said, with what is too little to be told, and how sure it is to be."""
        return Verdict(
            first=self.first.label,
            second=self.second.label,
            change=interval.of_pairs(self.differences(pairs), confidence),
            control=interval.of_pairs([pair.difference(2) for pair in pairs], confidence),
            band=band,
            confidence=confidence,
        )


@attrs.frozen
class Earlier:
    """A side, and what a file says of it; a peer that the file has too tells how far they drifted.

    Attributes:
        side: what is measured now.
        then: what the file says of it.
        control: what the file says of a peer; None if it has none.
        machine: where that was measured.
    """

    side: Side
    then: Result
    control: Result | None
    machine: Mapping[str, object]

    @classmethod
    def load(cls, subject: Subject, path: Path) -> Earlier:
        """Return the comparison of a subject with what a file says of it.

        Raises:
            ResultsError: if the file cannot be read, or has no times of this subject.
        """
        suite = Suite.load(path)
        timed = {each.name: each for each in suite.results if each.unit == "second"}
        if subject.label not in timed:
            raise ResultsError(
                f"{str(path)!r} has no times of {subject.label!r}, but of: {', '.join(timed)}"
            )
        peers = [timed[name] for name in available() if name in timed and name != subject.name]
        side = Side(f"{subject.label} now", subject)
        return cls(side, timed[subject.label], peers[0] if peers else None, suite.machine)

    @property
    def sides(self) -> tuple[Side, ...]:
        """The side, and the peer that is the control."""
        if self.control is None:
            return (self.side,)
        return self.side, Side("control", Subject(self.control.name, "peer"))

    def times(self, pairs: Sequence[Pair]) -> list[tuple[str, float]]:
        """Return what a call took in the middle, in seconds: of first, second and control."""
        times = [(self._first, self.then.value), (self.side.label, _middle(pairs, 0))]
        if self.control is not None:
            times.append((f"{self.control.name}: the control", _middle(pairs, 1)))
        return times

    def differences(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the logarithm of each process' ratio to the file's middle."""
        return [log(pair.seconds(0) / self.then.value) for pair in pairs]

    def judge(self, pairs: Sequence[Pair], band: float, confidence: float) -> Verdict:
        """Return what may be said; as far as the control drifted, anything may have drifted."""
        drift = None if self.control is None else _shift(self.control, pairs, 1, confidence)
        drifted = drift.furthest if drift and drift.is_bounded else 0.0
        verdict = Verdict(
            first=self._first,
            second=self.side.label,
            change=_shift(self.then, pairs, 0, confidence),
            control=drift,
            band=expm1(log1p(band) + drifted),
            confidence=confidence,
            doubts=(*self._doubts(), *_far(expm1(drifted), band)),
            notes=(_drift(drift),),
        )
        return attrs.evolve(verdict, doubts=(*verdict.doubts, *_blind(verdict, band)))

    @property
    def _first(self) -> str:
        return f"{self.then.name} in the file"

    def _doubts(self) -> Iterator[str]:
        if self.control is None:
            yield (
                "the file has no peer, such as f-string, that would tell how far the machine "
                "drifted since"
            )
        results = [each for each in (self.then, self.control) if each is not None]
        fewest = min(results, key=lambda each: len(each.processes))
        if len(fewest.processes) < FEWEST:
            yield (
                f"the file has too few processes of {fewest.name}: {len(fewest.processes)}, and "
                f"{FEWEST} or more are needed, as `hellokit bench` takes them unless told otherwise"
            )
        here = this_machine()
        for name in DECISIVE:
            if self.machine.get(name) != here.get(name):
                yield f"it was measured elsewhere: {name} was {self.machine.get(name, 'not told')}"


def _far(drifted: float, band: float) -> Iterator[str]:
    most = max(STEADY, FAR * band)
    if drifted > most:
        yield (
            f"by the control the machine drifted by up to {drifted * 100:.1f} %, and "
            f"{most * 100:.3g} % is the most to reckon with in a noise band of {band * 100:.3g} %"
        )


def _blind(verdict: Verdict, band: float) -> Iterator[str]:
    blind = inf > verdict.smallest_seen > max(BLIND, FAR * band)
    if blind and verdict.outcome == "no difference seen":
        yield (
            f"no slowdown below {verdict.smallest_seen * 100:.1f} % would have been seen: use "
            "more --pairs and a file of more processes, or compare with a revision"
        )


def _drift(drift: Interval | None) -> str:
    told = "They were not measured in turn: what the machine drifted by in between is in the ratio"
    if drift is None or not drift.is_bounded:
        return told
    by = f"{expm1(drift.furthest) * 100:.1f} %"
    return f"{told}; by the control that is up to {by}, which counts as noise"


def _middle(pairs: Sequence[Pair], side: int) -> float:
    return median(pair.seconds(side) for pair in pairs)


def _shift(then: Result, pairs: Sequence[Pair], side: int, confidence: float) -> Interval:
    before = [log(median(values)) for values in then.processes]
    now = [log(pair.seconds(side)) for pair in pairs]
    return interval.of_samples(before, now, confidence)
