"""The footprint of a worker's process; the order for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from hellokit_bench.subject import Opened


def resident(_: Opened) -> int:
    """Return how much of this process is in physical memory, in bytes."""
    return int(psutil.Process().memory_info().rss)
