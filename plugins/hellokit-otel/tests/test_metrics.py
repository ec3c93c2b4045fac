"""What is counted, as OpenTelemetry's metrics."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint, Sum

import hellokit_otel
from hellokit import Kit, PluginError, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit import Request


class Metrics:
    """A meter provider that keeps its metrics in memory."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.provider = MeterProvider([self._reader], shutdown_on_exit=False)

    def points(self, name: str) -> dict[tuple[object, ...], float]:
        """Collect, and return the values of a metric by those of its attributes."""
        data = self._reader.get_metrics_data()
        metrics = {
            metric.name: metric.data
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }
        assert isinstance(metrics[name], Sum)
        return {
            tuple((point.attributes or {}).values()): point.value
            for point in metrics[name].data_points
            if isinstance(point, NumberDataPoint)
        }


@pytest.fixture
def metrics() -> Metrics:
    """Return a meter provider of the test's own."""
    return Metrics()


class Failing:
    """Fails."""

    def hellokit_greet(self, request: Request) -> str:
        """Raise one error or another."""
        raise (LookupError if request.names else ValueError)


def test_calls_are_what_the_kit_has_counted(kit: Kit, metrics: Metrics) -> None:
    """Calls of each backend are there, those before instrumenting included."""
    kit.greet("Ada", backend="monitored+plain")
    hellokit_otel.instrument(kit, meter_provider=metrics.provider)
    for _ in kit.greet_many(["Ada"] * 100):
        pass
    assert metrics.points("hellokit.greet.calls") == {("plain",): 101, ("monitored",): 1}


def test_errors_are_told_by_their_type(kit: Kit, metrics: Metrics) -> None:
    """Calls that failed have the type of the exception as `error.type`."""
    kit.register_backend("failing", Failing())
    hellokit_otel.instrument(kit, meter_provider=metrics.provider)
    for names in (["Ada"], ["Grace"], []):
        with pytest.raises(Exception):  # noqa: B017, PT011  # both kinds
            kit.greet(*names, backend="failing")
    errors = {("failing", "LookupError"): 2, ("failing", "ValueError"): 1}
    assert metrics.points("hellokit.greet.errors") == errors
    assert metrics.points("hellokit.greet.calls") == {("failing",): 3}


def test_what_a_cache_had_is_told(kit: Kit, metrics: Metrics) -> None:
    """Hits and misses are there, and for backends that cache only."""
    hellokit_otel.instrument(kit, meter_provider=metrics.provider)
    for _ in range(5):
        kit.greet("Ada", backend="cached+plain")
    hits = {("cached", "hit"): 4, ("cached", "miss"): 1}
    assert metrics.points("hellokit.cache.requests") == hits


def test_calls_in_flight_go_up_and_down(kit: Kit, metrics: Metrics) -> None:
    """A call counts while it runs, and no longer."""
    running, go = threading.Event(), threading.Event()

    class Waiting:
        def hellokit_greet(self, request: Request, words: Callable[[Request], str]) -> str:
            running.set()
            go.wait()
            return words(request)

    kit.register_backend("waiting", Waiting())
    hellokit_otel.instrument(kit, meter_provider=metrics.provider)
    thread = threading.Thread(target=kit.greet, args=["Ada"], kwargs={"backend": "waiting"})
    thread.start()
    running.wait()
    assert metrics.points("hellokit.greet.in_flight") == {("waiting",): 1}
    go.set()
    thread.join()
    assert metrics.points("hellokit.greet.in_flight") == {("waiting",): 0}


def test_the_kits_of_a_provider_add_up_and_never_fall(metrics: Metrics) -> None:
    """A kit that was closed, or dropped without that, stays in the sum."""
    with Kit(discover=False) as closed, Kit(discover=False) as lasting:
        dropped = Kit(discover=False)
        for kit in (closed, lasting, dropped):
            hellokit_otel.instrument(kit, meter_provider=metrics.provider)
            kit.greet("Ada")
        closed.close()
        assert metrics.points("hellokit.greet.calls") == {("plain",): 3}
        del dropped, closed, kit
        gc.collect()
        lasting.greet("Grace")
        assert metrics.points("hellokit.greet.calls") == {("plain",): 4}


def test_a_kit_counts_once_however_often_it_is_instrumented(kit: Kit, metrics: Metrics) -> None:
    """Undoing stops the count, and instrumenting again goes on with it."""
    hellokit_otel.instrument(kit, meter_provider=metrics.provider)
    undo = hellokit_otel.instrument(kit, meter_provider=metrics.provider)
    kit.greet("Ada")
    undo()
    kit.greet("Grace")
    assert metrics.points("hellokit.greet.calls") == {("plain",): 1}
    hellokit_otel.instrument(kit, meter_provider=metrics.provider)
    assert metrics.points("hellokit.greet.calls") == {("plain",): 2}


def test_providers_are_apart(metrics: Metrics) -> None:
    """A provider reports the kits that were instrumented with it, and no others."""
    other = Metrics()
    with Kit(discover=False) as one, Kit(discover=False) as two:
        hellokit_otel.instrument(one, meter_provider=metrics.provider)
        hellokit_otel.instrument(two, meter_provider=other.provider)
        one.greet("Ada")
        two.greet("Ada")
        two.greet("Grace")
        assert metrics.points("hellokit.greet.calls") == {("plain",): 1}
        assert other.points("hellokit.greet.calls") == {("plain",): 2}


def test_a_provider_that_becomes_the_global_one_keeps_its_kits(
    run_script: Callable[..., str],
) -> None:
    """Those that were given it, and those that find it, are one sum."""
    run_script("""
        import hellokit, hellokit_otel
        from opentelemetry import metrics
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        reader = InMemoryMetricReader()
        provider = MeterProvider([reader])
        kit = hellokit.Kit(discover=False)
        hellokit_otel.instrument(kit, meter_provider=provider)
        kit.greet("Ada")
        metrics.set_meter_provider(provider)
        hellokit.greet("Grace")
        assert '"value": 2' in reader.get_metrics_data().to_json()
    """)


def test_a_kit_that_could_not_start_holds_up_no_metrics(kit: Kit, metrics: Metrics) -> None:
    """In strict mode a kit may be instrumented, and then fail: it is tried again at each read."""

    class Instrumenting:
        def hellokit_started(self, kit: Kit) -> None:
            hellokit_otel.instrument(kit, meter_provider=metrics.provider)

    class Failing:
        def hellokit_started(self) -> None:
            raise OSError

    hellokit_otel.instrument(kit, meter_provider=metrics.provider)
    kit.greet("Ada")
    with Kit(Settings(strict=True), plugins=[Failing(), Instrumenting()], discover=False) as broken:
        with pytest.raises(PluginError):
            broken.greet("Ada")
        assert metrics.points("hellokit.greet.calls") == {("plain",): 1}
