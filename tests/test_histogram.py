"""Histograms that are made of durations from elsewhere, and read back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit import Histogram
from hellokit.metering.buckets import bucket_of


@given(st.lists(st.integers(0, 2**44)))
def test_a_histogram_is_made_of_durations_and_comes_back_from_json(values: list[int]) -> None:
    """What was timed elsewhere counts as what a kit timed, and survives a file."""
    made = Histogram.of(values)
    assert (made.count, made.sum_ns) == (len(values), sum(values))
    assert made.quantile(1) == max(values) if values else made == Histogram()
    assert all(made.counts[bucket_of(value)] for value in values)
    assert Histogram.from_dict(json.loads(json.dumps(made.as_dict()))) == made


def test_a_duration_below_zero_is_refused() -> None:
    """Nothing ends before it begins: the message says what to pass."""
    with pytest.raises(ValueError, match="-1 ns"):
        Histogram.of([1, -1])


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"buckets": [[1, 2]], "sum_ns": 1, "max_ns": 1},
        {"buckets": [["a", 2, 3]], "sum_ns": 1, "max_ns": 1},
        {"buckets": [[-9, 2, 3]], "sum_ns": 1, "max_ns": 1},
        {"buckets": [], "sum_ns": "many", "max_ns": 1},
        [],
    ],
)
def test_what_is_no_histogram_is_refused(data: Any) -> None:
    """A spoilt file does not become numbers."""
    with pytest.raises(ValueError, match="no histogram"):
        Histogram.from_dict(data)
