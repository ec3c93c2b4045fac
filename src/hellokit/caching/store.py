"""The store: where greetings are kept. Bounded, and each for a limited time."""

from __future__ import annotations

from _thread import RLock
from collections import OrderedDict
from time import monotonic
from typing import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

SPREAD = 0.1
"""The last part of its time in which a greeting expires, so that not all do at once."""

_GOLDEN = 0.6180339887498949


class Section(Protocol):
    """The part of a store that is one chain's: another chain's greetings are other ones.

    Nothing here raises, or waits for long: it is called on event loops too.
    """

    def get(self, key: Hashable) -> str | None:
        """Return the greeting of a key, or None.

        Args:
            key: a `Request`; a tuple in its place if the request has an `extra`.

        Raises:
            TypeError: if the key cannot be hashed.
        """

    def put(self, key: Hashable, text: str, ttl_s: float, most: int) -> int:
        """Keep a greeting.

        Args:
            key: as of `get`.
            text: the greeting.
            ttl_s: for how many seconds it is good.
            most: how many greetings the whole store may hold.

        Returns:
            How many greetings that were still good had to go.
        """

    def discard(self, key: Hashable) -> bool:
        """Drop the greeting of a key, and tell whether there was one."""

    def leave(self) -> None:
        """Be told that what was kept no longer holds for this kit, as the kit has changed."""


class Store(Protocol):
    """Where a `Cached` keeps greetings."""

    def section(self, chain: str) -> Section:
        """Return a section for a chain, given by the names of its backends."""

    def clear(self) -> None:
        """Drop everything."""

    def forked(self) -> None:
        """Be told, in a child after a fork, that no other thread is left."""

    def __len__(self) -> int:
        """Return how many greetings there are, expired ones that still take room included."""


class _Entry:
    """One greeting that is kept."""

    __slots__ = ("deadline", "key", "keys", "text", "visited")

    def __init__(
        self, keys: dict[Hashable, _Entry], key: Hashable, text: str, deadline: float
    ) -> None:
        self.keys = keys
        self.key = key
        self.text = text
        self.deadline = deadline
        self.visited = False


class ClockStore:
    """Keeps greetings in this process, and lets go of those that nobody asked for lately.

    The entries stand in a ring (CLOCK): a hit marks its entry, and whoever needs room goes
    around, takes marks away, and drops the first entry without one. So a hit changes no order
    and needs no lock.

    An entry that a key leads to is always in the ring as well, after each single step: what a
    thread that a fork left behind had half done is sound, and so is what an exception cut short.

    Args:
        clock: returns seconds that never go back.
        spread: the last part of its time in which an entry expires, from 0 to 1.
    """

    def __init__(self, clock: Callable[[], float] = monotonic, spread: float = SPREAD) -> None:
        self.clock = clock
        self._spread = spread
        self._phase = 0.0
        self._ring: OrderedDict[_Entry, None] = OrderedDict()
        self._lock = RLock()
        self._changing = False

    def section(self, chain: str) -> ClockSection:  # noqa: ARG002  # one of its own for each asking
        """Return a new section: the chain asked for may have changed since the last one."""
        return ClockSection(self)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            for entry in list(self._ring):
                self.drop(entry)

    def forked(self) -> None:
        """Be told, in a child after a fork, that no other thread is left."""
        self._lock = RLock()
        self._changing = False

    def __len__(self) -> int:
        """Return how many greetings there are, expired ones that still take room included."""
        return len(self._ring)

    def put(
        self, keys: dict[Hashable, _Entry], key: Hashable, text: str, ttl_s: float, most: int
    ) -> int:
        """Keep a greeting, and lead to it from `keys`; return how many good ones had to go."""
        with self._lock:
            if self._changing:
                # A signal handler or gc callback greets in the middle of this very change.
                return 0
            self._changing = True
            try:
                if (old := keys.get(key)) is not None:
                    self._remove(old)
                now = self.clock()
                evicted = self._make_room(most, now)
                entry = _Entry(keys, key, text, now + ttl_s * self._share())
                self._ring[entry] = None
                keys[key] = entry
                return evicted
            finally:
                self._changing = False

    def drop(self, entry: _Entry) -> bool:
        """Drop an entry, and tell whether it was there."""
        with self._lock:
            # In the middle of a change, the ring is its own: it takes the entry out in time.
            return _unlink(entry) if self._changing else self._remove(entry)

    def leave(self, keys: dict[Hashable, _Entry]) -> None:
        """Drop all that `keys` leads to."""
        with self._lock:
            for entry in list(keys.values()):
                self.drop(entry)

    def _remove(self, entry: _Entry) -> bool:
        there = _unlink(entry)
        self._ring.pop(entry, None)
        return there

    def _make_room(self, most: int, now: float) -> int:
        ring, evicted = self._ring, 0
        while len(ring) >= most:
            entry = next(iter(ring))
            good = now < entry.deadline
            if entry.visited and good:
                entry.visited = False
                ring.move_to_end(entry)
            else:
                evicted += self._remove(entry) and good
        return evicted

    def _share(self) -> float:
        """Return the share of its time that an entry gets: steps that never bunch up."""
        self._phase = (self._phase + _GOLDEN) % 1.0
        return 1.0 - self._spread * self._phase


class ClockSection:
    """One chain's part of a `ClockStore`.

    Args:
        store: the whole.

    Attributes:
        get: returns the greeting of a key, or None.
    """

    def __init__(self, store: ClockStore) -> None:
        self._store = store
        self._keys: dict[Hashable, _Entry] = {}
        self.get = _getter(self._keys, store.clock)

    def put(self, key: Hashable, text: str, ttl_s: float, most: int) -> int:
        """Keep a greeting; return how many good ones had to go."""
        return self._store.put(self._keys, key, text, ttl_s, most)

    def discard(self, key: Hashable) -> bool:
        """Drop the greeting of a key, and tell whether there was one."""
        entry = self._keys.get(key)
        return entry is not None and self._store.drop(entry)

    def leave(self) -> None:
        """Drop what is kept here; the section can be used on."""
        self._store.leave(self._keys)


def _getter(
    keys: dict[Hashable, _Entry], clock: Callable[[], float]
) -> Callable[[Hashable], str | None]:
    """Return a section's `get`: every hit passes here, and looks up no attribute on the way."""
    find = keys.get

    def get(key: Hashable) -> str | None:
        entry = find(key)
        if entry is None or clock() >= entry.deadline:
            return None
        if not entry.visited:
            entry.visited = True
        return entry.text

    return get


def _unlink(entry: _Entry) -> bool:
    if there := entry.keys.get(entry.key) is entry:
        entry.keys.pop(entry.key, None)
    return there
