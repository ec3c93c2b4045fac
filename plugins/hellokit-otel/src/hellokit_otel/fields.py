"""Fields that lead from a line of the log to its trace: which span a record belongs to."""

from __future__ import annotations

from contextvars import ContextVar

from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext

    from hellokit import Record, Request

finished: ContextVar[tuple[Request, SpanContext] | None] = ContextVar(
    "hellokit-otel-finished", default=None
)
"""The request of the call that ended last here, and its span.

A record is delivered when its call has ended, and its span with it: the span around is current.
"""


def correlation(record: Record) -> dict[str, str]:
    """Return the `trace_id` and `span_id` of a record's call, in hexadecimal.

    Where the call has no span of its own, they are those of the current span; without one, there
    are none.

    Args:
        record: the record that is being delivered.
    """
    last = finished.get()
    own = last is not None and last[0] is record.request
    context = last[1] if last and own else get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {
        "trace_id": format_trace_id(context.trace_id),
        "span_id": format_span_id(context.span_id),
    }
