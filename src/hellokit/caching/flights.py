"""Flights: computations under way, so that callers of one key at one time share a single one.

This module is for threads, `hellokit.caching.tasks` for the tasks of an event loop.
"""

from __future__ import annotations

import sys
from _contextvars import ContextVar
from _thread import RLock, allocate_lock, get_ident

from hellokit.errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from hellokit.caching.lane import Miss, Place


class Flight:
    """One computation under way; `waits` holds the flights that it waits for itself."""

    __slots__ = ("waits",)

    def __init__(self) -> None:
        self.waits: set[Flight] = set()


leading: ContextVar[Flight | None] = ContextVar("hellokit-leading", default=None)
"""The flight as part of which this code runs."""


def waiting(flight: Flight, miss: Miss) -> Flight | None:
    """Note that the computation that runs here, if one does, waits for `flight`; return it.

    Raises:
        PluginError: if `flight` waits for that computation in its turn.
    """
    asking = leading.get()
    if asking is not None:
        asking.waits.add(flight)  # before looking: of two that ask each other, one must see it
        if _waits_for(flight, asking):
            asking.waits.discard(flight)
            raise PluginError(
                f"{miss.request!r} was asked of backend {miss.lane.chain!r} by the computation of "
                "that very greeting: inside a backend call `inner`, not greet() with its own chain"
            )
    return asking


def waited(flight: Flight, asking: Flight | None) -> None:
    """Note that the computation `asking` waits for `flight` no longer."""
    if asking is not None:
        asking.waits.discard(flight)


def _waits_for(flight: Flight, other: Flight) -> bool:
    seen: set[Flight] = set()
    ahead = [flight]
    while ahead:
        each = ahead.pop()
        if each is other:
            return True
        if each not in seen:
            seen.add(each)
            ahead.extend(list(each.waits))
    return False


class ThreadFlight(Flight):
    """One computation that a thread leads, while it holds the lock."""

    __slots__ = ("error", "lock", "owner", "text", "traceback")

    def __init__(self) -> None:
        super().__init__()
        self.lock = allocate_lock()
        self.owner = get_ident()
        self.text: str | None = None
        self.error: Exception | None = None
        self.traceback: TracebackType | None = None


class ThreadFlights:
    """The flights of all threads."""

    def __init__(self) -> None:
        self._flights: dict[Place, ThreadFlight] = {}
        self.lock = RLock()

    def fly(self, miss: Miss) -> str:
        """Compute a greeting, or wait for the thread that does so already.

        Args:
            miss: what is asked for.

        Raises:
            Exception: what the computation raised, to everybody who waited for it.
            PluginError: if it is asked for by its own computation.
        """
        while True:
            flight = ThreadFlight()
            # A `with` of a lock lets no signal in: however this is left, nobody waits for ever.
            with flight.lock:
                found = self._flights.setdefault(miss.place, flight)
                if found is flight:
                    return self._lead(flight, miss)
            text = self._join(found, miss)
            if text is not None:
                return text

    def _lead(self, flight: ThreadFlight, miss: Miss) -> str:
        asking = waiting(flight, miss)
        token = leading.set(flight)
        try:
            text = miss.landed()
            if text is None:
                text = miss.compute()
                with self.lock:
                    # Gone from here, it was invalidated meanwhile.
                    if self._flights.get(miss.place) is flight:
                        miss.keep(text)
            flight.text = text
        except Exception as error:
            flight.error, flight.traceback = error, error.__traceback__
            raise
        finally:
            leading.reset(token)
            waited(flight, asking)
            self._end(flight, miss)
        return text

    def _join(self, flight: ThreadFlight, miss: Miss) -> str | None:
        """Return what a flight brings; None if it has ended, or its leader was interrupted."""
        if not flight.lock.locked():
            self._end(flight, miss)
            return None
        asking = waiting(flight, miss)
        try:
            if _on_event_loop():
                return miss.compute()  # the one who leads may wait for this very loop
            with flight.lock:
                pass
        finally:
            waited(flight, asking)
        if flight.error is not None:
            raise flight.error.with_traceback(flight.traceback)
        if flight.text is not None:
            miss.lane.note("shared")
        return flight.text

    def _end(self, flight: ThreadFlight, miss: Miss) -> None:
        with self.lock:
            if self._flights.get(miss.place) is flight:
                del self._flights[miss.place]

    def detach(self, place: Place | None = None) -> None:
        """Let what is under way to one place, or to all, reach those who wait and not the store."""
        with self.lock:
            for each in [place] if place else list(self._flights):
                self._flights.pop(each, None)

    def forked(self) -> None:
        """Drop the flights that other threads lead, in a child after a fork: nobody ends them."""
        self.lock = RLock()
        flights, self._flights = self._flights, {}
        for place, flight in flights.items():
            if flight.owner == get_ident():
                self._flights[place] = flight
            elif flight.lock.locked():
                # A thread that forks in a signal handler may wait for it.
                flight.lock.release()


def _on_event_loop() -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None  # noqa: SLF001  # it is documented for this use
