"""Which span a record is of."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from opentelemetry.trace import format_span_id, format_trace_id

import hellokit_otel
from hellokit import LogSink

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Span
    from tests.conftest import Spans

    from hellokit import Kit, Record


class Journal:
    """Keeps what correlates each record, by backend."""

    def __init__(self) -> None:
        self.lines: dict[str, dict[str, str]] = {}

    def hellokit_record(self, record: Record) -> None:
        """Keep it."""
        self.lines[record.backend] = hellokit_otel.correlation(record)


class Failing:
    """Fails on the event loop."""

    async def hellokit_greet_async(self) -> str:
        """Raise an error."""
        raise LookupError


@pytest.fixture
def journal(kit: Kit) -> Journal:
    """Return a sink of the kit's records."""
    journal = Journal()
    kit.register(journal)
    return journal


def ids(span: Span | ReadableSpan) -> dict[str, str]:
    """Return how a span is referred to."""
    context = span.get_span_context()
    assert context is not None
    return {
        "trace_id": format_trace_id(context.trace_id),
        "span_id": format_span_id(context.span_id),
    }


def assert_each_has_its_own(journal: Journal, spans: Spans) -> None:
    """Assert that the record of each backend refers to the span of that backend."""
    own = {str((span.attributes or {})["hellokit.backend"]): ids(span) for span in spans.ended()}
    assert journal.lines == own


def test_a_record_is_of_the_span_of_its_call(kit: Kit, spans: Spans, journal: Journal) -> None:
    """Each backend of a chain has its own, though a record is delivered when its span has ended."""
    hellokit_otel.instrument(kit, spans.provider)
    kit.greet("Ada", backend="cached+monitored+plain")
    assert set(journal.lines) == {"cached", "monitored", "plain"}
    assert_each_has_its_own(journal, spans)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_record_of_a_failed_call_is_of_its_span(
    kit: Kit, spans: Spans, journal: Journal, colour: str
) -> None:
    """Also on the kit's loop thread, where sync code has an asynchronous backend run."""
    kit.register_backend("failing", Failing())
    hellokit_otel.instrument(kit, spans.provider)
    call: Callable[[], object] = (
        (lambda: kit.greet("Ada", backend="monitored+failing"))
        if colour == "sync"
        else (lambda: asyncio.run(kit.greet_async("Ada", backend="monitored+failing")))
    )
    with pytest.raises(LookupError):
        call()
    assert set(journal.lines) == {"monitored", "failing"}
    assert_each_has_its_own(journal, spans)


def test_a_line_of_the_log_leads_to_the_span(kit: Kit, spans: Spans) -> None:
    """The log that comes with hellokit takes the fields as they are."""
    lines: list[str] = []
    kit.register(LogSink(lines.append, extra=hellokit_otel.correlation))
    hellokit_otel.instrument(kit, spans.provider)
    kit.greet("Ada")
    (span,) = spans.ended()
    assert json.loads(lines[0]).items() >= ids(span).items()


def test_a_record_without_a_span_of_its_own_is_of_the_one_around(
    kit: Kit, spans: Spans, journal: Journal
) -> None:
    """A kit that is not traced leads to the request that it greeted in."""
    with spans.tracer.start_as_current_span("request") as request:
        kit.greet("Ada")
        assert journal.lines == {"plain": ids(request)}


def test_a_record_outside_of_every_trace_has_no_span(
    kit: Kit, spans: Spans, journal: Journal
) -> None:
    """There is nothing to refer to, also where another call was traced before."""
    hellokit_otel.instrument(kit, spans.provider)()
    kit.greet("Ada")
    assert journal.lines == {"plain": {}}
