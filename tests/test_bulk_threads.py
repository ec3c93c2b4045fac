"""A backend that blocks, in bulk: how many threads it has, and what ends one."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import Failure, Kit, Settings
from hellokit.bulk.pace import Adaptive

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit whose backend is `odd`."""
    with Kit(Settings(backend="odd", max_concurrent=8), discover=False) as kit:
        yield kit


def test_threads_leave_when_the_adaptive_limit_falls(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit that falls to one leaves one thread, which carries the rest out."""

    class Falling(Adaptive):
        """Allows all, and after some items only one."""

        def __init__(self, most: int) -> None:
            super().__init__(most)
            self.limit = most

        def done(self, latency: float, *, failed: bool = False) -> None:  # noqa: ARG002  # not by these
            """Fall at some time."""
            if len(running) > 30:
                self.limit = 1

    class Busy:
        """Notes how many calls run."""

        blocking = True

        def hellokit_greet(self) -> str:
            """Take a moment."""
            with lock:
                here.append("Hi")
                running.append(len(here))
            time.sleep(0.001)
            with lock:
                here.pop()
            return "Hi"

    here: list[str] = []
    running: list[int] = []
    lock = threading.Lock()
    monkeypatch.setattr("hellokit.bulk.threads.Adaptive", Falling)
    kit.register_backend("odd", Busy)
    assert list(kit.greet_many(iter(["Ada"] * 80), concurrency="auto")) == ["Hi"] * 80
    assert max(running) > 1
    assert running[-20:] == [1] * 20


class Raising:
    """Raises what it is told to, and counts its calls."""

    def __init__(self, error: type[BaseException], *, blocking: bool = False) -> None:
        self.error = error
        self.blocking = blocking
        self.calls = 0

    def hellokit_greet(self) -> str:
        """Raise."""
        self.calls += 1
        raise self.error


class RaisingAsync(Raising):
    """The same in async code."""

    async def hellokit_greet_async(self) -> str:
        """Raise."""
        return self.hellokit_greet()


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit])
def test_an_interrupt_on_a_thread_reaches_the_consumer(
    kit: Kit, error: type[BaseException], *, ordered: bool
) -> None:
    """It is no failure of an item, which could be left out."""
    kit.register_backend("odd", Raising(error, blocking=True))
    with pytest.raises(error):
        list(kit.greet_many(["Ada"] * 3, on_error="skip", ordered=ordered))


@pytest.mark.parametrize(
    "backend",
    [Raising(SystemExit), Raising(SystemExit, blocking=True), RaisingAsync(SystemExit)],
    ids=["in place", "on a thread", "on the loop"],
)
def test_a_backend_that_exits_is_not_tried_again(kit: Kit, backend: Raising) -> None:
    """Whatever its kind, and whoever calls."""
    kit.register_backend("odd", backend)
    options: dict[str, Any] = {"attempts": 3, "backoff": 0.001, "on_error": "return"}

    async def greeted() -> list[Any]:
        return [each async for each in kit.greet_many_async(["Ada"], **options)]

    for outcome in (*kit.greet_many(["Ada"], **options), *asyncio.run(greeted())):
        assert isinstance(outcome, Failure)
        assert isinstance(outcome.error, SystemExit)
    assert backend.calls == 2
