"""The layout of a ledger, the file where one process keeps its counts.

A ledger is a row of pages, each for one backend and written by one thread at a time. A page is
a row of words of 64 bits in the machine's byte order: `HEAD`, the counters, the buckets, and
entries of counts by name. One entry is the backend's. A page without `HEAD` is nobody's.
"""

from __future__ import annotations

import struct

from hellokit.metering.buckets import BUCKETS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hellokit.metering.snapshot import BackendMetrics

PREFIX, SUFFIX = "hellokit-", ".ledger"
"""How the name of a ledger begins and ends."""

LAYOUT = 1
"""The version of all this: another one has another `HEAD`."""

WORDS = 512
PAGE = 8 * WORDS
CHUNK = 16 * PAGE
"""How much a ledger grows at once, in bytes: what any system can map by itself."""

HEAD = struct.unpack("=q", b"hellok" + struct.pack("=h", LAYOUT))[0]
COUNTERS = ("head", "started", "untimed", "sum_ns", "max_ns")
DURATIONS = len(COUNTERS)
NAMES = DURATIONS + BUCKETS

BACKEND, ERROR, ATTRIBUTE = range(1, 4)
"""The kinds of entries. An entry is a word of kind and length, the count, and the name."""

OTHER = "other"
"""Where names are counted that are too long, or that a page has no room for."""

LONGEST = 32
"""The longest name that is kept, in words."""


def kept(name: str) -> str:
    """Return the name a backend is known by in ledgers."""
    return name if len(name.encode()) <= 8 * LONGEST else OTHER


def padded(name: bytes) -> memoryview:
    """Return a name as whole words."""
    return memoryview(name.ljust(-(-len(name) // 8) * 8, b"\0")).cast("B").cast("q")


def entries(words: Sequence[int]) -> Iterator[tuple[int, str, int]]:
    """Yield the kind, name and count of each entry of a page that has a count.

    One whose name is being written has none yet.
    """
    at = NAMES
    while at + 1 < WORDS and (head := words[at]):
        kind, length = head & 0xFF, head >> 8
        end = at + 2 + -(-length // 8)
        if count := words[at + 1]:
            name = struct.pack(f"={end - at - 2}q", *words[at + 2 : end])[:length]
            yield kind, name.decode(errors="surrogatepass"), count
        at = end


def counted(words: Sequence[int], *, living: bool = True) -> tuple[str, BackendMetrics]:
    """Return what a page says: the backend's name, and its metrics.

    Args:
        words: the page, read in ascending order: a call's start before its end.
        living: whether calls can still be running.
    """
    from hellokit.metering.histogram import Histogram
    from hellokit.metering.snapshot import BackendMetrics

    _, started, untimed, sum_ns, max_ns = words[:DURATIONS]
    buckets = tuple(words[DURATIONS:NAMES])
    calls = untimed + sum(buckets)
    counts: dict[int, dict[str, int]] = {BACKEND: {}, ERROR: {}, ATTRIBUTE: {}}
    for kind, name, count in entries(words):
        # A name has two entries where a signal handler noted it while it was being entered.
        counts[kind][name] = counts[kind].get(name, 0) + count
    (backend,) = counts[BACKEND]
    return backend, BackendMetrics(
        calls,
        counts[ERROR],
        max(0, started - calls) if living else 0,
        Histogram(buckets, sum_ns, max_ns),
        counts[ATTRIBUTE],
    )
