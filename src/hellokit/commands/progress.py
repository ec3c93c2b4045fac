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
    """Shows how many lines are done, how fast, and how much of the input they were.

    Args:
        total: the bytes of the input, or None when unknown.
        stream: the terminal.
        clock: gives seconds.
    """

    def __init__(
        self, total: int | None, stream: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = total
        self._stream = stream
        self._clock = clock
        self._began = clock()
        self._due = self._began + PATIENCE_S
        self._shown = 0

    def update(self, lines: int, size: int) -> None:
        """Show the bar, unless that is too early.

        Args:
            lines: how many lines are done.
            size: how many bytes of the input they were.
        """
        now = self._clock()
        if now >= self._due:
            self._due = now + INTERVAL_S
            self._show(self._told(lines, size, now - self._began))

    def clear(self) -> None:
        """Take the bar away until the next update."""
        if self._shown:
            self._write(f"\r{' ' * self._shown}\r")
            self._shown = 0

    def _told(self, lines: int, size: int, elapsed_s: float) -> str:
        told = f"{lines:,} lines, {lines / elapsed_s:,.0f}/s"
        if not self._total:
            return told
        share = min(size / self._total, 1.0)
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
