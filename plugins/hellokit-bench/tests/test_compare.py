"""`hellokit bench compare`, as users run it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

import pytest
from site_folder import install

from hellokit_bench.commands import dispatch
from hellokit_bench.suite import Result, Suite, this_machine

if TYPE_CHECKING:
    from pathlib import Path

FEWEST = "argument --pairs: use a whole number, at least 8 to be 99 % sure, or a lower --confidence"
TINY = ("--confidence", "50", "--pairs", "2", "--min-time", "0.00001")
COMMAND = (sys.executable, "-m", "hellokit", "bench", "compare")
BACKEND = """
import os
with open(os.environ["STARTS"], "a") as starts:
    starts.write("x")
def hellokit_greet(request): return "Hello"
"""


def compare(
    *arguments: object, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
    )


def results(path: Path, *, machine: dict[str, Any] | None = None, **seconds: float) -> Path:
    """Write a file of made-up results: of 20 processes each, with these times."""
    made = [
        Result(
            name.replace("_", "-").replace("--", " "),
            tuple((each * (1 + n / 1e4),) for n in range(20)),
        )
        for name, each in seconds.items()
    ]
    path.write_text(Suite(tuple(made), this_machine() | (machine or {})).dumps())
    return path


def test_two_backends_are_compared(tmp_path: Path) -> None:
    """A table has both and the control; a sentence below has the verdict, and a page has all."""
    page = tmp_path / "page.html"
    done = compare("plain", "cached+plain", *TINY, "--html", page)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["a", "call", "ratio", "50", "%", "interval"]
    assert [line.split("  ")[0] for line in lines[2:5]] == [
        *("plain sync", "cached+plain sync", "plain sync again: the control"),
    ]
    assert lines[6].startswith(("slower: ", "faster: ", "no difference seen ", "unsure: "))
    assert "</svg>" in page.read_text()
    assert lines[6] in page.read_text()
    assert "By 2 pairs of fresh processes." in page.read_text()


def test_json_has_all_there_is_to_know() -> None:
    """Ratios with bounds, the control, each pair's rounds, the machine."""
    done = compare("f-string", "plain", *TINY, "--way", "bulk", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["first"], told["second"]) == ("f-string", "plain bulk")
    assert 0 < told["low"] <= told["ratio"] <= told["high"]
    assert set(told["control"]) == {"ratio", "low", "high"}
    assert [len(pair["rounds_s"]) for pair in told["pairs"]] == [24, 24]
    assert told["missing"] == 0
    assert told["machine"]["cpu_count"] == os.cpu_count()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("plain",), "name two backends, or one and --against"),
        (("plain", "cached", "--against", "HEAD"), "name two backends, or one and --against"),
        (("plain", "cached", "--pairs", "7"), FEWEST),
        (("plain", "cached", "--pairs", "0"), FEWEST),
        (("plain", "cached", "--pairs", "many"), FEWEST),
        (("plain", "cached", "--band", "100"), "use a number of percent, from 0 to below 100"),
        (("plain", "cached", "--confidence", "much"), "use a number of percent"),
        (("plain", "cached", "--confidence", "0"), "--confidence: use 50 or more"),
        (("plain", "cached", "--min-time", "0"), "use a number above 0"),
    ],
)
def test_wrong_usage_is_told(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is measured."""
    with pytest.raises(SystemExit, match="2"):
        dispatch.run("bench", ["compare", *arguments], ArgumentParser)
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


@pytest.mark.parametrize("page", ["nowhere/x.html", "."])
def test_a_page_that_cannot_be_written_is_told_first(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is measured."""
    with pytest.raises(SystemExit, match="2"):
        dispatch.run("bench", ["compare", "plain", "cached", "--html", page], ArgumentParser)
    assert f"'{page}' cannot be written: name a file in a folder" in capsys.readouterr().err


def test_the_help_says_how_many_pairs_there_must_be() -> None:
    """It is the number that fewer are refused with."""
    assert "20, and at least 8 to be 99 % sure" in " ".join(compare("--help").stdout.split())


def test_a_backend_that_hangs_is_ended_after_the_time_limit() -> None:
    """The message says which, and that it hangs."""
    given = ("simulated", "plain", *TINY, "--time-limit", "0.5")
    done = compare(*given, HELLOKIT_SIMULATED_LATENCY="1000s")
    assert (done.returncode, done.stdout) == (1, "")
    assert "simulated sync took longer than 0.5 s" in done.stderr


def test_a_backend_that_fails_is_told_with_json_too() -> None:
    """On standard error: there is no result."""
    given = ("plain", "simulated", *TINY, "--json")
    done = compare(*given, HELLOKIT_SIMULATED_ERROR_RATIO="1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "simulated sync failed: SimulatedError" in done.stderr


def test_a_backend_that_is_not_there_is_told() -> None:
    """By its name, with the near misses."""
    done = compare("plain", "plian", *TINY)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no backend is named 'plian': did you mean 'plain'? there is async" in done.stderr


def test_earlier_results_are_compared_with(tmp_path: Path) -> None:
    """What is a million times slower than in the file is slower, and may fail the run."""
    file = results(tmp_path / "then.json", plain__sync=1e-12, f_string=5e-8)
    # A band that holds whatever this machine makes of an f-string.
    done = compare("plain", "--against", file, *TINY, "--fail-slower", "--band", "99.9")
    assert (done.returncode, done.stderr) == (1, "")
    assert "slower: plain sync now takes" in done.stdout
    assert "more time than plain sync in the file" in done.stdout
    assert "They were not measured in turn" in done.stdout
    assert "f-string: the control" in done.stdout


def test_without_a_control_earlier_results_say_nothing_for_sure(tmp_path: Path) -> None:
    """Nothing tells how far the machine drifted."""
    file = results(tmp_path / "then.json", plain__sync=1e-12)
    done = compare("plain", "--against", file, *TINY, "--fail-slower")
    assert (done.returncode, done.stderr) == (0, "")
    assert "unsure: " in done.stdout
    assert "Do not trust it: the file has no peer, such as f-string" in done.stdout
    assert "by the control" not in done.stdout


def test_results_of_another_machine_say_nothing_for_sure(tmp_path: Path) -> None:
    """The verdict has what differs."""
    machine = {"cpu_model_name": "abacus"}
    file = results(tmp_path / "then.json", machine=machine, plain__sync=1e-12, f_string=5e-8)
    band = ("--band", "99.9")
    told = json.loads(compare("plain", "--against", file, *TINY, *band, "--json").stdout)
    assert told["outcome"] == "unsure"
    assert told["doubts"] == ["it was measured elsewhere: cpu_model_name was abacus"]


def test_a_file_without_the_backend_is_told(tmp_path: Path) -> None:
    """With what it has instead."""
    file = results(tmp_path / "then.json", plain__sync=1e-6, f_string=5e-8)
    done = compare("cached", "--against", file, *TINY)
    assert done.returncode == 1
    assert "has no times of 'cached sync', but of: plain sync, f-string" in done.stderr


def test_a_file_that_holds_no_results_is_told(tmp_path: Path) -> None:
    """By its name."""
    file = tmp_path / "then.json"
    file.write_text("{")
    done = compare("plain", "--against", file, *TINY)
    assert done.returncode == 1
    assert f"{str(file)!r} is no file of results" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="there an interrupt is of another kind")
def test_what_was_measured_before_an_interrupt_is_told(tmp_path: Path) -> None:
    """With how much is missing."""
    install(tmp_path, {"starting": BACKEND})
    starts = tmp_path / "starts"
    starts.touch()
    process = subprocess.Popen(
        [*COMMAND, "starting", "starting", *TINY, "--pairs", "500"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "STARTS": str(starts)},
    )
    while starts.stat().st_size <= 2 * 3:  # two pairs are done when the third begins
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert err.startswith("hellokit bench compare: interrupted: 49")
    assert err.endswith(" of 500 pairs are missing\n")
    assert "starting sync again: the control" in out
