"""Alerts: when an episode begins and ends, over which calls, and what the line about it says."""

from __future__ import annotations

from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hellokit import Alert, BackendMetrics, Histogram, Settings, Snapshot
from hellokit.errors import SettingsError
from hellokit.monitoring.episodes import EASE, Episodes
from hellokit.monitoring.window import KEPT, Window

if TYPE_CHECKING:
    from collections.abc import Iterable

SECOND = 1_000_000_000


def metrics(*durations_ns: int, failed: int = 0, untimed: int = 0, **noted: int) -> BackendMetrics:
    """Return what a backend counts of such calls."""
    histogram = Histogram.of(durations_ns)
    calls = len(durations_ns) + untimed
    return BackendMetrics(calls, {"ValueError": failed}, 0, histogram, noted)


def looked(counted: Iterable[BackendMetrics], every_s: float = 10.0, **given: Any) -> list[Alert]:
    """Return the changes that are seen when each of these comes on top, one look after another."""
    episodes, settings = Episodes(), Settings(**given)
    totals = accumulate(counted, initial=BackendMetrics())
    return [
        change
        for i, total in enumerate(totals)
        for change in episodes.look(i * every_s, Snapshot({"x": total}), settings)
    ]


def told(changes: Iterable[Alert]) -> list[tuple[str, bool, float]]:
    """Return what the changes are about."""
    return [(change.kind, change.firing, change.value) for change in changes]


NOTHING = metrics()


def test_an_episode_is_told_when_it_begins_and_when_it_ends() -> None:
    """However many calls exceed the threshold in between."""
    slow = metrics(*[2 * SECOND] * 5)
    changes = looked([metrics(1000), slow, slow, slow, *[NOTHING] * 8])
    assert told(changes) == [("time", True, 2.0), ("time", False, 0.0)]
    assert [change.calls for change in changes] == [6, 0]


def test_the_99th_percentile_is_compared_with_the_time_threshold() -> None:
    """One slow call among a hundred is none too many; two are."""
    assert told(looked([metrics(*[1000] * 99, 2 * SECOND)])) == []
    ((kind, firing, value),) = told(looked([metrics(*[1000] * 98, *[2 * SECOND] * 2)]))
    assert (kind, firing, round(value)) == ("time", True, 2)


def test_what_is_equal_to_a_threshold_does_not_exceed_it() -> None:
    """As in a rule that says `>`."""
    assert told(looked([metrics(SECOND)])) == []
    assert told(looked([metrics(*[1] * 20, failed=1)], error_ratio_threshold=0.05)) == []
    assert told(looked([metrics(*[1] * 19, failed=1)], error_ratio_threshold=0.05)) != []


def test_an_episode_lasts_until_the_value_is_clearly_below() -> None:
    """A value that goes to and fro just around the threshold is one episode."""
    shares = [6, 4.5, 6, 4.5, 4, 4.5]
    counted = [metrics(*[1] * 200, failed=int(share * 2)) for share in shares]
    changes = looked(counted, every_s=60.0, alert_window_s=60.0)
    assert told(changes) == [("errors", True, 0.06), ("errors", False, 0.04)]


def test_errors_of_all_types_count() -> None:
    """Their sum is what is compared."""
    counted = BackendMetrics(10, {"ValueError": 1, "OSError": 1})
    assert told(looked([counted], error_ratio_threshold=0.1)) == [("errors", True, 0.2)]


@pytest.mark.parametrize(
    ("threshold", "failed", "fires"), [(0, 1, True), (0, 0, False), (1, 9, False)]
)
def test_the_error_threshold_may_be_none_at_all_or_all(
    threshold: float,
    failed: int,
    fires: bool,  # noqa: FBT001  # a column
) -> None:
    """0: every error is one too many; 1: there can be no alert."""
    counted = metrics(*[1] * 9, failed=failed)
    changes = looked([counted, *[NOTHING] * 8], error_ratio_threshold=threshold)
    assert [change.firing for change in changes] == ([True, False] if fires else [])


