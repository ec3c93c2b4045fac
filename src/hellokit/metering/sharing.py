"""Sharing: the shards of a backend whose counts other processes can read."""

from __future__ import annotations

import logging
import os
from _thread import _local
from contextlib import suppress
from weakref import ref

from hellokit.failures import described
from hellokit.metering.shards import Owner, Shard, Shards

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hellokit.metering.shards import Counters

    _Amid = dict[tuple["SharedShards", int], tuple[Counters, Owner]]


class SharedShards(Shards):
    """All shards of one backend, each a page of this process's ledger in a folder.

    Where a page cannot be had, a shard in memory takes its place: no call is lost to this
    process, and one warning says that the others do not see it.

    Args:
        backend: the backend's name.
        folder: the folder.
    """

    def __init__(self, backend: str, folder: str) -> None:
        super().__init__()
        self._backend = backend
        self._folder = folder
        _shared.add(ref(self, _shared.discard))
        with suppress(ImportError):  # it is told of where it matters
            # Now: no signal handler that greets, and no child, may meet half of it later.
            import hellokit.metering.ledger  # noqa: F401  # imported for that alone

    def _first(self) -> Counters:
        """Return this thread's shard: amid a fork, one that is either the parent's or the child's.

        What ran before the fork must not be gone on with after it, in a child that has not been
        told yet: in another's handler of the fork, or of a signal.
        """
        amid: _Amid | None = getattr(_forking, "shards", None)
        if amid is None:
            return super()._first()
        here = self, os.getpid()
        if here not in amid:
            owner = Owner()
            amid[here] = self._made(ref(owner)), owner
        return amid[here][0]

    def _made(self, owner: ref[Owner]) -> Counters:
        shard: Counters
        try:
            from hellokit.metering.ledger import shelf

            shard = shelf.ledger(self._folder).page(self._backend, self, owner)
        except (ImportError, OSError) as error:  # a system without file locks; no space
            _warn(self._folder, error)
            shard = Shard(owner)
        if not any(shard is each for each in self._all):
            self._all.append(shard)
        return shard


_shared: set[ref[SharedShards]] = set()
_forking = _local()
_warned: set[str] = set()


def _warn(folder: str, error: Exception) -> None:
    """Tell of a folder that cannot be used, once."""
    if folder in _warned:
        return
    _warned.add(folder)
    logging.getLogger("hellokit").warning(
        "metrics_dir %r cannot be used: %s. Calls are counted in this process alone, and missing "
        "for those who read the folder: name a local folder that can be written and has space, "
        "or unset metrics_dir (HELLOKIT_METRICS_DIR)",
        folder,
        described(error),
    )


def _before_fork() -> None:
    """Take its shards from the thread that forks."""
    _forking.aside = [(each, dict(_of_thread(each))) for each in _alive()]
    _forking.shards = {}
    for shards, _ in _forking.aside:
        _of_thread(shards).clear()


def _after_fork_in_parent() -> None:
    """Give them back."""
    for shards, kept in _forking.aside:
        _of_thread(shards).update(kept)
    _forking.__dict__.clear()


def _after_fork_in_child() -> None:
    """Leave them to the parent."""
    _forking.__dict__.clear()


def _alive() -> list[SharedShards]:
    return [shards for each in list(_shared) if (shards := each()) is not None]


def _of_thread(shards: Shards) -> dict[str, Any]:
    return shards.local.__dict__


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
