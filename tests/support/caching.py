"""Backends to stand behind `cached`: they count, hold and fail as they are told."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit import Kit, Request

PATIENCE_S = 20
"""Far more than anything here takes, unless it hangs."""


class Clock:
    """A clock that goes when it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Counting:
    """A sync leaf whose every text is another one."""

    calls = 0

    def hellokit_greet(self, request: Request, words: Callable[[Request], str]) -> str:
        """Return the greeting and its number."""
        self.calls += 1
        return f"{words(request)} {self.calls}"


class CountingAsync:
    """An async leaf whose every text is another one."""

    calls = 0

    async def hellokit_greet_async(self, request: Request, words: Callable[[Request], str]) -> str:
        """Return the greeting and its number."""
        self.calls += 1
        await asyncio.sleep(0)
        return f"{words(request)} {self.calls}"


class Blocking(Counting):
    """A sync leaf that declares that it blocks."""

    blocking = True


class Held:
    """A sync leaf that waits to be let go."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()
        self.error = error
        self.calls = 0

    def hellokit_greet(self, request: Request) -> str:
        """Wait, then greet or raise."""
        self.calls += 1
        self.begun.set()
        assert self.go.wait(PATIENCE_S)
        if self.error is not None:
            raise self.error
        return f"Held {request.names[0]}"


class HeldAsync:
    """An async leaf that waits to be let go."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.go = asyncio.Event()
        self.error = error
        self.calls = self.cancelled = 0

    async def hellokit_greet_async(self, request: Request) -> str:
        """Wait, then greet or raise."""
        self.calls += 1
        try:
            await asyncio.wait_for(self.go.wait(), PATIENCE_S)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return f"Held {request.names[0]}"


def add(kit: Kit, leaf: object, name: str = "leaf") -> None:
    """Register a backend, and bind the chain of `cached` in front of it."""
    kit.register_backend(name, leaf)
    kit.selected(f"cached+{name}")


def in_threads(
    count: int, call: Callable[[], object]
) -> tuple[list[threading.Thread], list[object]]:
    """Start threads that call and note what came of it: the result, or the error."""
    outcomes: list[object] = []

    def work() -> None:
        try:
            outcomes.append(call())
        except BaseException as error:  # noqa: BLE001  # whatever it is, the test wants to see it
            outcomes.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, outcomes


def ended(threads: list[threading.Thread]) -> bool:
    """Wait for threads; tell whether all came to an end."""
    for thread in threads:
        thread.join(PATIENCE_S)
    return not any(thread.is_alive() for thread in threads)
