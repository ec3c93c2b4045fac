"""What the tests start from: no settings from outside, spans in memory, a collector to send to."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import attrs
import hypothesis
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from hellokit import Kit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


hypothesis.settings.register_profile(
    "otel", deadline=None, derandomize="CI" in os.environ, database=None
)
hypothesis.settings.load_profile("otel")

FOREIGN = re.compile(r"(HELLOKIT_|PERF_|OTEL_).*|ENVIRONMENT|DEBUG|VERBOSE_LOGGING")
PYTHON = [sys.executable, "-W", "error::RuntimeWarning", "-c"]
HANG_S = 60
"""No script of the tests takes as long, unless it hangs."""


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables that hellokit and OpenTelemetry read."""
    for name in filter(FOREIGN.fullmatch, list(os.environ)):
        monkeypatch.delenv(name)


class Spans:
    """A tracer provider that keeps its spans in memory."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = self.provider.get_tracer("application")

    def ended(self, name: str = "hellokit.greet") -> list[ReadableSpan]:
        """Return the spans of this name that have ended, in that order."""
        return [span for span in self._exporter.get_finished_spans() if span.name == name]


@pytest.fixture
def spans() -> Spans:
    """Return a tracer provider of the test's own."""
    return Spans()


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit that nobody has instrumented."""
    with Kit(discover=False) as kit:
        yield kit


@attrs.frozen
class Collector:
    """A collector that runs in another process.

    Attributes:
        endpoint: where it listens.
    """

    endpoint: str

    def spans(self, service: str) -> list[dict[str, Any]]:
        """Return the spans that came from a service, in the order of their end."""
        found = [
            span
            for resource in self._of("traces", "resourceSpans", service)
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]
        return sorted(found, key=lambda span: int(span["endTimeUnixNano"]))

    def metrics(self, service: str) -> dict[str, dict[str, Any]]:
        """Return the latest metrics that came from a service, by name."""
        return {
            metric["name"]: metric
            for resource in self._of("metrics", "resourceMetrics", service)
            for scope in resource["scopeMetrics"]
            for metric in scope["metrics"]
        }

    def _of(self, signal: str, resources: str, service: str) -> list[dict[str, Any]]:
        with urlopen(f"{self.endpoint}/v1/{signal}", timeout=HANG_S) as response:  # noqa: S310  # it is our own server
            requests = json.load(response)
        name = {"key": "service.name", "value": {"stringValue": service}}
        return [
            resource
            for request in requests
            for resource in request[resources]
            if name in resource["resource"]["attributes"]
        ]


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Return a collector that receives OTLP over HTTP, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "collector.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Collector(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        process.stdin.close()


@pytest.fixture
def run_script() -> Callable[..., str]:
    """Run a script in a fresh interpreter; it must end well. Return its output."""

    def run(script: str, *launcher: str, **environment: str) -> str:
        done = subprocess.run(
            [*launcher, *PYTHON, textwrap.dedent(script)],
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
            env={**os.environ, **environment},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
