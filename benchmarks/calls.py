"""What a greeting costs beside one raw pluggy hook call, in one process, as ratios.

Run it with `python benchmarks/calls.py`. Each row is measured in turn with the peer, round by
round, so that a drift of the machine's speed meets both; the median of the rounds is printed.
"""

from __future__ import annotations

import argparse
import statistics
from datetime import time
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

import pluggy

from hellokit import Kit, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

spec, impl = pluggy.HookspecMarker("peer"), pluggy.HookimplMarker("peer")


class PeerSpec:
    """The peer's one hook."""

    @spec(firstresult=True)
    def greet(self, name: str) -> str | None:
        """Greet somebody."""


class Peer:
    """The peer's single implementation: an f-string."""

    @impl
    def greet(self, name: str) -> str:
        """Greet somebody."""
        return f"Hello, {name}!"


def raw_pluggy() -> Callable[[], object]:
    """Return one raw pluggy hook call with a single implementation."""
    manager = pluggy.PluginManager("peer")
    manager.add_hookspecs(PeerSpec)
    manager.register(Peer())
    hook = manager.hook.greet
    return lambda: hook(name="Ada")


def greeting(mode: Any, name: str = "Ada", **options: Any) -> Callable[[], object]:
    """Return a greeting in a metrics mode, by a kit of its own."""
    greet = Kit(Settings(metrics=mode), discover=False).greet
    return (lambda: greet(name, **options)) if options else (lambda: greet(name))


SEVEN_PM = time(19)
ROWS: dict[str, tuple[Callable[[], object], float, float]] = {
    'greet("Ada"), metrics full': (greeting("full"), 0.9, 0.6),
    'greet("Ada"), metrics sampled': (greeting("sampled"), 0.8, 0.5),
    'greet("Ada"), metrics count': (greeting("count"), 0.8, 0.5),
    'greet("Ada"), metrics off': (greeting("off"), 0.7, 0.4),
    'greet("Ada", locale="en-NZ", at=time(19)), full': (
        greeting("full", locale="en-NZ", at=SEVEN_PM),
        1.1,
        0.75,
    ),
    'greet("Zoë"), metrics full': (greeting("full", "Zoë"), 1.5, 0.8),
}


def nanoseconds(call: Callable[[], object], number: int) -> float:
    """Return the time of one call, from a run of `number` calls."""
    turns = range(number)
    start = perf_counter_ns()
    for _ in turns:
        call()
    return (perf_counter_ns() - start) / number


def measure(rounds: int, number: int) -> list[tuple[str, float, float, float, float]]:
    """Return for each row: what, ns, ratio to the peer, at most, moonshot."""
    peer = raw_pluggy()
    times: dict[str, list[float]] = {what: [] for what in ROWS}
    ratios: dict[str, list[float]] = {what: [] for what in ROWS}
    for call, _, _ in ROWS.values():
        nanoseconds(call, number)
    for _ in range(rounds):
        for what, (call, _, _) in ROWS.items():
            beside = nanoseconds(peer, number)
            times[what].append(nanoseconds(call, number))
            ratios[what].append(times[what][-1] / beside)
    median = statistics.median
    return [
        (what, median(times[what]), median(ratios[what]), most, moonshot)
        for what, (_, most, moonshot) in ROWS.items()
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--number", type=int, default=5_000)
    given = parser.parse_args()
    print("| what | ns | ratio to one raw pluggy call | at most | moonshot |")
    print("|---|---|---|---|---|")
    for what, ns, ratio, most, moonshot in measure(given.rounds, given.number):
        print(f"| `{what}` | {ns:.0f} | {ratio:.2f} | {most} | {moonshot} |")


if __name__ == "__main__":
    main()
