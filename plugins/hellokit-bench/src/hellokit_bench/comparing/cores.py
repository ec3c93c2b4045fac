"""Cores: the one on which both sides run, as each may be as fast as it likes."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def one_core(number: int) -> Iterator[None]:
    """Keep this thread, and the processes it starts, on one core, where the system can do that.

    On a shared machine one core may be half as fast as the next for seconds, by what others run
    beside it: two processes on two cores would differ by that.

    Args:
        number: which one, counted round and round through those that this process may use.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    usable = os.sched_getaffinity(0)
    with suppress(OSError):  # some containers do not allow it
        os.sched_setaffinity(0, {sorted(usable)[number % len(usable)]})
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, usable)
