"""Amounts as people read them: times, sizes, ratios, rates."""

from __future__ import annotations

from math import isfinite

_TIMES = ((1e-6, 1e9, "ns"), (1e-3, 1e6, "us"), (1.0, 1e3, "ms"))
_SIZES = ((1e3, 1.0, "B"), (1e6, 1e3, "kB"), (1e9, 1e6, "MB"))
_ROUNDED_UP = 0.9995
"""The part of a unit that is the whole unit in three digits."""


def duration(seconds: float) -> str:
    """Return a time with its unit, in three digits.

    >>> duration(1.2345e-6), duration(0.0005), duration(12), duration(float("nan"))
    ('1.23 us', '500 us', '12 s', '-')
    """
    if not isfinite(seconds):
        return "-"
    for below, factor, unit in _TIMES:
        if abs(seconds) < below * _ROUNDED_UP:
            return f"{_three(seconds * factor)} {unit}"
    return f"{_three(seconds)} s"


def size(amount: float) -> str:
    """Return a number of bytes with its unit, in three digits.

    >>> size(123), size(45_678), size(9_876_543)
    ('123 B', '45.7 kB', '9.88 MB')
    """
    if not isfinite(amount):
        return "-"
    for below, divisor, unit in _SIZES:
        if abs(amount) < below * _ROUNDED_UP:
            return f"{_three(amount / divisor)} {unit}"
    return f"{_three(amount / 1e9)} GB"


def ratio(value: float) -> str:
    """Return a ratio, to two places below 10 and to one from there.

    >>> ratio(0.9876), ratio(24.31)
    ('0.99x', '24.3x')
    """
    if not isfinite(value):
        return "-"
    return f"{value:.2f}x" if abs(value) < 10 else f"{value:,.1f}x"  # noqa: PLR2004  # as said


def _three(value: float) -> str:
    """Return a number in three digits, without an exponent: what is below a thousandth is 0."""
    if abs(value) < 0.001:  # noqa: PLR2004  # as said
        return "0"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004  # three digits
