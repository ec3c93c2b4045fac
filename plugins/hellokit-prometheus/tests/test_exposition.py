"""What is shown, of what was counted."""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain_text

from hellokit import BackendMetrics, Histogram, Kit, Settings
from hellokit_prometheus import HellokitCollector, register
from hellokit_prometheus.bounds import bounds_ns
from hellokit_prometheus.families import Families

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.core import Metric

    from hellokit import Request

BUCKETS = len(Histogram().counts)
EDGES = [high for _, high, _ in Histogram((1,) * BUCKETS).occupied()][:-1]
THRESHOLDS = st.lists(st.floats(min_value=1e-9, max_value=1e6), max_size=3)
DURATIONS = st.integers(0, 2**42) | st.builds(
    int.__add__, st.sampled_from(bounds_ns([])), st.integers(-2, 1)
)
HOSTILE = 'qu"ote\\n\n\r\x00\u2028{le="1"} 🙂\ud800'


class Noting:
    """A backend that notes what it is given as an extra."""

    def hellokit_greet(
        self, request: Request, words: Callable[[Request], str], note: Callable[..., None]
    ) -> str:
        """Note it, and greet."""
        for attribute, value in (request.extra or {}).items():
            note(attribute, value)
        return words(request)


class Shown:
    """Shows one backend's metrics."""

    def __init__(self, backend: str, metrics: BackendMetrics) -> None:
        self._families = Families()
        self._families.add(backend, metrics, bounds_ns([1.0]))

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield from self._families


def registry_of(*collectors: HellokitCollector | Shown) -> CollectorRegistry:
    """Return a registry with these collectors."""
    registry = CollectorRegistry()
    for each in collectors:
        registry.register(each)
    return registry


