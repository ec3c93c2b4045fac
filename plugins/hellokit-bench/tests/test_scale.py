"""`hellokit scale`: what is measured, what is said of it, and how it is shown."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_folder import install

from hellokit import Histogram
from hellokit_bench.commands.dispatch import run
from hellokit_bench.errors import SubjectError
from hellokit_bench.footprint import peak_bytes
from hellokit_bench.scaling import picture, report, verdict
from hellokit_bench.scaling.steps import Plan, Point, Scaling, Step, take
from hellokit_bench.subject import Subject
from hellokit_bench.suite import MACHINE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hellokit_bench.scaling.crowd import Passage
    from hellokit_bench.subject import Way

UNLIMITED = (
    "Predicted best: no limit within what was measured (up to {} at once): try higher --levels."
)
TINY = ("--levels", "1,2,3,4,5", "--items", "4", "--sizes", "20,10", "--rounds", "1")


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run `hellokit scale` as its users do."""
    line = [sys.executable, "-m", "hellokit", "scale", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, encoding="utf-8")


def passage(items: int, seconds: float, peak: int = 0, failed: int = 0) -> Passage:
    """Return a passage that was not measured; each call took a millisecond."""
    timed = Histogram.of([1_000_000] * 10).as_dict()
    return {
        "items": items,
        "seconds": seconds,
        "failed": failed,
        "duration": timed,
        "peak_bytes": peak,
    }


def scaling(
    levels: Mapping[int, float] | None = None, sizes: Mapping[int, tuple[float, int]] | None = None
) -> Scaling:
    """Return how a backend scales: throughputs by level, seconds and peaks by size."""
    return Scaling(
        Subject("made-up", "async"),
        {n: Point([passage(n, n / x)]) for n, x in (levels or {}).items()},
        {n: Point([passage(n, s, peak)]) for n, (s, peak) in (sizes or {}).items()},
    )


