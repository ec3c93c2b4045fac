"""What a cached greeting costs beside a computed one, and the cache beside cachetools.

Run it with `python benchmarks/cache.py`; it needs cachetools (dependency group `bench`). Each row
is measured in turn with its peer, round by round, so that a drift of the machine's speed meets
both; the medians of the rounds are printed. Computations for 100 callers at once are counted.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import threading
from threading import Lock
from time import sleep
from timeit import Timer

from cachetools import TTLCache, cached

from hellokit import Kit, Request, Settings
from hellokit.caching.store import ClockStore

ENTRIES = 512
CALLERS = 100
LOCKED = "with lock:\n    text = cache[key]"


class Slow:
    """A leaf that waits, in either colour."""

    def hellokit_greet(self) -> str:
        """Wait for 50 ms."""
        sleep(0.05)
        return "Hello!"

    async def hellokit_greet_async(self) -> str:
        """Wait for 50 ms."""
        await asyncio.sleep(0.05)
        return "Hello!"


def stores() -> tuple[Timer, Timer, Timer]:
    """Return the timers of a hit: of the store, of a locked TTLCache, and of its decorator."""
    section = ClockStore().section("plain")
    cache: TTLCache[Request, str] = TTLCache(ENTRIES, 86400)
    keys = [Request(f"Ada {number}", locale="en", isolate="auto") for number in range(ENTRIES)]
    for key in keys:
        section.put(key, str(key), 86400, ENTRIES)
        cache[key] = str(key)
    decorated = cached(TTLCache(ENTRIES, 86400), lock=Lock())(str)
    decorated(keys[7])
    key = Request("Ada 7", locale="en", isolate="auto")  # equal, and not the same
    names = {"key": key, "get": section.get, "cache": cache, "lock": Lock(), "decorated": decorated}
    return (
        Timer("text = get(key)", globals=names),
        Timer(LOCKED, globals=names),
        Timer("text = decorated(key)", globals=names),
    )


def measure(ours: Timer, peer: Timer, rounds: int, number: int) -> tuple[float, float, float]:
    """Return the ns of both, and the ratio of ours to the peer's."""
    samples = []
    for _ in range(rounds + 1):
        pair = [timer.timeit(number) / number * 1e9 for timer in (ours, peer)]
        samples.append((*pair, pair[0] / pair[1]))
    ours_ns, peer_ns, ratio = (
        statistics.median(values) for values in zip(*samples[1:], strict=True)
    )
    return ours_ns, peer_ns, ratio


def by_threads(kit: Kit) -> int:
    """Return how often a cold key is computed for many threads at once."""
    threads = [
        threading.Thread(target=kit.greet, args=("Thread",), kwargs={"backend": "cached+slow"})
        for _ in range(CALLERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return kit.metrics().backends["slow"].calls


def by_tasks(kit: Kit) -> int:
    """Return how often a cold key is computed for many tasks at once."""

    async def main() -> None:
        calls = (kit.greet_async("Task", backend="cached+slow") for _ in range(CALLERS))
        await asyncio.gather(*calls)

    asyncio.run(main())
    return kit.metrics().backends["slow"].calls


def computations() -> tuple[int, int]:
    """Return how often a cold key is computed: for threads, for tasks."""
    counts = []
    for callers in (by_threads, by_tasks):
        with Kit(Settings(), discover=False) as kit:
            kit.register_backend("slow", Slow)
            counts.append(callers(kit))
    threads, tasks = counts
    return threads, tasks


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--number", type=int, default=5_000)
    given = parser.parse_args()
    names = {"greet": Kit(Settings(metrics="full"), discover=False).greet}
    plain = Timer('greet("Ada")', globals=names)
    hit = Timer('greet("Ada", backend="cached")', globals=names)
    get, locked, decorated = stores()
    rows = [
        ('`greet("Ada", backend="cached")`, a hit', '`greet("Ada")`', hit, plain, 1.25, 1.0),
        ("the store's own hit", "`TTLCache` with a lock", get, locked, 0.4, 0.2),
        ("the store's own hit", "`@cached(TTLCache, lock)`", get, decorated, 0.4, 0.2),
    ]
    print("| what | ns | beside | ns | ratio | at most | moonshot |")
    print("|---|---|---|---|---|---|---|")
    for what, beside, ours, peer, most, moonshot in rows:
        ours_ns, peer_ns, ratio = measure(ours, peer, given.rounds, given.number)
        print(
            f"| {what} | {ours_ns:.0f} | {beside} | {peer_ns:.0f} | {ratio:.2f} "
            f"| {most} | {moonshot} |"
        )
    threads, tasks = computations()
    print(f"\n| computations of a cold key for {CALLERS} callers | count | at most |")
    print("|---|---|---|")
    print(f"| threads | {threads} | 1 |\n| tasks | {tasks} | 1 |")


if __name__ == "__main__":
    main()