def samples(registry: CollectorRegistry, name: str) -> dict[tuple[str, ...], float]:
    """Return the samples of that name, by the values of their labels in the order of names."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == name
    }


def buckets(histogram: Histogram, thresholds_s: list[float]) -> list[tuple[float, float]]:
    """Return the bounds that are shown, in ns, and how many calls are said to be within each."""
    families = Families()
    families.add("plain", BackendMetrics(duration=histogram), bounds_ns(thresholds_s))
    found = [each for each in families.duration.samples if each.name.endswith("_bucket")]
    return [(float(each.labels["le"]) * 1e9, each.value) for each in found]


@given(duration=DURATIONS, thresholds=THRESHOLDS)
def test_a_duration_is_in_the_buckets_that_say_so(duration: int, thresholds: list[float]) -> None:
    """A call of so many ns is counted at each `le` that is as much or more, and at no other."""
    counts = [0] * BUCKETS
    counts[bisect_right(EDGES, duration)] = 1
    for bound, count in buckets(Histogram(tuple(counts)), thresholds):
        exact = bound if bound == float("inf") else round(bound)
        assert count == (duration <= exact)


@given(counts=st.dictionaries(st.integers(0, BUCKETS - 1), st.integers(1, 10**12)))
def test_count_and_buckets_agree(counts: dict[int, int]) -> None:
    """Buckets only grow, and the last of them is the count of the histogram."""
    histogram = Histogram(tuple(counts.get(index, 0) for index in range(BUCKETS)))
    shown = buckets(histogram, [1.0])
    assert all(below <= above for (_, below), (_, above) in pairwise(shown))
    assert shown[-1] == (float("inf"), histogram.count)


def test_the_bounds_see_from_100_ns_to_10_s() -> None:
    """At least two bounds lie in each octave between, and one beyond either end."""
    bounds = bounds_ns([])
    assert bounds[0] <= 100
    assert bounds[-1] > 10e9
    assert max(above / below for below, above in pairwise(bounds)) <= 1.5


def test_a_threshold_lies_in_a_bucket_as_narrow_as_the_kit_counts() -> None:
    """Around the time threshold, and where its alert ends, an eighth of an octave is told apart."""
    bounds = bounds_ns([1.0])
    for mark in (1.0e9, 0.8e9):
        at = bisect_left(bounds, mark)
        assert bounds[at - 1] <= mark < bounds[at] <= bounds[at - 1] * 9 / 8


def test_what_was_once_a_bound_remains_one() -> None:
    """A threshold that is changed adds bounds: the rate of a bucket needs it in every scrape."""
    with Kit(discover=False) as kit:
        kit.greet("Ada")
        registry = registry_of(HellokitCollector(kit))
        before = samples(registry, "hellokit_greet_duration_seconds_bucket")
        kit.configure(time_threshold_s=0.123)
        after = samples(registry, "hellokit_greet_duration_seconds_bucket")
    assert set(before) < set(after)


def test_all_that_was_counted_is_shown() -> None:
    """Calls, errors, durations, running calls, the cache's requests and notes, by backend."""
    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("noting", Noting)
        for extra in ({"rows": 2}, {"rows": 3}, {"rows": None}):
            with pytest.raises(TypeError) if extra["rows"] is None else kit.use():
                kit.greet("Ada", backend="noting", extra=extra)
        for _ in range(3):
            kit.greet("Ada", backend="cached+plain")
        registry = registry_of(HellokitCollector(kit))
        calls = {("noting",): 3.0, ("cached",): 3.0, ("plain",): 1.0}
        assert samples(registry, "hellokit_greet_calls_total") == calls
        assert samples(registry, "hellokit_greet_duration_seconds_count") == calls
        failures = {("noting",): 1.0, ("cached",): 0.0, ("plain",): 0.0}
        assert samples(registry, "hellokit_greet_failures_total") == failures
        errors = {("noting", "TypeError"): 1.0}
        assert samples(registry, "hellokit_greet_errors_total") == errors
        assert samples(registry, "hellokit_greet_in_flight") == dict.fromkeys(calls, 0.0)
        cache = {("cached", "hit"): 2.0, ("cached", "miss"): 1.0}
        assert samples(registry, "hellokit_cache_requests_total") == cache
        assert samples(registry, "hellokit_greet_attributes_total") == {("rows", "noting"): 5.0}
        assert samples(registry, "hellokit_scrape_success") == {(): 1.0}
        sums = samples(registry, "hellokit_greet_duration_seconds_sum")
        metrics = kit.metrics().backends
        assert sums == {(name,): each.duration.sum_ns / 1e9 for name, each in metrics.items()}


@pytest.mark.parametrize(("mode", "timed"), [("full", 128), ("sampled", 2), ("count", 0)])
def test_the_histogram_counts_timed_calls(mode: str, timed: int) -> None:
    """All calls are counted in every mode; the histogram is of those that were timed."""
    settings = Settings.from_environ({"HELLOKIT_METRICS": mode})
    with Kit(settings, discover=False) as kit:
        for _ in range(128):
            kit.greet("Ada")
        registry = registry_of(HellokitCollector(kit))
        assert samples(registry, "hellokit_greet_calls_total") == {("plain",): 128.0}
        assert samples(registry, "hellokit_greet_duration_seconds_count") == {("plain",): timed}


def test_running_calls_are_in_flight() -> None:
    """A scrape in the middle of a call sees one that runs, and none that ended."""
    seen = []

    class Scraping:
        def hellokit_greet(self, request: Request, words: Callable[[Request], str]) -> str:
            seen.append(samples(registry, "hellokit_greet_in_flight"))
            return words(request)

    with Kit(discover=False) as kit:
        kit.register_backend("scraping", Scraping)
        registry = registry_of(HellokitCollector(kit))
        kit.greet("Ada", backend="scraping")
        assert seen == [{("scraping",): 1.0}]
        assert samples(registry, "hellokit_greet_in_flight") == {("scraping",): 0.0}


