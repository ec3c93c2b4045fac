"""Pairs: fresh processes that are measured in turn, on one core."""

from __future__ import annotations

import os
import sys
from math import log
from typing import TYPE_CHECKING

import pytest
from site_folder import install

from hellokit_bench import blocks
from hellokit_bench.comparing.cores import one_core
from hellokit_bench.comparing.pairs import LONGER, ROUNDS, Pair, Side, _calls, measured
from hellokit_bench.errors import SubjectError
from hellokit_bench.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

F_STRING = Side("f-string", Subject("f-string", "peer"))
BACKEND = """
import os, time
def hellokit_greet(request):
    with open(os.environ["PAIRS_LOG"], "a") as log:
        log.write(os.environ["PAIRS_SIDE"])
    time.sleep(0.001)
    return "Hello"
"""

affine = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="this system keeps nothing on one core"
)


@pytest.fixture
def logging(tmp_path: Path) -> list[str]:
    """Return a path on which a backend is installed that logs which side it is."""
    install(tmp_path, {"logging": BACKEND})
    return [str(tmp_path), *sys.path]


def test_sides_are_measured_in_turn(logging: list[str], tmp_path: Path) -> None:
    """Each round has a block of each side, and each order of them comes as often."""
    log_file = tmp_path / "log"
    sides = [
        Side(
            side,
            Subject("logging"),
            logging,
            {"PAIRS_LOG": str(log_file), "PAIRS_SIDE": side},
        )
        for side in "ABC"
    ]
    pair = measured(sides, 0, 1e-6)
    blocks_run = log_file.read_text()[-3 * ROUNDS :]
    orders = [blocks_run[first : first + 3] for first in range(0, 3 * ROUNDS, 3)]
    assert {order: orders.count(order) for order in orders} == dict.fromkeys(
        ("ABC", "ACB", "BAC", "BCA", "CAB", "CBA"), ROUNDS // 6
    )
    assert len(pair.rounds) == ROUNDS
    assert all(seconds >= 0.001 for each in pair.rounds for seconds in each)


def test_the_side_that_starts_first_changes(logging: list[str], tmp_path: Path) -> None:
    """No side is always the older process."""
    log_file = tmp_path / "log"
    environment = {"PAIRS_LOG": str(log_file)}
    sides = [
        Side(side, Subject("logging"), logging, {**environment, "PAIRS_SIDE": side})
        for side in "AB"
    ]
    for number in range(2):
        measured(sides, number, 1e-6)
    written = log_file.read_text()
    assert (written[0], written[len(written) // 2]) == ("A", "B")


def test_both_make_as_many_calls_unless_that_takes_too_long() -> None:
    """A slow side is not called as often as a quick one needs it."""
    with F_STRING.worker() as quick, Side("slow", Subject("jinja2", "peer")).worker() as slow:
        both = [quick, slow]
        needed = [each.call(blocks.calibrated, 10) for each in both]
        assert needed == [1, 1]
        first, second = _calls(both, 0.001)
    assert second <= first
    assert second * LONGER >= first or second % LONGER == 0


def test_a_pair_is_told_by_its_middle() -> None:
    """Single rounds that were disturbed do not count."""
    pair = Pair(((1.0, 2.0), (2.0, 4.0), (1.0, 50.0)))
    assert pair.seconds(0) == 1.0
    assert pair.seconds(1) == 4.0
    assert pair.difference(1) == pytest.approx(log(2))


@affine
@pytest.mark.parametrize("number", range(3))
def test_both_run_on_one_core(number: int) -> None:
    """Pairs take the cores in turn, and give them back."""
    usable = sorted(os.sched_getaffinity(0))
    with one_core(number), F_STRING.worker() as worker:
        mine = os.sched_getaffinity(worker._process.pid)
    assert mine == {usable[number % len(usable)]}
    assert sorted(os.sched_getaffinity(0)) == usable


@affine
def test_a_side_that_fails_gives_the_cores_back() -> None:
    """And its error comes through."""
    usable = os.sched_getaffinity(0)
    with pytest.raises(SubjectError, match="no backend is named 'nobody'"):
        measured([F_STRING, Side("nobody", Subject("nobody"))], 0, 1e-6)
    assert os.sched_getaffinity(0) == usable
