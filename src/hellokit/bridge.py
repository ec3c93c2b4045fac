"""The bridge between the colours: sync code over async backends, async code over blocking ones."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import suppress
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Generic, TypeVar

from hellokit.crew import Crew
from hellokit.errors import HellokitError, KitClosedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

T = TypeVar("T")

CLOSED = "the kit was closed while a backend ran: close it when its calls have ended"

PATIENCE_S = 5.0
"""How long closing waits for a backend that does not give the loop back."""

_depth: ContextVar[int] = ContextVar("hellokit-depth", default=0)
"""How many threads of crews the running call holds already."""


class Running(Generic[T]):
    """A coroutine that runs on a loop thread, seen from another thread.

    Args:
        coroutine: the coroutine; it is started by the bridge.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self.coroutine = coroutine
        self.context = copy_context()
        self.done: Future[T] = Future()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[T] | None = None

    def start(self, hand_over: Callable[[asyncio.Task[T], Future[T]], None]) -> None:
        """Make a task of it, on the loop; `hand_over` gives its outcome to the future."""
        self._task = asyncio.get_running_loop().create_task(self.coroutine, context=self.context)
        self._task.add_done_callback(lambda task: hand_over(task, self.done))

    def result(self, timeout: float | None = None) -> T:
        """Wait for the result, for at most `timeout` seconds.

        Raises:
            BaseException: what the coroutine raised.
            KitClosedError: if closing the kit cancelled it.
            TimeoutError: if it is not there in time.
        """
        return self.done.result(timeout)

    def when_done(self, call: Callable[[], None]) -> None:
        """Have `call` made when there is a result or an exception."""
        self.done.add_done_callback(lambda _: call())

    def cancel(self) -> None:
        """Cancel it, unless it is done; it never begins if it has not been started."""
        if self.loop is None:
            self.coroutine.close()
        else:
            self.soon(self._cancel)

    def _cancel(self) -> None:
        if self._task is None:
            self.coroutine.close()  # interrupted before the loop was asked to start it
        else:
            self._task.cancel()

    def soon(self, call: Callable[..., object], *args: object) -> None:
        """Have the loop make a call soon, unless it is closed: it runs nothing any more."""
        with suppress(RuntimeError):
            if self.loop is not None:
                self.loop.call_soon_threadsafe(call, *args)


class Bridge:
    """One kit's event loop thread and crews of threads, each started on first use.

    Args:
        max_threads: at most this many blocking calls run at once.
    """

    def __init__(self, max_threads: int) -> None:
        self._max_threads = max_threads
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._crews: list[Crew] = []
        self._ended = False

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run `coroutine` on the loop thread, in the caller's context, and wait for it.

        Raises:
            HellokitError: if it is called on the loop thread itself, which would wait for ever.
            KitClosedError: if the kit is closed, before or meanwhile.
        """
        running = Running(coroutine)
        try:
            self._start(running)
            return running.result()
        except BaseException:
            running.cancel()
            raise

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> Running[T]:
        """Start `coroutine` on the loop thread, in the caller's context.

        Raises:
            HellokitError: if it is called on the loop thread itself, which would wait for ever.
            KitClosedError: if the kit is closed.
        """
        running = Running(coroutine)
        try:
            self._start(running)
        except BaseException:
            running.cancel()
            raise
        return running

    def _start(self, running: Running[T]) -> None:
        if threading.current_thread() is self._thread:
            raise HellokitError(
                "greet() was called from an async backend that runs on the kit's own loop: "
                "use `await greet_async(...)` there"
            )
        with self._lock:  # or the loop might be closed in between, and never start it
            if self._ended:
                raise KitClosedError(CLOSED)
            running.loop = self._running()
            running.loop.call_soon_threadsafe(running.start, self._hand_over)

    async def in_thread(self, call: Callable[..., T], *args: object) -> T:
        """Make a blocking `call` on a thread, in the caller's context.

        A call that holds a thread of a crew and needs another one takes it from the next crew:
        in the same one, it might wait for a thread that waits for it.

        Raises:
            KitClosedError: if the kit is closed, before or while the call waits for a thread.
        """
        depth = _depth.get()
        context = copy_context()
        context.run(_depth.set, depth + 1)
        with self._lock:
            if self._ended:
                raise KitClosedError(CLOSED)
            while len(self._crews) <= depth:
                self._crews.append(Crew(self._max_threads))
            done = self._crews[depth].submit(partial(context.run, call, *args))
        return await done

    def resize(self, max_threads: int) -> None:
        """Have new blocking calls run on at most `max_threads` threads at once."""
        with self._lock:
            self._max_threads = max_threads
            crews, self._crews = self._crews, []
        for crew in crews:
            crew.end()

    def end(self) -> None:
        """Close for good: what comes later is refused."""
        with self._lock:
            self._ended = True
        self.close()

    def close(self) -> None:
        """Cancel what runs, and end the threads; what comes later starts them again."""
        with self._lock:
            loop, thread, crews = self._loop, self._thread, self._crews
            self._loop, self._thread, self._crews = None, None, []
            if loop is not None:
                loop.call_soon_threadsafe(loop.stop)
        for crew in crews:
            crew.close(KitClosedError(CLOSED))
        if thread is not None and thread is not threading.current_thread():
            thread.join(PATIENCE_S)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            loop = asyncio.new_event_loop()
            thread = threading.Thread(
                target=_serve, args=(loop,), name="hellokit-loop", daemon=True
            )
            thread.start()
            self._loop, self._thread = loop, thread
        return self._loop

    def _hand_over(self, task: asyncio.Task[T], done: Future[T]) -> None:
        if task.cancelled():
            ended = self._ended
            done.set_exception(KitClosedError(CLOSED) if ended else asyncio.CancelledError())
        elif (error := task.exception()) is not None:
            done.set_exception(error)
        else:
            done.set_result(task.result())


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        while True:
            # A task that raises one of these hands it over, and would take the loop along.
            with suppress(KeyboardInterrupt, SystemExit):
                loop.run_forever()
                break
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
