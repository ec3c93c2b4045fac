"""Verdicts on loads, from numbers that were made up; and how tallies stay small."""

from __future__ import annotations

from typing import Any

import pytest

from hellokit import Histogram
from hellokit_bench.loading import tally as tallies
from hellokit_bench.loading.arrivals import steady
from hellokit_bench.loading.document import document
from hellokit_bench.loading.outcome import Outcome
from hellokit_bench.loading.plan import Plan
from hellokit_bench.loading.report import known, title
from hellokit_bench.loading.tally import Row, Tally
from hellokit_bench.loading.verdict import interruption, is_bottleneck, verdict

MS = 1_000_000


def outcome(tally: Tally | None = None, **given: Any) -> Outcome:
    """Return an outcome of 1,000 calls in 10 s, with what is given."""
    if tally is None:
        tally = Tally()
        tally.started = tally.ended = 1000
    plan = Plan(stages=steady(100, 10), duration_s=10)
    idle = {"elapsed_s": 10.0, "idle_s": 9.0, "cpu_s": 1.0}
    return Outcome(**{"label": "it", "plan": plan, "tally": tally, **idle, **given})


@pytest.mark.parametrize(("idle_s", "bottleneck"), [(9.0, False), (1.1, False), (0.9, True)])
def test_a_generator_that_is_hardly_idle_is_the_bottleneck(
    idle_s: float,
    bottleneck: bool,  # noqa: FBT001  # pytest passes it by name
) -> None:
    """That is so if it has something to do for nine tenths of the time."""
    found = outcome(idle_s=idle_s, cpu_s=10 - idle_s)
    assert is_bottleneck(found) is bottleneck
    assert any("The generator was the bottleneck" in told for told in verdict(found)) is bottleneck


@pytest.mark.parametrize(("calls", "elapsed_s"), [(0, 10.0), (999, 4.0), (10_000, 0.4)])
def test_a_short_load_does_not_tell_who_was_the_bottleneck(calls: int, elapsed_s: float) -> None:
    """What is done once, such as connecting, takes most of it."""
    tally = Tally()
    tally.started = tally.ended = calls
    found = outcome(tally, elapsed_s=elapsed_s, idle_s=0.0, cpu_s=elapsed_s)
    assert not is_bottleneck(found)
    assert verdict(found) == []


@pytest.mark.parametrize(("idle_s", "told"), [(5.1, 0), (4.9, 1), (1.1, 1)])
def test_a_generator_that_is_busy_half_the_time_may_be_part_of_the_limit(
    idle_s: float, told: int
) -> None:
    """That is no certainty, and is said as none."""
    sentences = verdict(outcome(idle_s=idle_s, cpu_s=10 - idle_s))
    assert [each for each in sentences if "may have been part of the limit" in each] == sentences
    assert len(sentences) == told


def test_a_generator_without_a_processor_is_told_apart() -> None:
    """It had something to do, and did not run: others had the processor, or a call blocked it."""
    assert "For 60% of the time others kept it" in verdict(outcome(idle_s=0.0, cpu_s=4.0))[1]
    told = verdict(outcome(idle_s=0.0, cpu_s=4.0, in_process=True))[1]
    assert "a call that blocks it, or other programs," in told


def test_nothing_is_said_of_a_load_that_went_as_it_was_to() -> None:
    """Silence is the good verdict."""
    assert verdict(outcome()) == []


def test_late_calls_are_laid_to_the_one_who_kept_them() -> None:
    """A free slot speaks against the generator; who held those that were taken, nobody knows."""
    tally = Tally()
    tally.started = tally.ended = 1000
    for _ in range(20):
        tally.begun(5 * MS, queued=False)
    for _ in range(30):
        tally.begun(5 * MS, queued=True)
    tally.begun(MS // 2, queued=True)
    tally.fold(1)
    first, second = verdict(outcome(tally))
    assert first.startswith("20 calls (2.0%) began late although a slot was free, by up to 5 ms")
    assert second == (
        "30 calls (3.0%) began late as they were waiting for a slot: all 50 were taken; either the "
        "target or the generator held them."
    )


def test_what_is_missing_comes_first() -> None:
    """What was dropped, unfinished or interrupted is not in the times."""
    tally = Tally()
    tally.started, tally.ended, tally.dropped = 10, 9, 3
    found = outcome(tally, interrupted=True, held=True, in_flight=1, elapsed_s=2.0)
    assert interruption(found) == ["interrupted after 2 s of 10 s"]
    told = verdict(found)
    assert told[0].startswith("Given up: a call held the thread")
    assert told[1].startswith("1 call had not ended")
    assert told[2].startswith("3 calls never began")


@pytest.mark.parametrize(
    ("in_flight", "told"),
    [
        (1, "1 call went on although given up at the timeout."),
        (50, "50 calls went on although given up at the timeout, and took every slot: the load "),
    ],
)
def test_calls_that_heed_no_end_fail_a_load_that_they_end(in_flight: int, told: str) -> None:
    """They ended for the counts when they were given up, and are not counted again."""
    found = outcome(in_flight=in_flight, elapsed_s=2.0, idle_s=2.0)
    assert verdict(found)[0].startswith(told)
    assert found.unfinished == 0
    assert found.has_failed is (in_flight == 50)


def test_a_load_without_calls_is_known_as_such() -> None:
    """JSON says null where nothing is known, not NaN."""
    found = document(outcome(Tally(), elapsed_s=0.0, idle_s=0.0, cpu_s=0.0))
    assert found["summary"]["successRate"] is None
    assert found["latencyPercentiles"]["p99"] is None
    assert found["hellokit"]["generator"]["busy_ratio"] == 0.0


def test_a_quantile_needs_enough_calls() -> None:
    """Of 999 calls none is known to be the thousandth."""
    assert known(Histogram.of(range(1000)), 0.999) > 0
    assert str(known(Histogram.of(range(999)), 0.999)) == "nan"


def test_rows_widen_so_that_they_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a load runs, its rows hold all of its calls."""
    monkeypatch.setattr(tallies, "MOST_ROWS", 8)
    tally = Tally()
    for tenth in range(100):
        tally.response.append(tenth)
        tally.fail("kind", "message")
        tally.fold(tenth / 10)
    assert len(tally.rows) <= 9
    assert tally.row_s == pytest.approx(1.6)
    assert sum(tally.rows, Row()).response == Histogram.of(range(100))
    assert sum(row.failed for row in tally.rows) == 100


def test_kinds_of_failures_are_bounded() -> None:
    """A target with a new kind each time fills no memory."""
    tally = Tally()
    for number in range(500):
        tally.fail(f"kind {number}", "message")
    assert len(tally.failures) == tallies.MOST_KINDS + 1
    assert sum(number for number, _ in tally.failures.values()) == tally.failed == 500


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (Plan(concurrency=1), "it: 1 user who waits for each answer (closed model)"),
        (Plan(concurrency=5), "it: 5 users who wait for each answer (closed model)"),
        (
            Plan(stages=steady(5, 1), poisson=True),
            "it: 5 calls a second by chance, whatever it does (open model)",
        ),
    ],
)
def test_the_title_says_what_was_done(plan: Plan, told: str) -> None:
    """Who reads only that line knows the model."""
    assert title(outcome(plan=plan)) == told
