"""Work: counts are the same in each run, and see whatever a call does more."""

from __future__ import annotations

import gc
import json
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_folder import install

from hellokit_bench.gating.tally import tally
from hellokit_bench.gating.work import (
    CALLS,
    ENVIRONMENT,
    FAILED,
    SUSPENDS,
    THREADS,
    VARIES,
    Work,
    count,
    counted,
)
from hellokit_bench.subject import Subject
from hellokit_bench.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BACKENDS = {
    "lean": "def hellokit_greet(request): return f'Hello, {len(request.names)}'",
    "fat": "def hellokit_greet(request): return f'Hello, {+len(request.names)}'",
    "calls": "def hellokit_greet(request): return f'Hello, {abs(len(request.names))}'",
    "keeps": "kept = []\ndef hellokit_greet(request): kept.append([0]); return 'Hello'",
    "swells": "def hellokit_greet(request): return str(len(bytes(1_000_000)))",
    "times": """
from time import perf_counter_ns
def hellokit_greet(request):
    began = perf_counter_ns()
    text = 'Hello'
    if (perf_counter_ns() - began) % 2:
        text += '!'
    return text
""",
    "rests": """
calls = 0
def hellokit_greet(request):
    global calls
    calls += 1
    return 'Hello' if calls % 16 else str(sum(range(9)))
""",
    "dices": """
from random import random
def hellokit_greet(request): return 'Hello' if random() < 0.5 else str(abs(1))
""",
    "waits": """
from asyncio import sleep
async def hellokit_greet_async(request):
    await sleep(0)
    return 'Hello'
""",
    "raises": "def hellokit_greet(request): raise OSError('no paper')",
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return a path on which all these backends are installed."""
    folder: Path = tmp_path_factory.mktemp("installed")
    install(folder, BACKENDS, "gated")
    return [str(folder), *sys.path]


@pytest.fixture(scope="module")
def lean(path: list[str]) -> Mapping[str, int]:
    """Return the counts of the backend that does least."""
    return work("lean", path).counts


def work(name: str, path: list[str], way: str = "sync") -> Work:
    """Return the work of a subject."""
    return counted(Subject(name, way), path=path)  # type: ignore[arg-type]  # it is one of the ways


@pytest.mark.parametrize(
    ("name", "way", "processes", "runs"),
    [
        ("plain", "sync", 3, 4),
        ("cached+plain", "async", 2, 2),
        ("monitored+plain", "bulk", 2, 2),
        ("async+plain", "async", 2, 2),
    ],
)
def test_counts_are_the_same_in_each_run(name: str, way: str, processes: int, runs: int) -> None:
    """Not one differs, be it of the same process or of another."""
    seen = []
    for _ in range(processes):
        with Worker(Subject(name, way), environment=ENVIRONMENT) as worker:  # type: ignore[arg-type]  # as above
            seen += [json.dumps(worker.call(count)) for _ in range(runs)]
    assert len(set(seen)) == 1
    assert json.loads(seen[0])["bytecodes"] > CALLS


def test_one_added_bytecode_is_seen(lean: Mapping[str, int], path: list[str]) -> None:
    """A plus sign is one bytecode in each call, and nothing else."""
    more = {"bytecodes": lean["bytecodes"] + CALLS}
    assert work("fat", path).counts == {**lean, **more}


def test_one_added_call_of_c_is_seen(lean: Mapping[str, int], path: list[str]) -> None:
    """It is in the calls of C, and what leads to it in the bytecodes."""
    calls = work("calls", path).counts
    assert calls["c_calls"] == lean["c_calls"] + CALLS
    assert calls["python_calls"] == lean["python_calls"]


def test_what_a_call_leaves_behind_is_seen(lean: Mapping[str, int], path: list[str]) -> None:
    """A list in each call is two blocks: itself, and its items."""
    assert lean["blocks"] == 0
    assert work("keeps", path).counts["blocks"] == 2 * CALLS


def test_what_a_call_needs_for_a_moment_is_seen(path: list[str]) -> None:
    """A megabyte that is given back is in the peak, and not among the blocks."""
    swells = work("swells", path)
    assert 1_000_000 < swells.counts["peak_bytes"] < 1_010_000
    assert swells.counts["blocks"] == 0


@pytest.mark.parametrize("name", ["times", "rests"])
def test_neither_durations_nor_rare_calls_make_it_vary(name: str, path: list[str]) -> None:
    """A branch by the clock goes one way, and what is done now and then is done in each count."""
    assert "bytecodes" in work(name, path).counts


@pytest.mark.parametrize(
    ("name", "way", "reason"),
    [
        ("waits", "async", SUSPENDS),
        ("waits", "sync", THREADS),
        ("dices", "sync", VARIES),
        ("raises", "bulk", FAILED),
    ],
)
def test_what_cannot_be_counted_has_a_reason(
    name: str, way: str, reason: str, path: list[str]
) -> None:
    """It suspends, leaves its thread, throws dice or fails; no number is made up for it."""
    found = work(name, path, way)
    assert (found.reason, dict(found.counts)) == (reason, {})
    assert ("no paper" in found.error) == (reason == FAILED)


@settings(max_examples=40)
@given(st.integers(0, 200), st.integers(0, 200))
def test_a_tally_grows_with_each_round_by_as_much(rounds: int, more: int) -> None:
    """Rounds of a loop cost the same each, however many there were before."""

    def loop(times: int) -> None:
        for _ in range(times):
            abs(0)

    def told(times: int) -> tuple[int, int, int]:
        gc.disable()  # what looks on at a collection is counted too
        with tally(()) as counts:
            loop(times)
        gc.enable()
        return counts.bytecodes, counts.python_calls, counts.c_calls

    base, one = told(0), told(1)
    assert told(rounds + more) == tuple(
        low + (high - low) * (rounds + more) for low, high in zip(base, one, strict=True)
    )
    assert one[2] - base[2] == 1


def test_a_tally_leaves_tracers_as_they_were() -> None:
    """A debugger or a coverage tool goes on afterwards."""
    seen: list[str] = []

    def tracer(*given: object) -> None:
        seen.append(str(given[1]))

    before = sys.gettrace(), sys.getprofile()
    sys.setprofile(tracer)
    try:
        with tally(()):
            abs(0)
        assert sys.getprofile() is tracer
        seen.clear()
        abs(0)
        assert seen
    finally:
        sys.setprofile(before[1])
    assert sys.gettrace() is before[0]
