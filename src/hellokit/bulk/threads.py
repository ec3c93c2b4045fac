"""Items on threads, for sync code over a backend that blocks."""

from __future__ import annotations

import threading
from contextvars import copy_context
from itertools import count
from queue import Empty, SimpleQueue
from time import monotonic, sleep

from hellokit.bulk.attempt import again, late, waits
from hellokit.bulk.failure import Failure
from hellokit.bulk.options import AUTO
from hellokit.bulk.pace import Adaptive, Rate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hellokit.bulk.attempt import Outcome
    from hellokit.bulk.options import Options

TICK_S = 0.02
"""How often overdue items are looked for, where there is a timeout."""


class Threads:
    """Threads that take items from one queue, as many as the limit allows.

    A thread cannot be interrupted: an item that takes too long is given up, with its thread,
    and another thread takes that one's place. It is not tried again.

    Args:
        call: carries an item out.
        options: the stream's options.
    """

    def __init__(self, call: Callable[[Any], str], options: Options) -> None:
        self._call = call
        self._options = options
        self._rate = None if options.rate is None else Rate(options.rate)
        self._adaptive = Adaptive(options.limit) if options.concurrency == AUTO else None
        self._tasks: SimpleQueue[tuple[int, Any] | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[int, Outcome] | BaseException] = SimpleQueue()
        self._indexes = count()
        self._lock = threading.Lock()
        self._running: dict[int, tuple[Any, float]] = {}
        self._threads = 0
        self._closed = False
        self._waiting: dict[int, Outcome] = {}
        self._head = 0

    def put(self, items: list[Any]) -> None:
        """Take items on, and start threads for them."""
        for item in items:
            self._tasks.put((next(self._indexes), item))
        limit = self._adaptive.limit if self._adaptive else self._options.limit
        for _ in range(min(limit - self._threads, len(items))):
            self._start()

    def end(self) -> None:
        """Learn that there are no more items: threads that find none leave."""
        for _ in range(self._threads):
            self._tasks.put(None)

    def get(self) -> Outcome:
        """Wait for the next outcome.

        Raises:
            BaseException: what ended a thread, at once.
        """
        while True:
            if self._head in self._waiting:
                self._head += 1
                return self._waiting.pop(self._head - 1)
            arrived = self._arrived()
            if isinstance(arrived, BaseException):
                raise arrived
            index, outcome = arrived
            if not self._options.ordered:
                return outcome
            self._waiting[index] = outcome

    def close(self) -> None:
        """Have every thread leave after its item; an item that runs cannot be ended."""
        self._closed = True
        self.end()

    def _arrived(self) -> tuple[int, Outcome] | BaseException:
        if self._options.timeout is None:
            return self._results.get()
        while True:
            try:
                return self._results.get(timeout=TICK_S)
            except Empty:
                self._give_up(self._options.timeout)

    def _give_up(self, timeout: float) -> None:
        now = monotonic()
        for index, (item, start) in list(self._running.items()):
            with self._lock:
                overdue = now - start > timeout and self._running.pop(index, None) is not None
                self._threads -= overdue
            if overdue:
                self._results.put((index, Failure(index, item, late(index, self._options))))
                self._start()

    def _start(self) -> None:
        with self._lock:
            self._threads += 1
        context = copy_context()
        name = "hellokit-bulk"
        threading.Thread(target=context.run, args=(self._work,), name=name, daemon=True).start()

    def _work(self) -> None:
        try:
            while (task := self._tasks.get()) is not None and not self._closed:
                if not self._carry_out(*task):
                    return
        except BaseException as error:  # noqa: BLE001  # its item will never be done: the consumer raises it
            self._results.put(error)

    def _carry_out(self, index: int, item: Any) -> bool:
        """Put an item's outcome in, and tell whether this thread is to take another one."""
        if self._rate is not None:
            with self._lock:
                delay = self._rate.reserve()
            sleep(delay)
        start = monotonic()
        self._running[index] = item, start
        outcome = self._attempt(index, item)
        with self._lock:
            if self._running.pop(index, None) is None:
                return False  # given up, and replaced
            if self._adaptive:
                self._adaptive.done(monotonic() - start, failed=type(outcome) is Failure)
            spare = self._adaptive is not None and self._threads > self._adaptive.limit
            self._threads -= spare
        self._results.put((index, outcome))
        return not spare

    def _attempt(self, index: int, item: Any) -> Outcome:
        wait = waits(self._options)
        while True:
            try:
                return self._call(item)
            except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the backend raises
                if not again(error) or (pause := next(wait, None)) is None:
                    return Failure(index, item, error)
            sleep(pause)
            with self._lock:
                if index not in self._running:
                    return Failure(index, item, late(index, self._options))
                self._running[index] = item, monotonic()
