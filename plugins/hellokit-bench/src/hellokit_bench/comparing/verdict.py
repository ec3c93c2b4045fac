"""Verdicts: what may be said of a change, how sure it is, and what would not have been seen."""

from __future__ import annotations

from math import exp, expm1, inf, log1p
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from hellokit_bench.comparing.interval import Interval

Outcome: TypeAlias = Literal["slower", "faster", "no difference seen", "unsure"]

SEEN = 0.8
"""In how many of all tries the smallest change that is stated would have been seen."""


@attrs.frozen
class Verdict:
    """What a comparison shows.

    Attributes:
        first: what it is compared with.
        second: what is compared.
        change: the logarithm of the second's time over the first's.
        control: the same of something that was not changed; None without one.
        band: what is too little to be told, as a fraction of the time.
        confidence: how often the interval holds, at least.
        doubts: sentences without their stop, each a reason not to trust it.
        notes: sentences likewise, of what else is to be known.
    """

    first: str
    second: str
    change: Interval
    control: Interval | None
    band: float
    confidence: float
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Slower or faster only if the whole interval lies beyond the band."""
        return "unsure" if self.reasons else self._seen(self.change)

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons not to trust it."""
        reasons = list(self.doubts)
        if not all(each.is_bounded for each in (self.change, self.control) if each):
            sure = f"{self.confidence * 100:g} %"
            reasons.append(f"too few processes were measured to be {sure} sure of anything")
        if self.control is not None and self._seen(self.control) != "no difference seen":
            off = percent(self.control.middle)
            reasons.append(f"the control differs from itself by {off}: the machine is too noisy")
        return tuple(reasons)

    @property
    def smallest_seen(self) -> float:
        """The smallest slowdown that would be seen in 4 of 5 such tries, as a fraction.

        The interval would have to clear the band, wherever chance moves it: by its half width,
        and by what its middle errs in all but one of five tries.
        """
        if not self.change.is_bounded:
            return inf
        half = (self.change.high - self.change.low) / 2
        normal = NormalDist()
        errs = normal.inv_cdf(SEEN) / normal.inv_cdf((1 + self.confidence) / 2)
        return expm1(log1p(self.band) + half * (1 + errs))

    def sentences(self) -> list[str]:
        """Return what to tell people: the outcome, then what is to be known of it."""
        told = {
            "slower": f"slower: {self.second} takes {self._percents()} time than {self.first}",
            "faster": f"faster: {self.second} takes {self._percents()} time than {self.first}",
            "no difference seen": f"no difference seen between {self.second} and {self.first}",
            "unsure": f"unsure: nothing can be said of {self.second} and {self.first}",
        }
        lines = [f"{told[self.outcome]}."]
        lines += [f"Do not trust it: {reason}." for reason in self.reasons]
        lines += [f"{note}." for note in self.notes]
        if self.smallest_seen < inf:
            lines.append(
                f"A slowdown of {self.smallest_seen * 100:.1f} % would have been seen in 4 of 5 "
                f"tries; up to {self.band * 100:.3g} % counts as noise."
            )
        return lines

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON; what has no bounds has null there."""
        return {
            "first": self.first,
            "second": self.second,
            "outcome": self.outcome,
            **_ratios(self.change),
            "control": None if self.control is None else _ratios(self.control),
            "band": self.band,
            "confidence": self.confidence,
            "smallest_seen": self.smallest_seen if self.smallest_seen < inf else None,
            "doubts": list(self.reasons),
            "notes": list(self.notes),
        }

    def _seen(self, change: Interval) -> Outcome:
        if change.is_bounded and change.low > log1p(self.band):
            return "slower"
        if change.is_bounded and change.high < -log1p(self.band):
            return "faster"
        return "no difference seen"

    def _percents(self) -> str:
        by = abs(expm1(self.change.middle))
        return f"{by * 100:.1f} % {'more' if self.change.middle > 0 else 'less'}"


def percent(change: float) -> str:
    """Return the logarithm of a ratio as people read it.

    >>> percent(0.0488), percent(-0.0101)
    ('+5.0 %', '-1.0 %')
    """
    return f"{expm1(change) * 100:+.1f} %"


def _ratios(change: Interval) -> dict[str, float | None]:
    names = {"ratio": change.middle, "low": change.low, "high": change.high}
    return {name: exp(value) if abs(value) < inf else None for name, value in names.items()}
