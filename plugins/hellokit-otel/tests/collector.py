"""A collector in a process of its own: receives OTLP over HTTP, and tells as JSON what came.

Run as a script, it prints its port and serves until its standard input ends.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics_service
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_service

SERVICES: dict[str, tuple[Any, Any]] = {
    "/v1/traces": (
        trace_service.ExportTraceServiceRequest,
        trace_service.ExportTraceServiceResponse,
    ),
    "/v1/metrics": (
        metrics_service.ExportMetricsServiceRequest,
        metrics_service.ExportMetricsServiceResponse,
    ),
}

received: dict[str, list[dict[str, Any]]] = {path: [] for path in SERVICES}


class Collector(BaseHTTPRequestHandler):
    """Takes what exporters post; a GET of the same path tells it."""

    def do_POST(self) -> None:
        """Parse a request and answer it, as the protocol says."""
        request, response = SERVICES[self.path]
        if self.headers["Content-Type"] != "application/x-protobuf":
            self.send_error(415)
            return
        message = request.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        received[self.path].append(MessageToDict(message))
        self.answer("application/x-protobuf", response().SerializeToString())

    def do_GET(self) -> None:
        """Tell what was received."""
        self.answer("application/json", json.dumps(received[self.path]).encode())

    def answer(self, kind: str, body: bytes) -> None:
        """Send a response."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
