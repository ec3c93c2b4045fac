"""The contract holds for every built-in backend, and is fair to those that are unlike them."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from hellokit import Kit, Settings
from hellokit.testing import BackendContract, ScriptedBackend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hellokit import Request

    Words = Callable[[Request], str]
    Inner = Callable[[Request], str]

with Kit(Settings(), discover=False) as _kit:
    BUILTIN = [info.name for info in _kit.backends()]

for _name in BUILTIN:  # a new one is tested without being named here
    globals()[f"Test{_name.title()}"] = type(
        f"Test{_name.title()}",
        (BackendContract,),
        {"backend": _name},
    )


def test_every_built_in_backend_is_tested() -> None:
    """The classes are made from what is registered, and that is the four there are, or more."""
    assert {"plain", "monitored", "async", "cached"} <= set(BUILTIN)
    assert {f"Test{name.title()}" for name in BUILTIN} <= set(globals())


class TestChain(BackendContract):
    """A chain keeps the contract as a leaf does."""

    backend = "cached+monitored+plain"


class Framed:
    """A leaf with words of its own, of one colour, that blocks."""

    blocking = True

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        return f"| {words(request)} |"


class TestFramed(BackendContract):
    """A leaf may put its own words around those of the kit, and run on threads."""

    backend = "framed"
    plugin = Framed
    unsupported: ClassVar = {"composition": "it frames them"}


class Dice:
    """A leaf that greets at random, and awaits."""

    async def hellokit_greet_async(self) -> str:
        """Greet."""
        await asyncio.sleep(0)
        return f"You threw {random.random()}."  # noqa: S311  # nobody plays for money


class TestDice(BackendContract):
    """A leaf may greet at random, and in one colour."""

    backend = "dice"
    plugin = Dice
    unsupported: ClassVar = dict.fromkeys(
        ("agreement", "repetition", "composition"), "it throws dice"
    )


class Once:
    """A wrapping backend that greets each person once; an object, whose state all kits share."""

    def __init__(self) -> None:
        self.seen: set[Any] = set()

    def hellokit_greet(self, request: Request, inner: Inner) -> str:
        """Greet."""
        if request.names in self.seen:
            return "Hello again!"
        self.seen.add(request.names)
        return inner(request)


class TestOnce(BackendContract):
    """A backend may answer in the place of the one behind it, and remember across kits."""

    backend = "once"
    plugin = Once()
    unsupported: ClassVar = {
        "agreement": "it remembers across kits",
        "repetition": "it greets once",
        "recovery": "a greeting that failed was one",
    }


class Connected:
    """A leaf whose one connection is made by a test, and closed with the first kit."""

    def __init__(self) -> None:
        self.open = True

    def hellokit_greet(self, request: Request, words: Words) -> str:
        """Greet."""
        if not self.open:
            raise ConnectionError("closed")
        return words(request)

    def hellokit_closing(self) -> None:
        """Close it."""
        self.open = False


class TestConnected(BackendContract):
    """An object may be closed with its kit, if it does not promise to outlive that."""

    backend = "connected"
    unsupported: ClassVar = {"independence": "it has one connection"}

    @pytest.fixture(autouse=True)
    def connected(self) -> None:
        """Connect."""
        self.plugin = Connected()


class Steadfast:
    """A wrapping backend that tries again, and has another text at last."""

    async def hellokit_greet_async(
        self, request: Request, inner: Callable[[Request], Awaitable[str]], words: Words
    ) -> str:
        """Greet."""
        for _ in range(2):
            try:
                return await inner(request)
            except Exception:  # noqa: BLE001, S112  # that is its purpose
                continue
        return words(request)


class TestSteadfast(BackendContract):
    """A backend may call the one behind it again, and catch its errors."""

    backend = "steadfast"
    plugin = Steadfast
    unsupported: ClassVar = {"errors": "it greets without the backend behind it"}


class TestSlow(BackendContract):
    """A leaf may take its time now and then; the kit's own scripted backend keeps the contract."""

    backend = "slow"
    plugin = ScriptedBackend(latency_s=[0, 0, 0, 0.0005])
