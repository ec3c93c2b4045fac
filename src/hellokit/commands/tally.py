"""The tally of a run: how many were greeted, how many were not, and how fast."""

from __future__ import annotations

import json
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Tally:
    """Counts from now on.

    Args:
        clock: gives seconds.

    Attributes:
        greeted: how many were greeted.
        failed: how many were not.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.greeted = self.failed = 0
        self._clock = clock
        self._began = clock()

    @property
    def done(self) -> int:
        """How many there were in all."""
        return self.greeted + self.failed

    def told(self, *, as_json: bool) -> str:
        """Return the totals up to now in one line.

        >>> Tally(clock=iter([0.0, 0.52]).__next__).told(as_json=False)
        '0 greeted, 0 failed, 0.52 s, 0/s'
        """
        seconds = self._clock() - self._began
        rate = self.greeted / seconds if seconds else 0.0
        if as_json:
            totals = {"greeted": self.greeted, "failed": self.failed}
            return json.dumps(totals | {"seconds": seconds, "per_second": rate})
        counts = f"{self.greeted:,} greeted, {self.failed:,} failed"
        return f"{counts}, {seconds:.2f} s, {rate:,.0f}/s"
