"""The progress bar: shown on a terminal when a run takes long, and gone when it ends."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

PATIENCE_S = 1.0
INTERVAL_S = 0.1
BAR = 20
"""Characters of the bar itself."""


def wanted() -> bool:
    """Tell whether there is a terminal for a bar that shows no greetings at the same time."""
    if sys.stderr is None or sys.stdout is None:
        return False
    return sys.stderr.isatty() and not sys.stdout.isatty()


class Progress:
    """Shows how much is done, how fast, and how much of the input that is.

    Args:
        unit: what is counted, such as `"line"`.
        share: tells how much of the input is done, from 0 to 1, or None when that is unknown.
        stream: the terminal.
        clock: gives seconds.

    Attributes:
        was_shown: whether it took so long that there was a bar.
    """

    def __init__(
        self,
        unit: str,
        share: Callable[[], float | None],
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.was_shown = False
        self._unit = unit
        self._share = share
        self._stream = stream
        self._clock = clock
        self._began = clock()
        self._due = self._began + PATIENCE_S
        self._shown = 0

    def update(self, done: int) -> None:
        """Show the bar, unless that is too early.

        Args:
            done: how much is done.
        """
        now = self._clock()
        if now >= self._due:
            self._due = now + INTERVAL_S
            self.was_shown = True
            self._show(self._told(done, now - self._began))

    def clear(self) -> None:
        """Take the bar away until the next update."""
        if self._shown:
            self._write(f"\r{' ' * self._shown}\r")
            self._shown = 0

    def _told(self, done: int, elapsed_s: float) -> str:
        told = f"{done:,} {self._unit}s, {done / elapsed_s:,.0f}/s"
        share = self._share()
        if share is None:
            return told
        return f"[{'#' * int(share * BAR):<{BAR}}] {share:4.0%}  {told}"

    def _show(self, told: str) -> None:
        columns = 0
        with suppress(OSError, ValueError):
            columns = os.get_terminal_size(self._stream.fileno()).columns
        told = told[: (columns or 80) - 1]  # a line that wraps could not be cleared
        self._write(f"\r{told:<{self._shown}}")
        self._shown = len(told)

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the terminal went away: the greetings go on
            self._stream.write(text)
            self._stream.flush()
