"""From a greeting to the collector, over OTLP; and what becomes of a greeting without one."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

import hellokit_otel
from hellokit_otel import instrumentation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Collector, Spans

    from hellokit import Kit

HANG_S = 60

TRACES = """
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
"""
METRICS = """
import hellokit_otel
from opentelemetry import metrics
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
exporter = hellokit_otel.with_durations(OTLPMetricExporter())
metrics.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(exporter)]))
"""


def plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the attributes of a message as a dictionary."""
    return {each["key"]: next(iter(each["value"].values())) for each in attributes}


def send(service: str, endpoint: str) -> dict[str, str]:
    """Return the environment of an application that exports."""
    return {"OTEL_SERVICE_NAME": service, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}


@pytest.mark.parametrize("first", ["hellokit", "opentelemetry"])
def test_spans_and_metrics_arrive_when_the_application_just_ends(
    collector: Collector, run_script: Callable[..., str], first: str
) -> None:
    """Whichever was imported first, nothing is lost of a process that shuts nothing down."""
    setup = ["import hellokit", TRACES + METRICS][:: 1 if first == "hellokit" else -1]
    calls = """
for _ in range(3):
    hellokit.greet("Ada", backend="cached+monitored+plain")
try:
    hellokit.greet("Ada", backend="failing")
except LookupError:
    pass
"""
    failing = """
class Failing:
    def hellokit_greet(self, request):
        raise LookupError(request.names)
hellokit.default.register_backend("failing", Failing())
"""
    service = f"{first} first"
    run_script("\n".join([*setup, failing, calls]), **send(service, collector.endpoint))

    spans = collector.spans(service)
    backends = [plain(span["attributes"])["hellokit.backend"] for span in spans]
    assert backends == ["plain", "monitored", "cached", "cached", "cached", "failing"]
    assert spans[0]["parentSpanId"] == spans[1]["spanId"]
    assert spans[1]["parentSpanId"] == spans[2]["spanId"]
    assert spans[0]["traceId"] == spans[1]["traceId"] == spans[2]["traceId"]
    assert spans[5]["status"]["code"] == "STATUS_CODE_ERROR"
    assert "Ada" not in str(spans)

    metrics = collector.metrics(service)
    points = {
        plain(point["attributes"])["hellokit.backend"]: point
        for point in metrics["hellokit.greet.duration"]["histogram"]["dataPoints"]
    }
    counts = {backend: int(point["count"]) for backend, point in points.items()}
    assert counts == {"cached": 3, "monitored": 1, "plain": 1, "failing": 1}
    assert all(
        sum(map(int, each["bucketCounts"])) == int(each["count"]) for each in points.values()
    )
    (error,) = metrics["hellokit.greet.errors"]["sum"]["dataPoints"]
    assert error["asInt"] == "1"
    assert plain(error["attributes"]) == {
        "hellokit.backend": "failing",
        "error.type": "LookupError",
    }


def test_closing_a_kit_sends_what_it_has_done(
    collector: Collector, run_script: Callable[..., str]
) -> None:
    """What a kit did has arrived when it is closed, though the application goes on."""
    script = f"""
import hellokit, os
{TRACES}{METRICS}
with hellokit.Kit() as kit:
    kit.greet("Ada")
os._exit(0)
"""
    run_script(script, **send("closing", collector.endpoint))
    assert len(collector.spans("closing")) == 1
    (calls,) = collector.metrics("closing")["hellokit.greet.calls"]["sum"]["dataPoints"]
    assert calls["asInt"] == "1"


def test_a_forked_child_sends_its_own(collector: Collector, run_script: Callable[..., str]) -> None:
    """Spans of parent and child arrive once each; the child's counts begin at zero."""
    script = f"""
import hellokit, os
{TRACES}{METRICS}
closed = hellokit.Kit()
closed.greet("Ada")
closed.close()
hellokit.greet("Ada")
child = os.fork()
if child:
    assert os.waitpid(child, 0)[1] == 0
    provider.force_flush()
    os._exit(0)
for _ in range(5):
    hellokit.greet("Ada", backend="monitored+plain")
hellokit.default.close()
"""
    run_script(script, **send("forking", collector.endpoint))
    chains = [plain(span["attributes"])["hellokit.chain"] for span in collector.spans("forking")]
    assert chains.count("monitored+plain") == 5
    assert chains.count("plain") == 2 + 5
    points = collector.metrics("forking")["hellokit.greet.calls"]["sum"]["dataPoints"]
    counts = {plain(point["attributes"])["hellokit.backend"]: point["asInt"] for point in points}
    assert counts == {"plain": "5", "monitored": "5"}


