"""The lifetime of kits: their lock, and what becomes of them at a fork and at exit.

Imported with the package, as a fork may meet a kit's first greeting; so it imports nothing heavy.
"""

from __future__ import annotations

import atexit
import os
from _thread import RLock, _local
from _weakref import ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.kit import Kit

PATIENCE_S = 5.0
"""How long a fork waits for a kit that another thread is starting or changing."""

LOCK_S = 30.0
"""How long anything else waits for it: it may be that the other thread waits for this one."""

_kits: set[ref[Kit]] = set()
_held = _local()


class Lock:
    """The re-entrant lock of a kit that is being started or changed.

    Whoever imports a module that greets has the module's import lock, and whoever starts a kit
    that finds the module among its plugins has the kit's: they would wait for each other.
    """

    def __init__(self) -> None:
        lock = RLock()
        self.acquire = lock.acquire
        self.release = lock.release

    def __enter__(self) -> None:
        """Take the lock.

        Raises:
            PluginError: if another thread has it for `LOCK_S`.
        """
        if self.acquire(timeout=LOCK_S):
            return
        from hellokit.errors import PluginError

        raise PluginError(
            f"another thread has been starting or changing this kit for {LOCK_S:g} s, probably "
            "because a plugin greets while it is imported: wait for hellokit_started(kit) there"
        )

    def __exit__(self, *_: object) -> None:
        """Give the lock back."""
        self.release()


def born(kit: Kit) -> None:
    """Look after `kit` at forks and at exit, as long as somebody has it."""
    _kits.add(ref(kit, _kits.discard))


def _alive() -> list[Kit]:
    return [kit for each in list(_kits) if (kit := each()) is not None]


def _before_fork() -> None:
    """Wait until no kit is half-way through a change: a child could never finish it."""
    _held.locks = []
    for kit in sorted(_alive(), key=id):
        lock = kit._lock  # noqa: SLF001  # a kit and its lifetime are one thing in two files
        if lock.acquire(timeout=PATIENCE_S):
            _held.locks.append(lock)


def _after_fork_in_parent() -> None:
    for lock in _held.locks:
        lock.release()


def _after_fork_in_child() -> None:
    for kit in _alive():
        kit._lock = Lock()  # noqa: SLF001
        for engine in filter(None, (kit._engine, kit._ended)):  # noqa: SLF001
            engine.forked()


def _at_exit() -> None:
    """Let plugins flush; greetings made later at exit still work."""
    for kit in _alive():
        if kit._engine is not None:  # noqa: SLF001
            kit._engine.close(for_good=False)  # noqa: SLF001


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
atexit.register(_at_exit)
