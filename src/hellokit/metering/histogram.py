"""Histograms: durations, as counts per bucket."""

from __future__ import annotations

from itertools import accumulate

import attrs

from hellokit.metering.buckets import BUCKETS, bounds, bucket_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

QUANTILES = (0.5, 0.9, 0.99)


def _bucket(low: int, high: int) -> int:
    """Return the index of the bucket with these bounds."""
    index = bucket_of(low)
    if bounds(index) != (low, high):
        raise ValueError(f"there is no bucket from {low} to {high} ns")
    return index


@attrs.frozen
class Histogram:
    """Durations, as counts per bucket. Histograms add and subtract.

    Attributes:
        counts: how many durations fell into each of the 321 buckets.
        sum_ns: the sum of the durations, in ns.
        max_ns: the longest duration, in ns; for a difference, the best bound there is.
    """

    counts: tuple[int, ...] = attrs.field(default=(0,) * BUCKETS, repr=False)
    sum_ns: int = 0
    max_ns: int = 0

    @classmethod
    def of(cls, durations_ns: Iterable[int]) -> Histogram:
        """Return the histogram of durations that were measured elsewhere.

        Args:
            durations_ns: the durations, in whole ns, none below 0.

        Raises:
            ValueError: if one is below 0.

        >>> Histogram.of([1000, 1010, 2000]).count
        3
        """
        counts, sum_ns, max_ns = [0] * BUCKETS, 0, 0
        for duration_ns in durations_ns:
            if duration_ns < 0:
                raise ValueError(f"a duration of {duration_ns} ns: pass ends minus beginnings")
            counts[bucket_of(duration_ns)] += 1
            sum_ns += duration_ns
            max_ns = max(max_ns, duration_ns)
        return cls(tuple(counts), sum_ns, max_ns)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Histogram:
        """Return the histogram that `as_dict` wrote, read back from JSON.

        Args:
            data: what `as_dict` returned.

        Raises:
            ValueError: if it is nothing of the kind.

        >>> Histogram.from_dict(Histogram.of([1000, 2000]).as_dict()) == Histogram.of([1000, 2000])
        True
        """
        counts = [0] * BUCKETS
        try:
            for low, high, count in data["buckets"]:
                counts[_bucket(low, high)] += int(count)
            return cls(tuple(counts), int(data["sum_ns"]), int(data["max_ns"] or 0))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"this is no histogram that as_dict() wrote: {error!r}") from error

    @property
    def count(self) -> int:
        """The number of durations."""
        return sum(self.counts)

    def quantile(self, q: float) -> float:
        """Return the duration in ns that a share `q` of all durations does not exceed.

        Args:
            q: from 0 to 1; 0.99 is the 99th percentile, 1 the longest.

        Returns:
            The middle of the bucket that holds it, in ns; `nan` when nothing was timed.

        Raises:
            ValueError: if `q` is not from 0 to 1.
        """
        if not 0 <= q <= 1:
            raise ValueError(f"a quantile of {q!r} was asked for: use a number from 0 to 1")
        import math

        total = self.count
        if not total:
            return math.nan
        rank = max(1, math.ceil(q * total))
        if rank == total:
            return float(self.max_ns)
        index = next(i for i, below in enumerate(accumulate(self.counts)) if below >= rank)
        low, high = bounds(index)
        return min((low + high - 1) / 2, float(self.max_ns))

    def occupied(self) -> Iterator[tuple[int, int, int]]:
        """Yield `(low_ns, high_ns, count)` for each bucket that holds something, ascending."""
        for index, count in enumerate(self.counts):
            if count:
                yield (*bounds(index), count)

    def __add__(self, other: Histogram) -> Histogram:
        """Return the durations of both."""
        if not isinstance(other, Histogram):
            return NotImplemented
        counts = tuple(map(int.__add__, self.counts, other.counts))
        return Histogram(counts, self.sum_ns + other.sum_ns, max(self.max_ns, other.max_ns))

    def __sub__(self, earlier: Histogram) -> Histogram:
        """Return what came since `earlier`; its maximum is known to the bucket only."""
        if not isinstance(earlier, Histogram):
            return NotImplemented
        counts = tuple(map(int.__sub__, self.counts, earlier.counts))
        top = max((index for index, count in enumerate(counts) if count > 0), default=None)
        longest = 0 if top is None else min(self.max_ns, bounds(top)[1] - 1)
        if top == BUCKETS - 1:
            longest = self.max_ns
        return Histogram(counts, self.sum_ns - earlier.sum_ns, longest)

    def as_dict(self) -> dict[str, Any]:
        """Return numbers and lists only, ready for JSON: ns, and `None` for what is unknown."""
        known = self.count > 0
        quantiles = {f"p{q * 100:g}_ns": self.quantile(q) if known else None for q in QUANTILES}
        return {
            "count": self.count,
            "sum_ns": self.sum_ns,
            "max_ns": self.max_ns if known else None,
            **quantiles,
            "buckets": [list(bucket) for bucket in self.occupied()],
        }
