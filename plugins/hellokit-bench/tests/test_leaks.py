"""Leaks: what calls leave behind is found, whatever it is, and what only looks so is none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from site_folder import install

from hellokit_bench.leaking.account import rate, sentences
from hellokit_bench.leaking.origin import NAMES
from hellokit_bench.leaking.survey import Plan, steps, survey
from hellokit_bench.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

    from hellokit_bench.leaking.survey import Finding

HEAD = {
    "slot": "KEPT = []",
    "sixtyfour": "from itertools import count; KEPT, number = [], count(1)",
    "files": "import os; KEPT = []",
    "threads": "from threading import Event, Thread; ever = Event()",
    "tasks": "import asyncio; KEPT = []\nasync def never(): await asyncio.Event().wait()",
    "names": "KEPT = {}",
    "full": "from functools import lru_cache\n@lru_cache(500)\ndef made(names): return [names]",
    "emptied": "KEPT = []",
    "lazy": "",
    "breaks": "from itertools import count; number = count(1)",
}
BODY = {
    "slot": "KEPT.append(None)",
    "sixtyfour": "next(number) % 64 or KEPT.append([])",
    "files": "KEPT.append(os.open(os.devnull, os.O_RDONLY))",
    "threads": "Thread(target=ever.wait, daemon=True, name='for ever').start()",
    "tasks": "KEPT.append(asyncio.ensure_future(never()))",
    "names": "KEPT[request.names] = True",
    "full": "made(request.names)",
    "emptied": "KEPT.append([]); len(KEPT) < 1000 or KEPT.clear()",
    "lazy": "import sqlite3, xml.dom.minidom",
    "breaks": "assert next(number) < 300, 'out of paper'",
}
GREET = {"tasks": "async def hellokit_greet_async(request):"}


@pytest.fixture
def leaky_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install backends of all these kinds, and return where."""
    greets = {name: GREET.get(name, "def hellokit_greet(request):") for name in HEAD}
    sources = {
        name: f"{head}\n{greets[name]}\n    {BODY[name]}\n    return 'Hello'\n"
        for name, head in HEAD.items()
    }
    install(tmp_path, sources, "leaky")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def surveyed(name: str, *, different: bool = False, calls: int = 4_000) -> Finding:
    """Return what is found of a backend, called in the way it is made for."""
    plan = Plan(calls, 6, different=different, settle_s=0, time_limit_s=60)
    subject = Subject(name, "async" if name in GREET else "sync")
    return survey(subject, plan, lambda _: None)


def growth(finding: Finding, name: str) -> float:
    """Return what a series grows by a call."""
    return finding.series[name].growth.per_call


@pytest.mark.usefixtures("leaky_path")
def test_a_slot_of_a_list_a_call_is_found() -> None:
    """It is no object and no block: only the bytes tell, and the line."""
    finding = surveyed("slot")
    assert finding.leaks == ["bytes"]
    assert growth(finding, "bytes") == pytest.approx(8, rel=0.25)
    assert finding.lines[0].file.endswith("leaky_slot.py")
    assert finding.lines[0].number == 3


@pytest.mark.usefixtures("leaky_path")
def test_an_object_in_64_calls_is_found() -> None:
    """The rate is told, and the line."""
    finding = surveyed("sixtyfour", calls=20_000)
    assert 1 / growth(finding, "objects") == pytest.approx(64, rel=0.02)
    assert "blocks" in finding.leaks
    assert finding.lines[0].file.endswith("leaky_sixtyfour.py")


@pytest.mark.usefixtures("leaky_path")
@pytest.mark.parametrize(
    ("name", "left"),
    [("files", "/dev/null"), ("threads", "for ever"), ("tasks", "never at ")],
)
def test_what_the_system_has_little_of_is_found_before_it_runs_out(name: str, left: str) -> None:
    """One a call is found after some hundred or thousand calls, and what was left is named."""
    finding = surveyed(name)
    assert growth(finding, name) == pytest.approx(1, rel=0.05)
    assert finding.calls < 5_000
    assert finding.left[name][0][0].startswith(left)
    assert not finding.failed


@pytest.mark.usefixtures("leaky_path")
def test_a_leak_that_hangs_on_the_name_needs_different_names() -> None:
    """With one name it is a cache that is full."""
    assert surveyed("names").verdict == "no leak seen"
    finding = surveyed("names", different=True)
    assert {"blocks", "bytes"} <= set(finding.leaks)
    assert finding.lines[0].file.endswith("leaky_names.py")
    assert NAMES not in finding.lines[0].file


@pytest.mark.usefixtures("leaky_path")
def test_a_cache_that_is_full_is_told_and_is_no_leak() -> None:
    """It grew, and stopped."""
    finding = surveyed("full", different=True)
    assert finding.verdict == "no leak seen"
    assert finding.series["objects"].growth.kind == "stopped"
    assert finding.series["objects"].growth.grown >= 400


@pytest.mark.usefixtures("leaky_path")
@pytest.mark.parametrize("name", ["emptied", "lazy"])
def test_what_only_looks_like_a_leak_is_none(name: str) -> None:
    """A list that is emptied now and then, and imports that wait for the first call."""
    assert surveyed(name).verdict == "no leak seen"


@pytest.mark.parametrize("name", ["plain", "monitored", "async", "cached"])
def test_the_backends_of_hellokit_leave_nothing(name: str) -> None:
    """In the small; a million calls take longer than a test."""
    finding = surveyed(name, calls=2_000)
    assert (finding.verdict, finding.failed, finding.calls) == ("no leak seen", "", 2_000)


@pytest.mark.usefixtures("leaky_path")
def test_a_backend_that_fails_later_is_judged_by_what_was_read() -> None:
    """The finding has the failure and the series until then."""
    finding = surveyed("breaks")
    assert finding.verdict == "failed"
    assert "out of paper" in finding.failed
    assert finding.calls == 256
    assert any("out of paper" in each for each in sentences([finding]))


def test_fewer_calls_are_made_if_time_is_short() -> None:
    """What there is time for is judged, and the least leak that would be seen is larger."""
    hasty = Plan(10**9, 6, different=False, settle_s=0, time_limit_s=0.2)
    finding = survey(Subject("plain"), hasty, lambda _: None)
    assert 64 <= finding.calls < 10**9
    assert finding.series["blocks"].growth.least > 0


def test_every_round_is_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress comes to its end when nothing leaks; no call is counted with the application's."""
    monkeypatch.setenv("HELLOKIT_METRICS_DIR", str(tmp_path))
    told: list[str] = []
    plan = Plan(200, 4, different=False, settle_s=0, time_limit_s=60)
    survey(Subject("plain"), plan, told.append)
    assert len(told) == steps(plan)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "per_call", "told"),
    [
        ("tasks", 1.0, "1 task a call"),
        ("processes", 2.5, "2.5 processes a call"),
        ("objects", 1 / 64, "1 object per 64.0 calls"),
        ("blocks", 1 / 1234, "1 block per 1,234 calls"),
        ("bytes", 8.4, "8.4 B a call"),
        ("memory", 1200, "1.2 kB of memory a call"),
    ],
)
def test_rates_are_told_as_people_say_them(name: str, per_call: float, told: str) -> None:
    """What is rare is told by how many calls it takes."""
    assert rate(name, per_call) == told
