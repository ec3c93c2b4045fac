"""Traces: a span around each call of each backend, a child of whichever runs around it."""

from __future__ import annotations

from opentelemetry.context import attach, detach
from opentelemetry.trace import Status, StatusCode, set_span_in_context

from hellokit import hookimpl
from hellokit_otel.exceptions import told
from hellokit_otel.fields import finished

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from contextvars import Token
    from typing import TypeAlias

    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

    from hellokit import Request

    Running: TypeAlias = tuple[Span, Token[Context]]

NAME = "hellokit.greet"
"""The name of every span."""


class Tracing:
    """A wrapper of every backend. If the tracer fails, that is logged once, and traces end.

    Args:
        tracer: what starts the spans.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._failed = False

    @hookimpl(wrapper=True)
    def hellokit_greet(
        self, request: Request, backend: str, chain: str
    ) -> Generator[None, str, str]:
        """Return the backend's text, or raise what it raised, within a span."""
        running = self._begin(request, backend, chain)
        try:
            text = yield
        except BaseException as error:
            self._end(running, request, error)
            raise
        self._end(running, request)
        return text

    def _begin(self, request: Request, backend: str, chain: str) -> Running | None:
        if self._failed:
            return None
        attributes = {"hellokit.backend": backend, "hellokit.chain": chain}
        if request.locale is not None:
            attributes["hellokit.locale"] = request.locale
        try:
            span = self._tracer.start_span(NAME, attributes=attributes)
            return span, attach(set_span_in_context(span))
        except (Exception, SystemExit) as failure:  # noqa: BLE001  # a processor may raise anything
            self._fail(failure)
            return None

    def _end(
        self, running: Running | None, request: Request, error: BaseException | None = None
    ) -> None:
        if running is None:
            return
        span, token = running
        try:
            detach(token)
            finished.set((request, span.get_span_context()))
            if error is not None and span.is_recording():
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                span.add_event("exception", told(error))
            span.end()
        except (Exception, SystemExit) as failure:  # noqa: BLE001
            self._fail(failure)

    def _fail(self, failure: BaseException) -> None:
        """Log a failure of the tracer, and start no further span."""
        if not self._failed:
            self._failed = True
            from logging import getLogger

            getLogger("hellokit").warning(
                "OpenTelemetry failed in a greeting, which went out; this kit is not traced any "
                "more: mend the span processor or sampler, and instrument() the kit again",
                exc_info=failure,
            )
