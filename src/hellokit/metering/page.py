"""Pages: counters like a shard's, in a file that other processes read at the same time.

A page's fields are of C, over the mapped file: reading and writing one runs no Python code, so
what counts is as uninterruptible as with a shard, and is in the file at once.
"""

from __future__ import annotations

from ctypes import Structure, c_int64

from hellokit.metering.layout import (
    ATTRIBUTE,
    BACKEND,
    COUNTERS,
    DURATIONS,
    ERROR,
    HEAD,
    LONGEST,
    NAMES,
    OTHER,
    PAGE,
    WORDS,
    counted,
    kept,
    padded,
)
from hellokit.metering.shards import Counters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from mmap import mmap
    from typing import Self
    from weakref import ref

    from hellokit.metering.shards import Owner, Shards
    from hellokit.metering.snapshot import BackendMetrics

LIMITS = -(2**63), 2**63 - 1
"""What a word holds; a count that would go beyond stays there."""


class _Sums(dict[str, int]):
    """The attributes of a page, to add to: `sums[name] += value`.

    What is read is 0, whatever the name, so what is set is what there is to add.
    """

    __slots__ = ("_note", "_places", "_words")
    __missing__ = ().count

    def __init__(
        self, words: memoryview[int], places: dict[str, int], note: Callable[[str, int], None]
    ) -> None:
        self._words = words
        self._places = places
        self._note = note

    def __setitem__(self, name: str, value: int) -> None:
        try:
            self._words[self._places[name]] += value
        except (KeyError, TypeError, ValueError):
            self._note(name, value)


class Page(Structure, Counters):
    """Counters of one thread, in a ledger."""

    _fields_ = [(name, c_int64) for name in COUNTERS]

    backend: str
    head: int
    home: ref[Shards] | None
    words: memoryview[int]

    @classmethod
    def begun(cls, chunk: mmap, offset: int, backend: str) -> Self:
        """Return the blank page at `offset` of `chunk`, as one of `backend`."""
        page = cls.from_buffer(chunk, offset)
        page.begin(memoryview(chunk)[offset : offset + PAGE].cast("q"), backend)
        return page

    def begin(self, words: memoryview[int], backend: str) -> None:
        """Become a page of `backend`: from the last line on, others read it."""
        self.backend = backend
        self.home = self.owner = None
        self.words = words
        self.buckets: memoryview[int] = words[DURATIONS:NAMES]  # type: ignore[assignment]  # it can be set, not grown
        self._end = NAMES
        self._places: dict[int, dict[str, int]] = {BACKEND: {}, ERROR: {}, ATTRIBUTE: {}}
        self.attributes = _Sums(words, self._places[ATTRIBUTE], self.note)
        for kind in (ERROR, ATTRIBUTE):
            self._place(kind, OTHER)
        words[self._place(BACKEND, kept(backend))] = 1
        self.head = HEAD

    def free_for(self, backend: str, home: Shards) -> bool:
        """Tell whether a thread of `home` may go on here: the one before has ended."""
        before = self.home and self.home()
        return self.backend == backend and before in {home, None} and self.ended()

    def take(self, home: ref[Shards], owner: ref[Owner]) -> None:
        """Have another thread go on here. The counts stay; another kit does not report them."""
        if home is not self.home:
            self._before = self.home and counted(self.words.tolist())[1]
        self.home, self.owner = home, owner

    def fail(self, error: BaseException) -> None:
        """Count the error of a call; `finish` counts the call."""
        self._count(ERROR, type(error).__name__, 1)

    def note(self, attribute: str, value: int) -> None:
        """Add `value` to an attribute."""
        self._count(ATTRIBUTE, attribute, value)

    def _count(self, kind: int, name: str, value: int) -> None:
        at = self._places[kind].get(name) or self._place(kind, name)
        try:
            self.words[at] += value
        except (TypeError, ValueError):  # no whole number, or too large
            low, high = LIMITS
            self.words[at] = int(max(low, min(self.words[at] + value, high)))

    def _place(self, kind: int, name: str) -> int:
        """Return where the count of a name is, entered if it is new.

        A signal handler may do the same meanwhile, so what is between taking the place and
        saying so runs no Python code. A name has no count before it is complete.
        """
        raw = str(name).encode(errors="surrogatepass")
        words, head = padded(raw), kind | len(raw) << 8
        needed = 2 + len(words)
        too_long = len(words) > LONGEST
        at = self._end
        if too_long or at + needed > WORDS:
            return self._places[kind][OTHER]
        self._end = at + needed
        self.words[at] = head
        self.words[at + 2 : at + needed] = words
        return self._places[kind].setdefault(name, at + 1)

    def metrics(self) -> BackendMetrics:
        """Return the counters as they stand, without those of kits that are gone."""
        whole = counted(self.words.tolist())[1]
        return whole - self._before if self._before else whole

    def forget(self) -> None:
        """Write into the file no more: in a child after a fork, it is the parent's.

        A call that began before the fork may still end in the child, and counts nowhere.
        """
        vars(self).clear()
        vars(self).update(vars(Forgotten()))
        self.__class__ = Forgotten  # type: ignore[assignment]  # what were fields are attributes now


class Forgotten(Structure, Counters):
    """What a page of the parent is in a forked child."""

    def __init__(self) -> None:
        self.owner = None
        self.zero()
