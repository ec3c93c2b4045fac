"""A crew of threads: when they come, what they leave out, and when they go."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING

from colours import PATIENCE_S

from hellokit.crew import Crew

if TYPE_CHECKING:
    import pytest


def test_a_call_that_is_cancelled_before_its_turn_is_not_made() -> None:
    """What waits for a thread is forgotten, and what comes after it is made."""
    gate = threading.Event()
    made: list[str] = []

    def call(name: str) -> None:
        made.append(name)
        gate.wait(PATIENCE_S)

    async def main() -> None:
        first, second, third = [crew.submit(partial(call, name)) for name in "abc"]
        second.cancel()
        gate.set()
        await asyncio.wait([first, third])

    crew = Crew(1)
    asyncio.run(main())
    crew.end()
    assert made == ["a", "c"]


def test_the_result_for_a_closed_loop_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for it, nothing is logged, and the thread takes the next call."""
    gate = threading.Event()

    async def leave() -> None:
        crew.submit(lambda: gate.wait(PATIENCE_S))

    async def ask() -> int:
        call = crew.submit(lambda: 42)
        gate.set()
        return await call

    crew = Crew(1)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave())
    loop.close()
    assert asyncio.run(ask()) == 42
    crew.end()
    assert not caplog.records


def test_idle_threads_leave_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kit that makes no blocking call for a while holds no thread for it."""
    monkeypatch.setattr("hellokit.crew.IDLE_S", 0.001)
    crew = Crew(2)

    async def main() -> None:
        for _ in range(3):
            thread = await crew.submit(threading.current_thread)
            await asyncio.to_thread(thread.join, PATIENCE_S)
            assert not thread.is_alive()

    asyncio.run(main())
