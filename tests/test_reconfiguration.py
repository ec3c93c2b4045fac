"""Settings change while calls are in flight: each call sees one set of them."""

from __future__ import annotations

import asyncio
import threading
from collections import UserDict
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import Kit, Request, Settings, Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Klingon:
    """Brings a second locale."""

    def hellokit_wordings(self) -> Iterator[Wording]:
        """Give one wording."""
        yield Wording(
            locale="tlh", slots={"hello": {"with": "nuqneH, {name}!", "without": "nuqneH!"}}
        )


class Witness:
    """Tells what a call saw."""

    def hellokit_greet(
        self, request: Request, words: Callable[[Request], str], settings: Settings
    ) -> str:
        """Return the locale by the settings, by the request, and the words."""
        return f"{settings.locale} {request.locale} {words(request)}"


@pytest.mark.parametrize("scoped", [False, True])
def test_a_call_sees_one_consistent_set_of_settings(*, scoped: bool) -> None:
    """However often the locale changes, settings, request and words agree in each call."""
    told: set[str] = set()
    done = threading.Event()
    with Kit(Settings(backend="witness"), discover=False, plugins=[Klingon]) as kit:
        kit.register_backend("witness", Witness)
        if scoped:
            kit.use(backend="plain")

        def work() -> None:
            while not done.is_set():
                told.add(kit.greet("Ada"))
                told.add(kit.greet("Ada", backend="witness"))
                told.update(kit.greet_many(["Ada"] * 3, backend="witness"))

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for turn in range(200):
            kit.configure(locale="tlh" if turn % 2 else "en")
            told.add(kit.greet("Ada"))
        done.set()
        for thread in threads:
            thread.join()
    assert told == {"en en Hello, Ada!", "tlh tlh nuqneH, Ada!"}


@pytest.mark.parametrize("scope", [None, {}, {"backend": "witness"}])
def test_a_change_in_the_middle_of_a_call_is_for_the_next(scope: dict[str, Any] | None) -> None:
    """The request is made and carried out by the same settings, with and without a scope."""

    class Changing(UserDict[str, object]):
        """Changes the settings while the request is made."""

        def __iter__(self) -> Iterator[str]:
            """Return no name."""
            kit.configure(locale="tlh")
            return iter(())

    with Kit(Settings(backend="witness"), discover=False, plugins=[Klingon]) as kit:
        kit.register_backend("witness", Witness)
        with nullcontext() if scope is None else kit.use(**scope):
            assert kit.greet("Ada", extra=Changing()) == "en en Hello, Ada!"
            assert kit.greet("Ada") == "tlh tlh nuqneH, Ada!"


def test_a_stream_keeps_the_settings_it_began_with() -> None:
    """What is changed later holds for the next stream."""
    with Kit(Settings(), discover=False, plugins=[Klingon]) as kit:
        stream = kit.greet_many(iter(["Ada", "Grace"]))
        assert next(stream) == "Hello, Ada!"
        kit.configure(locale="tlh")
        assert list(stream) == ["Hello, Grace!"]
        assert list(kit.greet_many(["Ada"])) == ["nuqneH, Ada!"]


def test_a_limit_applies_to_new_work() -> None:
    """Calls that run go on; later ones heed the new bound."""

    class Waiting:
        """An async backend that waits until it is let go."""

        def __init__(self) -> None:
            self.running = 0

        async def hellokit_greet_async(self) -> str:
            """Wait."""
            self.running += 1
            await gate.wait()
            self.running -= 1
            return "Hi"

    async def main() -> None:
        first = [asyncio.create_task(kit.greet_async(backend="async+waiting")) for _ in range(3)]
        await asyncio.sleep(0.01)
        assert waiting.running == 3
        kit.configure(max_concurrent=1)
        later = [asyncio.create_task(kit.greet_async(backend="async+waiting")) for _ in range(3)]
        await asyncio.sleep(0.01)
        assert waiting.running <= 4
        gate.set()
        assert await asyncio.gather(*first, *later) == ["Hi"] * 6

    gate = asyncio.Event()
    waiting = Waiting()
    with Kit(Settings(max_concurrent=3), discover=False) as kit:
        kit.register_backend("waiting", waiting)
        asyncio.run(main())


def test_a_scope_is_kept_by_tasks_and_not_seen_by_others() -> None:
    """Tasks made inside `use()` keep its defaults after it has ended; their siblings do not."""

    async def greet() -> str:
        await asyncio.sleep(0)
        return await kit.greet_async("Ada")

    async def main() -> list[str]:
        before = asyncio.create_task(greet())
        with kit.use(formality="informal"):
            inside = asyncio.create_task(greet())
        return list(await asyncio.gather(before, inside, greet()))

    with Kit(Settings(), discover=False) as kit:
        assert asyncio.run(main()) == ["Hello, Ada!", "Hi Ada!", "Hello, Ada!"]
