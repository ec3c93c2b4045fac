"""The bounds of the histogram of durations: all of them bounds of hellokit's own buckets."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from hellokit import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterable

REGULAR_NS = tuple(steps << octave for octave in range(5, 33) for steps in (2, 3))
"""Two to an octave, from 64 ns to 12.9 s."""

CLEARS_AT = 0.8
"""The share of its bound at or below which an alert ends."""

_everything = Histogram((1,) * len(Histogram().counts))
# The last bucket takes what is longer than its bound, too.
_EDGES_NS = tuple(high for _, high, _ in _everything.occupied())[:-1]


def bounds_ns(thresholds_s: Iterable[float]) -> list[int]:
    """Return the bounds in ns, each exclusive, in ascending order.

    Beside the regular ones these are the edges of the buckets in which a threshold lies, and where
    its alert ends: PromQL then sees them as sharply as the process itself does.

    Args:
        thresholds_s: the thresholds, in seconds.

    >>> bounds_ns([])[:4], len(bounds_ns([])), len(bounds_ns([1.0]))
    ([64, 96, 128, 192], 56, 59)
    """
    marks = {1e9 * share * each for each in thresholds_s for share in (1, CLEARS_AT)}
    positions = [bisect_right(_EDGES_NS, mark) for mark in marks]
    sharp = {edge for at in positions for edge in _EDGES_NS[max(0, at - 1) : at + 1]}
    return sorted(sharp.union(REGULAR_NS))
