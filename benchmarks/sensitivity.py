"""How often `hellokit bench compare` finds an injected slowdown, and how often one that is none.

Run it with `python benchmarks/sensitivity.py`, with hellokit-bench installed, while nothing else
runs. The backend is an f-string and a loop, so long that a call takes 1 us or a little more. Of
two sides one has that loop longer, by so much that a call takes 5 % more, or as long as the other
has it; each try is a whole comparison in processes of its own, and tries of both kinds take turns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections import Counter
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING

from hellokit_bench.comparing.comparisons import InTurn
from hellokit_bench.comparing.pairs import Side, measured
from hellokit_bench.subject import Subject

if TYPE_CHECKING:
    from hellokit_bench.comparing.verdict import Verdict

BACKEND = """
import os
from itertools import repeat

STEPS = int(os.environ["SENSITIVITY_STEPS"])


def hellokit_greet(request):
    for _ in repeat(None, STEPS):
        pass
    return f"Hello, {request.names[0]}!"
"""
CALL_S = 1e-6
PROBE_STEPS = 20
"""About as many as are looked for: a step of a long loop is cheaper."""
OUTCOMES = ("slower", "faster", "no difference seen", "unsure")


def furnish(site: Path) -> None:
    """Install the backend into a site directory."""
    info = site / "sensitivity-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sensitivity\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[hellokit.backends]\nloop = sensitivity_loop\n")
    (site / "sensitivity_loop.py").write_text(BACKEND)


def side(label: str, steps: int, site: Path) -> Side:
    """Return a side whose loop is this long."""
    environment = {"SENSITIVITY_STEPS": str(steps)}
    return Side(label, Subject("loop"), [str(site), *sys.path], environment)


def lengths(site: Path, slowdown: float) -> tuple[int, int]:
    """Return how long the loop is for a call of 1 us, and for one that takes so much more."""
    sides = [side("short", 0, site), side("long", PROBE_STEPS, site)]
    probes = [measured(sides, number, 0.003) for number in range(6)]
    short, long = (statistics.median(probe.seconds(which) for probe in probes) for which in (0, 1))
    step = (long - short) / PROBE_STEPS
    steps = max(0, round((CALL_S - short) / step))
    return steps, steps + round(slowdown * (short + steps * step) / step)


def compared(sides: InTurn, given: argparse.Namespace) -> Verdict:
    """Return the verdict of one try, by what the command does unless told otherwise."""
    pairs = [measured(sides.sides, number, given.min_time) for number in range(given.pairs)]
    return sides.judge(pairs, band=given.band, confidence=given.confidence)


def report(what: str, verdicts: list[Verdict]) -> None:
    """Print a row of the table."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    cells = [str(counts[outcome]) for outcome in OUTCOMES]
    ratio = exp(statistics.median(verdict.change.middle for verdict in verdicts))
    stated = statistics.median(verdict.smallest_seen for verdict in verdicts)
    print(f"| {what} | {len(verdicts)} | {' | '.join(cells)} | {ratio:.3f} | {stated:.1%} |")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--slowdown", type=float, default=0.05)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--min-time", type=float, default=0.003)
    parser.add_argument("--band", type=float, default=0.01)
    parser.add_argument("--confidence", type=float, default=0.99)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        furnish(site := Path(folder))
        steps, more = lengths(site, given.slowdown)
        base = side("base", steps, site)
        kinds = {
            f"{given.slowdown:.1%} slower": InTurn(base, side("slower", more, site)),
            "no change": InTurn(base, side("same", steps, site)),
        }
        verdicts: dict[str, list[Verdict]] = {what: [] for what in kinds}
        for number in range(given.tries):
            for what, sides in kinds.items():
                verdicts[what].append(compared(sides, given))
                outcome = verdicts[what][-1].outcome
                print(f"try {number + 1}, {what}: {outcome}", file=sys.stderr)
    print(f"A call loops {steps} times, or {more}.\n")
    print(f"| injected | tries | {' | '.join(OUTCOMES)} | ratio | would be seen |")
    print(f"|---{'|---:' * (len(OUTCOMES) + 3)}|")
    for what, each in verdicts.items():
        report(what, each)


if __name__ == "__main__":
    main()
