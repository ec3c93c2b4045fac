"""Probes: what a worker's process holds, read between rounds of calls; the orders for it."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hellokit_bench.subject import Opened


def made(opened: Opened, first: int, last: int, *, different: bool) -> None:
    """Call the subject.

    Args:
        opened: what to call.
        first: the number of the first call.
        last: the number of the call behind the last one.
        different: whether each call greets another name.
    """
    opened.block(last - first, _names(first, last) if different else None)


def _names(first: int, last: int) -> Iterator[str]:
    for number in range(first, last):
        yield f"Ada {number}"


def held(opened: Opened, settle_s: float) -> dict[str, int]:
    """Return how much of everything the process holds, after what is dead has been collected.

    Args:
        opened: what was called.
        settle_s: how long to wait before, in seconds, for what ends by itself.
    """
    from psutil import Process

    process = Process()
    settle(opened, settle_s)
    # First of all, and without a name in between: nothing that is made to read is read.
    blocks = sys.getallocatedblocks()
    objects = gc.get_objects()
    readings = {
        "objects": len(objects),
        "blocks": blocks,
        "files": getattr(process, "num_fds" if hasattr(process, "num_fds") else "num_handles")(),
        "threads": process.num_threads(),
        "tasks": len(list(_tasks(objects))),
        "processes": len(process.children()),
        "memory": process.memory_full_info().uss,
    }
    return {name: value for name, value in readings.items() if value or name != "blocks"}


def traced(opened: Opened, settle_s: float) -> dict[str, int]:
    """Return how many bytes Python has allocated since tracing began and not freed."""
    settle(opened, settle_s)
    return {"bytes": tracemalloc.get_traced_memory()[0]}


def trace(_: Opened, frames: int) -> None:
    """Begin to trace allocations.

    Args:
        frames: how many of the callers of each to keep.
    """
    tracemalloc.start(frames)


def tasks() -> Iterator[asyncio.Task[object]]:
    """Yield the tasks that are not done, of any loop and any thread."""
    return _tasks(gc.get_objects())


def _tasks(objects: list[object]) -> Iterator[asyncio.Task[object]]:
    for each in objects:
        # Some objects answer to isinstance with code of their own: only their type is asked.
        if issubclass(type(each), asyncio.Task):
            task = cast("asyncio.Task[object]", each)
            if not task.done():
                yield task


def settle(opened: Opened, settle_s: float) -> None:
    """Let go of what is dead.

    Args:
        opened: what was called.
        settle_s: how long to wait before for what ends by itself, in seconds.
    """
    opened.idle(settle_s)
    gc.collect()
    gc.collect()  # what the finalizers of the first one let go
    # Types remember the names last asked of them: thousands, until there is no room for more.
    sys._clear_type_cache()  # noqa: SLF001  # documented, and what finds leaks in Python's own tests
