"""The bridge between the colours: sync code over async backends, async code over blocking ones."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from hellokit.errors import HellokitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, TypeVar

    T = TypeVar("T")


class Bridge:
    """One kit's event loop thread and thread pool, each started on first use.

    Args:
        max_threads: at most this many blocking calls run at once.
    """

    def __init__(self, max_threads: int) -> None:
        self._max_threads = max_threads
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run `coroutine` on the loop thread, in the caller's context, and wait for it.

        Raises:
            HellokitError: if it is called on the loop thread itself, which would wait for ever.
        """
        if threading.current_thread() is self._thread:
            coroutine.close()
            raise HellokitError(
                "greet() was called from an async backend that runs on the kit's own loop: "
                "use `await greet_async(...)` there"
            )
        loop = self._running()
        done: Future[T] = Future()
        context = copy_context()
        tasks: list[asyncio.Task[T]] = []

        def start() -> None:
            task = loop.create_task(coroutine, context=context)
            tasks.append(task)
            task.add_done_callback(lambda task: _hand_over(task, done))

        loop.call_soon_threadsafe(start)
        try:
            return done.result()
        except BaseException:
            if not done.done():
                loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])
            raise

    async def in_thread(self, call: Callable[..., T], *args: object) -> T:
        """Run a blocking `call` on the thread pool, in the caller's context."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._max_threads, "hellokit-blocking")
            pool = self._pool
        context = copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, context.run, call, *args)

    def close(self) -> None:
        """Cancel what runs, and end the threads."""
        with self._lock:
            loop, thread, pool = self._loop, self._thread, self._pool
            self._loop = self._thread = self._pool = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            if thread is not threading.current_thread():
                thread.join()
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_serve, args=(self._loop,), name="hellokit-loop", daemon=True
                )
                self._thread.start()
            return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _hand_over(task: asyncio.Task[T], done: Future[T]) -> None:
    if task.cancelled():
        done.set_exception(asyncio.CancelledError())
    elif (error := task.exception()) is not None:
        done.set_exception(error)
    else:
        done.set_result(task.result())
