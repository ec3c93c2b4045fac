"""What a span tells of a call."""

from __future__ import annotations

import asyncio
import doctest
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

import hellokit_otel
from hellokit import Kit
from hellokit_otel import exceptions
from hellokit_otel.exceptions import told
from hellokit_otel.tracing import Tracing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Spans

    from hellokit import Request


class Failing:
    """Fails, and says for whom."""

    def hellokit_greet(self, request: Request) -> str:
        """Raise an error that names the person."""
        raise LookupError(f"nobody is called {request.names[0]!r}")


def attributes(spans: Spans) -> list[dict[str, Any]]:
    """Return the attributes of the spans of calls."""
    return [dict(span.attributes or {}) for span in spans.ended()]


def test_a_span_tells_what_was_called_and_not_for_whom(kit: Kit, spans: Spans) -> None:
    """A span has the backend, the chain and the locale, and no name of a person."""
    hellokit_otel.instrument(kit, spans.provider)
    assert kit.greet("Ada", locale="en-GB") == "Hello, Ada!"
    (span,) = spans.ended()
    assert span.kind is SpanKind.INTERNAL
    assert span.status.status_code is StatusCode.UNSET
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "hellokit_otel"
    assert attributes(spans) == [
        {"hellokit.backend": "plain", "hellokit.chain": "plain", "hellokit.locale": "en-GB"}
    ]
    assert "Ada" not in span.to_json()


def test_the_spans_of_a_chain_are_each_a_child_of_the_one_around_it(kit: Kit, spans: Spans) -> None:
    """A chain shows as spans in each other, within the application's own."""
    hellokit_otel.instrument(kit, spans.provider)
    with spans.tracer.start_as_current_span("request") as request:
        kit.greet("Ada", backend="cached+monitored+plain")
        assert get_current_span() is request
    plain, monitored, cached = spans.ended()
    chains = [each["hellokit.chain"] for each in attributes(spans)]
    assert chains == ["plain", "monitored+plain", "cached+monitored+plain"]
    around = [each.get_span_context() for each in (monitored, cached, request)]
    assert [plain.parent, monitored.parent, cached.parent] == around


WORDINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "quoted": repr,
    "escaped": json.dumps,
    "in capitals": str.upper,
    "in part": lambda name: name.split()[-1],
    "within a word": lambda name: f"{name}s",
}


@pytest.mark.parametrize("worded", WORDINGS.values(), ids=WORDINGS)
def test_a_failed_call_is_told_without_the_name(
    kit: Kit, spans: Spans, worded: Callable[[str], str]
) -> None:
    """However an exception tells for whom it failed, a span has its type and traceback only."""
    told = worded("Zoë Lovelace")

    class Failing:
        def hellokit_greet(self) -> str:
            try:
                raise KeyError(told)  # noqa: TRY301  # it is to be the cause
            except KeyError as error:
                error.add_note(told)
                raise LookupError(told) from error

    kit.register_backend("failing", Failing())
    hellokit_otel.instrument(kit, spans.provider)
    with pytest.raises(LookupError, match=re.escape(told)):
        kit.greet("Zoë Lovelace", backend="failing")
    (span,) = spans.ended()
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes is not None
    assert span.attributes["error.type"] == "LookupError"
    (event,) = span.events
    assert event.name == "exception"
    stacktrace = str((event.attributes or {})["exception.stacktrace"])
    assert "\nKeyError\n\nwhich was followed by\n\n" in stacktrace
    assert stacktrace.endswith("raise LookupError(told) from error\nLookupError\n")
    assert (event.attributes or {})["exception.type"] == "LookupError"
    assert "lovelace" not in span.to_json().lower()


def test_an_exception_that_is_its_own_context_is_told_once() -> None:
    """What goes round in a circle ends."""
    one, other = KeyError(), LookupError()
    one.__context__, other.__context__ = other, one
    assert told(one)["exception.stacktrace"].count("KeyError") == 1


def test_the_examples_of_what_is_told_run() -> None:
    """What the docstring shows is so."""
    assert doctest.testmod(exceptions) == (0, 1)


def test_an_exception_that_cannot_be_printed_is_told_all_the_same(kit: Kit, spans: Spans) -> None:
    """A broken `__str__` of somebody's exception neither ends traces nor hides the exception."""

    class Unprintable(Exception):  # noqa: N818  # it is one of the tests
        def __str__(self) -> str:
            raise ValueError("no")

    class Backend:
        def hellokit_greet(self) -> str:
            raise Unprintable

    kit.register_backend("failing", Backend())
    hellokit_otel.instrument(kit, spans.provider)
    for _ in range(2):
        with pytest.raises(Unprintable):
            kit.greet("Ada", backend="failing")
    assert [each["error.type"] for each in attributes(spans)] == ["Unprintable"] * 2


