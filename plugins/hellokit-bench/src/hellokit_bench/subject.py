"""Subjects: what is measured, which is a backend called in one way, or a peer."""

from __future__ import annotations

import asyncio
from itertools import repeat
from time import perf_counter_ns, sleep
from typing import TYPE_CHECKING, Literal, Self, TypeAlias, get_args

import attrs

from hellokit_bench.peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextvars import Context

    from hellokit import Kit

Way: TypeAlias = Literal["sync", "async", "bulk", "peer"]
WAYS: tuple[Way, ...] = get_args(Way)[:3]
"""How a backend is called: by `greet`, by `await greet_async`, or item by item of `greet_many`."""


@attrs.frozen
class Subject:
    """What is measured.

    Attributes:
        name: the backend or chain, or the peer.
        way: how it is called; `peer` for a peer.
        greeted: whom it greets.
    """

    name: str
    way: Way = "sync"
    greeted: str = "Ada"

    @property
    def label(self) -> str:
        """How tables and files call it."""
        return self.name if self.way == "peer" else f"{self.name} {self.way}"


class Opened:
    """A subject that is ready to be called, in this process: a context.

    Args:
        subject: what to call.

    Attributes:
        subject: the same.
        kit: the kit that greets, with the settings of the environment; None for a peer.
        context: in which async calls run; that of their loop, if None.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.kit: Kit | None = None
        self.context: Context | None = None
        self._hello: Callable[[str], str] | None = None
        self._runner: asyncio.Runner | None = None

    def __enter__(self) -> Self:
        """Make the kit, or the peer's function."""
        if self.subject.way == "peer":
            self._hello = PEERS[self.subject.name]()
        else:
            from hellokit import Kit

            self.kit = Kit()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the kit, and the loop that async calls ran on."""
        if self._runner is not None:
            self._runner.close()
        if self.kit is not None:
            self.kit.close()

    def block(self, calls: int, names: Iterable[str] | None = None) -> int:
        """Call the subject one time after another.

        Args:
            calls: how many times.
            names: whom to greet instead of always the same, a name for each call.

        Returns:
            How long they took in all, in ns.

        Raises:
            Exception: whatever the subject raises.
        """
        blocks: dict[Way, Callable[[Iterable[str]], int]] = {
            "sync": self._sync,
            "async": self._async,
            "bulk": self._bulk,
            "peer": self._peer,
        }
        greeted = repeat(self.subject.greeted, calls) if names is None else names
        return blocks[self.subject.way](greeted)

    def idle(self, seconds: float) -> None:
        """Wait, and let the tasks on the loop of async calls run meanwhile."""
        if self._runner is None:
            sleep(seconds)
        else:
            self._runner.run(asyncio.sleep(seconds))

    def _sync(self, names: Iterable[str]) -> int:
        greet, backend = self._greeter.greet, self.subject.name
        began = perf_counter_ns()
        for name in names:
            greet(name, backend=backend)
        return perf_counter_ns() - began

    def _async(self, names: Iterable[str]) -> int:
        if self._runner is None:
            self._runner = asyncio.Runner()
        greet, backend = self._greeter.greet_async, self.subject.name

        async def block() -> int:
            began = perf_counter_ns()
            for name in names:
                await greet(name, backend=backend)
            return perf_counter_ns() - began

        return self._runner.run(block(), context=self.context)

    def _bulk(self, names: Iterable[str]) -> int:
        items = list(names)
        began = perf_counter_ns()
        for _ in self._greeter.greet_many(items, backend=self.subject.name):
            pass
        return perf_counter_ns() - began

    def _peer(self, names: Iterable[str]) -> int:
        hello = self._hello
        assert hello is not None  # noqa: S101  # it was made when this was entered
        began = perf_counter_ns()
        for name in names:
            hello(name)
        return perf_counter_ns() - began

    @property
    def _greeter(self) -> Kit:
        assert self.kit is not None  # noqa: S101  # it was made when this was entered
        return self.kit
