"""Times as they are given to commands, with or without a unit."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from math import inf

_TIME = re.compile(r"(\d+\.?\d*|\.\d+)(ms|s|m|h)?")
_UNITS_S = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """Return a time above 0 in seconds.

    Raises:
        ArgumentTypeError: if it is none.

    >>> seconds("500ms"), seconds("2m"), seconds("1.5")
    (0.5, 120.0, 1.5)
    """
    found = _TIME.fullmatch(text.strip())
    time_s = float(found[1]) * _UNITS_S[found[2] or "s"] if found else 0.0
    if not 0 < time_s < inf:
        raise ArgumentTypeError("use a time above 0 such as 500ms, 10s, 2m or 1h")
    return time_s
