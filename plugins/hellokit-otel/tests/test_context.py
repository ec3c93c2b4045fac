"""Whose child a span is, whichever thread or task the call runs in."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

import hellokit_otel
from hellokit import Kit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from opentelemetry.trace import Span
    from tests.conftest import Spans

    from hellokit import Request

NAMES = [f"person {number}" for number in range(8)]
CHAINS = ["patient", "blocking", "cached+patient", "async+blocking", "monitored+async+patient"]


class Patient:
    """Waits on the event loop."""

    async def hellokit_greet_async(self, request: Request, words: Callable[[Request], str]) -> str:
        """Let other tasks run, and greet."""
        await asyncio.sleep(0.001)
        return words(request)


class Blocking:
    """Waits in its thread."""

    blocking = True

    def hellokit_greet(self, request: Request, words: Callable[[Request], str]) -> str:
        """Let other threads run, and greet."""
        threading.Event().wait(0.001)
        return words(request)


@pytest.fixture
def kit(spans: Spans) -> Iterator[Kit]:
    """Return a kit with backends that wait, instrumented."""
    with Kit(discover=False) as kit:
        kit.register_backend("patient", Patient())
        kit.register_backend("blocking", Blocking())
        hellokit_otel.instrument(kit, spans.provider)
        yield kit


def assert_nested(spans: Spans, root: Span, chain: str, calls: int) -> None:
    """Assert that all spans are in the trace of `root`, and those of each call in each other."""
    depth = chain.count("+") + 1
    ended = spans.ended()
    assert len(ended) == calls * depth
    links = {span.context.span_id: span for span in ended if span.context}
    leaves = [span for span in ended if (span.attributes or {})["hellokit.chain"] in CHAINS[:2]]
    assert len(leaves) == calls
    for leaf in leaves:
        span, steps = leaf, 1
        while span.parent is not None and span.parent.span_id in links:
            span, steps = links[span.parent.span_id], steps + 1
        assert steps == depth
        assert span.parent == root.get_span_context()


@pytest.mark.parametrize("chain", CHAINS)
def test_a_call_of_sync_code_is_a_child_of_its_caller(kit: Kit, spans: Spans, chain: str) -> None:
    """Also where the kit carries the call out on its loop thread."""
    with spans.tracer.start_as_current_span("request") as request:
        kit.greet("Ada", backend=chain)
    assert_nested(spans, request, chain, 1)


@pytest.mark.parametrize("chain", CHAINS)
def test_a_call_of_async_code_is_a_child_of_its_caller(kit: Kit, spans: Spans, chain: str) -> None:
    """Also where the kit carries the call out on a thread of a crew."""

    async def serve() -> None:
        with spans.tracer.start_as_current_span("request") as request:
            await kit.greet_async("Ada", backend=chain)
        assert_nested(spans, request, chain, 1)

    asyncio.run(serve())


@pytest.mark.parametrize("chain", CHAINS)
def test_the_calls_of_a_stream_are_children_of_whoever_takes_it(
    kit: Kit, spans: Spans, chain: str
) -> None:
    """Each of the calls that run at once on threads or tasks is a child of the request."""
    with spans.tracer.start_as_current_span("request") as request:
        assert len(list(kit.greet_many(NAMES, backend=chain, concurrency=4))) == len(NAMES)
    assert_nested(spans, request, chain, len(NAMES))


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("chain", CHAINS)
def test_the_calls_of_an_async_stream_are_children_of_whoever_takes_it(
    kit: Kit, spans: Spans, chain: str, *, ordered: bool
) -> None:
    """Each of the calls that run at once on tasks is a child of the request."""

    async def serve() -> None:
        with spans.tracer.start_as_current_span("request") as request:
            stream = kit.greet_many_async(NAMES, backend=chain, concurrency=4, ordered=ordered)
            assert len([text async for text in stream]) == len(NAMES)
        assert_nested(spans, request, chain, len(NAMES))

    asyncio.run(serve())


@pytest.mark.parametrize("chain", CHAINS)
def test_requests_that_are_served_at_once_do_not_mix(kit: Kit, spans: Spans, chain: str) -> None:
    """Each of many tasks has its own calls below its own span, and only those."""
    requests: list[Span] = []

    async def serve(name: str) -> None:
        with spans.tracer.start_as_current_span("request") as request:
            requests.append(request)
            await kit.greet_async(name, backend=chain)
            await kit.greet_async(f"{name} again", backend=chain)

    async def serve_all() -> None:
        await asyncio.gather(*map(serve, NAMES))

    asyncio.run(serve_all())
    known = [request.get_span_context() for request in requests]
    parents = [span.parent for span in spans.ended()]
    assert [parents.count(each) for each in known] == [2] * len(NAMES)
    traces = [span.context.trace_id for span in spans.ended() if span.context]
    depth = chain.count("+") + 1
    assert [traces.count(each.trace_id) for each in known] == [2 * depth] * len(NAMES)


def test_one_computation_for_many_is_a_child_of_one_of_them(kit: Kit, spans: Spans) -> None:
    """Whoever waits for the greeting that another computes has a span, with nothing below it."""

    async def serve() -> None:
        await asyncio.gather(*(kit.greet_async("Ada", backend="cached+patient") for _ in range(5)))

    asyncio.run(serve())
    *cached, patient = sorted(
        spans.ended(), key=lambda span: (span.attributes or {})["hellokit.chain"] == "patient"
    )
    assert len(cached) == 5
    assert patient.parent in [span.get_span_context() for span in cached]
