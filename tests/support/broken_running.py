"""Leaves that break the contract when calls run beside others, in a child, or are cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from broken_leaves import Breaking

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit import Request

    Words = Callable[[Request], str]


class NeverEnds(Breaking):
    """A leaf that cannot be cancelled."""

    finds = "cancellation"

    async def hellokit_greet_async(self, request: Request, words: Words) -> str:
        """Greet."""
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
        return words(request)


class Exchange:
    """A connection of one event loop, whose answers come in the order of the requests."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.answers: asyncio.Queue[str] = asyncio.Queue()

    async def ask(self, text: str) -> str:
        """Send a text; return the next answer."""
        async with self.lock:
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self.answers.put_nowait, text)
            return await self.answers.get()


class HandsConnectionOn(Breaking):
    """Leaves the answer to a call that was cancelled to the next one."""

    finds = "leftovers"

    def __init__(self) -> None:
        self.exchanges: WeakKeyDictionary[Any, Exchange] = WeakKeyDictionary()

    async def hellokit_greet_async(self, request: Request, words: Words) -> str:
        """Greet."""
        exchange = self.exchanges.setdefault(asyncio.get_running_loop(), Exchange())
        return await exchange.ask(words(request))


class LeavesHelper(Breaking):
    """Goes on for ever in a task of its own if it is cancelled late."""

    finds = "leftovers"

    def __init__(self) -> None:
        self.helpers: list[asyncio.Task[Any]] = []

    async def hellokit_greet_async(self, request: Request, words: Words) -> str:
        """Greet."""
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        helper = asyncio.create_task(asyncio.Event().wait())
        self.helpers.append(helper)
        await asyncio.sleep(0)
        helper.cancel()
        return words(request)


class SharesRequest(Breaking):
    """Keeps the request on itself while it greets."""

    finds = "threads"

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        self.request = request
        time.sleep(0.0001)
        return words(self.request)


class OneAtATime(Breaking):
    """Refuses a thread while another one greets."""

    finds = "threads"

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        if not self.lock.acquire(blocking=False):
            raise RuntimeError("busy")
        try:
            time.sleep(0.0001)
            return words(request)
        finally:
            self.lock.release()


class KnowsItsProcess(Breaking):
    """Fails in a child, as one would that has a connection of its parent."""

    finds = "fork"

    def __init__(self) -> None:
        self.process = os.getpid()

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        if os.getpid() != self.process:
            raise ConnectionError("this is the connection of another process")
        return words(request)


class WaitsForItsThread(KnowsItsProcess):
    """Hangs in a child, as one would that waits for a thread of its parent."""

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        if os.getpid() != self.process:
            threading.Event().wait()
        return words(request)


class DiesInChild(KnowsItsProcess):
    """Ends a child, as a library would that cannot be used after a fork."""

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        if os.getpid() != self.process:
            os.kill(os.getpid(), signal.SIGKILL)
        return words(request)


class TenConnections(Breaking):
    """Refuses the eleventh call at once."""

    finds = "streams"

    def __init__(self) -> None:
        self.busy = 0

    async def hellokit_greet_async(self, request: Request, words: Words) -> str:
        """Greet."""
        if self.busy == 10:
            raise ConnectionError("all connections are in use")
        self.busy += 1
        try:
            await asyncio.sleep(0.001)
            return words(request)
        finally:
            self.busy -= 1
