"""The monitored backend: what it measures, what it tells, and that it changes nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import BackendMetrics, Kit, Record, Request, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MIB = 2**20
LONG_S = 0.001
"""Longer than any call of which a part is left unmeasured."""


class Doing:
    """A sync leaf that does what it is told, and then greets."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.do = do

    def hellokit_greet(self, request: Request, words: Callable[[Request], str]) -> str:
        """Do it."""
        self.do()
        return words(request)


class DoingAsync(Doing):
    """The same in both colours."""

    async def hellokit_greet_async(self, request: Request, words: Callable[[Request], str]) -> str:
        """Do it after a turn of the loop."""
        await asyncio.sleep(0)
        self.do()
        return words(request)


class Sink:
    """Keeps the monitored backend's records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def hellokit_record(self, record: Record) -> None:
        """Keep it."""
        if record.backend == "monitored":
            self.records.append(record)


def kit(do: Callable[[], object] = bool, **settings: Any) -> Kit:
    """Return a kit whose backend `doing` does what it is told."""
    made = Kit(Settings(**settings), discover=False)
    made.register_backend("doing", DoingAsync(do))
    return made


def greet(
    made: Kit, colour: str, times: int = 1, backend: str = "monitored+doing"
) -> BackendMetrics:
    """Greet so many times, and return what the monitored backend counted."""

    async def main() -> None:
        for _ in range(times):
            assert await made.greet_async("Ada", backend=backend) == "Hello, Ada!"

    if colour == "async":
        asyncio.run(main())
    for _ in range(times if colour == "sync" else 0):
        assert made.greet("Ada", backend=backend) == "Hello, Ada!"
    return made.metrics().backends["monitored"]


def burn(ns: int) -> None:
    """Use the processor for so long."""
    end = time.thread_time_ns() + ns
    while time.thread_time_ns() < end:
        pass


colours = pytest.mark.parametrize("colour", ["sync", "async"])

OUTCOMES = {
    "text": "Hi",
    "text of its own kind": type("Text", (str,), {})("Hi"),
    "error": ValueError("no"),
    "stop": StopAsyncIteration(),
    "interrupt": KeyboardInterrupt(),
    "nothing": None,
}


class Outcomes:
    """A leaf of both colours with the outcome that the name says."""

    def hellokit_greet(self, request: Request) -> str:
        """Return or raise it."""
        outcome: Any = OUTCOMES[request.names[0]]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome  # type: ignore[no-any-return]  # None too

    async def hellokit_greet_async(self, request: Request) -> str:
        """Return or raise it."""
        await asyncio.sleep(0)
        return self.hellokit_greet(request)


def outcome(made: Kit, colour: str, backend: str, name: str) -> tuple[object, ...]:
    """Return how a call ends."""

    async def main() -> tuple[object, ...]:
        try:
            return ("returns", await made.greet_async(name, backend=backend))
        except BaseException as error:  # noqa: BLE001  # whatever it is
            return ("raises", type(error), str(error))

    if colour == "async":
        return asyncio.run(main())
    try:
        return ("returns", made.greet(name, backend=backend))
    except BaseException as error:  # noqa: BLE001
        return ("raises", type(error), str(error))


@colours
@pytest.mark.parametrize("profiling", [False, True])
def test_nothing_is_changed_of_what_the_inner_backend_does(colour: str, profiling: bool) -> None:  # noqa: FBT001  # a column
    """Text, error and the lack of both are those of the inner backend, call by call."""
    with Kit(Settings(enable_profiling=profiling), discover=False) as made:
        made.register_backend("outcomes", Outcomes)
        for name in [*OUTCOMES, *reversed(OUTCOMES)]:
            expected = outcome(made, colour, "outcomes", name)
            assert outcome(made, colour, "monitored+outcomes", name) == expected
        counted = made.metrics().backends
    assert counted["monitored"].calls == 2 * len(OUTCOMES)


@colours
def test_the_first_call_is_measured(colour: str) -> None:
    """However short it is."""
    with kit() as made:
        attributes = greet(made, colour).attributes
    assert attributes["measured"] == 1
    assert attributes["measured_ns"] >= attributes["cpu_ns"] > 0


@colours
def test_every_call_that_takes_long_is_measured(colour: str) -> None:
    """Only of short ones some are left out."""
    with kit(lambda: time.sleep(LONG_S)) as made:
        assert greet(made, colour, 20).attributes["measured"] == 20


@colours
def test_of_short_calls_a_part_is_measured(colour: str) -> None:
    """All are counted; at least one in 64 is measured, and not all of them."""
    with kit() as made:
        monitored = greet(made, colour, 1_000)
    assert monitored.calls == 1_000
    assert 1_000 / 64 <= monitored.attributes["measured"] < 1_000


@colours
def test_a_long_call_among_short_ones_has_the_next_one_measured(colour: str) -> None:
    """What begins to take long is not missed."""
    long = [False] * 200 + [True] * 10
    with kit(lambda: time.sleep(LONG_S * long.pop(0))) as made:
        greet(made, colour, 200)
        before = made.metrics()
        greet(made, colour, 10)
        since = made.metrics() - before
    assert since.backends["monitored"].attributes["measured"] >= 9


@colours
@pytest.mark.parametrize(
    "asked", [{"verbose_logging": True}, {"performance_log_file": "calls.jsonl"}]
)
def test_each_line_of_the_log_has_the_measurements(
    colour: str,
    asked: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where a line per call is asked for, every call is measured."""
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.INFO, "hellokit.calls")
    with kit(**asked) as made:
        greet(made, colour, 50)
    file = tmp_path / "calls.jsonl"
    written = [json.loads(line) for line in caplog.messages or file.read_text().splitlines()]
    lines = [line for line in written if line["backend"] == "monitored"]
    assert len(lines) == 50
    assert all(line["attributes"]["cpu_ns"] > 0 for line in lines)
    assert "Ada" not in json.dumps(lines)


