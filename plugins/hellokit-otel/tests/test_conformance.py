"""Backends keep their contract while every call of theirs is traced."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TRACED = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)

def pytest_sessionfinish(session):
    if not exporter.get_finished_spans():
        session.exitstatus = 99
"""


def test_backends_keep_their_contract_while_they_are_traced(tmp_path: Path) -> None:
    """In a session of its own, as a tracer provider is set once for a process."""
    (tmp_path / "conftest.py").write_text(TRACED, encoding="utf-8")
    backends = ["--hellokit-backend=plain", "--hellokit-backend=cached+monitored+async+plain"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *backends]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
