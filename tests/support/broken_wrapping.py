"""Wrapping backends that break the contract, each in one point."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from broken_leaves import Breaking

from hellokit import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hellokit import Kit

    Inner = Callable[[Request], str]
    AsyncInner = Callable[[Request], Awaitable[str]]


class Tidies(Breaking):
    """Makes one line of the text of the backend behind it."""

    finds = "transparency"

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        return " ".join(inner(request).split(" ")).replace("\n", " ")


class CallsTwice(Breaking):
    """Asks the backend behind it twice, to be sure."""

    finds = "single_inner"

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        inner(request)
        return inner(request)


class DropsExtra(Breaking):
    """Makes a new request of what it thinks there is in one."""

    finds = "request"

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        names, locale, formality, at, isolate, _ = request
        return inner(Request(*names, locale=locale, formality=formality, at=at, isolate=isolate))


class MarksExtra(Breaking):
    """Writes into what the caller gave it."""

    finds = "request"

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        if request.extra is not None:
            request.extra.get("tags", []).append("seen")
        return inner(request)


class KeysByOptions(Breaking):
    """Keeps texts by all that a request has, but for `extra`."""

    finds = "options"

    def __init__(self) -> None:
        self.texts: dict[object, str] = {}

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        key = request[:5]
        if key not in self.texts:
            self.texts[key] = inner(request)
        return self.texts[key]


class Translates(Breaking):
    """Makes errors of its own of those of others."""

    finds = "errors"

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        try:
            return inner(request)
        except Exception as error:
            raise RuntimeError("it did not work") from error


class Swallows(Breaking):
    """Takes an interrupt for an error that it can mend."""

    finds = "errors"

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        try:
            return inner(request)
        except Exception:
            raise
        except BaseException:  # noqa: BLE001  # that is the fault
            return "Hello!"


class Insists(Breaking):
    """Tries again whatever happens, also when somebody wants to end it."""

    finds = "errors"

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        try:
            return inner(request)
        except BaseException:  # noqa: BLE001  # that is the fault
            return inner(request)


class NeverReleases(Breaking):
    """Keeps its lock when the backend behind it fails."""

    finds = "recovery outcomes"

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        self.lock.acquire()
        text = inner(request)
        self.lock.release()
        return text


class KeepsErrors(Breaking):
    """Raises for ever what was raised once."""

    finds = "recovery"

    def __init__(self) -> None:
        self.errors: dict[tuple[str, ...], BaseException] = {}

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        if request.names in self.errors:
            raise self.errors[request.names]
        try:
            return inner(request)
        except Exception as error:
            self.errors[request.names] = error
            raise


class TriesThroughKit(Breaking):
    """Greets once more through the kit when the backend behind it fails."""

    finds = "outcomes"

    def hellokit_greet(self, request: Request, inner: Inner, kit: Kit, backend: str) -> str:
        """Greet."""
        try:
            return inner(request)
        except Exception:
            kit.greet("again", backend=f"{backend}+plain")
            raise


class SwallowsCancellation(Breaking):
    """Takes being cancelled for an error that it can mend."""

    finds = "cancellation"

    async def hellokit_greet_async(self, request: Request, inner: AsyncInner) -> str:
        """Greet."""
        try:
            return await inner(request)
        except asyncio.CancelledError:
            return "Hello!"


class LeavesTask(Breaking):
    """Goes on in a task of its own when it is cancelled."""

    finds = "cancellation"

    async def hellokit_greet_async(self, request: Request, inner: AsyncInner) -> str:
        """Greet."""
        self.task = asyncio.create_task(self.later(request, inner))
        return await asyncio.shield(self.task)

    async def later(self, request: Request, inner: AsyncInner) -> str:
        """Greet, in the task."""
        return await inner(request)


class SharesRequestOfTasks(Breaking):
    """Keeps the request on itself while it awaits, in one of its colours."""

    finds = "overlap"

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        return inner(request)

    async def hellokit_greet_async(self, request: Request, inner: AsyncInner) -> str:
        """Greet."""
        self.request = request
        await asyncio.sleep(0)
        return await inner(self.request)


class KeepsInner(Breaking):
    """Keeps the first `inner` that it was given."""

    finds = "changes"

    inner: Inner | None = None

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        self.inner = self.inner or inner
        return self.inner(request)
