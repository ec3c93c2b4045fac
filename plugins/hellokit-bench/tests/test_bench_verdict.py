"""The verdict and the tables of a run, on made-up numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit import Histogram
from hellokit_bench.measuring import pictures
from hellokit_bench.measuring.measured import Measured, spread
from hellokit_bench.measuring.programs import BARE, Program
from hellokit_bench.measuring.report import markdown, sections, show
from hellokit_bench.measuring.tables import tables
from hellokit_bench.measuring.verdict import doubts, recommendation, slower
from hellokit_bench.reporting.page import html
from hellokit_bench.subject import Subject, Way
from hellokit_bench.suite import Result, Suite

if TYPE_CHECKING:
    from hellokit_bench.suite import Unit

MB = 1_000_000
NEW = Program("hellokit greet", ("-c", ""), succeeds="original script")
OLD = Program("original script", ("-c", ""))


def result(name: str, *values: float, unit: Unit = "second") -> Result:
    """Return a result of one value a process."""
    return Result(name, tuple((each,) for each in values), unit, duration=None)


def both(name: str, time_s: float, memory_mb: float, rounds: int = 5) -> list[Result]:
    """Return the time and the memory of something, the same in each round."""
    memory = result(f"{name} memory", *[memory_mb * MB] * rounds, unit="byte")
    return [result(name, *[time_s] * rounds), memory]


def called(*names: tuple[str, Way], **more: object) -> Measured:
    """Return a run of backends, each a microsecond slower than the one before, beside peers."""
    subjects = [Subject(*each) for each in names]
    peers = [Subject("f-string", "peer"), Subject("pluggy", "peer")]
    results = [*both("f-string", 1e-7, 30), *both("pluggy", 1e-6, 31)]
    for number, each in enumerate(subjects, 1):
        results += both(each.label, number * 1e-6, 32)
    return Measured(Suite(tuple(results)), (*subjects, *peers), **more)  # type: ignore[arg-type]  # they are its own


def test_the_spread_is_how_far_half_of_the_processes_stay() -> None:
    """One process that was disturbed does not widen it."""
    assert spread(result("a", 0.9, 1.0, 1.0, 1.1, 9.0)) == pytest.approx(0.1)
    assert spread(result("a", 2.0)) == 0


@given(st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=20))
def test_nothing_is_slower_than_itself(values: list[float]) -> None:
    """Whatever the numbers are."""
    one = result("a", *values)
    assert not slower(one, one)


def test_one_is_slower_if_it_was_in_nearly_all_rounds() -> None:
    """Nine rounds of ten are enough; eight are not, nor are four in all, whatever they say."""
    other = result("b", *[1.0] * 10)
    assert slower(result("a", *[1.1] * 9, 0.5), other)
    assert not slower(result("a", *[100.0] * 8, 0.5, 0.5), other)
    assert slower(result("a", *[2.0] * 5), result("b", *[1.0] * 5))
    assert not slower(result("a", *[2.0] * 4), result("b", *[1.0] * 4))


def test_the_fastest_is_recommended_and_the_others_priced() -> None:
    """A price is told for one call and for a thousand."""
    cheapest, dearer = recommendation(called(("plain", "sync"), ("cached", "sync")))
    assert cheapest == (
        "Take plain unless you need what another does. A sync call of plain takes 1 us, "
        "10.0x an f-string, 1.00x one raw call of pluggy; 1,000 of them 1 ms."
    )
    assert dearer == ("cached costs 1 us a call more than plain, 2.00x of it; 1 ms more for 1,000.")


def test_what_the_rounds_do_not_tell_apart_is_not_ranked() -> None:
    """The faster median is no reason when the rounds disagree."""
    run = called(("plain", "sync"))
    shaky = result("other sync", 0.5e-6, 2e-6, 0.5e-6, 2e-6, 2e-6)
    memory = result("other sync memory", *[MB] * 5, unit="byte")
    suite = Suite((*run.suite.results, shaky, memory))
    told = recommendation(Measured(suite, (*run.subjects, Subject("other"))))
    assert "other cannot be told apart from plain by these rounds." in told
    assert told[0].startswith("A sync call of plain takes 1 us, ")


def test_bulk_is_recommended_where_it_is_faster() -> None:
    """The gain is told for each backend that has one."""
    told = recommendation(called(("plain", "bulk"), ("plain", "sync")))
    assert "Greet many by greet_many: a greeting is 2.00x as fast with plain." in told


@pytest.mark.parametrize(
    ("now_s", "told"),
    [
        (0.02, "takes 2.00x as long as the original script; its memory: +6 MB."),
        (0.005, "is 2.00x as fast as the original script; its memory: +6 MB."),
    ],
)
def test_a_program_is_held_against_the_one_it_succeeds(now_s: float, told: str) -> None:
    """Its speed-up and its change of memory are told, in words and in the table."""
    results = (*both(NEW.name, now_s, 14), *both(OLD.name, 0.01, 8))
    run = Measured(Suite(results), programs=(OLD, NEW))
    assert recommendation(run)[0] == f"A process of 'hellokit greet' {told}"
    (table,) = tables(run)
    assert table.rows[1][3:] == ["14 MB", f"{0.01 / now_s:.2f}x", "+6 MB", "original script"]


def test_rough_numbers_are_called_so() -> None:
    """A busy machine, few rounds and a wide spread are told, and what they mean."""
    assert doubts(called(("plain", "sync"))) == []
    (busy,) = doubts(called(("plain", "sync"), load=2.5, processors=2))
    assert busy == (
        "The machine was busy when this began: a load of 2.5 on 2 processors. "
        "The numbers are rough."
    )
    few, wide = doubts(Measured(Suite((result("plain sync", 1.0, 1.5, 2.0),))))
    assert few == (
        "There were 3 rounds, and so as many processes of each: "
        "take 5 or more to trust the numbers."
    )
    assert wide == "The spread is over 5%, and the number rough, of: plain sync."


def test_what_failed_is_a_row_and_a_reason() -> None:
    """The table, the Markdown and the page have it."""
    failures = {"broken sync": "broken sync failed: OSError: <no paper>"}
    run = called(("plain", "sync"), failures=failures)
    run = Measured(run.suite, (Subject("broken"), *run.subjects), failures=failures)
    assert tables(run)[0].rows[0] == ["broken sync", "failed", "-", "-", "-", "-", "-"]
    assert "| broken sync | broken sync failed: OSError: &lt;no paper&gt; |" in markdown(run)
    assert "OSError: &lt;no paper&gt;" in html("a run", sections(run))
    assert recommendation(run)[-1] == "Take none of these before it works: broken sync."


def test_the_heading_of_the_quantile_says_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """One below the median is no mistake: it is of what happens inside the kit."""
    run = called(("plain", "sync"))
    assert tables(run)[0].headings[5] == "p99 inside"
    show(run)
    told = capsys.readouterr().out
    assert "p99 inside is what one call in a hundred exceeds inside the kit" in told


def test_a_page_has_the_machine_once() -> None:
    """It has how it was measured in any case."""
    run = called(("plain", "sync"))
    page = html("a run", sections(Measured(Suite(run.suite.results, {"cpu_count": 2}))))
    assert page.count("<td>cpu count</td>") == 1


def test_a_run_without_its_references_has_no_ratios() -> None:
    """If even the peers failed, the times are there."""
    run = Measured(Suite(tuple(both("plain sync", 1e-6, 32))), (Subject("plain"),))
    row = ["plain sync", "1 us", "0.0%", "-", "-", "-", "-"]
    assert tables(run)[0].rows == [row]
    assert html("a run", sections(run)).count("<svg") == 0


def test_the_markdown_report_has_all_that_was_promised() -> None:
    """Times, speed-up, change of memory, and a recommendation."""
    run = called(("plain", "sync"))
    results = (*run.suite.results, *both(NEW.name, 0.02, 14), *both(OLD.name, 0.01, 8))
    suite = Suite(results, {"cpu_count": 2})
    text = markdown(Measured(suite, run.subjects, (OLD, NEW)))
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# hellokit: backends side by side",
        "## Recommendation",
        "## Calls",
        "## Whole processes",
        "## Machine",
    ]
    assert "| plain sync | 1 us | 0.0% | 10.0x | 1.00x | - | +2 MB |" in text
    assert "| hellokit greet | 20 ms | 0.0% | 14 MB | 0.50x | +6 MB | original script |" in text
    assert "| cpu count | 2 |" in text


def test_the_pictures_are_drawn_whatever_names_hold() -> None:
    """A name is no mathematics and no markup, and a kit's histogram has its quantiles drawn."""
    run = called(("$x^2$", "sync"), ("a<b", "bulk"))
    timed = Result("a<b bulk", ((1e-6,),) * 5, duration=Histogram.of([900, 1000, 5000]))
    results = [each for each in run.suite.results if each.name != timed.name]
    started = both(BARE.name, 0.01, 8)
    run = Measured(Suite((*results, timed, *started)), run.subjects, (BARE,))
    page = html("a run", sections(run))
    assert page.count("<svg") == 5
    assert "$x^2$ sync" in page
    assert "a<b" not in page
    assert pictures.ratio_bars(run) == pictures.ratio_bars(run)
