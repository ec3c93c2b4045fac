"""Thresholds: what is over one is told with its value and the setting; what is at one is not."""

from __future__ import annotations

import re

import pytest

from hellokit import Histogram, Settings
from hellokit_bench.thresholds import MB, exceeded

SETTINGS = Settings(time_threshold_s=0.5, error_ratio_threshold=0.1, memory_threshold_mb=2.0)
QUICK = Histogram.of([1_000_000] * 100)


def test_nothing_is_told_of_what_is_within() -> None:
    """A value at its threshold is within."""
    assert exceeded(SETTINGS, QUICK, failed=10, grown_bytes=2 * MB) == []


def test_each_threshold_has_its_sentence() -> None:
    """It has the value, and the setting by its name."""
    slow = Histogram.of([2_000_000_000] * 100)
    p99, failed, memory = exceeded(SETTINGS, slow, failed=11, grown_bytes=2 * MB + 100_000)
    assert re.fullmatch(r"p99 is (1\.9\d?|2|2\.0\d) s, over time_threshold_s = 0\.5", p99)
    assert failed == "11.00% of the calls failed, over error_ratio_threshold = 0.1"
    assert memory == "memory grew by 2.1 MB, over memory_threshold_mb = 2"


@pytest.mark.parametrize(("slow", "told"), [(0, 0), (1, 0), (2, 1)])
def test_the_slowest_one_in_a_hundred_may_be_slow(slow: int, told: int) -> None:
    """The time threshold is that of the 99th percentile."""
    durations = Histogram.of([1_000_000] * (100 - slow) + [2_000_000_000] * slow)
    assert len(exceeded(SETTINGS, durations)) == told


def test_calls_that_were_not_timed_count() -> None:
    """The share of failures is that of all calls, if their number is given."""
    assert exceeded(SETTINGS, QUICK, failed=11, calls=1000) == []
    assert len(exceeded(SETTINGS, QUICK, failed=11, calls=100)) == 1


def test_no_call_exceeds_nothing() -> None:
    """Without calls there is neither a percentile nor a share."""
    assert exceeded(SETTINGS, Histogram.of([]), calls=0) == []


def test_memory_that_went_is_no_growth() -> None:
    """A process that gave memory back is within."""
    assert exceeded(SETTINGS, QUICK, grown_bytes=-50 * MB) == []