def test_cpu_time_is_that_of_the_thread() -> None:
    """What another thread computes, or what is waited for, is not in it."""

    def wait() -> None:
        other = threading.Thread(target=burn, args=(30_000_000,))
        other.start()
        other.join()

    with kit(lambda: burn(20_000_000)) as made:
        assert greet(made, "sync").attributes["cpu_ns"] >= 20_000_000
    with kit(wait) as made:
        assert greet(made, "sync").attributes["cpu_ns"] < 30_000_000


@pytest.fixture
def traced() -> Iterator[None]:
    """Have tracemalloc run, as an application may."""
    tracemalloc.start()
    yield
    tracemalloc.stop()


@colours
@pytest.mark.usefixtures("traced")
def test_memory_is_exact_under_tracemalloc(colour: str) -> None:
    """What comes and what goes is counted apart, of every call."""
    kept: list[bytes] = []
    with kit(lambda: kept.append(bytes(MIB)) if len(kept) < 10 else kept.clear()) as made:
        grown = greet(made, colour, 10).attributes
        freed = greet(made, colour, 1).attributes
    assert 10 * MIB <= grown["memory_bytes"] < 11 * MIB
    assert 10 * MIB <= freed["memory_freed_bytes"] < 11 * MIB
    assert freed["measured"] == 11


def test_memory_that_stays_is_seen_without_tracemalloc() -> None:
    """A call that takes 64 MiB and keeps them is told apart from one that does not."""
    kept: list[bytearray] = []
    with kit() as frugal, kit(lambda: kept.append(bytearray(b"x") * (64 * MIB))) as hungry:
        little = greet(frugal, "sync").attributes.get("memory_bytes", 0)
        assert little < 32 * MIB <= greet(hungry, "sync").attributes["memory_bytes"]


def test_memory_is_not_looked_at_if_the_setting_says_so() -> None:
    """Nothing is noted of it, and no alert is raised."""
    with kit(enable_memory_tracking=False, memory_threshold_mb=1e-9) as made:
        sink = Sink()
        made.register(sink)
        greet(made, "sync", 3)
    assert set(sink.records[0].attributes) == {"measured", "measured_ns", "cpu_ns"}


