"""Latencies: how long simulated calls take, as a distribution that is written as a text."""

from __future__ import annotations

import re
from math import inf, isfinite, log
from typing import TYPE_CHECKING, NoReturn

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

ALLOWED = (
    "a time such as '1ms', 'uniform:1ms-2ms', 'exponential:2ms' (mean) or 'lognormal:2ms,0.5' "
    "(median and sigma); in ns, us, ms or s, and in seconds without a unit"
)
"""What a text may say."""
WIDEST_SIGMA = 10
_UNITS_S = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
_TIME = re.compile(r"(\d+\.?\d*|\.\d+)\s*(ns|us|ms|s)?")


@attrs.frozen
class Latency:
    """How long calls take.

    Attributes:
        draw: returns how long one call takes, in seconds, from the randomness it is given.
        constant: whether each takes as long as the others.
        nothing: whether they take no time at all.
    """

    draw: Callable[[Random], float]
    constant: bool = False
    nothing: bool = False


def latency(text: str) -> Latency:
    """Return the latency that a text describes.

    Args:
        text: what `ALLOWED` says.

    Raises:
        ValueError: if it says something else.

    >>> from random import Random
    >>> latency("1.5ms").draw(Random(1))
    0.0015
    >>> 0.001 <= latency("uniform:1ms-1.9ms").draw(Random(1)) <= 0.0019
    True
    """
    kind, colon, given = text.strip().partition(":")
    if not colon:
        return constant(_time_s(kind))
    return _KINDS.get(kind.strip(), _refuse)(given)


def constant(seconds: float) -> Latency:
    """Return the latency of calls that take this many seconds each.

    Raises:
        ValueError: if it is no number of seconds from 0 on.
    """
    if not (isfinite(seconds) and seconds >= 0):
        raise ValueError(f"{seconds!r} is no number of seconds from 0 on")
    return Latency(lambda _: seconds, constant=True, nothing=not seconds)


def _uniform(given: str) -> Latency:
    shortest_s, longest_s = map(_time_s, _two(given, "-"))
    if longest_s < shortest_s:
        raise ValueError(f"{given!r} ends before it begins")
    return Latency(lambda random: random.uniform(shortest_s, longest_s))


def _exponential(given: str) -> Latency:
    rate = 1 / _above_zero(given)
    return Latency(lambda random: random.expovariate(rate))


def _lognormal(given: str) -> Latency:
    median, sigma = _two(given, ",")
    mu, spread = log(_above_zero(median)), float(sigma)
    if not 0 <= spread <= WIDEST_SIGMA:
        raise ValueError(f"{sigma!r} is no number from 0 to {WIDEST_SIGMA}")
    return Latency(lambda random: random.lognormvariate(mu, spread))


_KINDS: dict[str, Callable[[str], Latency]] = {
    "uniform": _uniform,
    "exponential": _exponential,
    "lognormal": _lognormal,
}


def _two(text: str, between: str) -> tuple[str, str]:
    first, _, second = text.partition(between)
    return first, second


def _time_s(text: str) -> float:
    found = _TIME.fullmatch(text.strip())
    time_s = float(found[1]) * _UNITS_S[found[2] or "s"] if found else inf
    return time_s if isfinite(time_s) else _refuse(text)


def _above_zero(text: str) -> float:
    return _time_s(text) or _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text!r} is not understood")