def test_memory_is_compared_by_the_share_of_measured_calls() -> None:
    """One in a hundred is none too many; of backends that do not measure, nothing is known."""
    fine = metrics(*[1] * 900, measured=100, memory_threshold_exceeded=1)
    hungry = metrics(*[1] * 900, measured=100, memory_threshold_exceeded=2)
    assert told(looked([fine])) == []
    (change,) = looked([hungry])
    assert (change.kind, change.value, change.calls) == ("memory", 0.02, 100)


def test_where_no_duration_is_known_there_is_no_time_alert() -> None:
    """As with metrics=count: neither can be said of such calls."""
    assert looked([metrics(untimed=100)]) == []


def test_calls_that_only_monitored_has_timed_are_compared_by_their_share() -> None:
    """With metrics=sampled one duration in 64 is known, but the slow calls are all counted."""
    counted = metrics(1000, untimed=99, time_threshold_exceeded=2)
    (change,) = looked([counted])
    assert (change.kind, change.unit, change.value, change.calls) == ("time", "ratio", 0.02, 100)
    assert looked([metrics(1000, untimed=99, time_threshold_exceeded=1)]) == []


def test_a_look_that_is_interrupted_forgets_no_episode() -> None:
    """By Control-C, or by a signal handler that asks what fires: nothing is told twice."""

    class Interrupted:
        """Settings during whose reading somebody presses Control-C."""

        def __getattr__(self, name: str) -> object:
            fires.append(bool(episodes.firing))
            if name == "error_ratio_threshold":
                raise KeyboardInterrupt
            return getattr(Settings(), name)

    episodes, counted = Episodes(), Snapshot({"x": metrics(2 * SECOND)})
    fires: list[bool] = []
    assert len(episodes.look(0.0, counted, Settings())) == 1
    interrupted: Any = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        episodes.look(1.0, counted, interrupted)
    assert all(fires)
    assert episodes.look(2.0, counted, Settings()) == []


def test_backends_have_episodes_of_their_own() -> None:
    """One that is fine does not end that of another."""
    episodes, settings = Episodes(), Settings()
    bad, good = metrics(*[1] * 10, failed=10), metrics(*[1] * 1000)
    both = Snapshot({"bad": bad, "good": good})
    assert [each.backend for each in episodes.look(1.0, both, settings)] == ["bad"]
    assert [each.backend for each in episodes.firing] == ["bad"]


def test_other_settings_hold_from_the_next_look_on() -> None:
    """A higher threshold ends an episode."""
    episodes, counted = Episodes(), Snapshot({"x": metrics(2 * SECOND)})
    episodes.look(0.0, counted, Settings())
    (change,) = episodes.look(1.0, counted, Settings(time_threshold_s=3.0))
    assert told([change]) == [("time", False, 2.0)]


looks = st.tuples(
    st.sampled_from([-1e9, -5.0, 0.0, 1.0, 4.9, 5.0, 10.0, 60.0, 61.0, 1e6]),
    st.builds(
        lambda fast, slow, failed: metrics(
            *[1000] * fast, *[2 * SECOND] * slow, failed=min(failed, fast + slow)
        ),
        st.integers(0, 100),
        st.integers(0, 3),
        st.integers(0, 9),
    ),
)


@given(st.lists(looks, max_size=30), st.sampled_from([0.0, 0.05, 0.5]))
def test_an_episode_begins_at_most_once_before_it_ends(
    given: list[tuple[float, BackendMetrics]], ratio: float
) -> None:
    """Whatever is counted when, and even if the clock is set back."""
    episodes, settings = Episodes(), Settings(error_ratio_threshold=ratio)
    now, total, changes = 0.0, BackendMetrics(), []
    for step, counted in given:
        now += step
        total += counted
        changes += episodes.look(now, Snapshot({"x": total}), settings)
        last = {change.kind: change.firing for change in changes}
        assert {each.kind for each in episodes.firing} == {kind for kind in last if last[kind]}
    for _, episode in groupby(sorted(changes, key=lambda each: each.kind), lambda each: each.kind):
        turns = [change.firing for change in episode]
        assert turns == [turn % 2 == 0 for turn in range(len(turns))]
    for change in changes:
        if change.firing:
            assert change.value > change.threshold
        else:
            assert change.value <= EASE * change.threshold


