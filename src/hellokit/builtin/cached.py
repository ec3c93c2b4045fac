"""The `cached` backend: keeps greetings, and lets one computation serve all who ask meanwhile."""

from __future__ import annotations

import os
from _thread import RLock
from _weakref import ref

from hellokit.caching.flights import ThreadFlights
from hellokit.caching.lane import Lane, key_of
from hellokit.caching.store import ClockStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from hellokit.caching.store import Section, Store
    from hellokit.caching.tasks import TaskFlights
    from hellokit.configuration import Settings
    from hellokit.request import Request


class Cached:
    """Keeps the greetings of the backend behind it, by request.

    One that is there is returned without a lock. Of those who ask for one that is not, the
    first computes it and the others wait: threads for threads, tasks for tasks of their loop.
    Errors reach all of them, and are not kept. Each chain has greetings of its own, and starts
    anew when the kit's settings, wordings or plugins change.

    Args:
        store: where to keep greetings; in this process if None.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._store: Store = ClockStore() if store is None else store
        self._lanes: dict[Callable[[Request], Any], Lane] = {}
        self._lock = RLock()
        self._flights = ThreadFlights()
        self._tasks: TaskFlights | None = None
        _all.add(ref(self, _all.discard))

    def hellokit_greet(  # noqa: PLR0913, PLR0917  # what a hook offers
        self,
        inner: Callable[[Request], str],
        chain: str,
        words: Callable[[Request], str],
        note: Callable[..., None],
        settings: Settings,
        request: Request,
    ) -> str:
        """Return the greeting that is kept, or that of `inner`."""
        try:
            lane = self._lanes[inner]
        except KeyError:
            lane = self._opened(inner, chain, words, note, settings)
        get = lane.get  # a name of its own: calling `lane.get(...)` takes twice as long
        try:
            text = get(request)
        except TypeError:  # no request with an `extra` can be hashed
            text = None
        if text is not None:
            note("hit")
            return text
        miss = lane.missed(request)
        if miss is None:
            return inner(request)
        if request.extra is not None and (text := miss.landed()) is not None:
            return text
        return self._flights.fly(miss)

    async def hellokit_greet_async(  # noqa: PLR0913, PLR0917
        self,
        inner: Callable[[Request], Awaitable[str]],
        chain: str,
        words: Callable[[Request], str],
        note: Callable[..., None],
        settings: Settings,
        request: Request,
    ) -> str:
        """Return the greeting that is kept, or that of `inner`."""
        try:
            lane = self._lanes[inner]
        except KeyError:
            lane = self._opened(inner, chain, words, note, settings)
        get = lane.get  # a name of its own: calling `lane.get(...)` takes twice as long
        try:
            text = get(request)
        except TypeError:
            text = None
        if text is not None:
            note("hit")
            return text
        miss = lane.missed(request)
        if miss is None:
            return await inner(request)
        if request.extra is not None and (text := miss.landed()) is not None:
            return text
        return await (self._tasks or self._with_tasks()).fly(miss)

    def held(self) -> int:
        """Return how many greetings there are."""
        return len(self._store)

    def clear(self) -> None:
        """Drop every greeting, and do not keep those that are being computed."""
        self._flights.detach()
        if self._tasks is not None:
            self._tasks.detach()
        self._store.clear()

    def invalidate(self, request: Request) -> int:
        """Drop the greeting of a request in every chain; return how many that were."""
        try:
            key = key_of(request)
        except Exception:  # noqa: BLE001  # as it was when the greeting was not kept
            return 0
        sections = {lane.section for lane in self._lanes.values() if lane.section is not None}
        for section in sections:
            self._flights.detach((section, key))
            if self._tasks is not None:
                self._tasks.detach((section, key))
        return sum(section.discard(key) for section in sections)

    def forked(self) -> None:
        """Go on alone, in a child after a fork."""
        self._lock = RLock()
        self._flights.forked()
        if self._tasks is not None:
            self._tasks.forked()
        self._store.forked()

    def _opened(
        self,
        inner: Callable[[Request], Any],
        chain: str,
        words: object,
        note: Callable[..., None],
        settings: Settings,
    ) -> Lane:
        """Return the lane of a new binding.

        Bindings of one chain share a section as long as the kit has not changed. When it has,
        `words` is another one, what was kept is dropped, and only the lanes of the state before
        are kept, as a long batch may go on with them.
        """
        with self._lock:
            lanes = self._lanes
            if lanes and not any(lane.words == words for lane in lanes.values()):
                last = list(lanes.values())[-1].words
                for lane in lanes.values():
                    if lane.section is not None:
                        lane.section.leave()
                lanes = {known: lane for known, lane in lanes.items() if lane.words == last}
            section = self._section(chain, words) if settings.cache_enabled else None
            lane = Lane(inner, chain, words, note, settings, section)
            self._lanes = {**lanes, inner: lane}
            return lane

    def _section(self, chain: str, words: object) -> Section:
        for lane in self._lanes.values():
            if lane.section is not None and lane.chain == chain and lane.words == words:
                return lane.section
        return self._store.section(chain)

    def _with_tasks(self) -> TaskFlights:
        from hellokit.caching.tasks import TaskFlights

        with self._lock:
            if self._tasks is None:
                self._tasks = TaskFlights()
            return self._tasks


_all: set[ref[Cached]] = set()


def _after_fork_in_child() -> None:
    for each in list(_all):
        if (cached := each()) is not None:
            cached.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
