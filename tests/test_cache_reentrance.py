"""A computation that needs the greeting it is making: an error, and never a wait without end."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from caching import PATIENCE_S, add, ended, in_threads

from hellokit import Kit, PluginError, Request, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit."""
    with Kit(Settings(), discover=False) as kit:
        yield kit


class Reasking:
    """A sync leaf that asks for the greeting it is to make."""

    def hellokit_greet(self, request: Request, kit: Kit) -> str:
        """Ask."""
        return kit.greet(*request.names, backend="cached+leaf")


class ReaskingAsync:
    """An async leaf that asks for Eve to greet Ada, and for Ada to greet Eve."""

    async def hellokit_greet_async(self, request: Request, kit: Kit) -> str:
        """Ask in a task of its own."""
        names = {"Ada": "Eve", "Eve": "Ada"}
        call = kit.greet_async(names[request.names[0]], backend="cached+leaf")
        return (await asyncio.gather(call))[0]


def test_a_computation_that_asks_for_itself_fails(kit: Kit) -> None:
    """It would wait for ever: the error says so, in sync and in async code."""
    add(kit, Reasking)
    with pytest.raises(PluginError, match=r"Request\('Ada'.*the computation of that very"):
        kit.greet("Ada", backend="cached+leaf")
    with pytest.raises(PluginError, match="inside a backend call `inner`"):
        asyncio.run(kit.greet_async("Ada", backend="cached+leaf"))


def test_a_computation_that_asks_for_itself_by_a_detour_fails(kit: Kit) -> None:
    """It need not be the same task that asks."""
    add(kit, ReaskingAsync)
    with pytest.raises(PluginError, match="that very"):
        asyncio.run(kit.greet_async("Ada", backend="cached+leaf"))


def test_two_computations_that_ask_for_each_other_fail(kit: Kit) -> None:
    """Two threads would wait for each other: at least one gets an error, and neither hangs."""
    both = threading.Barrier(2)

    class Leaf:
        """Asks for the other one when both are under way."""

        def hellokit_greet(self, request: Request, kit: Kit) -> str:
            """Ask."""
            both.wait(PATIENCE_S)
            return kit.greet({"Ada": "Eve", "Eve": "Ada"}[request.names[0]], backend="cached+leaf")

    add(kit, Leaf)
    names = iter(["Ada", "Eve"])
    threads, outcomes = in_threads(2, lambda: kit.greet(next(names), backend="cached+leaf"))
    assert ended(threads)
    assert {type(outcome) for outcome in outcomes} == {PluginError}


def test_a_computation_may_ask_for_other_greetings(kit: Kit) -> None:
    """What is inside need not be cached by another backend, and two may need the same one."""

    class Leaf:
        """Asks for the greeting of a shorter name."""

        def hellokit_greet(self, request: Request, kit: Kit) -> str:
            """Ask, unless it is short."""
            (name,) = request.names
            rest = kit.greet(name[1:], backend="cached+leaf") if len(name) > 1 else ""
            return name[0] + rest

    add(kit, Leaf)
    assert kit.greet("Adaline", backend="cached+leaf") == "Adaline"
    threads, outcomes = in_threads(10, lambda: kit.greet("Karoline", backend="cached+leaf"))
    assert ended(threads)
    assert outcomes == ["Karoline"] * 10
    assert kit.metrics().backends["leaf"].calls == 7 + 4
