"""The window: what was counted lately, as the difference between two snapshots."""

from __future__ import annotations

from math import inf

from hellokit.metering.snapshot import Snapshot

KEPT = 12
"""How many snapshots are kept in the length of a window, at most: looks may be frequent."""


class Window:
    """Keeps the snapshots it is shown, as long as they can be what a window begins with.

    Until the first is as old as a window, the window begins with it, or with the first call of
    all if `begin` was never called.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[float, Snapshot]] = [(-inf, Snapshot())]

    def begin(self, now: float, snapshot: Snapshot) -> None:
        """Begin anew: what was counted before `snapshot` is in no window."""
        self._kept = [(now, snapshot)]

    def since(self, now: float, snapshot: Snapshot, length_s: float) -> Snapshot:
        """Return what was counted since the newest kept snapshot that is as old as a window.

        Args:
            now: the time of `snapshot`, in seconds. Should it be before that of the one before,
                the window begins anew with that.
            snapshot: what was counted until now.
            length_s: the length of the window, in seconds.
        """
        kept = self._kept
        if now < kept[-1][0]:
            kept = [(now, kept[-1][1])]
        first = max(0, sum(now - time >= length_s for time, _ in kept) - 1)
        since = snapshot - kept[first][1]
        newest = [(now, snapshot)] if now - kept[-1][0] >= length_s / KEPT else []
        self._kept = kept[first:] + newest
        return since
