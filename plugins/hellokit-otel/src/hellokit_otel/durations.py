"""Durations: histograms that go out with the other metrics. This is what needs the SDK.

The API has no observable histogram, and recording each call would cost more than the call. So an
exporter adds, to what it is given, the points that the kits' own histograms make.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from time import time_ns

from opentelemetry.sdk.metrics import Histogram as HistogramInstrument
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExporter,
)

from hellokit_otel import ledger
from hellokit_otel.scope import NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from opentelemetry.sdk.metrics.export import MetricExportResult, MetricsData, ScopeMetrics

    from hellokit import Histogram as Durations
    from hellokit import Snapshot

BOUNDS_NS = tuple(steps << octave for octave in range(5, 33) for steps in (2, 3))
"""From 64 ns to 12.9 s, two to an octave: each is where a bucket of a kit's histogram ends."""

SECOND_NS = 1e9

EXPLICIT_BOUNDS = [(bound - 1) / SECOND_NS for bound in BOUNDS_NS]
"""The same as OTLP has them, in seconds: a bucket ends with its bound, a kit's before it."""

CUMULATIVE = AggregationTemporality.CUMULATIVE


def with_durations(exporter: MetricExporter) -> MetricExporter:
    """Return an exporter that adds `hellokit.greet.duration` to what `exporter` is to export.

    It adds a histogram for each backend wherever the other metrics of hellokit are, with the
    temporality that `exporter` prefers for histograms.

    Args:
        exporter: the exporter of the application.
    """
    return _WithDurations(exporter)


class _WithDurations(MetricExporter):
    def __init__(self, exporter: MetricExporter) -> None:
        # What a reader asks an exporter for has no public name.
        temporality = getattr(exporter, "_preferred_temporality", None)
        aggregation = getattr(exporter, "_preferred_aggregation", None)
        super().__init__(preferred_temporality=temporality, preferred_aggregation=aggregation)
        self._exporter = exporter
        self._temporality = (temporality or {}).get(HistogramInstrument, CUMULATIVE)
        self._last: tuple[int, Snapshot, int] | None = None

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        return self._exporter.export(self._extended(metrics_data), timeout_millis, **kwargs)

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        self._exporter.shutdown(timeout_millis, **kwargs)

    def _extended(self, data: MetricsData) -> MetricsData:
        """Return `data` with the durations beside the other metrics of hellokit."""
        resources = [
            replace(resource, scope_metrics=[self._beside(each) for each in resource.scope_metrics])
            for resource in data.resource_metrics
        ]
        return replace(data, resource_metrics=resources)

    def _beside(self, given: ScopeMetrics) -> ScopeMetrics:
        if given.scope.name != NAME or (snapshot := ledger.latest.get()) is None:
            return given
        points = self._points(snapshot)
        metric = Metric(
            "hellokit.greet.duration",
            "How long calls took",
            "s",
            Histogram(points, self._temporality),
        )
        return replace(given, metrics=[*given.metrics, metric]) if points else given

    def _points(self, snapshot: Snapshot) -> list[HistogramDataPoint]:
        began = start = ledger.since()
        counted = snapshot
        if self._last is not None and self._last[0] == began:  # not in a child after a fork
            _, before, start = self._last
            counted = snapshot - before
        end = max(start, time_ns())
        if self._temporality is not CUMULATIVE:
            self._last = began, snapshot, end
        return [
            _point(backend, metrics.duration, start, end)
            for backend, metrics in counted.backends.items()
            if metrics.duration.count
        ]


class OTLP(_WithDurations):
    """OTLP over HTTP, with durations: `OTEL_METRICS_EXPORTER=hellokit_otlp` selects it.

    It needs `opentelemetry-exporter-otlp-proto-http`.

    Args:
        **given: what `OTLPMetricExporter` takes.
    """

    def __init__(self, **given: Any) -> None:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

        super().__init__(OTLPMetricExporter(**given))


def _point(backend: str, durations: Durations, start: int, end: int) -> HistogramDataPoint:
    return HistogramDataPoint(
        attributes={"hellokit.backend": backend},
        start_time_unix_nano=start,
        time_unix_nano=end,
        count=durations.count,
        sum=durations.sum_ns / SECOND_NS,
        bucket_counts=_bucket_counts(durations),
        explicit_bounds=EXPLICIT_BOUNDS,
        min=None,  # type: ignore[arg-type]  # OTLP may go without, and only the bucket is known
        max=None,  # type: ignore[arg-type]
    )


def _bucket_counts(durations: Durations) -> list[int]:
    """Return the counts between the bounds; no bucket of a kit's histogram lies across one."""
    counts = [0] * (len(BOUNDS_NS) + 1)
    for _, high, count in durations.occupied():
        counts[bisect_left(BOUNDS_NS, high)] += count
    return counts
