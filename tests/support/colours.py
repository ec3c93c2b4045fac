"""Backends of both colours, and a loop to run them in."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import TYPE_CHECKING

from hellokit import Kit, Request, Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PATIENCE_S = 20
"""Far more than anything here takes, unless it hangs."""

who = contextvars.ContextVar("who", default="nobody")


def here() -> str:
    """Return the name of the thread."""
    return threading.current_thread().name.partition("_")[0]


class Where:
    """A sync leaf that says where it runs, and for whom."""

    def hellokit_greet(self) -> str:
        """Say it."""
        text = f"{here()} for {who.get()}"
        who.set("the backend")
        return text


class Blocking(Where):
    """The same, declared to block."""

    blocking = True


class AsyncWhere:
    """An async leaf that says where it runs, and for whom."""

    async def hellokit_greet_async(self) -> str:
        """Say it."""
        await asyncio.sleep(0)
        text = f"{here()} for {who.get()}"
        who.set("the backend")
        return text


class Both:
    """A leaf of both colours."""

    def hellokit_greet(self) -> str:
        """Say which."""
        return "sync"

    async def hellokit_greet_async(self) -> str:
        """Say which."""
        return "async"


class Around:
    """A sync wrapping backend."""

    def hellokit_greet(self, request: Request, inner: Callable[[Request], str]) -> str:
        """Pass on."""
        return f"({inner(request)})"


class AsyncAround:
    """An async wrapping backend."""

    async def hellokit_greet_async(
        self, request: Request, inner: Callable[[Request], Awaitable[str]]
    ) -> str:
        """Pass on."""
        return f"[{await inner(request)}]"


class Waiting:
    """An async leaf that waits until it is cancelled."""

    def __init__(self) -> None:
        self.began, self.ended = threading.Event(), threading.Event()

    async def hellokit_greet_async(self) -> str:
        """Wait."""
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()
        return "never"


def make(max_concurrent: int = 1) -> Kit:
    """Return a kit with a backend of each kind, and few threads."""
    kit = Kit(Settings(max_concurrent=max_concurrent), discover=False)
    kit.register_backend("where", Where())
    kit.register_backend("blocking", Blocking())
    kit.register_backend("awhere", AsyncWhere())
    kit.register_backend("both", Both())
    kit.register_backend("around", Around())
    kit.register_backend("aaround", AsyncAround())
    return kit


def run(kit: Kit, backend: str | None) -> str:
    """Greet in a loop of our own; what hangs is an error."""

    async def main() -> str:
        return await asyncio.wait_for(kit.greet_async("Ada", backend=backend), PATIENCE_S)

    return asyncio.run(main())


async def until(happened: Callable[[], bool]) -> None:
    """Wait for what another thread does, and let the loop run meanwhile."""
    while not happened():  # noqa: ASYNC110  # an asyncio.Event is of one thread
        await asyncio.sleep(0.001)
