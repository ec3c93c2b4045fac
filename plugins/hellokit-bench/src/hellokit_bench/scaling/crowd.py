"""Crowds: many items greeted at once, in a worker; the order for it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from itertools import count, repeat
from threading import Barrier, Lock
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from hellokit import BackendMetrics, Failure
from hellokit_bench.footprint import peak_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hellokit import Kit
    from hellokit_bench.subject import Opened, Subject

    Through: TypeAlias = Callable[[int], "Failures"]


class Failures:
    """How many items failed, and what the last of them raised."""

    def __init__(self) -> None:
        self.count = 0
        self.last: BaseException | None = None

    def add(self, error: BaseException) -> None:
        """Count an item that failed."""
        self.count += 1
        self.last = error


class Passage(TypedDict):
    """What is known when the last item is through.

    Attributes:
        items: how many there were.
        seconds: how long all took together.
        failed: how many of them failed.
        duration: what the kit timed of the outermost backend, as `Histogram.as_dict` has it.
        peak_bytes: the most memory that the process has had, in bytes.
    """

    items: int
    seconds: float
    failed: int
    duration: dict[str, Any]
    peak_bytes: int


def passed(opened: Opened, items: int, concurrency: int, shortest_s: float = 0.0) -> Passage:
    """Greet so many items, so many of them at once, after as many that warm up.

    Items are made as they are taken, and results are dropped: what grows with their number is
    the backend's, or the kit's.

    Args:
        opened: how to call which backend.
        items: how many.
        concurrency: how many at once.
        shortest_s: how long they take together at least, in seconds: they double until they do.

    Returns:
        What is known when the last one is through.

    Raises:
        Exception: what the last item raised, if every one failed.
    """
    kit, subject = opened.kit, opened.subject
    assert kit is not None  # noqa: S101  # a peer has no concurrency
    crowd = {"async": _tasks, "bulk": _stream, "sync": _threads}[subject.way]
    with crowd(kit, subject, concurrency) as through:
        through(concurrency)
        while (passage := _timed(kit, subject, through, items))["seconds"] < shortest_s:
            items *= 2
    return passage


def _timed(kit: Kit, subject: Subject, through: Through, items: int) -> Passage:
    before = kit.metrics()
    began = perf_counter_ns()
    failures = through(items)
    took_ns = perf_counter_ns() - began
    if failures.last is not None and failures.count == items:
        raise failures.last
    timed = (kit.metrics() - before).backends.get(subject.name.partition("+")[0])
    return {
        "items": items,
        "seconds": took_ns / 1e9,
        "failed": failures.count,
        "duration": (timed or BackendMetrics()).duration.as_dict(),
        "peak_bytes": peak_bytes(),
    }


@contextmanager
def _tasks(kit: Kit, subject: Subject, concurrency: int) -> Iterator[Through]:
    """Greet by `greet_many_async`, on one event loop."""

    async def drained(items: int) -> Failures:
        failures = Failures()
        stream = kit.greet_many_async(
            repeat(subject.greeted, items),
            backend=subject.name,
            concurrency=concurrency,
            on_error="return",
        )
        async with aclosing(stream):
            async for result in stream:
                if isinstance(result, Failure):
                    failures.add(result.error)
        return failures

    with asyncio.Runner() as runner:
        yield lambda items: runner.run(drained(items))


@contextmanager
def _stream(kit: Kit, subject: Subject, concurrency: int) -> Iterator[Through]:
    """Greet by `greet_many`."""

    def drained(items: int) -> Failures:
        failures = Failures()
        for result in kit.greet_many(
            repeat(subject.greeted, items),
            backend=subject.name,
            concurrency=concurrency,
            on_error="return",
        ):
            if isinstance(result, Failure):
                failures.add(result.error)
        return failures

    yield drained


@contextmanager
def _threads(kit: Kit, subject: Subject, concurrency: int) -> Iterator[Through]:
    """Greet by `greet`, each on one of so many threads, which take the next item when free."""

    def drained(items: int) -> Failures:
        numbers, failures, together = count(), Failures(), Barrier(concurrency)

        def work() -> None:
            together.wait()
            while next(numbers) < items:
                try:
                    kit.greet(subject.greeted, backend=subject.name)
                except Exception as error:  # noqa: BLE001  # a failure is counted, whatever it is
                    with lock:
                        failures.add(error)

        for done in [pool.submit(work) for _ in range(concurrency)]:
            done.result()
        return failures

    lock = Lock()
    with ThreadPoolExecutor(concurrency) as pool:
        yield drained
