"""Shards: one backend's counters, one shard per thread, each with a single writer.

No lock is taken anywhere, so nothing can hang: not a signal handler or a gc callback that
greets, and not a child after a fork. A shard's updates are straight-line code without a call
between reading and writing, so neither a handler nor another thread can come in between.
"""

from __future__ import annotations

from _thread import _local, allocate_lock
from weakref import ref

from hellokit.metering.buckets import BUCKETS, bucket_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableSequence, Sequence
    from typing import Self

    from hellokit.metering.snapshot import BackendMetrics


class Owner:
    """Lives in a thread's local storage: when the thread has ended, it is gone."""

    __slots__ = ("__weakref__",)


class Counters:
    """What is counted of one thread's calls, wherever it is kept."""

    if not TYPE_CHECKING:
        __slots__ = ()

    owner: ref[Owner] | None
    started: int
    untimed: int
    buckets: MutableSequence[int]
    sum_ns: int
    max_ns: int
    errors: dict[str, int]
    attributes: dict[str, int]

    def zero(self) -> None:
        """Begin at zero."""
        self.started = 0
        self.untimed = 0
        self.buckets = [0] * BUCKETS
        self.sum_ns = 0
        self.max_ns = 0
        self.errors = {}
        self.attributes = {}

    def finish(self, duration_ns: int | None) -> None:
        """Count a call that ended after `duration_ns`, or untimed."""
        if duration_ns is None:
            self.untimed += 1
            return
        index = bucket_of(duration_ns)
        self.buckets[index] += 1
        self.sum_ns += duration_ns
        if duration_ns > self.max_ns:  # noqa: PLR1730  # max() is a call, and may be interrupted
            self.max_ns = duration_ns

    def add(self, calls: int, mean_ns: int, index: int, mask: int) -> None:
        """Count the end of a batch: `calls` of `mean_ns` each, in the bucket `index`.

        One start was counted when the batch began. All that takes a call was done before, so
        that nothing comes in between.
        """
        before = self.started - 1
        sampled = (before + calls) // 64 - before // 64
        timed = calls if mask == 0 else sampled if mask > 0 else 0
        self.started += calls - 1
        self.untimed += calls - timed
        self.buckets[index] += timed
        self.sum_ns += timed * mean_ns
        if timed and mean_ns > self.max_ns:
            self.max_ns = mean_ns

    def fail(self, error: BaseException) -> None:
        """Count the error of a call; `finish` counts the call."""
        name = type(error).__name__
        self.errors.setdefault(name, 0)
        self.errors[name] += 1

    def note(self, attribute: str, value: int) -> None:
        """Add `value` to an attribute."""
        self.attributes.setdefault(attribute, 0)
        self.attributes[attribute] += value

    def metrics(self) -> BackendMetrics:
        """Return the counters as they stand; the writer goes on meanwhile."""
        from hellokit.metering.histogram import Histogram
        from hellokit.metering.snapshot import BackendMetrics

        buckets = tuple(self.buckets)
        calls = sum(buckets) + self.untimed
        return BackendMetrics(
            calls,
            dict(self.errors),
            max(0, self.started - calls),
            Histogram(buckets, self.sum_ns, self.max_ns),
            dict(self.attributes),
        )

    def ended(self) -> bool:
        """Tell whether the thread that wrote this shard has ended, and no call of it runs on."""
        if self.owner is not None and self.owner() is not None:
            return False
        return self.started == self.untimed + sum(self.buckets)


class Shard(Counters):
    """Counters of one thread, in memory."""

    __slots__ = (
        "attributes",
        "buckets",
        "errors",
        "max_ns",
        "owner",
        "started",
        "sum_ns",
        "untimed",
    )

    def __init__(self, owner: ref[Owner] | None) -> None:
        self.owner = owner
        self.zero()

    @classmethod
    def folded(cls, shards: Sequence[Shard]) -> Self:
        """Return one shard with the counts of threads that have ended."""
        whole = cls(None)
        for shard in shards:
            whole.started += shard.started
            whole.untimed += shard.untimed
            whole.buckets = list(map(int.__add__, whole.buckets, shard.buckets))
            whole.sum_ns += shard.sum_ns
            whole.max_ns = max(whole.max_ns, shard.max_ns)
            for name, count in shard.errors.items():
                whole.errors[name] = whole.errors.get(name, 0) + count
            for name, count in shard.attributes.items():
                whole.attributes[name] = whole.attributes.get(name, 0) + count
        return whole


class Shards:
    """All shards of one backend."""

    FOLD_AT = 64
    """With more shards than this, those of ended threads are folded when one is added."""

    def __init__(self) -> None:
        self.local = _local()
        self._all: list[Counters] = []
        self._folding = allocate_lock()

    def shard(self) -> Counters:
        """Return this thread's shard, made on the thread's first call."""
        local = self.local
        try:
            return local.shard  # type: ignore[no-any-return]  # thread-local attributes are untyped
        except AttributeError:
            return self._first()

    def _first(self) -> Counters:
        owner = Owner()
        shard = self._made(ref(owner))
        self.local.owner = owner
        self.local.shard = shard
        if len(self._all) > self.FOLD_AT:
            self._fold()
        return shard

    def _made(self, owner: ref[Owner]) -> Counters:
        """Return the shard for a thread."""
        shard = Shard(owner)
        self._all.append(shard)
        return shard

    def read(self) -> BackendMetrics:
        """Return the sum of all shards, without stopping their writers."""
        from hellokit.metering.snapshot import BackendMetrics

        whole = BackendMetrics()
        for shard in list(self._all):
            whole += shard.metrics()
        self._fold()
        return whole

    def forget(self) -> None:
        """Start from zero, in a child after a fork: the parent reports its own calls."""
        self.local.__dict__.clear()
        self._all.clear()
        self._folding = allocate_lock()

    def _fold(self) -> None:
        """Keep one shard in place of those whose threads have ended.

        The list changes in one step, so a reader sees each count once. Shards appended
        meanwhile stand behind those looked at, and stay. Whoever finds a fold under way
        leaves it at that.
        """
        if not self._folding.acquire(blocking=False):
            return
        try:
            looked_at = list(self._all)
            ended = [each for each in looked_at if isinstance(each, Shard) and each.ended()]
            if len(ended) > 1:
                running = [each for each in looked_at if each not in ended]
                self._all[: len(looked_at)] = [Shard.folded(ended), *running]
        finally:
            self._folding.release()