def test_a_cancelled_call_ends_its_span(kit: Kit, spans: Spans) -> None:
    """A cancellation is an error of that type, as it is in the metrics."""

    class Endless:
        async def hellokit_greet_async(self) -> str:
            await asyncio.Event().wait()
            return "never"

    async def cancel() -> None:
        task = asyncio.create_task(kit.greet_async("Ada", backend="endless"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    kit.register_backend("endless", Endless())
    hellokit_otel.instrument(kit, spans.provider)
    asyncio.run(cancel())
    assert [each["error.type"] for each in attributes(spans)] == ["CancelledError"]
    assert kit.metrics().backends["endless"].errors == {"CancelledError": 1}


def test_what_is_not_sampled_is_not_told_and_keeps_its_trace(kit: Kit) -> None:
    """A span that does not record is still the parent of what the backend does."""
    seen = []

    class Looking:
        def hellokit_greet(self) -> str:
            seen.append(get_current_span())
            raise LookupError

    kit.register_backend("looking", Looking())
    hellokit_otel.instrument(kit, TracerProvider(ParentBased(ALWAYS_OFF), shutdown_on_exit=False))
    with pytest.raises(LookupError):
        kit.greet("Ada", backend="looking")
    assert not seen[0].is_recording()
    assert seen[0].get_span_context().is_valid


class BrokenStart(SpanProcessor):
    """Raises when a span begins."""

    def on_start(self, *_: object, **__: object) -> None:
        """Raise."""
        raise OSError("start")


class BrokenEnd(SpanProcessor):
    """Raises when a span ends."""

    def on_end(self, *_: object) -> None:
        """Raise."""
        raise SystemExit(3)


class BrokenSampler(Sampler):
    """Raises when it is asked."""

    def should_sample(self, *_: object, **__: object) -> SamplingResult:
        """Raise."""
        raise OSError("sampler")

    def get_description(self) -> str:
        """Return a name."""
        return "broken"


def provider(*processors: SpanProcessor, sampler: Sampler | None = None) -> TracerProvider:
    """Return a provider with these parts."""
    made = TracerProvider(sampler, shutdown_on_exit=False)
    for each in processors:
        made.add_span_processor(each)
    return made


@pytest.mark.parametrize(
    "broken",
    [
        lambda: provider(BrokenStart()),
        lambda: provider(BrokenEnd()),
        lambda: provider(sampler=BrokenSampler()),
    ],
    ids=["start", "end", "sampler"],
)
def test_a_tracer_that_fails_breaks_no_greeting(
    kit: Kit, broken: Callable[[], TracerProvider], caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged once, with its traceback, and traces end; the current span is as before."""
    kit.register_backend("failing", Failing())
    hellokit_otel.instrument(kit, broken())
    before = get_current_span()
    for _ in range(3):
        assert kit.greet("Ada", backend="monitored+plain") == "Hello, Ada!"
        with pytest.raises(LookupError):
            kit.greet("Ada", backend="failing")
    assert get_current_span() is before
    (logged,) = caplog.records
    assert "instrument() the kit again" in logged.message
    assert logged.exc_info is not None


def test_two_kits_have_traces_of_their_own(spans: Spans) -> None:
    """A kit's spans go to the provider it was instrumented with, and to no other."""
    with Kit(discover=False) as one, Kit(discover=False) as other:
        hellokit_otel.instrument(one, spans.provider)
        other.greet("Grace")
        assert spans.ended() == []
        one.greet("Ada")
        assert len(spans.ended()) == 1


def test_undoing_leaves_nothing_in_the_way_of_a_call(kit: Kit, spans: Spans) -> None:
    """After undoing, once or twice, there are no spans, and no wrapper is registered."""
    undo = hellokit_otel.instrument(kit, spans.provider)
    kit.greet("Ada")
    undo()
    undo()
    kit.greet("Ada")
    assert len(spans.ended()) == 1
    assert not any(isinstance(each, Tracing) for each in kit.plugins.get_plugins())


def test_instrumenting_again_takes_the_place_of_the_first_time(kit: Kit, spans: Spans) -> None:
    """A call has one span, of the latest provider; undoing what was replaced does nothing."""
    undo = hellokit_otel.instrument(kit, TracerProvider(shutdown_on_exit=False))
    hellokit_otel.instrument(kit, spans.provider)
    undo()
    kit.greet("Ada")
    assert len(spans.ended()) == 1


def test_refreshing_a_kit_keeps_its_traces(kit: Kit, spans: Spans) -> None:
    """What an application has instrumented stays so when a kit looks for plugins again."""
    hellokit_otel.instrument(kit, spans.provider)
    kit.refresh()
    kit.greet("Ada")
    assert len(spans.ended()) == 1
