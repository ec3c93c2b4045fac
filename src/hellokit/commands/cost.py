"""The cost of a plugin: what a greeting takes with it, beside a plain one in the same process."""

from __future__ import annotations

from itertools import repeat
from statistics import median
from time import perf_counter_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit.kit import Kit

BUDGET_NS = 300_000_000
BLOCK_NS = 1_000_000
"""How long to measure in all, and in one block of calls, if a call takes no longer than that."""
MIN_BLOCKS = 3


def measured(kit: Kit, backend: str) -> dict[str, object]:
    """Return what a greeting takes, in ns: of this kit, and of a plain one beside it.

    Blocks of calls of either alternate, so that what else the machine does meets both.

    Args:
        kit: has the plugin that is measured.
        backend: the backend to greet through.

    Returns:
        The medians `call_ns` and `plain_ns`, the `added_ns`, and the `ratio`.
    """
    from hellokit.configuration import Settings
    from hellokit.kit import Kit

    with Kit(Settings(), discover=False) as bare:
        greets = kit.greet, bare.greet
        names = backend, "plain"
        sizes = [_size(*each) for each in zip(greets, names, strict=True)]
        times: list[tuple[float, float]] = []
        end = perf_counter_ns() + BUDGET_NS
        while len(times) < MIN_BLOCKS or perf_counter_ns() < end:
            call, plain = map(_block, greets, names, sizes)
            times.append((call, plain))
    call, plain = map(median, zip(*times, strict=True))
    return {
        "call_ns": round(call, 1),
        "plain_ns": round(plain, 1),
        "added_ns": round(call - plain, 1),
        "ratio": round(call / plain, 3),
    }


def _block(greet: Callable[..., str], backend: str, calls: int) -> float:
    """Return what a call took, in ns, over a block of them."""
    began = perf_counter_ns()
    for _ in repeat(None, calls):
        greet("Ada", backend=backend)
    return (perf_counter_ns() - began) / calls


def _size(greet: Callable[..., str], backend: str) -> int:
    """Return how many calls make a block, after some that warm up what they run."""
    took = min(_block(greet, backend, 1) for _ in range(MIN_BLOCKS))
    return max(1, int(BLOCK_NS / max(took, 1)))
