"""Histograms, snapshots, modes, records and sinks."""

from __future__ import annotations

import json
import logging
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit import (
    BackendMetrics,
    Histogram,
    Kit,
    LogSink,
    Record,
    Settings,
    Snapshot,
)
from hellokit.metering.buckets import BUCKETS, INDEX, bounds, bucket_of
from hellokit.metering.shards import Shard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONGEST = bounds(BUCKETS - 1)[1]
durations = st.one_of(st.integers(0, 5_000), st.integers(0, LONGEST * 4))


def histogram(*values: int) -> Histogram:
    """Return the histogram of some durations, as a shard counts them."""
    shard = Shard(None)
    for value in values:
        shard.finish(value)
    return shard.metrics().duration


def kit(mode: str = "full", **settings: Any) -> Kit:
    """Return a kit of its own in a metrics mode."""
    return Kit(Settings(metrics=mode, **settings), discover=False)  # type: ignore[arg-type]  # any mode


class Moody:
    """A backend that raises what it is told to, by the name it greets."""

    def hellokit_greet(self, request: Any, note: Callable[..., None]) -> str:
        """Raise for Eve, and note each call."""
        note("seen")
        if request.names == ("Eve",):
            raise ConnectionError("no")
        return "Hi"


@given(durations)
def test_a_duration_falls_into_the_bucket_that_bounds_it(duration: int) -> None:
    """The bucket of a duration holds it, unless it is longer than the last one."""
    low, high = bounds(bucket_of(duration))
    assert low <= duration
    assert duration < high or bucket_of(duration) == BUCKETS - 1


def test_buckets_leave_no_gap_and_their_width_bounds_the_error() -> None:
    """Each bucket begins where the one before it ends, and is at most an eighth of its low."""
    for index in range(BUCKETS - 1):
        low, high = bounds(index)
        assert high == bounds(index + 1)[0]
        assert high - low <= max(1, low / 8)


def test_looked_up_buckets_are_the_computed_ones() -> None:
    """The table of short durations says what the formula says."""
    assert list(INDEX) == [bucket_of(duration) for duration in range(len(INDEX))]


@given(st.lists(durations, min_size=1), st.floats(0, 1))
def test_a_quantile_is_within_a_bucket_of_the_true_one(values: list[int], q: float) -> None:
    """The quantile lies in the bucket that holds the value of that rank."""
    values = [min(value, LONGEST - 1) for value in values]
    true = sorted(values)[max(1, math.ceil(q * len(values))) - 1]
    low, high = bounds(bucket_of(true))
    assert low <= histogram(*values).quantile(q) <= max(high, *values)


def test_the_last_quantile_is_the_longest_duration() -> None:
    """Quantile 1 is exact, also beyond the last bucket."""
    assert histogram(5, LONGEST * 3, 7).quantile(1) == LONGEST * 3


def test_a_histogram_of_nothing_has_no_quantile() -> None:
    """Nothing timed gives nan, and None where it goes to JSON."""
    assert math.isnan(Histogram().quantile(0.5))
    assert Histogram().as_dict()["p50_ns"] is None
    assert Histogram().as_dict()["max_ns"] is None


@pytest.mark.parametrize("q", [-0.1, 1.1, math.nan])
def test_a_quantile_outside_0_to_1_is_refused(q: float) -> None:
    """The message says what is allowed."""
    with pytest.raises(ValueError, match="from 0 to 1"):
        histogram(1).quantile(q)


@given(st.lists(durations), st.lists(durations))
def test_histograms_add_and_subtract(some: list[int], more: list[int]) -> None:
    """The sum is the histogram of both; what came since is the difference."""
    whole = histogram(*some, *more)
    assert histogram(*some) + histogram(*more) == whole
    since = whole - histogram(*some)
    assert (since.counts, since.sum_ns) == (histogram(*more).counts, sum(more))
    assert since.max_ns <= whole.max_ns
    if more:
        assert bucket_of(since.max_ns) >= bucket_of(max(more))


def test_snapshots_add_and_subtract_backend_by_backend() -> None:
    """A backend known to one side only keeps its numbers."""
    one = Snapshot({"a": BackendMetrics(3, {"E": 1}, 0, histogram(1, 2, 3), {"hit": 2})})
    other = Snapshot({"a": BackendMetrics(1), "b": BackendMetrics(2)})
    assert {name: each.calls for name, each in (one + other).backends.items()} == {"a": 4, "b": 2}
    assert (one + other) - other == Snapshot({**one.backends, "b": BackendMetrics()})


def test_notes_below_zero_add_and_subtract_too() -> None:
    """A backend may note that there is one less of something."""
    less, more = (BackendMetrics(attributes={"open": value}) for value in (-5, 7))
    assert (less + more).attributes == {"open": 2}
    assert (less - more).attributes == {"open": -12}
    assert (BackendMetrics() + less).attributes == (
        BackendMetrics() - more + more + less
    ).attributes
    assert (less - less).attributes == {}


