"""Memory of this process, read as cheaply as the platform allows."""

from __future__ import annotations

import os
import sys
from _tracemalloc import get_traced_memory, is_tracing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Reading: TypeAlias = tuple[str, int]

TRACED, RESIDENT, PEAK = "traced", "resident", "peak"
"""What a reading counts: what `tracemalloc` traces, what is resident, the most that ever was."""

KIB = 1024


class Memory:
    """Reads the memory in use: exactly if `tracemalloc` runs, else from a file that is kept open.

    Where there is no such file, the peak is read. Only what could be read twice in the same
    way can be compared, so a reading says what it counts.

    Args:
        statm: the file in which Linux tells of the resident pages.
    """

    def __init__(self, statm: str = "/proc/self/statm") -> None:
        self._statm = statm
        self._opened: dict[int, tuple[int, tuple[int, int]]] = {}
        self._page = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0

    def read(self) -> Reading | None:
        """Return what is counted and how many bytes it is, or None where nothing tells."""
        if is_tracing():
            return TRACED, get_traced_memory()[0]
        try:
            return RESIDENT, self._page * int(os.pread(self._file(), 64, 0).split(None, 2)[1])
        except (OSError, AttributeError, ValueError, IndexError):  # no such file, or no pread
            self.close()
            return _peak()

    def close(self) -> None:
        """Close the file; a later reading opens it again."""
        while self._opened:
            _close(*self._opened.popitem()[1])

    def __del__(self) -> None:
        """Close the file of a backend that nobody closed."""
        self.close()

    def _file(self) -> int:
        """Return the descriptor of this process's file: a parent's would tell of the parent."""
        process = os.getpid()
        kept = self._opened.get(process)
        if kept is None:
            self.close()
            file = os.open(self._statm, os.O_RDONLY | os.O_CLOEXEC)
            opened = (file, _identity(file))
            kept = self._opened.setdefault(process, opened)
            if kept is not opened:  # another thread was faster
                os.close(file)
        return kept[0]


def growth(before: Reading | None, after: Reading | None) -> int | None:
    """Return how many bytes came between two readings; None if they count different things."""
    if before is None or after is None or before[0] != after[0]:
        return None
    return after[1] - before[1]


def _peak() -> Reading | None:
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:
        return None
    peak = getrusage(RUSAGE_SELF).ru_maxrss
    return PEAK, peak if sys.platform == "darwin" else peak * KIB


def _identity(file: int) -> tuple[int, int]:
    status = os.fstat(file)
    return status.st_dev, status.st_ino


def _close(file: int, identity: tuple[int, int]) -> None:
    """Close a descriptor, unless its number has become another file's, as in a daemon."""
    try:
        if _identity(file) == identity:
            os.close(file)
    except OSError:
        return  # closed by somebody already
