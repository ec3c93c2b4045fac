"""What greetings in bulk cost, beside the designs that people write by hand, in one process.

Run it with `python benchmarks/bulk.py`. Every row and its peer are measured in turn, round by
round; the medians are printed. Items that wait sleep for 1 ms: the ideal is count x 1 ms /
concurrency, which no design reaches, as one such sleep takes longer than 1 ms by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any

from hellokit import Kit, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from hellokit import Request

WAIT_S = 0.001
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
try:
    import uvloop
except ImportError:
    print("uvloop is not installed: its rows are left out")
else:
    LOOPS["uvloop"] = uvloop.new_event_loop

AT_MOST = {5: 1.16, 10: 1.20, 20: 1.28, 50: 1.50, 100: 1.95}


class Waiting:
    """An async backend whose greeting takes 1 ms."""

    async def hellokit_greet_async(self, request: Request, words: Callable[[Request], str]) -> str:
        """Sleep, then answer with the words."""
        await asyncio.sleep(WAIT_S)
        return words(request)


def make_kit() -> Kit:
    """Return a kit with the backend."""
    kit = Kit(Settings(), discover=False)
    kit.register_backend("waiting", Waiting)
    return kit


def timed(
    factory: Callable[[], asyncio.AbstractEventLoop], main: Coroutine[Any, Any, None]
) -> float:
    """Return how long `main` takes on a fresh loop, in seconds."""
    with asyncio.Runner(loop_factory=factory) as runner:
        loop = runner.get_loop()
        start = perf_counter()
        loop.run_until_complete(main)
        return perf_counter() - start


async def streamed(kit: Kit, names: list[str], backend: str, concurrency: int) -> None:
    """Greet by `greet_many_async`."""
    stream = kit.greet_many_async(names, backend=backend, concurrency=concurrency)
    async for _ in stream:
        pass


async def gathered(kit: Kit, names: list[str], backend: str, concurrency: int) -> None:
    """Greet by the report's design: a task for each item, held back by a semaphore."""
    semaphore = asyncio.Semaphore(concurrency)

    async def one(name: str) -> str:
        async with semaphore:
            return await kit.greet_async(name, backend=backend)

    await asyncio.gather(*[one(name) for name in names])


async def slept(count: int, concurrency: int = 1) -> None:
    """Sleep by workers over one iterator: what loop and clock alone make of 1 ms."""
    items = iter(range(count))

    async def worker() -> None:
        for _ in items:
            await asyncio.sleep(WAIT_S)

    await asyncio.gather(*[worker() for _ in range(concurrency)])


def waiting_rows(rounds: int) -> None:
    """Print the table of items that wait."""
    print(
        print(
            "| loop | items | concurrency | over ideal | at most | over one sleep "
            "| to sleep alone | to gather |"
        )
    )
    print("|---|---|---|---|---|---|---|---|")
    for loop, factory in LOOPS.items():
        kit = make_kit()
        for count in (500, 5_000):
            for concurrency, most in AT_MOST.items():
                names = [f"N{number}" for number in range(count)]
                ideal = count * WAIT_S / concurrency
                ours, theirs, sleeps, floors = [], [], [], []
                for _ in range(rounds):
                    ours.append(timed(factory, streamed(kit, names, "waiting", concurrency)))
                    theirs.append(timed(factory, gathered(kit, names, "waiting", concurrency)))
                    sleeps.append(timed(factory, slept(50)) / 50 / WAIT_S)
                    floors.append(timed(factory, slept(count, concurrency)))
                ratio = statistics.median(ours) / ideal
                beside = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
                alone = ratio / statistics.median(sleeps)
                floor = statistics.median(a / b for a, b in zip(ours, floors, strict=True))
                print(
                    f"| {loop} | {count:,} | {concurrency} | {ratio:.2f} | {most} "
                    f"| {alone:.2f} | {floor:.2f} | {beside:.2f} |"
                )


INSTANT = """
import asyncio, resource, sys, time
sys.path.insert(0, {folder!r})
import bulk
kit = bulk.make_kit()
names = [f"N{{number}}" for number in range({count})]
asyncio.run(bulk.{design}(kit, names[:100], {backend!r}, 20))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
asyncio.run(bulk.{design}(kit, names, {backend!r}, 20))
spent = time.perf_counter() - start
print(spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def instant(design: str, count: int, backend: str) -> tuple[float, float]:
    """Return seconds and MiB of items that do not wait, from a process of its own."""
    folder = str(__import__("pathlib").Path(__file__).parent)
    script = INSTANT.format(folder=folder, count=count, design=design, backend=backend)
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()[-1]
    seconds, mebibytes = map(float, told.split())
    return seconds, mebibytes


def instant_rows(rounds: int, count: int) -> None:
    """Print the table of items that do not wait."""
    print(f"| {count:,} items that do not wait, async | s | MiB over the input | to gather |")
    print("|---|---|---|---|")
    runs: dict[str, list[tuple[float, float]]] = {"streamed": [], "gathered": []}
    for _ in range(rounds):
        for design, results in runs.items():
            results.append(instant(design, count, "plain"))
    theirs = [seconds for seconds, _ in runs["gathered"]]
    for design, results in runs.items():
        seconds = [each for each, _ in results]
        ratio = statistics.median(a / b for a, b in zip(seconds, theirs, strict=True))
        memory = statistics.median(each for _, each in results)
        name = {"streamed": "`greet_many_async`", "gathered": "gather + Semaphore"}[design]
        print(f"| {name} | {statistics.median(seconds):.2f} | {memory:.1f} | {ratio:.3f} |")


def sync_rows(rounds: int, count: int) -> None:
    """Print the table of sync greetings in bulk."""
    kit = make_kit()
    names = [f"N{chr(97 + number % 26)}" for number in range(count)]

    def looped() -> None:
        for name in names:
            kit.greet(name)

    def listed() -> None:
        for _ in kit.greet_many(names):
            pass

    def iterated() -> None:
        for _ in kit.greet_many(iter(names)):
            pass

    times: dict[Callable[[], None], list[float]] = {looped: [], listed: [], iterated: []}
    for _ in range(rounds):
        for design, spent in times.items():
            start = perf_counter()
            design()
            spent.append(perf_counter() - start)
    print(f"| {count:,} names, plain, full metrics | ns each | to the loop | at most | moonshot |")
    print("|---|---|---|---|---|")
    for what, design in (
        ("a loop of `greet`", looped),
        ("`greet_many` of a list", listed),
        ("`greet_many` of an iterator", iterated),
    ):
        ratio = statistics.median(a / b for a, b in zip(times[design], times[looped], strict=True))
        each = statistics.median(times[design]) / count * 1e9
        print(f"| {what} | {each:.0f} | {ratio:.2f} | 0.7 | 0.4 |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=1_000_000)
    given = parser.parse_args()
    waiting_rows(given.rounds)
    print()
    instant_rows(min(3, given.rounds), given.count)
    print()
    sync_rows(given.rounds, given.count // 5)


if __name__ == "__main__":
    main()