@pytest.mark.parametrize("whole", [Snapshot(), BackendMetrics(), Histogram()])
def test_only_like_adds_to_like(whole: Any) -> None:
    """A number is not a snapshot."""
    with pytest.raises(TypeError):
        whole + 1
    with pytest.raises(TypeError):
        whole - 1


def test_a_snapshot_is_ready_for_json() -> None:
    """as_dict holds plain data only, and the numbers of the calls."""
    with kit() as mine:
        mine.greet("Ada")
        told = json.loads(json.dumps(mine.metrics().as_dict()))
    plain = told["backends"]["plain"]
    assert plain["calls"] == plain["duration"]["count"] == 1
    assert plain["duration"]["sum_ns"] == plain["duration"]["max_ns"] > 0
    assert sum(count for _, _, count in plain["duration"]["buckets"]) == 1


@pytest.mark.parametrize(
    ("mode", "calls", "timed"),
    [("full", 640, 640), ("sampled", 640, 10), ("count", 640, 0), ("off", 0, 0)],
)
def test_each_mode_counts_and_times_what_it_says(mode: str, calls: int, timed: int) -> None:
    """Counting is exact in every mode but off; only timing is sampled."""
    with kit(mode) as mine:
        for _ in range(640):
            mine.greet("Ada")
        plain = mine.metrics().backends["plain"]
    assert (plain.calls, plain.duration.count, plain.in_flight) == (calls, timed, 0)


@pytest.mark.parametrize("mode", ["full", "sampled", "count"])
def test_errors_are_counted_by_type_and_passed_on(mode: str) -> None:
    """A failed call is a call, an error of its type, and the caller's exception."""
    with kit(mode) as mine:
        mine.register_backend("moody", Moody)
        for _ in range(3):
            mine.greet("Ada", backend="moody")
            with pytest.raises(ConnectionError, match="no"):
                mine.greet("Eve", backend="moody")
        moody = mine.metrics().backends["moody"]
    assert (moody.calls, moody.errors, moody.in_flight) == (6, {"ConnectionError": 3}, 0)
    assert moody.attributes == {"seen": 6}


def test_metrics_off_passes_results_and_errors_on() -> None:
    """Nothing is counted, and nothing else changes."""
    with kit("off") as mine:
        mine.register_backend("moody", Moody)
        assert mine.greet("Ada", backend="moody") == "Hi"
        with pytest.raises(ConnectionError):
            mine.greet("Eve", backend="moody")
        assert mine.metrics().backends["moody"].calls == 0


def test_changing_the_mode_keeps_the_counts() -> None:
    """Counters are never reset: not by configure() either."""
    with kit("full") as mine:
        mine.greet("Ada")
        mine.configure(metrics="count")
        mine.greet("Ada")
        mine.configure(metrics="off")
        mine.greet("Ada")
        plain = mine.metrics().backends["plain"]
    assert (plain.calls, plain.duration.count) == (2, 1)


class Sink:
    """Keeps the records it is given."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def hellokit_record(self, record: Record) -> None:
        """Keep the record."""
        self.records.append(record)


@pytest.mark.parametrize("mode", ["full", "sampled", "count"])
def test_a_sink_gets_one_record_per_call(mode: str) -> None:
    """Whatever the mode, each call is reported once, with its outcome."""
    sink = Sink()
    with kit(mode) as mine:
        mine.register(sink)
        mine.register_backend("moody", Moody)
        mine.greet("Ada", backend="moody")
        with pytest.raises(ConnectionError):
            mine.greet("Eve", backend="moody")
        moody = mine.metrics().backends["moody"]
    good, bad = sink.records
    assert (good.backend, good.error, good.attributes) == ("moody", None, {"seen": 1})
    assert isinstance(bad.error, ConnectionError)
    assert bad.request.names == ("Eve",)
    assert good.duration_ns > 0
    assert moody.duration.sum_ns == good.duration_ns + bad.duration_ns
    assert (moody.calls, moody.errors) == (2, {"ConnectionError": 1})


def test_no_record_is_made_in_mode_off() -> None:
    """Off is off for sinks too."""
    sink = Sink()
    with kit("off") as mine:
        mine.register(sink)
        mine.greet("Ada")
    assert sink.records == []


def test_a_sink_that_greets_is_counted_and_not_called_again() -> None:
    """Its own greeting makes no record, or it would never end."""

    class Polite(Sink):
        """A sink that greets at each record."""

        def hellokit_record(self, record: Record) -> None:
            """Keep the record and greet."""
            super().hellokit_record(record)
            mine.greet("Sink")

    sink = Polite()
    with kit() as mine:
        mine.register(sink)
        mine.greet("Ada")
        calls = mine.metrics().backends["plain"].calls
    assert [record.request.names for record in sink.records] == [("Ada",)]
    assert calls == 2


def test_a_sink_that_raises_is_switched_off_once_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The greeting, the count and the other sinks go on."""

    class Broken:
        """A sink that raises."""

        calls = 0

        def hellokit_record(self) -> None:
            """Raise."""
            Broken.calls += 1
            raise OSError("disk full")

    sink = Sink()
    with kit() as mine:
        mine.register(Broken, "broken")
        mine.register(sink)
        assert [mine.greet("Ada") for _ in range(3)] == ["Hello, Ada!"] * 3
        assert len(sink.records) == 3
        (failure,) = mine.failures()
        assert mine.metrics().backends["plain"].calls == 3
    assert Broken.calls == 1
    assert (failure.phase, failure.error) == ("record", "OSError: disk full")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "broken" in caplog.text


