"""What a greeting costs beside one raw pluggy hook call, in one process, as ratios.

Run it with `python benchmarks/calls.py`. Each row is measured in turn with the peer, round by
round, so that a drift of the machine's speed meets both; the medians of the rounds are printed.
"""

from __future__ import annotations

import argparse
import statistics
from datetime import time
from timeit import Timer
from typing import Any

import pluggy

from hellokit import Kit, Settings

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


def raw_pluggy() -> Timer:
    """Return the timer of one raw pluggy hook call with a single implementation."""
    manager = pluggy.PluginManager("peer")
    manager.add_hookspecs(PeerSpec)
    manager.register(Peer())
    return Timer('greet(name="Ada")', globals={"greet": manager.hook.greet})


def greeting(statement: str, mode: Any) -> Timer:
    """Return the timer of a greeting by a kit of its own, in a metrics mode."""
    greet = Kit(Settings(metrics=mode), discover=False).greet
    return Timer(statement, globals={"greet": greet, "seven_pm": time(19)})


# Statement, metrics mode, at most, moonshot.
ROWS: list[tuple[str, str, float, float]] = [
    ('greet("Ada")', "full", 0.9, 0.6),
    ('greet("Ada")', "sampled", 0.8, 0.5),
    ('greet("Ada")', "off", 0.7, 0.4),
    ('greet("Ada", locale="en-NZ", at=seven_pm)', "full", 1.1, 0.75),
    ('greet("Zoë")', "full", 1.5, 0.8),
]


def measure(rounds: int, number: int) -> tuple[float, list[tuple[float, float]]]:
    """Return the peer's ns, and for each row its ns and its ratio to the peer."""
    peer = raw_pluggy()
    timers = [greeting(statement, mode) for statement, mode, _, _ in ROWS]
    samples: list[list[tuple[float, float]]] = [[] for _ in ROWS]
    for timer in timers:
        timer.timeit(number)
    for _ in range(rounds):
        for timer, sample in zip(timers, samples, strict=True):
            sample.append((timer.timeit(number) / number * 1e9, peer.timeit(number) / number * 1e9))
    median = statistics.median
    beside = median(peer_ns for sample in samples for _, peer_ns in sample)
    return beside, [
        (median(ns for ns, _ in sample), median(ns / peer_ns for ns, peer_ns in sample))
        for sample in samples
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=51)
    parser.add_argument("--number", type=int, default=5_000)
    given = parser.parse_args()
    beside, results = measure(given.rounds, given.number)
    print("| what | metrics | ns | to one raw pluggy call | at most | moonshot |")
    print("|---|---|---|---|---|---|")
    print(f"| one raw pluggy hook call | | {beside:.0f} | 1.00 | | |")
    for (statement, mode, most, moonshot), (ns, ratio) in zip(ROWS, results, strict=True):
        print(f"| `{statement}` | {mode} | {ns:.0f} | {ratio:.2f} | {most} | {moonshot} |")


if __name__ == "__main__":
    main()
