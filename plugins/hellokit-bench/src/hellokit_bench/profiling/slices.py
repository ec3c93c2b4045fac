"""Slices: profiling goes on in pieces, so that an interrupted one shows what it has."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

import attrs

from hellokit_bench import blocks
from hellokit_bench.subject import Subject
from hellokit_bench.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit_bench.subject import Opened

SLICE_NS = 20_000_000
"""What a slice lasts at least, as long as nobody profiles it."""
BLOCKS = 5
"""How many blocks are timed without a profiler."""
HIDDEN = 0.2
"""The share of the processor time that may be on other threads without a word about it."""


@attrs.frozen
class Spent:
    """What calls took.

    Attributes:
        calls: how many there were.
        wall_ns: how long they took, in ns.
        cpu_ns: the processor time of the process meanwhile, in ns.
        caller_ns: that of the thread that called, in ns.
    """

    calls: int = 0
    wall_ns: int = 0
    cpu_ns: int = 0
    caller_ns: int = 0

    def __add__(self, other: Spent) -> Spent:
        """Return what both took."""
        mine, theirs = attrs.astuple(self), attrs.astuple(other)
        return Spent(*map(sum, zip(mine, theirs, strict=True)))

    @property
    def per_call_s(self) -> float:
        """How long a call took, in seconds."""
        return self.wall_ns / 1e9 / self.calls

    @property
    def elsewhere(self) -> float:
        """The share of the processor time that other threads took."""
        return max(0.0, 1 - self.caller_ns / self.cpu_ns) if self.cpu_ns else 0.0


def measured(block: Callable[[int], int], calls: int) -> tuple[int, int, int, int]:
    """Carry a block of calls out, and return the fields of what it took."""
    process_ns, thread_ns = time.process_time_ns(), time.thread_time_ns()
    wall_ns = block(calls)
    return (
        calls,
        wall_ns,
        time.process_time_ns() - process_ns,
        time.thread_time_ns() - thread_ns,
    )


def run(opened: Opened, calls: int) -> tuple[int, int, int, int]:
    """Return what calls take that nobody profiles: an order."""
    return measured(opened.block, calls)


class Warmed:
    """A worker whose subject is warm: a context.

    Args:
        subject: what it holds.
        time_limit_s: how long one slice may take, in seconds.

    Attributes:
        subject: the same.
        worker: the worker.
        calls: how many calls make a slice.
        usual: what calls take while nobody profiles them.

    Raises:
        SubjectError: if the subject fails.
    """

    def __init__(self, subject: Subject, time_limit_s: float) -> None:
        self.subject = subject
        # Two profilers at a time disturb each other: `monitored` leaves it to this one.
        quiet = {"HELLOKIT_ENABLE_PROFILING": "0"}
        self.worker = Worker(subject, environment=quiet, time_limit_s=time_limit_s)
        try:
            self.calls = self.worker.call(blocks.calibrated, SLICE_NS)
            self.usual = self._unprofiled()
        except BaseException:
            self.worker.close()
            raise

    def _unprofiled(self) -> Spent:
        """Return what a block takes: the one in the middle, as one alone may have been stalled."""
        taken = [Spent(*self.worker.call(run, self.calls)) for _ in range(BLOCKS)]
        return sorted(taken, key=lambda each: each.wall_ns)[BLOCKS // 2]

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.worker.close()


def visible(name: str, time_limit_s: float) -> Warmed:
    """Return a backend that is called so that the caller's thread does the work.

    In sync code an async backend runs on the loop thread of the kit, where a profile of the
    caller sees nothing of it.

    Args:
        name: the backend.
        time_limit_s: how long one slice may take, in seconds.

    Raises:
        SubjectError: if it fails.
    """
    sync = Warmed(Subject(name, "sync"), time_limit_s)
    if sync.usual.elsewhere <= HIDDEN:
        return sync
    sync.worker.close()
    awaited = Warmed(Subject(name, "async"), time_limit_s)
    if awaited.usual.elsewhere < sync.usual.elsewhere:
        return awaited
    awaited.worker.close()
    return Warmed(sync.subject, time_limit_s)


@attrs.frozen
class Extent:
    """How much is profiled.

    Attributes:
        duration_s: how long, in seconds, if no number of calls is given.
        calls: how many calls.
    """

    duration_s: float
    calls: int | None = None

    def done(self, spent: Spent) -> float:
        """Return which part of it this is."""
        if self.calls is not None:
            return spent.calls / self.calls
        return spent.wall_ns / 1e9 / self.duration_s

    def next(self, spent: Spent, most: int) -> int:
        """Return how many calls come next, which is 0 at the end."""
        if self.calls is not None:
            return min(most, self.calls - spent.calls)
        return most if self.done(spent) < 1 else 0


def taken(
    extent: Extent, most: int, take: Callable[[int], Spent], told: Callable[[float], None]
) -> tuple[Spent, bool]:
    """Take slices to the end, or to an interrupt.

    Args:
        extent: how much.
        most: how many calls a slice has.
        take: takes one, of so many calls.
        told: is told which part of it is done.

    Returns:
        What the calls took in all, and whether that is all of it.

    Raises:
        KeyboardInterrupt: if there is no slice yet.
    """
    spent = Spent()
    try:
        while calls := extent.next(spent, most):
            spent += take(calls)
            told(min(1.0, extent.done(spent)))
    except KeyboardInterrupt:
        if not spent.calls:
            raise
        return spent, False
    return spent, True
