"""The metrics that are shown: their names, labels and help, and how a snapshot fills them."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from sys import float_info
from typing import TYPE_CHECKING

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from prometheus_client.core import Metric

    from hellokit import BackendMetrics, Histogram

CACHE = {"hit": "hit", "miss": "miss"}
"""What backends that cache note, and the result it is shown as."""

COMPANIONS = {"measured": ("time_threshold_exceeded", "memory_threshold_exceeded")}
"""What is shown as 0 from the start: `increase()` does not see how a series begins."""


class Families:
    """One of each metric; new ones are empty."""

    def __init__(self) -> None:
        backend = ["backend"]
        self.success = GaugeMetricFamily(
            "hellokit_scrape_success", "Whether what was counted could be read: 1, or 0 if not."
        )
        self.build = InfoMetricFamily("hellokit_build", "The versions that are running.")
        self.calls = CounterMetricFamily(
            "hellokit_greet_calls", "Calls that ended, failed ones included.", labels=backend
        )
        self.failures = CounterMetricFamily(
            "hellokit_greet_failures", "Calls that raised, whatever the type.", labels=backend
        )
        self.errors = CounterMetricFamily(
            "hellokit_greet_errors",
            "Calls that raised, by the type of the exception.",
            labels=["backend", "error_type"],
        )
        self.duration = HistogramMetricFamily(
            "hellokit_greet_duration_seconds",
            "How long the timed calls took; in modes sampled and count fewer than all.",
            labels=backend,
            unit="seconds",
        )
        self.in_flight = GaugeMetricFamily(
            "hellokit_greet_in_flight", "Calls that are running.", labels=backend
        )
        self.cache = CounterMetricFamily(
            "hellokit_cache_requests",
            "Requests to a cache, by whether it had the greeting.",
            labels=["backend", "result"],
        )
        self.attributes = CounterMetricFamily(
            "hellokit_greet_attributes",
            "What backends noted besides, summed; what is below zero is left out.",
            labels=["backend", "attribute"],
        )

    def __iter__(self) -> Iterator[Metric]:
        """Yield the metrics."""
        yield from vars(self).values()

    def add(self, backend: str, metrics: BackendMetrics, bounds: Sequence[int]) -> None:
        """Add what one backend did.

        Args:
            backend: its name.
            metrics: what was counted.
            bounds: the upper bounds of the histogram in ns, exclusive and ascending; each has to
                be a bound of hellokit's own buckets.
        """
        label = _label(backend)
        self.calls.add_metric([label], metrics.calls)
        self.failures.add_metric([label], sum(metrics.errors.values()))
        for error_type, count in metrics.errors.items():
            self.errors.add_metric([label, _label(error_type)], count)
        seconds = metrics.duration.sum_ns / 1e9
        self.duration.add_metric([label], _buckets(metrics.duration, bounds), seconds)
        self.in_flight.add_metric([label], metrics.in_flight)
        self._note(label, metrics.attributes)

    def _note(self, label: str, attributes: Mapping[str, int]) -> None:
        if not CACHE.keys().isdisjoint(attributes):
            for attribute, result in CACHE.items():
                self.cache.add_metric([label, result], attributes.get(attribute, 0))
        unseen = [each for known in COMPANIONS if known in attributes for each in COMPANIONS[known]]
        for attribute, value in {**dict.fromkeys(unseen, 0), **attributes}.items():
            if attribute not in CACHE and _is_count(value):
                self.attributes.add_metric([label, _label(attribute)], value)


def _buckets(duration: Histogram, bounds: Sequence[int]) -> list[tuple[str, float]]:
    """Return `(le, cumulative count)` for each bound, and for infinity.

    hellokit counts whole ns below a bound, Prometheus up to and including it: hence the 1 ns.
    """
    counts = [0] * (len(bounds) + 1)
    for _, high, count in duration.occupied():
        counts[bisect_left(bounds, high)] += count
    les = [*(repr((bound - 1) / 1e9) for bound in bounds), "+Inf"]
    return list(zip(les, accumulate(counts), strict=True))


def _is_count(value: object) -> bool:
    """Tell whether a note can be shown; it is anybody's, and one that cannot ends every scrape."""
    return isinstance(value, int | float) and 0 <= value <= float_info.max


def _label(value: object) -> str:
    """Return a label's value: text that can be encoded, whoever gave the name."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
