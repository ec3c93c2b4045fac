"""Items on the kit's event loop, for sync code over an async backend."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from queue import SimpleQueue

from hellokit.bulk.stream import stream
from hellokit.errors import KitClosedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, Self

    from hellokit.bridge import Bridge
    from hellokit.bulk.attempt import Outcome
    from hellokit.bulk.options import Options

PATIENCE_S = 5.0
"""How long closing waits for items that do not heed their cancellation."""


class Loop:
    """Runs an async stream on the kit's loop thread, fed from the thread that made it.

    Args:
        call: carries an item out.
        options: the stream's options.
        bridge: the kit's bridge.
    """

    def __init__(
        self, call: Callable[[Any], Awaitable[str]], options: Options, bridge: Bridge
    ) -> None:
        self._call = call
        self._options = options
        self._feed = _Feed()
        self._results: SimpleQueue[Outcome | None] = SimpleQueue()
        self._running = bridge.submit(self._main())
        self._running.when_done(lambda: self._results.put(None))

    async def _main(self) -> None:
        async for outcome in stream(self._feed, self._call, self._options):
            self._results.put(outcome)

    def put(self, items: list[Any]) -> None:
        """Take items on."""
        self._running.soon(self._feed.put, items)

    def end(self) -> None:
        """Learn that there are no more items."""
        self._running.soon(self._feed.end)

    def get(self) -> Outcome:
        """Wait for the next outcome.

        Raises:
            KitClosedError: if the kit was closed meanwhile.
            BaseException: whatever else ended the stream before its time.
        """
        outcome = self._results.get()
        if outcome is None:
            self._running.result()
            raise RuntimeError("the stream ended before its last item")
        return outcome

    def close(self) -> None:
        """Cancel what runs, and wait until it has ended."""
        self._running.cancel()
        with suppress(asyncio.CancelledError, KitClosedError, TimeoutError):
            self._running.result(PATIENCE_S)


class _Feed:
    """An async iterator over items that another thread puts in, on the loop."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._ended = False
        self._waiting: asyncio.Future[None] | None = None

    def put(self, items: list[Any]) -> None:
        self._items.extend(items)
        self._wake()

    def end(self) -> None:
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        while not self._items:
            if self._ended:
                raise StopAsyncIteration
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._items.popleft()