def test_a_forked_child_begins_its_durations_anew(
    collector: Collector, run_script: Callable[..., str]
) -> None:
    """What the parent has sent already is not taken off what the child did, nor from its time."""
    script = f"""
import hellokit, os, time
{TRACES}{METRICS}
for _ in range(10):
    hellokit.greet("Ada")
metrics.get_meter_provider().force_flush()
before = time.time_ns()
child = os.fork()
if child:
    assert os.waitpid(child, 0)[1] == 0
    print(before, flush=True)
    os._exit(0)
for _ in range(3):
    hellokit.greet("Ada")
hellokit.default.close()
"""
    delta = {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta"}
    forked_at = int(run_script(script, **send("deltas", collector.endpoint), **delta))
    durations = collector.metrics("deltas")["hellokit.greet.duration"]["histogram"]
    assert durations["aggregationTemporality"] == "AGGREGATION_TEMPORALITY_DELTA"
    (point,) = durations["dataPoints"]
    assert point["count"] == "3"
    assert int(point["startTimeUnixNano"]) >= forked_at


@pytest.fixture
def dead() -> Iterator[list[str]]:
    """Return an endpoint where nobody listens, and one that takes requests and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        refusing = gone.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield [f"http://127.0.0.1:{port}" for port in (refusing, silent.getsockname()[1])]


def test_a_dead_collector_costs_no_greeting(
    run_script: Callable[..., str], dead: list[str]
) -> None:
    """Every greeting goes out, a kit closes, and the application ends."""
    script = f"""
import hellokit
{TRACES}{METRICS}
with hellokit.Kit() as kit:
    assert kit.greet("Ada") == "Hello, Ada!"
for _ in range(1000):
    assert hellokit.greet("Ada") == "Hello, Ada!"
print(hellokit.metrics().backends["plain"].calls)
"""
    timeout = {"OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    with ThreadPoolExecutor() as both:
        run = partial(run_script, script, **timeout)
        printed = both.map(lambda endpoint: run(**send("dead", endpoint)), dead)
        assert list(printed) == ["1000\n", "1000\n"]


def test_an_exporter_that_hangs_holds_a_kit_up_for_a_limited_time(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing a kit waits for what is being sent, but not for ever."""
    asked, answer = threading.Event(), threading.Event()

    class Hanging(SpanProcessor):
        def force_flush(self, timeout_millis: int = 0) -> bool:  # noqa: ARG002  # it heeds none
            asked.set()
            return answer.wait()

    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Hanging())
    monkeypatch.setattr(instrumentation, "FLUSH_S", 0.01)
    hellokit_otel.instrument(kit, provider)
    kit.greet("Ada")
    kit.close()
    assert asked.wait(HANG_S)
    answer.set()


def test_undoing_waits_for_no_exporter(
    kit: Kit, spans: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kit goes on, and so does the SDK: greetings must not wait until something is sent."""
    flushed: list[object] = []
    monkeypatch.setattr(spans.provider, "force_flush", flushed.append)
    undo = hellokit_otel.instrument(kit, spans.provider)
    undo()
    hellokit_otel.instrument(kit, spans.provider)
    hellokit_otel.instrument(kit, spans.provider)
    assert flushed == []
    kit.close()
    assert len(flushed) == 1


def test_an_exporter_that_fails_is_logged(
    kit: Kit, spans: Spans, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing a kit goes on when its last spans cannot be sent, and says so."""

    def fail(*_: object) -> bool:
        raise OSError("disk full")

    monkeypatch.setattr(spans.provider, "force_flush", fail)
    hellokit_otel.instrument(kit, spans.provider)
    kit.greet("Ada")
    kit.close()
    (logged,) = caplog.records
    assert "could not send" in logged.message
    assert kit.failures() == ()
