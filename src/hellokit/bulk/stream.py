"""The stream of an async backend: inline while nothing waits, then workers over one source."""

from __future__ import annotations

import asyncio
from collections import deque
from operator import length_hint

from hellokit.bulk.attempt import attempted, cancelled
from hellokit.bulk.failure import Failure
from hellokit.bulk.options import AUTO
from hellokit.bulk.pace import Adaptive, Rate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
    from typing import Any

    from hellokit.bulk.attempt import Outcome
    from hellokit.bulk.options import Options

    Call = Callable[[Any], Awaitable[str]]

FAIR = 256
"""After so many items that did not wait, other tasks get their turn."""


class Workers:
    """Tasks that take items from one source; results wait in a window until they are taken.

    Two bounds hold: at most `limit` items run, and at most `window` are taken from the source
    before their results are.

    Args:
        source: the items: an iterator or an async one.
        call: carries an item out.
        options: the stream's options.
    """

    def __init__(
        self, source: Iterator[Any] | AsyncIterator[Any], call: Call, options: Options
    ) -> None:
        self.taken = self.head = 0
        self._source = source
        self._async = hasattr(source, "__anext__")
        self._hint = options.limit if self._async else length_hint(source, options.limit)
        self._call = call
        self._attempt = self._once if options.simple else self._repeatedly
        self._options = options
        self._window = options.window
        self._rate = None if options.rate is None else Rate(options.rate)
        self._adaptive = Adaptive(options.limit) if options.concurrency == AUTO else None
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ordered = options.ordered
        self._done: dict[int, Outcome] = {}
        self._ready: deque[Outcome] = deque()
        self.exhausted = False
        self._error: Exception | None = None
        self._crash: BaseException | None = None
        self._consumer: asyncio.Future[None] | None = None
        self._room: deque[asyncio.Future[None]] = deque()

    def start(self, *, beside: int = 0) -> None:
        """Start as many workers as may run, with `beside` items that run already."""
        limit = self._adaptive.limit if self._adaptive else self._options.limit
        wanted = limit - beside - len(self._tasks)
        loop = asyncio.get_running_loop()
        for _ in range(0 if self.exhausted else min(wanted, max(1, self._hint))):
            self._tasks.add(loop.create_task(self._work()))

    async def next(self) -> Outcome | None:
        """Return the next outcome, when it is there; None after the last.

        Raises:
            Exception: what the source raised, after the outcomes of the items before.
            BaseException: what ended a worker, at once.
        """
        while True:
            outcome: Outcome | None
            if self._ordered:
                outcome = self._done.pop(self.head, None)
            else:
                outcome = self._ready.popleft() if self._ready else None
            if outcome is not None:
                self.advance()
                return outcome
            if self._crash is not None:
                raise self._crash
            if self.exhausted and self.head == self.taken:
                if self._error is not None:
                    raise self._error
                return None
            self._consumer = asyncio.get_running_loop().create_future()
            await self._consumer

    def advance(self) -> None:
        """Count an outcome as taken: there is room for another item."""
        self.head += 1
        while self._room:
            waiting = self._room.popleft()
            if not waiting.done():
                waiting.set_result(None)
                break

    async def close(self) -> None:
        """Cancel what runs, and wait until it has ended."""
        self.exhausted = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        adaptive = self._adaptive
        try:
            while True:
                if adaptive and len(self._tasks) > adaptive.limit:
                    return
                taken = await self._take_async() if self._async else await self._take()
                if taken is None:
                    return
                # After taking, or starts that were reserved while the source rested come at once.
                if self._rate and (delay := self._rate.reserve()) > 0:
                    await asyncio.sleep(delay)
                start = loop.time() if adaptive else 0.0
                outcome = await self._attempt(*taken)
                self._put(taken[0], outcome)
                if adaptive:
                    adaptive.done(loop.time() - start, failed=type(outcome) is Failure)
                    if adaptive.limit > len(self._tasks):
                        self.start()
        except BaseException as error:  # noqa: BLE001  # its item will never be done: the consumer raises it
            self.exhausted, self._crash = True, error
        finally:
            self._leave()

    async def _once(self, index: int, item: object) -> Outcome:
        try:
            return await self._call(item)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the backend raises
            return Failure(index, item, error)
        except asyncio.CancelledError as error:
            if cancelled():
                raise
            return Failure(index, item, error)

    async def _repeatedly(self, index: int, item: object) -> Outcome:
        return await attempted(index, item, self._call, self._options)

    async def _take(self) -> tuple[int, Any] | None:
        if self.taken - self.head >= self._window:
            await self._wait_for_room()
        if self.exhausted:
            return None
        try:
            item = next(self._source)  # type: ignore[arg-type]  # it is no async one here
        except StopIteration:
            self.exhausted = True
            return None
        except Exception as error:  # noqa: BLE001  # the source's own, raised at its position
            self.exhausted, self._error = True, error
            return None
        self.taken += 1
        return self.taken - 1, item

    async def _take_async(self) -> tuple[int, Any] | None:
        async with self._lock:
            if self.taken - self.head >= self._window:
                await self._wait_for_room()
            if self.exhausted:
                return None
            try:
                item = await anext(self._source)  # type: ignore[arg-type]  # it is an async one here
            except StopAsyncIteration:
                self.exhausted = True
                return None
            except Exception as error:  # noqa: BLE001  # as above
                self.exhausted, self._error = True, error
                return None
            self.taken += 1
            return self.taken - 1, item

    def _put(self, index: int, outcome: Outcome) -> None:
        if self._ordered:
            self._done[index] = outcome
            if index != self.head:
                return
        else:
            self._ready.append(outcome)
        self._wake()

    def _wake(self) -> None:
        if self._consumer is not None and not self._consumer.done():
            self._consumer.set_result(None)

    async def _wait_for_room(self) -> None:
        while self.taken - self.head >= self._window and not self.exhausted:
            waiting = asyncio.get_running_loop().create_future()
            self._room.append(waiting)
            await waiting

    def _leave(self) -> None:
        """End this worker; the others that wait for room see that nothing is left."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.discard(task)
        if self.exhausted:
            while self._room:
                waiting = self._room.popleft()
                if not waiting.done():
                    waiting.set_result(None)
            self._wake()


class Lane:
    """Tells whether an item that the consumer awaits itself has suspended.

    A callback is put on the loop before the item; the loop can only run it if something
    suspends. So the probe costs nothing while no item waits, and no item meets a task.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._loop = asyncio.get_running_loop()
        self._armed = False
        self.busy = False
        self.left = False

    def enter(self) -> None:
        """Watch the item that comes next."""
        if not self._armed:
            self._armed = True
            self._loop.call_soon(self._fire)
        self.busy = True

    def _fire(self) -> None:
        self._armed = False
        if self.busy:
            self.left = True
            self._workers.start(beside=1)


async def stream(
    source: Iterator[Any] | AsyncIterator[Any], call: Call, options: Options
) -> AsyncGenerator[Outcome, None]:
    """Yield the outcome of each item.

    Args:
        source: the items.
        call: carries an item out.
        options: the stream's options.
    """
    workers = Workers(source, call, options)
    try:
        if options.ordered and options.simple and not hasattr(source, "__anext__"):
            async for outcome in _inline(source, call, workers):
                yield outcome
        workers.start()
        while (result := await workers.next()) is not None:
            yield result
    finally:
        await workers.close()


async def _inline(source: Any, call: Call, workers: Workers) -> AsyncGenerator[Outcome, None]:
    """Yield outcomes as long as no item suspends, and that of the first one that does."""
    lane = Lane(workers)
    outcome: Outcome
    for item in source:
        index = workers.taken
        workers.taken += 1
        lane.enter()
        try:
            outcome = await call(item)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the backend raises
            outcome = Failure(index, item, error)
        except asyncio.CancelledError as error:
            if cancelled():
                raise
            outcome = Failure(index, item, error)
        lane.busy = False
        workers.advance()
        yield outcome
        if lane.left:
            return
        if not workers.taken % FAIR:
            await asyncio.sleep(0)
    workers.exhausted = True
