"""A crew: threads that carry out blocking calls for event loops."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias, TypeVar

    T = TypeVar("T")
    Job: TypeAlias = tuple[Callable[[], Any], asyncio.Future[Any]]

IDLE_S = 10.0
"""How long a thread without a call stays."""


class Crew:
    """Threads that start when calls wait and leave when none come; nobody joins them at exit.

    Args:
        most: at most this many calls run at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._open = self._threads = 0

    def submit(self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Have a thread make `call`; return what will have its result, on the running loop.

        Cancelled before a thread has begun with it, the call is not made.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._threads < min(self._open + 1, self._most):
                threading.Thread(target=self._work, name="hellokit-blocking", daemon=True).start()
                self._threads += 1
            self._open += 1
            self._jobs.put((call, done))
        return done

    def end(self) -> None:
        """Have the threads leave when everything is done; nothing may be submitted any more."""
        for _ in range(self._most):
            self._jobs.put(None)

    def close(self, error: Exception) -> None:
        """Have the threads leave after the calls they are making; the others get `error`."""
        with suppress(Empty):
            while (job := self._jobs.get_nowait()) is not None:
                _settle(job[1], partial(job[1].set_exception, error))
        self.end()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            call, done = job
            settle = None if done.cancelled() else _made(call, done)
            del job, call  # or they would live as long as the thread is idle
            with self._lock:
                self._open -= 1
            if settle is not None:
                _settle(done, settle)
            del done, settle

    def _next(self) -> Job | None:
        while True:
            try:
                return self._jobs.get(timeout=IDLE_S)
            except Empty:
                with self._lock:
                    if self._jobs.empty():  # nothing was submitted meanwhile, for this thread
                        self._threads -= 1
                        return None


def _made(call: Callable[[], T], done: asyncio.Future[T]) -> Callable[[], None]:
    """Make the call, and return what gives its result or its exception to the future."""
    try:
        return partial(done.set_result, call())
    except StopIteration as error:  # a future takes any exception but this one
        stopped = RuntimeError("a backend raised StopIteration")
        stopped.__cause__ = error
        return partial(done.set_exception, stopped)
    except BaseException as error:  # noqa: BLE001  # the caller's, whatever it is
        return partial(done.set_exception, error)


def _settle(done: asyncio.Future[T], settle: Callable[[], None]) -> None:
    """Settle the future on its loop, unless nobody waits for it any more."""
    with suppress(RuntimeError):  # the loop was closed
        done.get_loop().call_soon_threadsafe(lambda: None if done.done() else settle())
