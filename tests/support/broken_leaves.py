"""Leaves that break the contract, each in one point, with the check that finds it."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from typing import TYPE_CHECKING, Any, ClassVar

import hellokit
from hellokit import Record, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hellokit import Kit

    Words = Callable[[Request], str]


class Breaking:
    """What all of them have; `ALL` has all of them."""

    finds: ClassVar[str]
    unsupported: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        """Add a class to those that are tried."""
        ALL.append(cls)


ALL: list[type[Breaking]] = []


class HashesRequests(Breaking):
    """Keeps texts by request, which one with an `extra` has no hash for."""

    finds = "text"
    unsupported: ClassVar = dict.fromkeys(("agreement", "repetition", "composition"), "no promise")

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        return {request: words(request)}[request]


class Formats(Breaking):
    """Takes a name for a format string."""

    finds = "names"

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        return words(request).format()


class TwoTongues(Breaking):
    """Says something else to those who await it."""

    finds = "agreement"
    unsupported: ClassVar = {"composition": "it has words of its own"}

    def hellokit_greet(self, request: Request) -> str:
        """Greet."""
        return f"Hello, {request.names}!"

    async def hellokit_greet_async(self, request: Request) -> str:
        """Greet."""
        return f"Hi, {request.names}!"


class Remembers(Breaking):
    """Says something else to whom it knows."""

    finds = "repetition"

    def __init__(self) -> None:
        self.seen: list[Request] = []

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        again = request in self.seen
        self.seen.append(request)
        return "Hello again!" if again else words(request)


class IgnoresRegister(Breaking):
    """Greets everybody alike, whatever register is asked for."""

    finds = "composition"

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        return words(
            Request(*request.names, locale=request.locale, at=request.at, isolate=request.isolate)
        )


class ActsOnProcess(Breaking):
    """Sets a variable of the whole process."""

    finds = "surroundings"

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        os.environ["ACME_GREETED"] = str(request.names)
        return words(request)


class SeedsRandom(Breaking):
    """Wants the same chance every time, and takes that of everybody."""

    finds = "surroundings"

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        random.seed(1)
        return words(request)


class KeysByNames(Breaking):
    """Keeps texts by names, locale and time, and forgets the register."""

    finds = "options"
    unsupported: ClassVar = {"composition": "it has one register"}

    def __init__(self) -> None:
        self.texts: dict[Any, str] = {}

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        key = request.names, request.locale, request.at
        return self.texts.setdefault(key, words(request))


class GreetsTwice(Breaking):
    """Now and then greets through the kit once more, under its own name."""

    finds = "counting"

    def __init__(self) -> None:
        self.calls = 0

    def hellokit_greet(self, request: Request, words: Words, kit: Kit, backend: str) -> str:
        """Greet."""
        self.calls += 1
        if self.calls % 210 == 0:  # rare enough for the other checks
            kit.greet("again", backend=backend)
        return words(request)


class Records(Breaking):
    """Tells the sinks what the kit tells them."""

    finds = "records"

    def hellokit_greet(self, request: Request, words: Words, kit: Kit, backend: str) -> str:
        """Greet."""
        kit.plugins.hook.hellokit_record(record=Record(backend, 1, None, {}, request))
        return words(request)


class KeepsWords(Breaking):
    """Keeps the first words that it was given."""

    finds = "changes"

    words: Words | None = None

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        self.words = self.words or words
        return self.words(request)


class GreetsThroughDefault(Breaking):
    """Greets through the kit of everybody, and not by the words that it is given."""

    finds = "changes"

    def hellokit_greet(self, request: Request) -> str:
        """Greet."""
        names, locale, formality, at, _, extra = request
        return hellokit.greet(*names, locale=locale, formality=formality, at=at, extra=extra)


class LeaksDescriptors(Breaking):
    """Opens a file for each call, and closes them with the kit."""

    finds = "resources"

    def __init__(self) -> None:
        self.open: list[int] = []

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        self.open.append(os.open(os.devnull, os.O_RDONLY))
        return words(request)

    def hellokit_closing(self) -> None:
        """Close them."""
        for each in self.open:
            os.close(each)


class LeaksThreads(Breaking):
    """Starts a thread for each fifth call, and ends them with the kit."""

    finds = "resources"

    def __init__(self) -> None:
        self.calls = 0
        self.ended = threading.Event()

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        self.calls += 1
        if self.calls % 5 == 0:
            threading.Thread(target=self.ended.wait, daemon=True).start()
        return words(request)

    def hellokit_closing(self) -> None:
        """End them."""
        self.ended.set()


class LeaksTasks(Breaking):
    """Starts a task for each call, which never ends."""

    finds = "resources"

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[Any]] = []

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        return words(request)

    async def hellokit_greet_async(self, request: Request, words: Words) -> str:
        """Greet."""
        self.tasks.append(asyncio.create_task(asyncio.Event().wait()))
        return words(request)


class FailsToClose(Breaking):
    """Closes what it never opened."""

    finds = "closing"

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        return words(request)

    def hellokit_closing(self) -> None:
        """Fail."""
        raise AttributeError("connection")


class NeverCloses(Breaking):
    """Opens a file for each kit."""

    finds = "closing"

    opened: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.opened.append(os.open(os.devnull, os.O_RDONLY))

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        return words(request)


class SharesConnection(Breaking):
    """Has one connection for all kits, and closes it with the first."""

    finds = "independence"

    open: ClassVar[list[bool]] = []

    def __init__(self) -> None:
        self.open[:] = [True]

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        if not self.open:
            raise ConnectionError("closed")
        return words(request)

    def hellokit_closing(self) -> None:
        """Close it."""
        self.open.clear()
