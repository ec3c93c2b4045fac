"""The watch: cancels calls of one event loop that take too long, by one timer for all of them."""

from __future__ import annotations

import asyncio
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, TypeVar

    T = TypeVar("T")

NEVER = float("inf")
LONGEST_S = 86_400.0
"""A timer for longer than this goes off early, and is set again: loops differ in what they take."""


class Watched:
    """One call that is watched.

    Args:
        task: the task that it runs in.
        deadline: when its time is up, by `time.monotonic`.
    """

    __slots__ = ("cancelling", "deadline", "expired", "task")

    def __init__(self, task: asyncio.Task[Any], deadline: float) -> None:
        self.task = task
        self.deadline = deadline
        self.cancelling = task.cancelling()
        self.expired = False

    def cancelled(self) -> bool:
        """Tell whether somebody else cancelled the task during the call; undo our own doing."""
        left = self.task.uncancel() if self.expired else self.task.cancelling()
        return left > self.cancelling


class OverdueError(Exception):
    """The time of a call was up; its cause is the cancellation that ended it."""


class Watch:
    """Watches the calls of one event loop."""

    def __init__(self) -> None:
        self._calls: set[Watched] = set()
        self._due = NEVER

    async def within(self, seconds: float, call: Callable[[Any], Awaitable[T]], given: object) -> T:
        """Return what `await call(given)` gives, if it does so in `seconds`.

        A call whose time is up is cancelled. What it returns in spite of that is dropped, as
        it is if somebody else had cancelled it.

        Raises:
            OverdueError: if its time was up.
            asyncio.CancelledError: if somebody else cancelled it.
        """
        task = asyncio.current_task()
        if task is None:  # somebody steps through the coroutine by hand: nothing to cancel
            return await call(given)
        watched = Watched(task, monotonic() + seconds)
        self._calls.add(watched)
        if watched.deadline < self._due:
            self._arm(watched.deadline)
        try:
            result = await call(given)
        except asyncio.CancelledError as error:
            if watched.cancelled() or not watched.expired:
                raise
            raise OverdueError from error
        except BaseException:
            watched.cancelled()
            raise
        finally:
            self._calls.remove(watched)
        if watched.cancelled():
            raise asyncio.CancelledError
        if watched.expired:
            raise OverdueError
        return result

    def _arm(self, due: float) -> None:
        """Have the timer go off at `due`; one that was to go off later does nothing then.

        No timer is kept: it would keep its loop alive.
        """
        self._due = due
        delay = min(max(0.0, due - monotonic()), LONGEST_S)
        asyncio.get_running_loop().call_later(delay, self._expire, due)

    def _expire(self, due: float) -> None:
        if due != self._due:
            return
        now = monotonic()
        for watched in tuple(self._calls):
            if watched.deadline <= now and not watched.expired:
                watched.expired = True
                watched.task.cancel()
        self._due = NEVER
        due = min((call.deadline for call in self._calls if not call.expired), default=NEVER)
        if due < NEVER:
            self._arm(due)
