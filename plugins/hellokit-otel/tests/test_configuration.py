"""When a kit is instrumented: if the application has configured OpenTelemetry, and only then."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hellokit_otel
from hellokit import Kit, KitClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Collector

TRACED = """
from hellokit_otel.tracing import Tracing
traced = any(isinstance(each, Tracing) for each in hellokit.default.plugins.get_plugins())
assert hellokit.default.failures() == ()
"""


def test_without_opentelemetry_nothing_of_it_is_imported(run_script: Callable[..., str]) -> None:
    """A kit that starts in an application that does not use OpenTelemetry leaves it alone."""
    run_script("""
        import sys
        import hellokit
        assert hellokit.greet("Ada") == "Hello, Ada!"
        assert "hellokit_otel.plugin" in sys.modules
        assert not [name for name in sys.modules if name.startswith("opentelemetry")]
    """)


def test_the_api_alone_is_enough(run_script: Callable[..., str]) -> None:
    """Where no SDK is installed, a kit is instrumented all the same, and nothing comes of it."""
    run_script("""
        import sys
        sys.modules["opentelemetry.sdk"] = None  # an import of it fails
        import hellokit, hellokit_otel
        hellokit_otel.instrument()
        lines = []
        log = hellokit.LogSink(lines.append, extra=hellokit_otel.correlation)
        hellokit.default.register(log)
        assert hellokit.greet("Ada") == "Hello, Ada!"
        assert len(lines) == 1
        hellokit.default.close()
        assert hellokit.default.failures() == ()
    """)


@pytest.mark.parametrize(
    "setup",
    [
        "",
        "trace.set_tracer_provider(trace.NoOpTracerProvider())",
        "os.environ['OTEL_SDK_DISABLED'] = 'true'; trace.set_tracer_provider(TracerProvider())",
    ],
    ids=["no provider", "a provider of nothing", "the SDK disabled"],
)
def test_without_a_provider_no_wrapper_is_registered(
    run_script: Callable[..., str], setup: str
) -> None:
    """Where no span would come of it, a call runs as if this package were not installed."""
    run_script(f"""
import os
import hellokit
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
{setup}
hellokit.greet("Ada")
{TRACED}
assert not traced
    """)


def test_a_provider_that_is_there_is_used(run_script: Callable[..., str]) -> None:
    """An application that configures OpenTelemetry before it greets does nothing else."""
    run_script(f"""
import hellokit
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
trace.set_tracer_provider(TracerProvider())
hellokit.greet("Ada")
{TRACED}
assert traced
    """)


def test_a_provider_that_the_environment_names_is_used(run_script: Callable[..., str]) -> None:
    """`OTEL_PYTHON_TRACER_PROVIDER` speaks also where nobody has imported OpenTelemetry."""
    variable = {"OTEL_PYTHON_TRACER_PROVIDER": "sdk_tracer_provider"}
    run_script(f"import hellokit; hellokit.greet('Ada'){TRACED}assert traced", **variable)


def test_a_provider_that_cannot_be_loaded_is_told(run_script: Callable[..., str]) -> None:
    """A wrong name in the environment costs the traces, and says where it stands."""
    variable = {"OTEL_PYTHON_TRACER_PROVIDER": "nonsense"}
    script = """
        import hellokit
        assert hellokit.greet("Ada") == "Hello, Ada!"
        (failure,) = hellokit.default.failures()
        assert "'nonsense' that OTEL_PYTHON_TRACER_PROVIDER names: install" in failure.error
    """
    run_script(script, **variable)


def test_a_plugin_that_is_disabled_instruments_nothing(run_script: Callable[..., str]) -> None:
    """`HELLOKIT_DISABLE_PLUGINS=otel` keeps a kit as it is."""
    script = """
        import sys
        import hellokit
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        trace.set_tracer_provider(TracerProvider())
        hellokit.greet("Ada")
        assert "hellokit_otel" not in sys.modules
    """
    run_script(script, HELLOKIT_DISABLE_PLUGINS="otel")


def test_providers_may_be_set_after_instrumenting(run_script: Callable[..., str]) -> None:
    """The global ones are asked for when they are needed."""
    run_script("""
        import hellokit, hellokit_otel
        hellokit.greet("Grace")
        hellokit_otel.instrument()
        hellokit.greet("Alan")

        from opentelemetry import metrics, trace
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        trace.set_tracer_provider(provider)
        metrics.set_meter_provider(MeterProvider([reader]))
        hellokit.greet("Ada")
        assert len(exporter.get_finished_spans()) == 1
        assert '"value": 3' in reader.get_metrics_data().to_json()
    """)


def test_a_plugin_that_is_taken_out_takes_its_traces_along(run_script: Callable[..., str]) -> None:
    """As when the package is uninstalled and the kit is refreshed."""
    run_script("""
        import hellokit
        from hellokit_otel.plugin import Plugin
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        trace.set_tracer_provider(TracerProvider())
        kit = hellokit.Kit(discover=False)
        before = kit.plugins.get_plugins()
        undo = kit.register(Plugin)
        assert len(kit.plugins.get_plugins()) == len(before) + 3
        undo()
        assert kit.plugins.get_plugins() == before
        assert kit.greet("Ada") == "Hello, Ada!"
    """)


def test_a_closed_kit_is_refused() -> None:
    """There is nothing to see of it any more."""
    kit = Kit(discover=False)
    kit.close()
    with pytest.raises(KitClosedError):
        hellokit_otel.instrument(kit)


def test_auto_instrumentation_needs_no_line_of_code(
    collector: Collector, run_script: Callable[..., str]
) -> None:
    """Under `opentelemetry-instrument` a kit finds the providers that it has configured."""
    launcher = Path(sysconfig.get_path("scripts")) / "opentelemetry-instrument"
    run_script(
        "import hellokit; hellokit.greet('Ada')",
        str(launcher),
        OTEL_SERVICE_NAME="automatic",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
        OTEL_METRICS_EXPORTER="hellokit_otlp",
        OTEL_LOGS_EXPORTER="none",
    )
    assert [span["name"] for span in collector.spans("automatic")] == ["hellokit.greet"]
    assert {"hellokit.greet.calls", "hellokit.greet.duration"} <= set(
        collector.metrics("automatic")
    )
