"""The pace of a stream: how fast items are started, and how many run at once."""

from __future__ import annotations

from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Rate:
    """A schedule of starts, evenly spaced: the generic cell rate algorithm without a burst.

    Args:
        per_second: how many starts a second.
        clock: the time in seconds.
    """

    def __init__(self, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._next = 0.0

    def reserve(self) -> float:
        """Take the next start, and return how long to wait for it, in seconds."""
        now = self._clock()
        start = max(now, self._next)
        self._next = start + self._interval
        return start - now


class Adaptive:
    """A limit of concurrency that follows the latency: one more, or a third fewer (AIMD).

    After each round of as many completions as the limit allows, the mean latency is compared
    with the lowest mean seen: up to `TOLERANCE` times that one more item may run, beyond it a
    third fewer, so that a latency that grew with the limit is back where it was. The lowest
    mean is forgotten slowly, as a backend may change for good.

    Args:
        most: the highest limit.
    """

    FIRST = 4
    TOLERANCE = 1.5
    FORGET = 1.001

    def __init__(self, most: int) -> None:
        self._most = most
        self.limit = min(self.FIRST, most)
        self._best = float("inf")
        self._spent = 0.0
        self._done = 0

    def done(self, latency: float, *, failed: bool = False) -> None:
        """Learn that an item took `latency` seconds, or failed."""
        self._spent += latency
        self._done += 1
        if failed:
            self._shrink()
        elif self._done >= self.limit:
            mean = self._spent / self._done
            self._best = min(self._best * self.FORGET, mean)
            if mean > self._best * self.TOLERANCE:
                self._shrink()
            else:
                self.limit = min(self.limit + 1, self._most)
                self._spent, self._done = 0.0, 0

    def _shrink(self) -> None:
        self.limit = max(1, self.limit * 2 // 3)
        self._spent, self._done = 0.0, 0
