"""Suites: what is kept comes back, pyperf reads it, and nothing else is taken for it."""

from __future__ import annotations

import json
import string
import subprocess
import sys
from typing import TYPE_CHECKING

import pyperf  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hellokit import Histogram
from hellokit_bench.errors import ResultsError
from hellokit_bench.suite import MACHINE, Result, Suite, this_machine

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.text(string.ascii_letters + string.digits + "+-_. é", min_size=1).filter(
    lambda name: name == " ".join(name.split())
)
VALUES = st.lists(st.floats(1e-9, 1e3), min_size=1, max_size=3).map(tuple)
RESULTS = st.builds(
    Result,
    name=NAMES,
    processes=st.lists(VALUES, min_size=1, max_size=3).map(tuple),
    unit=st.sampled_from(["second", "byte"]),
    calls=st.integers(1, 2**30),
    duration=st.none() | st.lists(st.integers(1, 10**12), max_size=5).map(Histogram.of),
)
SUITES = st.builds(
    Suite,
    st.lists(RESULTS, min_size=1, max_size=3, unique_by=lambda result: result.name).map(tuple),
    st.just({}) | st.just({"cpu_model_name": "a | b", "cpu_count": 2}),
)


def kept(path: Path) -> Path:
    """Write a file of two results, and return it."""
    plain = Result("plain sync", ((1e-6, 1.1e-6), (1.2e-6, 1.3e-6)), calls=1024)
    cached = Result("cached+plain sync", ((2e-6, 2.1e-6), (2.2e-6, 2.3e-6)), calls=512)
    path.write_text(Suite((plain, cached), this_machine()).dumps(), encoding="utf-8")
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(suite=SUITES)
def test_what_is_kept_comes_back(suite: Suite, tmp_path: Path) -> None:
    """Names, values, units, calls and durations are those that were written."""
    path = tmp_path / "results.json"
    path.write_text(suite.dumps(), encoding="utf-8")
    read = Suite.load(path)
    assert {each.name: each for each in read.results} == {each.name: each for each in suite.results}
    assert read.machine == suite.machine


@pytest.mark.parametrize("command", ["stats", "show", "hist"])
def test_pyperf_reads_the_file(command: str, tmp_path: Path) -> None:
    """Its own commands show what was measured."""
    path = kept(tmp_path / "results.json")
    arguments = [sys.executable, "-m", "pyperf", command, str(path)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "cached+plain sync" in done.stdout


def test_a_file_of_pyperf_is_read(tmp_path: Path) -> None:
    """What pyperf measured by itself has its name and values, and no more."""
    runs = [pyperf.Run([0.5, 0.75], metadata={"name": "sorted"}, collect_metadata=False)]
    path = tmp_path / "sorted.json"
    pyperf.BenchmarkSuite([pyperf.Benchmark(runs)]).dump(str(path))
    assert Suite.load(path).results == (Result("sorted", ((0.5, 0.75),)),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "[]",
        "null",
        "1",
        '{"version": "1.0"}',
        '{"version": "9.9", "benchmarks": []}',
        '{"version": "1.0", "benchmarks": []}',
        '{"version": "1.0", "benchmarks": [{"runs": []}]}',
        '{"version": "1.0", "benchmarks": [{"runs": [{"values": ["fast"]}]}]}',
        "\x00\x01",
        "[" * 5000,
    ],
)
def test_a_file_of_anything_else_is_refused(text: str, tmp_path: Path) -> None:
    """The message names the file, and says what to name instead."""
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ResultsError, match=r"other\.json' is no file of results"):
        Suite.load(path)


def test_a_file_that_is_cut_off_or_changed_is_refused(tmp_path: Path) -> None:
    """Half a file is none, nor is one whose durations are no histogram."""
    path = kept(tmp_path / "results.json")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: len(text) // 2], encoding="utf-8")
    with pytest.raises(ResultsError):
        Suite.load(path)
    document = json.loads(text)
    document["benchmarks"][0]["metadata"]["hellokit_duration"] = '{"count": "many"}'
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ResultsError):
        Suite.load(path)


def test_a_file_without_values_is_refused(tmp_path: Path) -> None:
    """A run that only calibrated has measured nothing."""
    run = {"warmups": [[1, 0.5]], "metadata": {"name": "sorted", "calibrate_loops": 1}}
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"version": "1.0", "benchmarks": [{"runs": [run]}]}))
    with pytest.raises(ResultsError, match="'sorted' has no values"):
        Suite.load(path)


def test_a_file_of_what_is_neither_a_time_nor_a_size_is_refused(tmp_path: Path) -> None:
    """It would be shown as one of them."""
    run = {"values": [3], "metadata": {"name": "sorted", "unit": "integer"}}
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"version": "1.0", "benchmarks": [{"runs": [run]}]}))
    with pytest.raises(ResultsError, match="'sorted' has neither times nor sizes"):
        Suite.load(path)


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    """The message says why."""
    with pytest.raises(ResultsError, match=r"results cannot be read from .*: (No|Is) "):
        Suite.load(tmp_path / name)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A picture is no file of results."""
    path = tmp_path / "other.json"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ResultsError, match="no file of results"):
        Suite.load(path)


def test_a_label_finds_its_result() -> None:
    """One that is not there is a KeyError."""
    result = Result("plain sync", ((1.0,),))
    assert Suite((result,))["plain sync"] is result
    with pytest.raises(KeyError, match="plain bulk"):
        Suite((result,))["plain bulk"]


def test_a_value_is_the_median_of_medians() -> None:
    """One slow process, or one slow value, does not move it."""
    assert Result("a", ((1.0, 2.0, 90.0), (2.0,), (50.0,))).value == 2.0


def test_a_ratio_pairs_processes_that_were_taken_in_turn() -> None:
    """What slowed both of a pair down is not in it; without pairs medians are compared."""
    base = Result("base", ((1.0,), (10.0,), (2.0,)))
    assert Result("twice", ((2.0,), (20.0,), (4.0,))).over(base) == 2.0
    assert Result("alone", ((4.0,),)).over(base) == 2.0


def test_a_machine_is_told_without_whose_it_is() -> None:
    """What decides on speed is there, and neither its name nor its user's folders."""
    machine = this_machine()
    assert set(machine) <= set(MACHINE)
    assert {"python_version", "cpu_count"} <= set(machine)
    assert "hostname" not in machine
