"""`greet_many`: lazy, bounded, in order, and every item accounted for."""

from __future__ import annotations

import itertools
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import (
    Failure,
    Kit,
    Request,
    RequestTypeError,
    RequestValueError,
    Settings,
    UnknownBackendError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class Steps:
    """Fails for names that say so, and counts how many calls run at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running = self.most = 0
        self.tries: dict[str, int] = {}

    def begin(self, name: str) -> None:
        """Count a call that begins."""
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
            self.tries[name] = self.tries.get(name, 0) + 1

    def end(self, name: str) -> str:
        """Count a call that ends, or raise what its name asks for."""
        with self.lock:
            self.running -= 1
        if name == "Exit":
            raise SystemExit(3)
        if name.startswith("Bad"):
            raise ConnectionError(name)
        if name.startswith("Twice") and self.tries[name] < 2:
            raise ConnectionError(name)
        return f"Hi {name}"


class InPlace(Steps):
    """A sync backend that does not block."""

    def hellokit_greet(self, request: Request) -> str:
        """Greet at once."""
        (name,) = request.names
        self.begin(name)
        return self.end(name)


class Blocking(Steps):
    """A sync backend that declares that it blocks."""

    blocking = True

    def hellokit_greet(self, request: Request) -> str:
        """Greet after a short sleep, a long one for Slow."""
        (name,) = request.names
        self.begin(name)
        time.sleep(0.3 if name == "Slow" else 0.001)
        return self.end(name)


class Waiting(Steps):
    """An async backend."""

    async def hellokit_greet_async(self, request: Request) -> str:
        """Greet after a short sleep, a long one for Slow."""
        import asyncio

        (name,) = request.names
        self.begin(name)
        try:
            await asyncio.sleep(60 if name == "Slow" else 0.001)
        except asyncio.CancelledError:
            self.end("Cancelled")
            raise
        return self.end(name)


KINDS = {"in place": InPlace, "blocking": Blocking, "waiting": Waiting}


@pytest.fixture
def kit() -> Iterator[Kit]:
    """A kit of its own."""
    with Kit(Settings(), discover=False) as kit:
        yield kit


@pytest.fixture(params=KINDS)
def backend(request: pytest.FixtureRequest, kit: Kit) -> Steps:
    """A backend of each kind, registered as `steps`."""
    steps: Steps = KINDS[request.param]()
    kit.register_backend("steps", steps)
    return steps


NAMES = [f"N{number}" for number in range(100)]
GREETED = [f"Hi {name}" for name in NAMES]


def test_names_tuples_and_requests_are_greeted(kit: Kit) -> None:
    """An item is a name, several names, nobody, or a request with its own options."""
    items: list[Any] = ["Ada", ("Grace", "Alan"), None, Request("Zoë", formality="informal"), ()]
    expected = ["Hello, Ada!", "Hello, Grace and Alan!", "Hello!", "Hi Zoë!", "Hello!"]
    assert list(kit.greet_many(items)) == expected
    assert list(kit.greet_many(iter(items))) == expected


def test_the_options_of_the_call_hold_for_names_only(kit: Kit) -> None:
    """A Request keeps what it says itself."""
    items: list[Any] = ["Ada", Request("Grace")]
    assert list(kit.greet_many(items, formality="informal")) == ["Hi Ada!", "Hello, Grace!"]


@pytest.mark.parametrize("concurrency", [1, 7, 1000, "auto"])
@pytest.mark.parametrize("source", [list, iter])
def test_results_come_in_the_order_of_the_items(
    kit: Kit, backend: Steps, concurrency: Any, source: Any
) -> None:
    """Whatever the kind of backend, the concurrency and the source."""
    stream = kit.greet_many(source(NAMES), backend="steps", concurrency=concurrency)
    assert list(stream) == GREETED
    assert backend.running == 0
    assert kit.metrics().backends["steps"].calls == len(NAMES)


def test_unordered_results_are_the_same_ones(kit: Kit, backend: Steps) -> None:
    """Only their order differs."""
    results = kit.greet_many(NAMES, backend="steps", ordered=False)
    assert sorted(map(str, results)) == sorted(GREETED)
    assert backend.running == 0


def test_no_more_items_run_at_once_than_asked_for(kit: Kit, backend: Steps) -> None:
    """The concurrency is a bound; a backend that waits makes use of it."""
    list(kit.greet_many(NAMES, backend="steps", concurrency=5))
    assert backend.most <= 5
    assert backend.most > 1 or isinstance(backend, InPlace)


@pytest.mark.usefixtures("backend")
def test_an_endless_source_is_taken_as_results_are(kit: Kit) -> None:
    """At most a small multiple of the concurrency is read ahead."""
    taken = itertools.count()
    source = (f"N{next(taken)}" for _ in itertools.count())
    results = kit.greet_many(source, backend="steps", concurrency=3)
    assert list(itertools.islice(results, 20)) == GREETED[:20]
    assert next(taken) <= 20 + 4 * 3
    results.close()


def test_nothing_is_taken_before_the_first_result_is(kit: Kit, backend: Steps) -> None:
    """The call itself reads no item, starts no thread, and greets nobody."""
    threads = threading.active_count()
    source = iter(NAMES)
    results = kit.greet_many(source, backend="steps")
    assert next(source) == "N0"
    assert threading.active_count() == threads
    assert next(results) == "Hi N1"
    assert backend.tries["N1"] == 1


MIXED = ["A", "Bad1", "B", "Bad2", "C"]


@pytest.mark.parametrize("source", [list, iter])
def test_an_error_is_raised_in_its_place(kit: Kit, backend: Steps, source: Any) -> None:
    """The results before it come first, and nothing after it."""
    results = kit.greet_many(source(MIXED), backend="steps")
    assert next(results) == "Hi A"
    with pytest.raises(ConnectionError, match="Bad1"):
        next(results)
    assert list(results) == []
    assert isinstance(backend, Blocking) or backend.running == 0


@pytest.mark.parametrize("source", [list, iter])
@pytest.mark.usefixtures("backend")
def test_failed_items_are_skipped_or_returned(kit: Kit, source: Any) -> None:
    """A Failure stands in the place of its item, and says which it was."""
    skipped = kit.greet_many(source(MIXED), backend="steps", on_error="skip")
    assert list(skipped) == ["Hi A", "Hi B", "Hi C"]
    results = list(kit.greet_many(source(MIXED), backend="steps", on_error="return"))
    failures = [result for result in results if isinstance(result, Failure)]
    assert [(each.index, each.item, str(each.error)) for each in failures] == [
        (1, "Bad1", "Bad1"),
        (3, "Bad2", "Bad2"),
    ]
    assert results[::2] == ["Hi A", "Hi B", "Hi C"]
    assert kit.metrics().backends["steps"].errors == {"ConnectionError": 4}


@pytest.mark.parametrize("source", [list, iter])
def test_an_item_that_is_no_name_fails_alone_and_is_no_call(
    kit: Kit, backend: Steps, source: Any
) -> None:
    """What hellokit refuses has an error of its own; the backend is not asked."""
    items: list[Any] = ["A", 42, "B"]
    results = list(kit.greet_many(source(items), backend="steps", on_error="return", attempts=3))
    assert isinstance(results[1], Failure)
    assert isinstance(results[1].error, RequestTypeError)
    assert kit.metrics().backends["steps"].calls == 2
    assert backend.running == 0


def test_items_are_tried_again_as_often_as_asked(kit: Kit, backend: Steps) -> None:
    """An item that succeeds at last is a greeting; one that never does fails once."""
    items = ["A", "Twice", "Bad"]
    results = list(
        kit.greet_many(items, backend="steps", attempts=3, backoff=0.001, on_error="return")
    )
    assert results[:2] == ["Hi A", "Hi Twice"]
    assert isinstance(results[2], Failure)
    assert backend.tries == {"A": 1, "Twice": 2, "Bad": 3}


@pytest.mark.parametrize("kind", [Blocking, Waiting])
def test_an_item_that_takes_too_long_fails_and_holds_up_nobody(kit: Kit, kind: Any) -> None:
    """The error says which item, how long, and what to do."""
    kit.register_backend("steps", kind)
    results = list(
        kit.greet_many(
            ["A", "Slow", "B"], backend="steps", timeout=0.05, concurrency=1, on_error="return"
        )
    )
    assert (results[0], results[2]) == ("Hi A", "Hi B")
    assert isinstance(results[1], Failure)
    assert isinstance(results[1].error, TimeoutError)
    assert "item 1 took longer than 0.05 s" in str(results[1].error)


def test_a_rate_is_a_bound_on_starts(kit: Kit, backend: Steps) -> None:
    """20 items at 200 a second take at least 19 intervals."""
    start = time.monotonic()
    assert list(kit.greet_many(NAMES[:20], backend="steps", rate=200)) == GREETED[:20]
    assert time.monotonic() - start >= 19 / 200
    assert backend.running == 0


def test_a_source_that_raises_ends_the_stream_in_its_place(kit: Kit, backend: Steps) -> None:
    """The results of the items before it come first."""

    def source() -> Iterator[str]:
        yield from NAMES[:10]
        raise OSError("the file ends here")

    results = kit.greet_many(source(), backend="steps")
    assert list(itertools.islice(results, 10)) == GREETED[:10]
    with pytest.raises(OSError, match="the file ends here"):
        next(results)
    assert backend.running == 0


def test_leaving_early_leaves_nothing_running(kit: Kit, backend: Steps) -> None:
    """Closing the stream cancels what waits, and ends the threads that took part."""
    threads = threading.active_count()
    results = kit.greet_many(itertools.cycle(NAMES), backend="steps", concurrency=10)
    next(results)
    results.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (
        threading.active_count() > threads + isinstance(backend, Waiting) or backend.running
    ):
        time.sleep(0.001)
    assert backend.running == 0
    assert threading.active_count() <= threads + isinstance(backend, Waiting)
    assert kit.metrics().backends["steps"].in_flight == 0


def test_a_stream_in_a_scope_uses_its_defaults(kit: Kit, backend: Steps) -> None:
    """`use()` chooses backend and options of a stream as of a call."""
    with kit.use(backend="steps"):
        assert list(kit.greet_many(NAMES)) == GREETED
    with kit.use(formality="informal"):
        assert list(kit.greet_many(["Ada"], backend="plain")) == ["Hi Ada!"]
    assert backend.running == 0


def test_a_string_is_one_name_and_refused_as_items(kit: Kit) -> None:
    """The message says what to write instead."""
    with pytest.raises(RequestTypeError, match=r"one name and not its letters: pass \[name\]"):
        kit.greet_many("Ada")


async def endless() -> AsyncIterator[str]:
    """Yield names for ever."""
    while True:
        yield "Ada"


@pytest.mark.parametrize(
    ("items", "message"),
    [(endless(), "use greet_many_async"), (42, "pass an iterable"), (b"Ada", "one name")],
)
def test_what_is_no_iterable_of_items_is_refused_at_once(
    kit: Kit, items: Any, message: str
) -> None:
    """Before the first item is asked for."""
    with pytest.raises(RequestTypeError, match=message):
        kit.greet_many(items)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"concurrency": 0}, RequestValueError, "concurrency is 0: use a whole number from 1"),
        ({"concurrency": -1}, RequestValueError, "concurrency is -1"),
        ({"concurrency": 1.5}, RequestTypeError, "concurrency is 1.5"),
        ({"concurrency": True}, RequestTypeError, "concurrency is True"),
        ({"rate": 0}, RequestValueError, "rate is 0: use a finite number above 0"),
        ({"rate": float("nan")}, RequestValueError, "rate is nan"),
        ({"rate": "fast"}, RequestTypeError, "rate is 'fast'"),
        ({"timeout": -1}, RequestValueError, "timeout is -1"),
        ({"attempts": 0}, RequestValueError, "attempts is 0"),
        ({"backoff": 0}, RequestValueError, "backoff is 0"),
        ({"on_error": "ignore"}, RequestValueError, "'raise', 'skip', 'return'"),
        ({"ordered": "no"}, RequestTypeError, "ordered is 'no'"),
        ({"formality": "rude"}, RequestValueError, "formality is 'rude'"),
        ({"locale": "en-"}, RequestValueError, "en-"),
        ({"backend": "none"}, UnknownBackendError, "no backend is named 'none'"),
    ],
)
def test_a_bad_option_is_refused_at_once(
    kit: Kit, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """The error names the option, its value and what is allowed."""
    with pytest.raises(error, match=message):
        kit.greet_many(["Ada"], **options)
    with pytest.raises(error, match=message):
        kit.greet_many_async(["Ada"], **options)


def test_a_batch_is_counted_item_by_item(kit: Kit) -> None:
    """Of a list, durations are shared out evenly; calls and errors are exact."""
    steps = InPlace()
    kit.register_backend("steps", steps)
    list(kit.greet_many([*NAMES, "Bad"] * 3, backend="steps", on_error="skip"))
    metrics = kit.metrics().backends["steps"]
    assert (metrics.calls, metrics.errors) == (303, {"ConnectionError": 3})
    assert (metrics.duration.count, metrics.in_flight) == (303, 0)


@pytest.mark.parametrize(("mode", "timed"), [("full", 640), ("sampled", 10), ("count", 0)])
def test_a_batch_is_timed_as_the_mode_says(mode: Any, timed: int) -> None:
    """The modes hold for batches too."""
    with Kit(Settings(metrics=mode, batch_size=640), discover=False) as kit:
        list(kit.greet_many(["Ada"] * 640))
        plain = kit.metrics().backends["plain"]
    assert (plain.calls, plain.duration.count) == (640, timed)


def test_sinks_get_a_record_of_each_item(kit: Kit) -> None:
    """A list is not metered as a whole when somebody listens."""
    records = []

    class Sink:
        """Keeps records."""

        def hellokit_record(self, record: Any) -> None:
            """Keep the record."""
            records.append(record)

    kit.register(Sink)
    list(kit.greet_many(NAMES))
    assert [record.request.names for record in records] == [(name,) for name in NAMES]


@pytest.mark.parametrize("source", [list, iter])
@pytest.mark.usefixtures("backend")
def test_a_backend_that_exits_fails_its_item_only(kit: Kit, source: Any) -> None:
    """SystemExit of a backend is of type failure like any other, whatever the kind of backend."""
    results = list(kit.greet_many(source(["A", "Exit", "B"]), backend="steps", on_error="return"))
    assert (results[0], results[2]) == ("Hi A", "Hi B")
    assert isinstance(results[1], Failure)
    assert isinstance(results[1].error, SystemExit)
