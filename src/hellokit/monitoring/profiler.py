"""The profiler: one backend's calls under cProfile, added up; never two profilers at once."""

from __future__ import annotations

import os
import sys
from _thread import RLock
from cProfile import Profile
from pstats import Stats
from types import coroutine

from hellokit.errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from typing import Any, TypeVar

    T = TypeVar("T")

PATIENCE_S = 5.0
"""How long a reader waits for the call that is being profiled."""

SEES_ALL_THREADS = sys.version_info >= (3, 12)
"""Whether cProfile mixes what other threads do into the profile of this one."""


class _Turn:
    """The right to profile: one call of one thread in the whole process has it."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.taken = False
        self.readers: list[object] = []

    def take(self, note: Callable[[str], None]) -> bool:
        """Take the turn, unless it would disturb a profiler; note that, if it is not our own.

        Within a call that is profiled already there is nothing to do: it is in that profile.
        """
        if not self.readers and self.lock.acquire(blocking=False):
            if self.taken:
                self.lock.release()
                return False
            if sys.getprofile() is None and _alone():
                self.taken = True
                return True
            self.lock.release()
        note("profile_skipped")
        return False

    def give_back(self) -> None:
        """Let others profile."""
        self.taken = False
        self.lock.release()


def _alone() -> bool:
    """Tell whether no other thread gets into a profile of this one."""
    return not SEES_ALL_THREADS or len(sys._current_frames()) == 1  # noqa: SLF001  # a fork corrects no other count


_turn = _Turn()


def _renew() -> None:
    """Forget, in a child after a fork, a turn that a thread of the parent had."""
    global _turn  # noqa: PLW0603  # one per process
    _turn = _Turn()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


def profiler_of(plugin: object, backend: str) -> Profiler:
    """Return the profiler of a backend that has one for each name it runs under.

    Raises:
        PluginError: if it has none.
    """
    profiler = getattr(plugin, "profiler", None)
    if profiler is None:
        raise PluginError(
            f"backend {backend!r} profiles nothing: name the one that does, as in "
            "kit.profile('monitored'), and have it in the chain of your calls"
        )
    return profiler(backend)  # type: ignore[no-any-return]  # as of Monitored


class Profiler:
    """Profiles the calls of one backend."""

    def __init__(self) -> None:
        self._profile = Profile()
        self._running = False
        self._read: dict[Any, Any] = {}

    def run(self, call: Callable[[Any], T], given: object, note: Callable[[str], None]) -> T:
        """Return `call(given)`, profiled if no profiler runs."""
        turn = _turn
        if not turn.take(note):
            return call(given)
        try:
            self._start(note)
            return call(given)
        finally:
            self._stop()
            turn.give_back()

    @coroutine
    def steps(self, awaitable: Awaitable[T], note: Callable[[str], None]) -> Generator[Any, Any, T]:
        """Await, and profile from each resumption to the next suspension.

        Meanwhile other tasks run, which do not belong into the profile.
        """
        running = awaitable.__await__()
        resume: Callable[[Any], Any] = running.send
        given: object = None
        while True:
            try:
                awaited = self.run(resume, given, note)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]  # what the awaitable returns
            try:
                given = yield awaited
                resume = running.send
            except GeneratorExit:
                running.close()
                raise
            except BaseException as error:  # noqa: BLE001  # thrown in, and handed on
                resume, given = running.throw, error

    def read(self) -> Stats:
        """Return the statistics of all calls so far.

        A call that another thread is profiling is waited for, for 5 s; after that, what was read
        before is returned. One that this thread is in is no longer profiled.
        """
        turn = _turn
        turn.readers.append(self)
        try:
            if turn.lock.acquire(timeout=PATIENCE_S):
                try:
                    self._stop()
                    self._profile.snapshot_stats()
                    self._read = self._profile.stats
                finally:
                    turn.lock.release()
        finally:
            turn.readers.pop()
        stats = Stats()
        stats.stats = dict(self._read)  # type: ignore[attr-defined]  # typeshed does not know it
        stats.get_top_level_stats()
        return stats

    def _start(self, note: Callable[[str], None]) -> None:
        try:
            self._profile.enable()
            self._running = True
        except ValueError:  # another tool of sys.monitoring has begun
            note("profile_skipped")

    def _stop(self) -> None:
        """Stop our own profile, if it runs."""
        if self._running:
            self._running = False
            self._profile.disable()