@given(st.lists(st.floats(0, 100), max_size=60), st.floats(1, 200))
@example([1.0] * 200, 60.0)
def test_the_window_has_all_of_the_last_calls_and_hardly_any_older(
    steps: list[float], length_s: float
) -> None:
    """It begins with the newest look that is as old as it is long, of those that are kept."""
    window, times = Window(), list(accumulate(steps, initial=0.0))
    for i, now in enumerate(times):
        since = window.since(now, Snapshot({"x": BackendMetrics(i + 1)}), length_s)
        first = i - since.backends["x"].calls  # the look that the window begins with
        later = [time for time in times[first + 1 : i] if now - time >= length_s]
        if first < 0:
            assert all(time - times[0] <= length_s / KEPT for time in later)
        else:
            assert now - times[first] >= length_s
            assert all(time - times[first] <= length_s / KEPT for time in later)


def test_looks_that_are_frequent_keep_little() -> None:
    """A health check that asks every millisecond does not fill the memory."""
    window = Window()
    for i in range(100_000):
        window.since(i / 1000, Snapshot(), 60.0)
    assert len(window._kept) <= KEPT + 2


def test_a_clock_that_is_set_back_begins_the_window_anew() -> None:
    """It does not stretch until the clock has caught up."""
    window = Window()
    window.begin(1000.0, Snapshot({"x": BackendMetrics(5)}))
    counted = [Snapshot({"x": BackendMetrics(calls)}) for calls in (7, 9, 20)]
    sinces = [
        window.since(now, each, 60.0) for now, each in zip((0.0, 30.0, 60.0), counted, strict=True)
    ]
    assert [since.backends["x"].calls for since in sinces] == [2, 4, 15]


LINES = {
    "backend 'slow': the 99th percentile of its durations is 1.23 s (31 calls in 60 s), above 1 s: "
    "find out what takes the time, for example with kit.profile(), "
    "or raise the setting time_threshold_s": Alert(
        backend="slow",
        kind="time",
        firing=True,
        value=1.234567,
        threshold=1.0,
        unit="s",
        calls=31,
        window_s=60.0,
        setting="time_threshold_s",
    ),
    "backend 'x': the share of its calls that failed is 100 % (1 call in 60 s), above 5 %: "
    "kit.metrics() tells the types of the errors, "
    "or raise the setting error_ratio_threshold": Alert(
        backend="x",
        kind="errors",
        firing=True,
        value=1.0,
        threshold=0.05,
        unit="ratio",
        calls=1,
        window_s=60.0,
        setting="error_ratio_threshold",
    ),
    "backend 'x\\n': the share of its calls that took more than memory_threshold_mb is 0 % "
    "(no calls in 90 s); the alert above 1 % is over": Alert(
        backend="x\n",
        kind="memory",
        firing=False,
        value=0.0,
        threshold=0.01,
        unit="ratio",
        calls=0,
        window_s=90.0,
        setting="memory_threshold_mb",
    ),
}


@pytest.mark.parametrize("line", LINES)
def test_an_alert_is_one_line_that_says_what_to_do(line: str) -> None:
    """What is measured, of which backend, the value, the bound, and the setting."""
    assert str(LINES[line]) == line


@pytest.mark.parametrize(
    "given",
    [{"error_ratio_threshold": ratio} for ratio in (-0.01, 1.01, float("nan"), True, "0.1", None)]
    + [{"alert_window_s": 0}, {"time_threshold_s": 0}, {"memory_threshold_mb": float("inf")}],
    ids=str,
)
def test_thresholds_that_bound_nothing_are_refused(given: dict[str, Any]) -> None:
    """The error says what is allowed."""
    with pytest.raises(SettingsError, match=f"{next(iter(given))} is .*: use a .*number"):
        Settings(**given)


@pytest.mark.parametrize("text", ["-0.1", "5 %", "nan", "1.5", "inf"])
def test_a_variable_that_is_no_ratio_is_refused(text: str) -> None:
    """The error names the variable."""
    with pytest.raises(SettingsError, match=r"HELLOKIT_ERROR_RATIO_THRESHOLD is .* from 0 to 1"):
        Settings.from_environ({"HELLOKIT_ERROR_RATIO_THRESHOLD": text})
