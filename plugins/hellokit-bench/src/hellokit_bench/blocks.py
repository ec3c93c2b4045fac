"""Blocks: rows of calls that are timed as one, in a worker; the orders for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hellokit_bench.subject import Opened

WARM_UPS = 3
MOST_CALLS = 2**30


def calibrated(opened: Opened, shortest_ns: int) -> int:
    """Return how many calls make a block that is long enough to be timed well.

    Blocks double until one is, and some more warm up what they run, as pyperf has it.

    Args:
        opened: what to call.
        shortest_ns: how long a block takes at least, in ns.
    """
    calls = 1
    # The faster of two: one that was stalled, or cold, would make all blocks too short.
    while min(opened.block(calls) for _ in range(2)) < shortest_ns and calls < MOST_CALLS:
        calls *= 2
    for _ in range(WARM_UPS):
        opened.block(calls)
    return calls


def timed(opened: Opened, calls: int) -> int:
    """Return how long a block of calls takes, in ns."""
    return opened.block(calls)


def counted(opened: Opened) -> dict[str, Any] | None:
    """Return what the kit has counted of the outermost backend, ready for JSON; None of a peer."""
    if opened.kit is None:
        return None
    outermost = opened.subject.name.partition("+")[0].strip()
    return opened.kit.metrics().backends[outermost].as_dict()