def test_thresholds_are_shown_as_never_exceeded() -> None:
    """A monitored backend has these counts from its first call on, for `increase()` to see."""
    with Kit(discover=False) as kit:
        kit.greet("Ada", backend="monitored+plain")
        noted = samples(registry_of(HellokitCollector(kit)), "hellokit_greet_attributes_total")
    assert noted["measured", "monitored"] == 1
    assert noted["time_threshold_exceeded", "monitored"] == 0
    assert noted["memory_threshold_exceeded", "monitored"] == 0


@pytest.mark.parametrize("value", [-1, pytest.param(2**1024, id="huge"), float("nan"), "many", 1j])
def test_what_cannot_be_a_counter_is_left_out(value: object) -> None:
    """A sum below zero, or none at all, spoils neither the scrape nor what else was noted."""
    noted = {"odd": value, "rows": 1}
    metrics = BackendMetrics(attributes=noted)  # type: ignore[arg-type]  # what plugins may note
    shown = samples(registry_of(Shown("noting", metrics)), "hellokit_greet_attributes_total")
    assert shown == {("rows", "noting"): 1.0}


def test_hostile_names_stay_labels(promtool: Callable[..., str]) -> None:
    """Quotes, newlines and lone surrogates in names keep both formats readable, and lint clean."""
    metrics = BackendMetrics(2, {HOSTILE: 2}, attributes={HOSTILE: 1, "hit": 1})
    registry = registry_of(Shown(HOSTILE, metrics))
    text = generate_latest(registry).decode()
    modern = generate_openmetrics(registry).decode()  # type: ignore[no-untyped-call]  # theirs
    safe = HOSTILE.replace("\ud800", "\\ud800")
    for parse, shown in ((plain_text, text), (openmetrics, modern)):
        found = {
            value
            for metric in parse(shown)
            for sample in metric.samples
            for label, value in sample.labels.items()
            if label in {"backend", "error_type", "attribute"}
        }
        assert found == {safe}
    promtool("check", "metrics", given=text)


def test_names_and_help_follow_the_conventions(promtool: Callable[..., str]) -> None:
    """What a kit shows passes promtool's linter, and every metric says what it is."""
    with Kit(discover=False) as kit:
        kit.greet("Ada", backend="cached+monitored+plain")
        registry = registry_of(HellokitCollector(kit))
        promtool("check", "metrics", given=generate_latest(registry).decode())
        assert all(metric.documentation.endswith(".") for metric in registry.collect())
        described = {(each.name, each.type) for each in HellokitCollector(kit).describe()}
        assert {(each.name, each.type) for each in registry.collect()} == described


def test_nobody_greeted_is_named() -> None:
    """Whoever was greeted, well or not, is in no label."""
    with Kit(discover=False) as kit:
        kit.register_backend("noting", Noting)
        kit.greet("Zaphod", backend="cached+plain")
        with pytest.raises(TypeError):
            kit.greet("Zaphod", backend="noting", extra={"rows": None})
        assert b"Zaphod" not in generate_latest(registry_of(HellokitCollector(kit)))


def test_a_closed_kit_is_still_shown() -> None:
    """What a kit has counted stays visible when it is closed."""
    with Kit(discover=False) as kit:
        kit.greet("Ada")
    registry = registry_of(HellokitCollector(kit))
    assert samples(registry, "hellokit_greet_calls_total") == {("plain",): 1.0}


def test_what_cannot_be_read_spoils_no_other_metric(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bad setting is logged once, and shown as a scrape without success beside the rest."""
    monkeypatch.setenv("HELLOKIT_METRICS", "some")
    registry = CollectorRegistry()
    Counter("requests", "The application's own.", registry=registry)
    register(registry, Kit(discover=False))
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert samples(registry, "hellokit_scrape_success") == {(): 0.0}
            assert samples(registry, "hellokit_greet_calls_total") == {}
            assert samples(registry, "requests_total") == {(): 0.0}
    assert [each.name for each in caplog.records] == ["hellokit.prometheus"]
    assert "HELLOKIT_METRICS is 'some'" in caplog.text
