"""The selector of the load's event loop: wakes in time, and knows how long it was idle."""

from __future__ import annotations

import select
import selectors
import sys
from time import perf_counter_ns

MOST_DESCRIPTORS = 1024
"""`select` takes descriptors below this."""


class IdleSelector(selectors.DefaultSelector):
    """Waits for events, and times how long.

    Linux's epoll waits for whole milliseconds, which is longer than many a call takes. There the
    epoll descriptor itself is waited for with `select`, which counts microseconds.

    Attributes:
        idle_ns: how long there was nothing to do, in ns.
    """

    def __init__(self) -> None:
        super().__init__()
        self.idle_ns = 0
        self._fine = sys.platform == "linux" and self.fileno() < MOST_DESCRIPTORS

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what has happened, after waiting for it if nothing has.

        Args:
            timeout: how long to wait at most, in seconds; without end if None.
        """
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        began = perf_counter_ns()
        if self._fine and timeout is not None:
            select.select([self.fileno()], [], [], timeout)
            timeout = 0
        ready = super().select(timeout)
        self.idle_ns += perf_counter_ns() - began
        return ready
