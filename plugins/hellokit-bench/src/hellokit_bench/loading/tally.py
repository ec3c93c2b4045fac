"""Tallies: what is known of the calls of a load, in bounded memory however many there are."""

from __future__ import annotations

import attrs

from hellokit import Histogram

ROW_S = 0.1
MOST_ROWS = 600
MOST_KINDS = 50
LATE_NS = 1_000_000
"""A call that begins so much after it was to begin is late."""


@attrs.define
class Row:
    """What ended in one stretch of time.

    Attributes:
        response: the response times.
        failed: how many calls failed.
    """

    response: Histogram = attrs.field(factory=Histogram)
    failed: int = 0

    def __add__(self, other: Row) -> Row:
        """Return what ended in both."""
        return Row(self.response + other.response, self.failed + other.failed)


class Durations:
    """Durations in ns, which are counted in a histogram from time to time."""

    def __init__(self) -> None:
        self.histogram = Histogram()
        self._fresh: list[int] = []
        self.append = self._fresh.append

    def fold(self) -> Histogram:
        """Count what has come since the last time, and return its histogram."""
        fresh = Histogram.of(self._fresh)
        self._fresh.clear()
        self.histogram += fresh
        return fresh


class Tally:
    """What became of the calls of a load.

    Attributes:
        started: how many began.
        ended: how many ended, well or not.
        failed: how many of them failed.
        failures: for each kind of failure how many there were, and the message of the first.
        service: how long calls took from when they began.
        response: how long they took from when they were to begin; in the closed model, the same.
        lag: how late calls began that found a free slot.
        late_by_generator: how many of those were late.
        late_for_a_slot: how many others were late, as every slot was taken when they were to begin.
        dropped: how many never began, as they had waited for too long.
        row_s: how long a row is, in seconds.
        rows: what ended, row after row.
    """

    def __init__(self) -> None:
        self.started = self.ended = self.failed = 0
        self.failures: dict[str, tuple[int, str]] = {}
        self.service, self.response, self.lag = Durations(), Durations(), Durations()
        self.late_by_generator = self.late_for_a_slot = self.dropped = 0
        self.row_s = ROW_S
        self.rows = [Row()]

    def begun(self, lag_ns: int, *, queued: bool) -> None:
        """Count how late a call began.

        Args:
            lag_ns: how late, in ns.
            queued: whether it had to wait for a slot.
        """
        late = lag_ns > LATE_NS
        if queued:
            self.late_for_a_slot += late
        else:
            self.lag.append(lag_ns)
            self.late_by_generator += late

    def fail(self, kind: str, message: str) -> None:
        """Count a call that failed, by its kind; there are not more than so many kinds."""
        self.failed += 1
        self.rows[-1].failed += 1
        if kind not in self.failures and len(self.failures) >= MOST_KINDS:
            kind, message = "others", "there were more kinds than are kept"
        times, first = self.failures.get(kind, (0, message))
        self.failures[kind] = times + 1, first

    def fold(self, elapsed_s: float) -> None:
        """Count what ended since the last time in the histograms and in the row of now.

        Args:
            elapsed_s: how long the load has run, in seconds.
        """
        self.rows[-1].response += self.response.fold()
        self.service.fold()
        self.lag.fold()
        while len(self.rows) * self.row_s <= elapsed_s:
            self.rows.append(Row())
            if len(self.rows) > MOST_ROWS:
                self._widen()

    def _widen(self) -> None:
        pairs = zip(self.rows[::2], [*self.rows[1::2], Row()], strict=False)
        self.rows = [first + second for first, second in pairs]
        self.row_s *= 2