def test_a_sink_can_be_taken_out_again() -> None:
    """The undo that register() returns stops the records."""
    sink = Sink()
    with kit() as mine:
        undo = mine.register(sink)
        mine.greet("Ada")
        undo()
        undo()
        mine.greet("Ada")
    assert len(sink.records) == 1


def test_each_backend_of_a_chain_reports_its_own_call() -> None:
    """The inner backend's record comes first, and notes stay with their backend."""

    class Wrapping:
        """A wrapping backend that notes on both sides of the inner call."""

        def hellokit_greet(self, request: Any, inner: Any, note: Callable[..., None]) -> str:
            """Call the inner backend."""
            note("before")
            text = inner(request)
            note("after", 2)
            return f"*{text}*"

    sink = Sink()
    with kit() as mine:
        mine.register(sink)
        mine.register_backend("moody", Moody)
        mine.register_backend("wrapping", Wrapping)
        assert mine.greet("Ada", backend="wrapping+moody") == "*Hi*"
    told = [(record.backend, dict(record.attributes)) for record in sink.records]
    assert told == [("moody", {"seen": 1}), ("wrapping", {"before": 1, "after": 2})]


def test_the_log_sink_writes_one_line_of_json_per_call_without_names() -> None:
    """A line tells the outcome; no name can get into it."""
    lines: list[str] = []
    with kit() as mine:
        mine.register(LogSink(lines.append))
        mine.register_backend("moody", Moody)
        mine.greet('Ada\n"forged": 1')
        with pytest.raises(ConnectionError):
            mine.greet("Eve", backend="moody")
    good, bad = map(json.loads, lines)
    assert (good["backend"], good["outcome"], good["names"]) == ("plain", "ok", 1)
    assert (bad["outcome"], bad["error_type"], bad["attributes"]) == (
        "error",
        "ConnectionError",
        {"seen": 1},
    )
    assert "forged" not in "".join(lines)


def test_verbose_logging_logs_each_call(caplog: pytest.LogCaptureFixture) -> None:
    """The settings can ask for a line per call, on a logger of its own."""
    caplog.set_level(logging.INFO, "hellokit.calls")
    with kit(verbose_logging=True) as mine:
        mine.greet("Ada")
    assert json.loads(caplog.messages[0])["backend"] == "plain"


def test_the_log_file_is_appended_to(tmp_path: Path) -> None:
    """Two kits, as of two processes, write whole lines to one file."""
    path = tmp_path / "calls.jsonl"
    for _ in range(2):
        with kit(performance_log_file=str(path)) as mine:
            mine.greet("Ada")
    assert [json.loads(line)["outcome"] for line in path.read_text().splitlines()] == ["ok"] * 2


def test_no_log_line_is_made_unless_asked_for(tmp_path: Path) -> None:
    """log_performance_metrics=False goes before the file."""
    path = tmp_path / "calls.jsonl"
    with kit(performance_log_file=str(path), log_performance_metrics=False) as mine:
        mine.greet("Ada")
    assert not path.exists()


def test_a_log_file_that_cannot_be_opened_costs_no_greeting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The sink is switched off, with one warning that names the cause."""
    with kit(performance_log_file=str(tmp_path / "none" / "calls.jsonl")) as mine:
        assert [mine.greet("Ada") for _ in range(2)] == ["Hello, Ada!"] * 2
    assert len(caplog.records) == 1
    assert "FileNotFoundError" in caplog.text


@pytest.mark.parametrize("size", [1, 50, 64, 100])
def test_batches_of_any_size_are_sampled_as_calls_are(size: int) -> None:
    """One call in 64 is timed, however few of them make a batch."""
    with Kit(Settings(metrics="sampled", batch_size=size), discover=False) as kit:
        assert len(list(kit.greet_many(["Ada"] * 640))) == 640
        counted = kit.metrics().backends["plain"]
    assert (counted.calls, counted.duration.count) == (640, 10)
