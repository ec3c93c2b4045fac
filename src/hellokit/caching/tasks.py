"""Flights of tasks: computations under way on event loops, each a task of its own."""

from __future__ import annotations

import asyncio
from _thread import RLock
from functools import partial

from hellokit.caching.flights import Flight, leading, waited, waiting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.caching.lane import Miss, Place

    Flights = dict[Place, "TaskFlight"]


class TaskFlight(Flight):
    """One computation: the task that does it, and a future for each of those who wait."""

    __slots__ = ("task", "waiters")

    def __init__(self) -> None:
        super().__init__()
        self.task: asyncio.Task[str] | None = None
        self.waiters: set[asyncio.Future[str]] = set()


class TaskFlights:
    """The flights of all event loops; those of one are not shared with another."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._loops: dict[asyncio.AbstractEventLoop, Flights] = {}

    async def fly(self, miss: Miss) -> str:
        """Compute a greeting, or wait for the task of this loop that does so already.

        The computation goes on when its first caller is cancelled, in that caller's context,
        as long as anybody waits for it.

        Args:
            miss: what is asked for.

        Raises:
            Exception: what the computation raised, to everybody who waited for it.
            PluginError: if it is asked for by its own computation.
        """
        loop = asyncio.get_running_loop()
        flights = self._loops.get(loop)
        if flights is None:
            flights = self._opened(loop)
        flight = flights.get(miss.place)
        if flight is not None:
            text = await self._joined(flight, flights, miss)
            miss.lane.note("shared")
            return text
        flight = flights[miss.place] = TaskFlight()
        asking = waiting(flight, miss)  # an eager task begins before anybody has joined it
        try:
            task = flight.task = loop.create_task(self._computed(flight, flights, miss))
        except BaseException:
            waited(flight, asking)
            _end(flight, flights, miss.place)
            raise
        task.add_done_callback(partial(_land, flight, flights, miss.place))
        return await self._joined(flight, flights, miss)

    async def _joined(self, flight: TaskFlight, flights: Flights, miss: Miss) -> str:
        """Wait for a flight; the last one to leave it before its end cancels it."""
        asking = waiting(flight, miss)
        waiter: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        flight.waiters.add(waiter)
        try:
            return await waiter
        finally:
            waited(flight, asking)
            flight.waiters.discard(waiter)
            if waiter.done() and not waiter.cancelled():
                waiter.exception()  # or asyncio complains of it if this task was cancelled by now
            if not flight.waiters and flight.task is not None and not flight.task.done():
                _end(flight, flights, miss.place)
                flight.task.cancel()

    async def _computed(self, flight: TaskFlight, flights: Flights, miss: Miss) -> str:
        leading.set(flight)
        text = await miss.compute_async()
        with self.lock:
            # Gone from here, it was invalidated meanwhile.
            if flights.get(miss.place) is flight:
                miss.keep(text)
        return text

    def _opened(self, loop: asyncio.AbstractEventLoop) -> Flights:
        """Make room for the flights of a new loop, and forget loops that are closed."""
        with self.lock:
            loops = {each: its for each, its in self._loops.items() if not each.is_closed()}
            flights = loops.setdefault(loop, {})
            self._loops = loops
            return flights

    def detach(self, place: Place | None = None) -> None:
        """Let what is under way to one place, or to all, reach those who wait and not the store."""
        with self.lock:
            for flights in self._loops.values():
                for each in [place] if place else list(flights):
                    flights.pop(each, None)

    def forked(self) -> None:
        """Drop all flights, in a child after a fork; what this thread awaits still arrives."""
        self.lock = RLock()
        self._loops = {}


def _end(flight: TaskFlight, flights: Flights, place: Place) -> None:
    if flights.get(place) is flight:
        flights.pop(place, None)


def _land(flight: TaskFlight, flights: Flights, place: Place, task: asyncio.Task[str]) -> None:
    _end(flight, flights, place)
    error = None if task.cancelled() else task.exception()
    for waiter in flight.waiters:
        if waiter.done():
            continue
        if task.cancelled():
            waiter.cancel()
        elif error is not None:
            waiter.set_exception(error)
        else:
            waiter.set_result(task.result())