@pytest.mark.parametrize("way", ["sync", "async", "bulk"])
def test_each_item_passes_once(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the way, the kit has timed as many calls as there were items."""
    monkeypatch.setenv("HELLOKIT_SIMULATED_LATENCY", "100us")
    got = take(Step(Subject("simulated", way), concurrency=3, items=50))
    assert (got["items"], got["failed"], got["duration"]["count"]) == (50, 0, 50)
    assert got["seconds"] > 0
    assert got["peak_bytes"] > 1_000_000


def test_quick_items_are_doubled() -> None:
    """A level of a quick backend is measured for as long as it takes to measure it well."""
    got = take(Step(Subject("plain", "bulk"), concurrency=2, items=10, shortest_s=0.02))
    assert got["seconds"] >= 0.02
    assert got["items"] > 10
    assert got["items"] % 10 == 0


@pytest.mark.parametrize("way", ["sync", "async", "bulk"])
def test_a_backend_that_fails_now_and_then_is_measured(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its failures are counted; the very first call may be one."""
    monkeypatch.setenv("HELLOKIT_SIMULATED_LATENCY", "0")
    monkeypatch.setenv("HELLOKIT_SIMULATED_ERROR_RATIO", "0.5")
    monkeypatch.setenv("HELLOKIT_SIMULATED_SEED", "0")
    got = take(Step(Subject("simulated", way), concurrency=1, items=100))
    assert 30 < got["failed"] < 70
    assert Point([got]).error_ratio == got["failed"] / 100


@pytest.mark.parametrize("way", ["sync", "async", "bulk"])
def test_a_backend_that_always_fails_is_told(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no throughput of failures."""
    monkeypatch.setenv("HELLOKIT_SIMULATED_ERROR_RATIO", "1")
    with pytest.raises(SubjectError, match=f"simulated {way} failed: SimulatedError: call "):
        take(Step(Subject("simulated", way), concurrency=2, items=10))


def test_metrics_that_are_off_hide_the_latency_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Throughput is measured from outside."""
    monkeypatch.setenv("HELLOKIT_METRICS", "off")
    point = Point([take(Step(Subject("plain", "async"), concurrency=2, items=10))])
    assert point.throughput > 0
    assert point.as_dict()["p99_ns"] is None


def test_the_bounds_of_the_kit_are_out_of_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting for the backend `async` follows the level, or it would bound the others."""
    monkeypatch.setenv("PERF_MAX_CONCURRENT", "1")
    monkeypatch.setenv("HELLOKIT_SIMULATED_LATENCY", "50ms")
    got = take(Step(Subject("async+simulated", "async"), concurrency=20, items=20))
    assert got["seconds"] < 20 * 0.05


def test_nothing_is_counted_among_what_others_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder where the processes of an application count stays as it is."""
    monkeypatch.setenv("HELLOKIT_METRICS_DIR", str(tmp_path))
    take(Step(Subject("plain", "async"), concurrency=1, items=1))
    assert list(tmp_path.iterdir()) == []


def test_the_peak_of_memory_does_not_fall() -> None:
    """What was taken and given back is in it."""
    before = peak_bytes()
    taken = bytearray(b"x") * 50_000_000
    assert peak_bytes() > before
    del taken
    assert peak_bytes() > before


def test_a_plan_has_a_process_for_each_level_and_size() -> None:
    """Higher levels have more items, and sizes run as the settings say."""
    subject = Subject("plain", "async")
    plan = Plan((1, 4), 10, (100,), 50)
    assert [(each.concurrency, each.items) for each in plan.steps(subject)] == [
        (1, 10),
        (4, 40),
        (50, 100),
    ]
    taken = {step: [passage(step.items, 1.0)] for step in plan.steps(subject)[1:]}
    got = Scaling.of(subject, plan, taken)
    assert (list(got.levels), list(got.sizes)) == ([4], [100])


@given(st.floats(0.2, 3), st.floats(1e-6, 10))
def test_the_exponent_of_growth_is_found(exponent: float, unit: float) -> None:
    """It is that of the power the times were made by."""
    sizes = {n: (unit * n**exponent, 0) for n in (100, 1000, 10_000)}
    assert scaling(sizes=sizes).exponent == pytest.approx(exponent, abs=1e-6)


def test_the_median_of_rounds_counts() -> None:
    """One round in which the machine was busy changes nothing."""
    point = Point([passage(100, 1.0, 10, 1), passage(100, 9.0, 90), passage(200, 2.0, 20)])
    assert point.throughput == 100
    assert point.time_s == 2
    assert point.peak_bytes == 20
    assert point.error_ratio == 1 / 400
    assert point.duration.count == 30


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ({1: 100.0, 2: 190.0}, "fewer than 5 levels"),
        (dict.fromkeys((1, 2, 4, 8, 16), 5000.0), "Predicted best: 1 at once."),
        ({n: 100.0 * n for n in (1, 2, 4, 8, 16)}, UNLIMITED.format(16)),
        ({n: 1000 * n / (1 + 0.1 * (n - 1)) for n in (1, 2, 4, 8, 64)}, UNLIMITED.format(64)),
        (
            {n: 1000 * n / (1 + n * (n - 1) / 400) for n in (1, 2, 4, 8, 16, 32, 64)},
            "Predicted best: 20 at once, at 10,256/s; from 20 to 20, if a level is left out.",
        ),
        (
            {n: 1000 * n / (1 + n * (n - 1) / 400) for n in (1, 2, 4, 8, 16)},
            "beyond what was measured: see --levels 20.",
        ),
        ({n: 100.0 * n**2 for n in (1, 2, 4, 8, 16)}, "Nothing is predicted: the law is off by"),
    ],
)
def test_levels_are_put_into_words(levels: dict[int, float], told: str) -> None:
    """The prediction, or why there is none, stands behind what was measured."""
    sentences = verdict.levels(scaling(levels))
    assert sentences[0].startswith("Measured: ")
    assert told in " ".join(sentences)


@pytest.mark.parametrize("kappa", [0, 1e-6])
def test_nothing_is_said_of_what_is_far_beyond_the_levels(kappa: float) -> None:
    """Neither a throughput that is neared, nor where: nobody measured there."""
    measured = {n: 1000 * n / (1 + 0.1 * (n - 1) + kappa * n * (n - 1)) for n in (1, 2, 4, 8, 64)}
    found = scaling(measured)
    assert verdict.levels(found)[-1] == UNLIMITED.format(64)
    assert found.fit is not None
    assert found.fit.as_dict()["ceiling_per_s"] is None


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({10: (0.1, 0)}, "One size has no growth"),
        ({10: (0.1, 0), 1000: (10.0, 1)}, "1.00: linear"),
        ({10: (0.1, 0), 1000: (1.0, 1)}, "0.50: less than linear"),
        ({10: (0.1, 0), 1000: (1000.0, 1)}, "2.00: more than linear, ten times as many take 100"),
        ({10: (0.1, 0), 1000: (10.0, 5000)}, "+5 kB: it takes 50,000 items more"),
        ({10: (0.1, 9000), 100_010: (1000.0, 4000)}, "-5 kB: flat"),
        ({10: (0.1, 0), 100_010: (1000.0, 6_400_000)}, "+6.4 MB: 64 B are kept of each item"),
    ],
)
def test_sizes_are_put_into_words(sizes: dict[int, tuple[float, int]], told: str) -> None:
    """What time and memory grow by is named."""
    assert told in " ".join(verdict.sizes(scaling(sizes=sizes)))


