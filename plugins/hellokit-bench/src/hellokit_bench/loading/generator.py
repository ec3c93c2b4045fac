"""The generator: begins calls as the plan says, in one event loop, and counts what becomes of them.

In the open model the schedule is kept whatever the target does: a call that finds no free slot
waits for one, and its response time counts from when it was to begin.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from itertools import count
from threading import Event
from time import perf_counter_ns, thread_time_ns
from typing import TYPE_CHECKING

from hellokit_bench.loading.selector import IdleSelector
from hellokit_bench.loading.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hellokit_bench.loading.plan import Plan
    from hellokit_bench.loading.slot import Failure, Slot, Target

TIMEOUT = "timeout"
"""The kind of failure of calls that took longer than they may."""
PULSE_S = 0.05
GRACE_NS = 500_000_000
"""How long a call that was given up may take to end."""
BURST = 1000
"""How many calls begin before the loop turns to others again."""


class Generator:
    """Makes a load, once.

    Args:
        plan: what it is to be.
        target: what is called.

    Attributes:
        plan: the same.
        target: the same.
        tally: what became of the calls so far.
        in_flight: how many calls have begun and not ended.
        began_ns: when the load began, by `perf_counter_ns`; 0 before.
        beat_ns: when the loop last showed that it runs.
        idle_ns: how long it had nothing to do, between these two.
        cpu_ns: how long its thread had a processor, between these two.
        is_over: set when nothing of these changes any more.
    """

    def __init__(self, plan: Plan, target: Target) -> None:
        self.plan = plan
        self.target = target
        self.tally = Tally()
        self.in_flight = 0
        self.began_ns = self.idle_ns = self.cpu_ns = 0
        self.beat_ns = perf_counter_ns()
        self.is_over = Event()
        self._before = 0, 0
        self._starts: Iterator[int] = iter(())
        self._next: int | None = None
        self._is_last = False
        self._waiting: deque[int] = deque()
        self._free: list[Slot] = []
        self._slots: Sequence[Slot] = ()

    def run(self) -> None:
        """Make the load, in this thread.

        Raises:
            HellokitError: if the target cannot be called at all.
        """
        with asyncio.Runner(loop_factory=self._new_loop) as runner:
            runner.run(self._run())

    def stop(self) -> None:
        """End now; from any thread."""
        if self.began_ns:
            with suppress(RuntimeError):  # the loop has just been closed
                self._loop.call_soon_threadsafe(self._finish)

    @property
    def waiting(self) -> int:
        """How many calls wait for a slot."""
        return len(self._waiting)

    def _new_loop(self) -> asyncio.AbstractEventLoop:
        self._selector = IdleSelector()
        self._loop = asyncio.SelectorEventLoop(self._selector)
        return self._loop

    async def _run(self) -> None:
        self._over = self._loop.create_future()
        self._slots = await self.target.slots(self.plan.concurrency, self._ended)
        self._free = list(self._slots)
        self._before = self._selector.idle_ns, thread_time_ns()
        self.began_ns = perf_counter_ns()
        self._ends_ns = self.began_ns + self.plan.duration_s * 1e9
        try:
            self._open() if self.plan.stages else self._closed()
            self._pulse()
            await self._over
        finally:
            self._beat()
            await self.target.close()
            self.is_over.set()

    # The two models

    def _open(self) -> None:
        self._again = self._serve_waiting
        self._starts = self.plan.starts_ns()
        self._next = self._following()
        self._pace()

    def _closed(self) -> None:
        self._again = self._repeat
        self.tally.response = self.tally.service  # a call is to begin when it can
        self._left = count() if self.plan.count is None else iter(range(self.plan.count))
        self._begin_free()

    def _following(self) -> int | None:
        start_ns = next(self._starts, None)
        return None if start_ns is None else self.began_ns + start_ns

    def _pace(self) -> None:
        """Begin, or let wait, what is due; and come again when the next call is."""
        if self._over.done():
            return
        now = perf_counter_ns()
        for _ in range(BURST):
            if self._next is None or self._next > now:
                break
            if self._free:
                self._begin(self._free.pop(), self._next, queued=False)
            else:
                self._waiting.append(self._next)
            self._next = self._following()
        if self._next is not None:
            wait_s = max(0.0, (self._next - perf_counter_ns()) / 1e9)
            self._loop.call_at(self._loop.time() + wait_s, self._pace)

    def _serve_waiting(self, slot: Slot) -> None:
        self._drop(perf_counter_ns())
        if self._waiting:
            self._begin(slot, self._waiting.popleft(), queued=True)
        else:
            self._free.append(slot)

    def _repeat(self, slot: Slot) -> None:
        self._free.append(slot)
        self._begin_free()

    def _begin_free(self) -> None:
        now = perf_counter_ns()
        while self._free and not self._is_last:
            self._is_last = now >= self._ends_ns or next(self._left, None) is None
            if not self._is_last:
                self._begin(self._free.pop(), now, queued=False)

    # One call

    def _begin(self, slot: Slot, intended_ns: int, *, queued: bool) -> None:
        slot.busy, slot.queued, slot.intended_ns = True, queued, intended_ns
        slot.started_ns = slot.expired_ns = 0
        self.tally.started += 1
        self.in_flight += 1
        slot.begin()

    def _ended(self, slot: Slot, failed: Failure | None) -> None:
        if self._over.done():
            return  # it was still in flight when the load ended, and stays counted so
        now = perf_counter_ns()
        if not slot.expired_ns:
            self._count(slot, now, failed)
        slot.busy = False
        self.in_flight -= 1
        self._again(slot)
        self._finish_if_over()

    def _count(self, slot: Slot, now: int, failed: Failure | None) -> None:
        tally = self.tally
        tally.ended += 1
        if self.plan.stages:
            tally.begun(slot.started_ns - slot.intended_ns, queued=slot.queued)
        if failed is not None:
            tally.fail(*failed)
            if failed[0] != TIMEOUT:
                return  # a refusal is quick: it says nothing about how long answers take
        tally.service.append(now - slot.started_ns)
        if self.plan.stages:
            tally.response.append(now - slot.intended_ns)

    # Time

    def _pulse(self) -> None:
        self._beat()
        now = self.beat_ns
        self.tally.fold((now - self.began_ns) / 1e9)
        self._drop(now)
        self._expire(now)
        self._finish_if_over()
        if self._is_stuck(now):
            self._finish()
        if not self._over.done():
            self._loop.call_later(PULSE_S, self._pulse)

    def _beat(self) -> None:
        idle_ns, cpu_ns = self._before
        self.idle_ns = self._selector.idle_ns - idle_ns
        self.cpu_ns = thread_time_ns() - cpu_ns
        self.beat_ns = perf_counter_ns()

    def _drop(self, now: int) -> None:
        """Forget the calls that have waited for too long."""
        earliest = now - self.plan.max_late_s * 1e9
        while self._waiting and self._waiting[0] < earliest:
            self._waiting.popleft()
            self.tally.dropped += 1

    def _expire(self, now: int) -> None:
        """Give up the calls that take too long: they count as timeouts, and are told to end."""
        earliest = now - self.plan.timeout_s * 1e9
        for slot in self._slots:
            if slot.busy and not slot.expired_ns and 0 < slot.started_ns < earliest:
                slot.expired_ns = now
                self._count(slot, now, (TIMEOUT, f"no answer in {self.plan.timeout_s:g} s"))
                slot.abandon()

    def _nothing_to_come(self) -> bool:
        if self.plan.stages:
            return self._next is None and not self._waiting
        return self._is_last

    def _is_stuck(self, now: int) -> bool:
        """Tell whether nothing but calls that do not end, although given up, is left."""
        stuck = sum(
            bool(slot.busy and slot.expired_ns and now - slot.expired_ns > GRACE_NS)
            for slot in self._slots
        )
        if not stuck or stuck < self.in_flight:
            return False
        return stuck == len(self._slots) or self._nothing_to_come()

    def _finish_if_over(self) -> None:
        if not self.in_flight and self._nothing_to_come():
            self._finish()

    def _finish(self) -> None:
        if not self._over.done():
            self.tally.dropped += len(self._waiting)
            self._waiting.clear()
            self._over.set_result(None)
