"""The gate: lets so many calls of one event loop run at once, the others in turn."""

from __future__ import annotations

import asyncio
from collections import OrderedDict


class Gate:
    """The slots of one event loop. Where one is free, taking it is an addition.

    Attributes:
        limit: how many calls may run at once; it can be changed at any time, and those that
            run already go on.
        running: how many do.
        waiting: those who wait for a slot, in the order of their coming.
    """

    __slots__ = ("limit", "running", "waiting")

    def __init__(self) -> None:
        self.limit = 0
        self.running = 0
        self.waiting: OrderedDict[asyncio.Future[None], None] = OrderedDict()

    async def wait(self) -> None:
        """Take a slot when it is one's turn.

        Raises:
            asyncio.CancelledError: if the task was cancelled meanwhile; it has no slot then.
        """
        turn = asyncio.get_running_loop().create_future()
        self.waiting[turn] = None
        self._admit()
        try:
            await turn
        except BaseException:
            if turn in self.waiting:
                del self.waiting[turn]
            else:  # the slot and the cancellation came in the same moment
                self.leave()
            raise

    def leave(self) -> None:
        """Give a slot back, to the one who waits longest if somebody does."""
        self.running -= 1
        if self.waiting:
            self._admit()

    def _admit(self) -> None:
        while self.waiting and self.running < self.limit:
            turn, _ = self.waiting.popitem(last=False)
            self.running += 1
            if not (turn.cancelled() or turn.get_loop().is_closed()):
                turn.set_result(None)
