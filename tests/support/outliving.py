"""Calls that outlive the threads in which they began."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hellokit.metering.shards import Shards


def begun(shards: Shards, threads: int) -> list[Any]:
    """Begin a call in each of some threads, which end; return their shards, to finish it by."""
    kept: list[Any] = []

    def work() -> None:
        shard = shards.shard()
        shard.started += 1
        kept.append(shard)

    for _ in range(threads):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    return kept
