"""The buckets of durations: log-linear, 8 to an octave, from 1 ns to 73 minutes.

A duration of `v` ns falls into bucket `v` below 16, else into `8 * e + (v >> e)` with
`e = v.bit_length() - 4`; a quantile is at most 6.25 % away from the true one. The scheme is
HdrHistogram's with 8 sub-buckets.
"""

from __future__ import annotations

BUCKETS = 321
"""The number of buckets; the last one also takes what is longer than 73 minutes."""


def bucket_of(duration_ns: int) -> int:
    """Return the index of the bucket that holds `duration_ns`.

    >>> bucket_of(0), bucket_of(15), bucket_of(1000), bucket_of(10**15)
    (0, 15, 63, 320)
    """
    exponent = duration_ns.bit_length() - 4
    if exponent <= 0:
        return duration_ns
    return min(8 * exponent + (duration_ns >> exponent), BUCKETS - 1)


def bounds(index: int) -> tuple[int, int]:
    """Return the half-open interval `[low, high)` in ns of the bucket at `index`.

    >>> bounds(63)
    (960, 1024)
    """
    if index < 16:  # noqa: PLR2004  # twice the sub-buckets of an octave
        return index, index + 1
    exponent = index // 8 - 1
    low = (index % 8 + 8) << exponent
    return low, low + (1 << exponent)


SHORT = 4096
INDEX = tuple(index for index in range(bucket_of(SHORT)) for _ in range(*bounds(index)))
"""The buckets of durations below `SHORT` ns, where a greeting's commonly is: looked up."""
