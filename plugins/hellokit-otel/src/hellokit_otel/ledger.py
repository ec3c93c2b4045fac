"""The ledger: what the kits of one meter provider have counted, as one sum that never falls."""

from __future__ import annotations

import os
from contextlib import suppress
from contextvars import ContextVar
from threading import Lock
from time import time_ns
from weakref import ref

from hellokit import BackendMetrics, HellokitError, Snapshot
from hellokit_otel.plugin import LOADED_NS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit import Kit


class Ledger:
    """Sums the counts of kits, those that have left included.

    A kit that was dropped without being closed stays with what was last read of it.
    """

    def __init__(self) -> None:
        self._kits: set[ref[Kit]] = set()
        self.forget()
        _all.add(ref(self, _all.discard))

    def join(self, kit: Kit) -> None:
        """Count what `kit` counts, and has counted."""
        self._kits.add(ref(kit, self._kits.discard))

    def leave(self, kit: Kit) -> None:
        """Read `kit` for the last time, unless it joins again."""
        self._look(kit)
        with self._lock:
            self._kits.discard(ref(kit))
            if last := self._seen.get(ref(kit)):
                self._seen[ref(kit)] = _idle(last)

    def read(self) -> Snapshot:
        """Return the sum."""
        for each in list(self._kits):
            if (kit := each()) is not None:
                self._look(kit)
        with self._lock:
            for each in [each for each in self._seen if each() is None]:
                self._ended += _idle(self._seen.pop(each))
            total = sum(self._seen.values(), self._ended)
        latest.set(total)
        return total

    def _look(self, kit: Kit) -> None:
        """Read a kit, unless it has left."""
        # Without the lock: a kit that failed to start, in strict mode, tries to again, and joins.
        with suppress(HellokitError):
            snapshot = kit.metrics()
            with self._lock:
                if ref(kit) in self._kits:
                    self._seen[ref(kit)] = snapshot

    def forget(self) -> None:
        """Start from zero, as kits do in a child after a fork: the parent reports its own."""
        self._lock = Lock()
        self._seen: dict[ref[Kit], Snapshot] = {}
        self._ended = Snapshot()


latest: ContextVar[Snapshot | None] = ContextVar("hellokit-otel-latest", default=None)
"""What was last read in this thread: the one that collects for an exporter also exports."""

_all: set[ref[Ledger]] = set()
_since = LOADED_NS


def since() -> int:
    """Return when the counts of this process began, in ns since 1970."""
    return _since


def _idle(snapshot: Snapshot) -> Snapshot:
    """Return `snapshot` of a kit that has ended: nothing of it is in flight."""
    return Snapshot(
        {
            name: BackendMetrics(
                calls=each.calls,
                errors=each.errors,
                duration=each.duration,
                attributes=each.attributes,
            )
            for name, each in snapshot.backends.items()
        }
    )


def _after_fork_in_child() -> None:
    global _since  # noqa: PLW0603  # one process, one start
    _since = time_ns()
    for each in list(_all):
        if (ledger := each()) is not None:
            ledger.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
