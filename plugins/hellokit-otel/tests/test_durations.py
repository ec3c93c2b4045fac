"""Histograms of durations, added to what an exporter is given."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.metrics import Counter, MeterProvider
from opentelemetry.sdk.metrics import Histogram as HistogramInstrument
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)

import hellokit_otel
from hellokit import Histogram as Durations
from hellokit_otel.durations import BOUNDS_NS, EXPLICIT_BOUNDS, _bucket_counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hellokit import Kit

CUMULATIVE, DELTA = AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA
EDGES = [low for low, *_ in Durations((1,) * len(Durations().counts)).occupied()]


class Keeping(MetricExporter):
    """An exporter that keeps what it is given."""

    def __init__(self, temporality: AggregationTemporality) -> None:
        preferred: dict[type, AggregationTemporality] = {
            HistogramInstrument: temporality,
            Counter: DELTA,
        }
        super().__init__(preferred_temporality=preferred)
        self.exported: list[MetricsData] = []
        self.calls: list[str] = []

    def export(self, metrics_data: MetricsData, *_: Any, **__: Any) -> MetricExportResult:
        """Keep the metrics."""
        self.exported.append(metrics_data)
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        """Remember the call."""
        self.calls.append(f"force_flush {timeout_millis}")
        return True

    def shutdown(self, timeout_millis: float = 30_000, **_: Any) -> None:
        """Remember the call."""
        self.calls.append(f"shutdown {timeout_millis}")


class Exported:
    """A meter provider with an exporter that adds durations."""

    def __init__(self, temporality: AggregationTemporality) -> None:
        self.keeping = Keeping(temporality)
        exporter = hellokit_otel.with_durations(self.keeping)
        reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
        self.provider = MeterProvider([reader], shutdown_on_exit=False)

    def points(self) -> dict[str, HistogramDataPoint]:
        """Collect, and return the latest points of durations by backend."""
        self.provider.force_flush()
        found = {}
        for scope in self.keeping.exported[-1].resource_metrics[0].scope_metrics:
            for metric in scope.metrics:
                if metric.name == "hellokit.greet.duration":
                    assert scope.scope.name == "hellokit_otel"
                    assert metric.unit == "s"
                    assert isinstance(metric.data, Histogram)
                    for point in metric.data.data_points:
                        found[str((point.attributes or {})["hellokit.backend"])] = point
        return found


@pytest.fixture
def cumulative() -> Iterator[Exported]:
    """Return a provider whose exporter wants sums from the start."""
    made = Exported(CUMULATIVE)
    yield made
    made.provider.shutdown()


@pytest.fixture
def delta() -> Iterator[Exported]:
    """Return a provider whose exporter wants what is new."""
    made = Exported(DELTA)
    yield made
    made.provider.shutdown()


def test_the_bounds_are_edges_of_the_kits_own_buckets() -> None:
    """Two to an octave, from below 100 ns to above 10 s; no bucket lies across one."""
    assert set(BOUNDS_NS) <= set(EDGES)
    assert BOUNDS_NS[0] < 100
    assert BOUNDS_NS[-1] > 10**10
    assert all(1.3 < high / low <= 1.5 for low, high in pairwise(BOUNDS_NS))


@given(st.lists(st.integers(0, 2**42) | st.sampled_from(BOUNDS_NS).map(lambda ns: ns - 1)))
def test_every_duration_is_in_the_bucket_where_otlp_looks_for_it(durations: list[int]) -> None:
    """A bucket of OTLP includes its upper bound, a kit's does not; both count the same calls."""
    indexes = [max(index for index, low in enumerate(EDGES) if low <= ns) for ns in durations]
    counts = tuple(map(indexes.count, range(len(EDGES))))
    below = [float("-inf"), *EXPLICIT_BOUNDS]
    above = [*EXPLICIT_BOUNDS, float("inf")]
    expected = [
        sum(low < ns / 1e9 <= high for ns in durations)
        for low, high in zip(below, above, strict=True)
    ]
    assert _bucket_counts(Durations(counts)) == expected


def test_sums_from_the_start_are_those_of_the_kit(kit: Kit, cumulative: Exported) -> None:
    """Count and sum are the kit's own, and the start stays the same."""
    hellokit_otel.instrument(kit, meter_provider=cumulative.provider)
    starts = set()
    for _ in range(3):
        kit.greet("Ada", backend="monitored+plain")
        points = cumulative.points()
        for backend, measured in kit.metrics().backends.items():
            point = points[backend]
            assert point.count == sum(point.bucket_counts) == measured.duration.count
            assert point.sum == measured.duration.sum_ns / 1e9
            assert len(point.bucket_counts) == len(point.explicit_bounds) + 1
            assert 0 < point.start_time_unix_nano < point.time_unix_nano
            starts.add(point.start_time_unix_nano)
    assert len(starts) == 1


def test_what_is_new_adds_up_to_the_kits_own(kit: Kit, delta: Exported) -> None:
    """Each point begins where the one before ended; where nothing is new, there is none."""
    hellokit_otel.instrument(kit, meter_provider=delta.provider)
    points = []
    for calls in (3, 1):
        for _ in range(calls):
            kit.greet("Ada")
        points.append(delta.points()["plain"])
    assert delta.points() == {}
    kit.greet("Ada")
    points.append(delta.points()["plain"])
    assert [point.count for point in points] == [3, 1, 1]
    total = kit.metrics().backends["plain"].duration
    assert sum(point.sum for point in points) == pytest.approx(total.sum_ns / 1e9)
    assert points[0].time_unix_nano == points[1].start_time_unix_nano
    assert points[1].time_unix_nano < points[2].start_time_unix_nano < points[2].time_unix_nano


def test_other_metrics_go_out_as_they_are(kit: Kit, cumulative: Exported) -> None:
    """What an application counts itself is passed on, with the temporality that is preferred."""
    hellokit_otel.instrument(kit, meter_provider=cumulative.provider)
    kit.greet("Ada")
    cumulative.provider.get_meter("application").create_counter("visits").add(7)
    cumulative.provider.force_flush()
    (resource,) = cumulative.keeping.exported[-1].resource_metrics
    scopes = {scope.scope.name: scope.metrics for scope in resource.scope_metrics}
    assert [metric.name for metric in scopes["application"]] == ["visits"]
    assert scopes["application"][0].data.aggregation_temporality is DELTA  # type: ignore[union-attr]  # it is a sum
    names = [metric.name for metric in scopes["hellokit_otel"]]
    assert {"hellokit.greet.calls", "hellokit.greet.duration"} <= set(names)


def test_nothing_is_added_where_hellokit_reports_nothing(cumulative: Exported) -> None:
    """An exporter of a provider that no kit was instrumented with is given what was collected."""
    cumulative.provider.get_meter("application").create_counter("visits").add(1)
    assert cumulative.points() == {}


def test_an_exporter_ends_with_its_wrapper() -> None:
    """Flushing and shutting down reach the exporter."""
    keeping = Keeping(CUMULATIVE)
    exporter = hellokit_otel.with_durations(keeping)
    assert exporter.force_flush(500)
    exporter.shutdown(700)
    assert keeping.calls == ["force_flush 500", "shutdown 700"]
