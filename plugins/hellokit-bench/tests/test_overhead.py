"""`hellokit overhead`: which modes are measured, what is made of it, and how it is shown."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit import Histogram
from hellokit_bench.commands.dispatch import run
from hellokit_bench.modes import F_STRING, OFF, Round, cost, duration, take, variants

if TYPE_CHECKING:
    from pathlib import Path

TINY = ("--rounds", "1", "--blocks", "2")


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run `hellokit overhead` as its users do."""
    line = [sys.executable, "-m", "hellokit", "overhead", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, encoding="utf-8")


def made_up(bare: float, off: float, full: float, drift: float = 1.0) -> Round:
    """Return a round that was not measured, on a machine that is slower by `drift`."""
    times = {F_STRING: bare, OFF: off, "full": full}
    blocks = {name: [ns * drift, ns * drift * 1.1, ns * drift * 3] for name, ns in times.items()}
    return Round(blocks, {"full": Histogram.of([round(full)])})


def test_each_mode_is_measured_beside_off_and_an_f_string() -> None:
    """A mode that times calls has their durations, and the others have none."""
    told: list[str] = []
    got = take(variants("plain", "sync"), 3, told.append)
    assert told[:5] == ["f-string", "off", "count", "sampled", "full"]
    assert list(got.times_ns) == told
    assert all(len(each) == 3 and min(each) > 0 for each in got.times_ns.values())
    assert {"off", "count", "f-string"}.isdisjoint(got.durations)
    assert got.durations["full"].count > got.durations["sampled"].count > 0


def test_a_chain_that_is_monitored_is_not_monitored_again() -> None:
    """A backend stands in a chain once."""
    assert variants("plain", "sync")[-1].subject.name == "monitored+plain"
    chain = "cached+monitored+plain"
    assert {each.subject.name for each in variants(chain, "sync")[1:]} == {chain}


@given(
    st.floats(10, 100),
    st.floats(100, 2000),
    st.floats(0, 2000),
    st.lists(st.floats(0.5, 4), min_size=1, max_size=5),
)
def test_a_machine_that_slows_down_changes_no_ratio(
    bare: float, off: float, added: float, drifts: list[float]
) -> None:
    """Blocks that were timed next to each other are compared, whatever came between rounds."""
    rounds = [made_up(bare, off, off + added, drift) for drift in drifts]
    got = cost("full", rounds)
    for ratio in (got.ratio, got.lowest_ratio, got.highest_ratio):
        assert ratio == pytest.approx((off + added) / off)
    assert got.to_f_string == pytest.approx((off + added) / bare)
    assert cost(OFF, rounds).added_ns == 0
    assert got.added_ns >= 0


def test_the_medians_of_rounds_count() -> None:
    """One round in which the machine was busy shows in the range alone."""
    rounds = [made_up(50, 700, 800), made_up(50, 700, 7000), made_up(50, 700, 810)]
    got = cost("full", rounds)
    assert got.time_ns == pytest.approx(810 * 1.1)
    assert got.added_ns == pytest.approx(110 * 1.1)
    assert got.highest_ratio == pytest.approx(10)


def test_a_mode_that_times_nothing_has_the_durations_of_its_blocks() -> None:
    """A threshold is held against something in every mode."""
    rounds = [made_up(50, 700, 800), made_up(50, 700, 900)]
    assert duration("full", rounds).count == 2
    assert duration(OFF, rounds).count == 6
    assert duration(OFF, rounds).max_ns == 2100


def test_the_command_shows_what_metrics_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mode of the settings is marked, the page has a picture, and no threshold decides."""
    monkeypatch.setenv("PERF_TIME_THRESHOLD", "1e-8")
    page = tmp_path / "overhead.html"
    done = command(*TINY, "--html", str(page))
    assert (done.returncode, done.stderr) == (0, "")
    assert "plain sync: what metrics cost" in done.stdout
    for told in ("full (here)", "full, with a sink", "full, monitored", "of a bare f-string"):
        assert told in done.stdout
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 1
    assert "ns a greeting" in html


def test_the_command_prints_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the mode in force, what each costs, and on what machine."""
    monkeypatch.setenv("HELLOKIT_METRICS", "sampled")
    done = command("cached+plain", "--way", "async", *TINY, "--json", "--fail-over")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["label"], told["in_force"], told["rounds"]) == ("cached+plain async", "sampled", 1)
    assert told["costs"]["off"]["ratio"] == 1
    assert told["costs"]["f-string"]["to_f_string"] == 1
    assert told["costs"]["full"]["time_ns"] > 0
    assert "cpu_count" in told["machine"]


def test_a_threshold_decides_if_it_is_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A greeting that takes longer than allowed fails the command, with metrics off too."""
    monkeypatch.setenv("HELLOKIT_METRICS", "off")
    monkeypatch.setenv("PERF_TIME_THRESHOLD", "1e-8")
    done = command(*TINY, "--fail-over")
    assert done.returncode == 1
    assert "nothing is counted here" in done.stdout
    assert "hellokit overhead: off: p99 is" in done.stderr


def test_a_backend_that_cannot_be_measured_is_told() -> None:
    """The message has its name, and nothing is measured before."""
    done = command("nobody", *TINY)
    assert done.returncode == 1
    assert done.stderr.startswith("hellokit: no backend is named 'nobody'")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--rounds", "0"), "argument --rounds: use a whole number, at least 1"),
        (("--blocks", "many"), "argument --blocks: use a whole number, at least 1"),
        (("plain", "cached"), "unrecognized arguments: cached"),
    ],
)
def test_a_wrong_option_is_refused(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says what may stand there."""
    with pytest.raises(SystemExit, match="2"):
        run("overhead", words, ArgumentParser)
    assert told in capsys.readouterr().err
