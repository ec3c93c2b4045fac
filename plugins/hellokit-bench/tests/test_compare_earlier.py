"""Comparisons with a file: what may be said after a drift, or of too few processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hellokit_bench.comparing.comparisons import Earlier
from hellokit_bench.comparing.pairs import Pair, Side
from hellokit_bench.subject import Subject
from hellokit_bench.suite import Result, this_machine

if TYPE_CHECKING:
    from hellokit_bench.comparing.verdict import Verdict

SECONDS, CONTROL = 1e-6, 5e-8
STEADY = 0.001


def result(name: str, seconds: float, processes: int, noise: float) -> Result:
    """Return a made-up result, whose processes lie around their middle."""
    ends = [seconds * (1 + noise * (2 * n / (processes - 1) - 1)) for n in range(processes)]
    return Result(name, tuple((each,) for each in ends))


def judged(
    now: float = 1.0,
    drift: float = 1.0,
    processes: int = 20,
    noise: float = STEADY,
    band: float = 0.01,
) -> Verdict:
    """Return the verdict on 20 made-up processes beside those of a file.

    Args:
        now: the ratio of the backend to what it was.
        drift: that of the control.
        processes: how many the file has of each.
        noise: how far those of the backend lie from their middle.
        band: what counts as noise.
    """
    then = result("plain sync", SECONDS, processes, noise)
    peer = result("f-string", CONTROL, processes, STEADY)
    here = [
        Pair(((a * now, b * drift),))
        for (a,), (b,) in zip(
            result("x", SECONDS, 20, noise).processes,
            result("x", CONTROL, 20, STEADY).processes,
            strict=True,
        )
    ]
    side = Side("plain sync now", Subject("plain"))
    return Earlier(side, then, peer, this_machine()).judge(here, band, 0.99)


@pytest.mark.parametrize(
    ("now", "outcome"), [(1.0, "no difference seen"), (1.1, "slower"), (0.9, "faster")]
)
def test_a_steady_machine_allows_a_verdict(now: float, outcome: str) -> None:
    """Nothing is doubted then."""
    told = judged(now)
    assert (told.outcome, told.doubts) == (outcome, ())


@pytest.mark.parametrize("now", [1.0, 1.5])
def test_a_machine_that_drifted_far_allows_none(now: float) -> None:
    """Five times what counts as noise otherwise is too much, whatever is seen."""
    told = judged(now, drift=1.08)
    assert told.outcome == "unsure"
    (doubt,) = told.doubts
    assert doubt.startswith("by the control the machine drifted by up to 8.")
    assert doubt.endswith(" %, and 5 % is the most to reckon with in a noise band of 1 %")


def test_a_band_of_nothing_still_allows_a_verdict() -> None:
    """Some drift is reckoned with, however little counts as noise."""
    assert judged(1.1, drift=1.02, band=0.0).outcome == "slower"


def test_nothing_seen_says_nothing_where_little_would_have_been() -> None:
    """A file whose processes differ by half hides any change."""
    told = judged(noise=0.5)
    assert told.outcome == "unsure"
    assert any("no slowdown below" in doubt for doubt in told.doubts)


@pytest.mark.parametrize("processes", [2, 9])
def test_a_file_of_few_processes_is_told_as_that(processes: int) -> None:
    """It is the file, and not what was measured now."""
    told = judged(1.5, processes=processes)
    assert told.outcome == "unsure"
    assert told.doubts[0] == (
        f"the file has too few processes of plain sync: {processes}, and 10 or more are needed, "
        "as `hellokit bench` takes them unless told otherwise"
    )


def test_what_the_control_allows_is_told_as_it_is() -> None:
    """The sentence has the drift that the table has."""
    told = judged(drift=1.019)
    assert told.control is not None
    (note,) = told.notes
    assert "by the control that is up to 2." in note or "by the control that is up to 1.9" in note
