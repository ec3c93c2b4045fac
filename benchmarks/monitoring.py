"""What watching and bounding a greeting cost beside the plain one, in one process, as ratios.

Run it with `python benchmarks/monitoring.py`. Each row is measured in turn with its peer, round
by round, so that a drift of the machine's speed meets both; the medians of the rounds are
printed. Metrics are full everywhere.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from time import perf_counter_ns
from typing import TYPE_CHECKING

import attrs

from hellokit import Kit, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit import Request

    Timer = Callable[[int], float]

SLOTS = 50
TIMEOUT_S = 30.0


class Suspending:
    """An async leaf that gives the loop one turn, so that timers and slots are at work."""

    async def hellokit_greet_async(self, request: Request, words: Callable[[Request], str]) -> str:
        """Take a turn, and answer with the words."""
        await asyncio.sleep(0)
        return words(request)


def sync_timer(backend: str | None, **settings: bool) -> Timer:
    """Return what times greetings by a kit of its own, in ns per greeting."""
    greet = Kit(Settings(**settings), discover=False).greet  # type: ignore[arg-type]  # flags only

    def timer(number: int) -> float:
        start = perf_counter_ns()
        for _ in range(number):
            greet("Ada", backend=backend)
        return (perf_counter_ns() - start) / number

    return timer


def async_timer(backend: str | None) -> Timer:
    """Return the same of greetings that are awaited one after the other."""
    kit = Kit(Settings(max_concurrent=SLOTS, async_timeout_s=TIMEOUT_S), discover=False)
    kit.register_backend("suspending", Suspending)

    async def main(number: int) -> float:
        greet = kit.greet_async
        start = perf_counter_ns()
        for _ in range(number):
            await greet("Ada", backend=backend)
        return (perf_counter_ns() - start) / number

    return lambda number: asyncio.run(main(number))


def bounded_by_hand(backend: str) -> Timer:
    """Return the same with the standard library's semaphore and timeout around each greeting."""
    kit = Kit(Settings(), discover=False)
    kit.register_backend("suspending", Suspending)

    async def main(number: int) -> float:
        greet, slots = kit.greet_async, asyncio.Semaphore(SLOTS)
        start = perf_counter_ns()
        for _ in range(number):
            async with slots, asyncio.timeout(TIMEOUT_S):
                await greet("Ada", backend=backend)
        return (perf_counter_ns() - start) / number

    return lambda number: asyncio.run(main(number))


@attrs.frozen
class Row:
    """One line of the table; `at_most` and `moonshot` are ratios, where they were set."""

    what: str
    timer: Timer
    peer: str
    beside: Timer
    at_most: str = ""
    moonshot: str = ""


def rows() -> list[Row]:
    """Return the lines of the table."""
    plain = ('greet("Ada")', sync_timer(None))
    by_hand = "Semaphore and asyncio.timeout around "
    return [
        Row('greet("Ada", backend="monitored")', sync_timer("monitored"), *plain, "3", "2"),
        Row(
            "the same, memory not tracked",
            sync_timer("monitored", enable_memory_tracking=False),
            *plain,
        ),
        Row("the same, profiled", sync_timer("monitored", enable_profiling=True), *plain),
        Row('await greet_async("Ada")', async_timer(None), *plain, "1.5", "1.2"),
        Row(
            'await greet_async("Ada", backend="async")',
            async_timer("async"),
            f"{by_hand}a plain one",
            bounded_by_hand("plain"),
        ),
        Row(
            "the same, where the leaf suspends",
            async_timer("async+suspending"),
            f"{by_hand}it",
            bounded_by_hand("suspending"),
        ),
    ]


def measure(row: Row, rounds: int, number: int) -> tuple[float, float, float]:
    """Return the medians of the row's ns, of its peer's, and of the ratio of each round."""
    row.timer(number)
    row.beside(number)
    pairs = [(row.timer(number), row.beside(number)) for _ in range(rounds)]
    median = statistics.median
    return (
        median(ns for ns, _ in pairs),
        median(ns for _, ns in pairs),
        median(ns / beside for ns, beside in pairs),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--number", type=int, default=3_000)
    given = parser.parse_args()
    print("| what | ns | beside | its ns | ratio | at most | moonshot |")
    print("|---|---|---|---|---|---|---|")
    for row in rows():
        ns, beside, ratio = measure(row, given.rounds, given.number)
        print(
            f"| `{row.what}` | {ns:.0f} | `{row.peer}` | {beside:.0f} "
            f"| {ratio:.2f} | {row.at_most} | {row.moonshot} |"
        )


if __name__ == "__main__":
    main()