def test_a_name_is_neither_a_formula_nor_moves_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A backend may be called anything."""
    point = Point([passage(1, 1.0)])
    hostile = Scaling(Subject("\x1b$\\frac$", "async"), {1: point}, {1: point, 2: point})
    report.show([hostile])
    for shown in (picture.throughput(hostile), picture.growth(hostile), capsys.readouterr().out):
        assert r"\x1b$\frac$ async" in shown
        assert "\x1b" not in shown


def test_the_smallest_level_that_suffices_is_told() -> None:
    """A little more throughput is not worth the latency of many more at once."""
    (measured, _) = verdict.levels(scaling({1: 100.0, 2: 196.0, 3: 200.0}))
    assert measured == (
        "Measured: 2 at once reach 196/s, 2.0 times what 1 does; p99 is 1 ms then, and "
        "1 ms with 1. The highest is 200/s at 3."
    )


def test_the_command_shows_tables_and_a_page(tmp_path: Path) -> None:
    """The page has the pictures, and needs no other file."""
    page = tmp_path / "scale.html"
    done = command("async+simulated", *TINY, "--levels", "1,2", "--html", str(page))
    assert (done.returncode, done.stderr) == (0, "")
    for told in ("async+simulated async over concurrency", "async over size", "Measured: "):
        assert told in done.stdout
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 2
    assert "items at once" in html
    assert not re.search(r"(src|href)=.https?:", html)


def test_the_command_prints_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has what was measured of the backend of the settings, and on what machine."""
    monkeypatch.setenv("HELLOKIT_BACKEND", "monitored+plain")
    done = command(*TINY, "--way", "sync", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert set(told["machine"]) <= set(MACHINE)
    (found,) = told["scaling"]
    assert (found["backend"], found["way"]) == ("monitored+plain", "sync")
    assert list(found["levels"]) == ["1", "2", "3", "4", "5"]
    assert list(found["sizes"]) == ["10", "20"]
    assert found["levels"]["5"]["p99_ns"] > 0
    assert set(found["fit"]) >= {"rate_per_s", "waiting", "disturbance", "deviation", "best"}


def test_what_fails_does_not_hide_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backend is told once, and the exit code says so."""
    raises = "def hellokit_greet(request): raise OSError('no paper')"
    install(tmp_path, {"stopper": raises})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    options = ("--levels", "1,2", "--sizes", "5", "--rounds", "1")
    done = command("stopper", "plain", *options)
    assert done.returncode == 1
    assert done.stderr.count("stopper async failed: OSError: no paper") == 1
    assert "plain async over concurrency" in done.stdout
    assert "stopper" not in done.stdout


def test_a_backend_that_is_not_there_is_refused_before_anything_is_measured() -> None:
    """A slip of the pen costs nobody a minute."""
    done = command("plain", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no backend is named 'nobody'" in done.stderr


@pytest.mark.parametrize("name", ["scale", "overhead"])
def test_a_page_that_cannot_be_written_is_refused_at_once(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody waits for results that would be lost."""
    with pytest.raises(SystemExit, match="2"):
        run(name, ["plain", "--html", str(tmp_path / "missing" / "page.html")], ArgumentParser)
    assert "cannot be written: name a file in a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--levels", "1,x"), "argument --levels: use whole numbers above 0"),
        (("--sizes", "0"), "argument --sizes: use whole numbers above 0"),
        (("--levels", ""), "argument --levels: use whole numbers above 0"),
        (("--items", "0"), "argument --items: use a whole number, at least 1"),
        (("--way", "peer"), "argument --way: invalid choice: 'peer'"),
        (("--time-limit", "soon"), "argument --time-limit: use a number above 0"),
    ],
)
def test_a_wrong_option_is_refused(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message says what may stand there."""
    with pytest.raises(SystemExit, match="2"):
        run("scale", words, ArgumentParser)
    assert told in capsys.readouterr().err