@colours
def test_each_call_above_a_threshold_is_counted_and_told_to_the_sinks(
    colour: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has one warning for all of them, written when the kit closes at the latest."""
    sink = Sink()
    with kit(time_threshold_s=1e-9) as made:
        made.register(sink)
        counted = greet(made, colour, 100).attributes
    assert counted["time_threshold_exceeded"] == 100
    assert [each.attributes["time_threshold_exceeded"] for each in sink.records] == [1] * 100
    (warning,) = [each for each in caplog.records if "'monitored'" in each.getMessage()]
    assert (warning.name, warning.levelname) == ("hellokit.alerts", "WARNING")
    assert "time_threshold_s" in warning.getMessage()
    assert "Ada" not in warning.getMessage()


@pytest.mark.usefixtures("traced")
def test_memory_has_a_threshold_too(caplog: pytest.LogCaptureFixture) -> None:
    """In units of 1,000,000 bytes."""
    kept: list[bytes] = []
    with kit(lambda: kept.append(bytes(1_500_000)), memory_threshold_mb=1) as made:
        assert greet(made, "sync", 5).attributes["memory_threshold_exceeded"] == 5
    assert ["memory_threshold_mb" in message for message in caplog.messages] == [True]


def test_a_slow_call_that_fails_is_counted_as_both() -> None:
    """The error and the threshold do not know of each other."""
    with Kit(Settings(time_threshold_s=1e-9), discover=False) as made:
        made.register_backend("outcomes", Outcomes)
        for _ in range(3):
            assert outcome(made, "sync", "monitored+outcomes", "error")[1] is ValueError
        monitored = made.metrics().backends["monitored"]
    assert monitored.errors == {"ValueError": 3}
    assert monitored.attributes["time_threshold_exceeded"] == 3


def test_no_alert_is_raised_below_the_thresholds(caplog: pytest.LogCaptureFixture) -> None:
    """Most greetings are quiet."""
    with kit(time_threshold_s=3600.0, memory_threshold_mb=1e6) as made:
        attributes = greet(made, "sync", 200).attributes
    assert not [name for name in attributes if name.endswith("exceeded")]
    assert caplog.records == []


@pytest.mark.parametrize("metrics", ["sampled", "count"])
def test_slow_calls_raise_an_alert_where_few_are_timed(metrics: str) -> None:
    """This backend times them all, so the share of those that are slow is known."""
    with kit(time_threshold_s=1e-9, metrics=metrics) as made:
        greet(made, "sync", 10)
        (alert,) = made.alerts()
    assert (alert.backend, alert.kind, alert.unit) == ("monitored", "time", "ratio")
    assert (alert.value, alert.threshold, alert.calls) == (1.0, 0.01, 10)


def test_every_call_is_measured_while_an_alert_fires() -> None:
    """Of a backend that is quick and fails, as of one that is slow."""
    failing = [True] * 10 + [False] * 10_000

    def fail() -> None:
        if failing.pop(0):
            raise ValueError

    with kit(fail, error_ratio_threshold=0.001) as made:
        for _ in range(10):
            with pytest.raises(ValueError, match=r"^$"):
                made.greet("Ada", backend="monitored+doing")
        greet(made, "sync", 100)
        assert {(each.backend, each.kind) for each in made.alerts()} == {
            ("doing", "errors"),
            ("monitored", "errors"),
        }
        before = made.metrics()
        greet(made, "sync", 500)
        since = (made.metrics() - before).backends["monitored"]
        assert since.attributes["measured"] == 500


def test_other_settings_hold_from_the_next_call_on() -> None:
    """Also if that call would have been left unmeasured."""
    with kit() as made:
        greet(made, "sync", 5)
        made.configure(time_threshold_s=1e-9)
        assert greet(made, "sync", 5).attributes["time_threshold_exceeded"] == 5
