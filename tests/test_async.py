"""Backends of both colours: which runs, where, and in whose context."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any

import pytest
from colours import make, run, who

from hellokit import BackendResultError, HellokitError, Kit, UnknownBackendError, hookimpl

if TYPE_CHECKING:
    from collections.abc import Awaitable, Generator, Iterator


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with a backend of each kind, one thread of a pool, and a context."""
    token = who.set("Ada")
    with make() as kit:
        yield kit
    who.reset(token)


@pytest.mark.parametrize(
    ("backend", "sync", "coroutine"),
    [
        (None, "Hello, Ada!", "Hello, Ada!"),
        ("where", "MainThread for Ada", "MainThread for Ada"),
        ("blocking", "MainThread for Ada", "hellokit-blocking for Ada"),
        ("awhere", "hellokit-loop for Ada", "MainThread for Ada"),
        ("both", "sync", "async"),
        ("around+where", "(MainThread for Ada)", "(MainThread for Ada)"),
        ("around+blocking", "(MainThread for Ada)", "(hellokit-blocking for Ada)"),
        ("around+awhere", "(hellokit-loop for Ada)", "(hellokit-loop for Ada)"),
        ("around+both", "(sync)", "(sync)"),
        ("aaround+where", "[hellokit-loop for Ada]", "[MainThread for Ada]"),
        ("aaround+blocking", "[hellokit-blocking for Ada]", "[hellokit-blocking for Ada]"),
        ("aaround+awhere", "[hellokit-loop for Ada]", "[MainThread for Ada]"),
        ("aaround+both", "[async]", "[async]"),
        ("around+aaround+blocking", *["([hellokit-blocking for Ada])"] * 2),
        ("aaround+around+awhere", "[(hellokit-loop for Ada)]", "[(hellokit-loop for Ada)]"),
    ],
)
def test_each_backend_runs_where_it_belongs(
    kit: Kit, backend: str | None, sync: str, coroutine: str
) -> None:
    """In the context of the caller, from either colour, and counted once."""
    assert contextvars.copy_context().run(kit.greet, "Ada", backend=backend) == sync
    assert run(kit, backend) == coroutine
    assert {each.calls for each in kit.metrics().backends.values()} == {2}


def test_what_a_coroutine_sets_stays_with_it(kit: Kit) -> None:
    """On the kit's threads a backend works on a copy of the caller's context."""
    kit.greet("Ada", backend="awhere")
    run(kit, "blocking")
    assert who.get() == "Ada"


def test_a_sync_greeting_works_inside_a_running_loop(kit: Kit) -> None:
    """An async backend has a loop of its own."""

    async def main() -> str:
        return kit.greet("Ada", backend="aaround+awhere")

    assert asyncio.run(main()) == "[hellokit-loop for Ada]"


class Raising:
    """Raises, in a thread if it is told to."""

    def __init__(self, error: BaseException, *, blocking: bool) -> None:
        self.error = error
        self.blocking = blocking

    def hellokit_greet(self) -> str:
        """Raise."""
        raise self.error


class AsyncRaising:
    """Raises in a coroutine."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    async def hellokit_greet_async(self) -> str:
        """Raise."""
        await asyncio.sleep(0)
        raise self.error


ERRORS = [ValueError("no"), ConnectionError("no"), SystemExit(3), KeyboardInterrupt("no")]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_exception_comes_through_as_it_is(kit: Kit, error: BaseException) -> None:
    """From whatever thread, and counted; the next greeting is not concerned."""
    kit.register_backend("sync", Raising(error, blocking=False))
    kit.register_backend("blocking sync", Raising(error, blocking=True))
    kit.register_backend("coroutine", AsyncRaising(error))
    for backend in ("sync", "blocking sync", "coroutine"):
        for greet in (kit.greet, lambda *_, backend: run(kit, backend)):
            with pytest.raises(type(error)) as caught:
                greet("Ada", backend=backend)
            assert caught.value is error
        assert kit.metrics().backends[backend].errors == {type(error).__name__: 2}
    assert kit.greet("Ada", backend="awhere") == "hellokit-loop for Ada"


def test_a_function_that_pretends_to_be_a_coroutine_is_told_apart(kit: Kit) -> None:
    """Under the async name, a string is not what can be awaited."""

    class Pretending:
        def hellokit_greet_async(self) -> str:
            return "Hi"

    kit.register_backend("pretending", Pretending())
    with pytest.raises(BackendResultError, match="returned a str from hellokit_greet_async"):
        run(kit, "pretending")


class Signing:
    """A plugin that signs what every backend says, and mends what it cannot say."""

    @hookimpl(wrapper=True)
    def hellokit_greet(self, backend: str) -> Generator[None, str, str]:
        """Sign the text."""
        try:
            return f"{(yield)} ({backend})"
        except ConnectionError:
            return f"sorry ({backend})"


@pytest.mark.parametrize(
    ("backend", "text"),
    [
        ("where", "MainThread for Ada (where)"),
        ("blocking", "hellokit-blocking for Ada (blocking)"),
        ("awhere", "MainThread for Ada (awhere)"),
        ("both", "async (both)"),
        ("aaround+awhere", "[MainThread for Ada (awhere)] (aaround)"),
        ("aaround+around+both", "[(sync (both)) (around)] (aaround)"),
        ("raising", "sorry (raising)"),
    ],
)
def test_a_wrapper_sees_backends_of_both_colours(kit: Kit, backend: str, text: str) -> None:
    """It stands around what is awaited, too, and once around each."""
    kit.register_backend("raising", AsyncRaising(ConnectionError()))
    kit.register(Signing())
    assert run(kit, backend) == text
    assert kit.greet("Ada", backend=backend).endswith(f"({backend.partition('+')[0]})")


class Unruly:
    """A wrapper that does not do what one has to."""

    def __init__(self, yields: int) -> None:
        self.yields = yields

    @hookimpl(wrapper=True)
    def hellokit_greet(self) -> Generator[None, str, str]:
        """Yield too often, or not at all."""
        for _ in range(self.yields):
            yield
        return "too late"


@pytest.mark.parametrize(("yields", "problem"), [(0, "did not yield"), (2, "has second yield")])
def test_an_unruly_wrapper_is_told_of_around_coroutines(
    kit: Kit, yields: int, problem: str
) -> None:
    """As pluggy does around functions."""
    kit.register(Unruly(yields))
    with pytest.raises(RuntimeError, match=f"'hellokit_greet' .* {problem}"):
        run(kit, "awhere")
    with pytest.raises(RuntimeError, match=f"'hellokit_greet' .* {problem}"):
        kit.greet(backend="where")


def test_a_wrapper_of_both_colours_stands_around_a_coroutine_once(kit: Kit) -> None:
    """A plugin that wraps coroutines itself is not run as a wrapper of functions too."""

    class Both(Signing):
        @hookimpl(wrapper=True)
        def hellokit_greet_async(self) -> Generator[None, Awaitable[str], Awaitable[str]]:
            return loud((yield))

    kit.register(Both())
    assert run(kit, "both") == "ASYNC"
    assert kit.greet(backend="both") == "sync (both)"


async def loud(text: Awaitable[str]) -> str:
    """Say it in capitals."""
    return (await text).upper()


def test_a_wrapper_of_coroutines_sees_the_awaitable(kit: Kit) -> None:
    """It can await it in a coroutine of its own."""

    class Loud:
        @hookimpl(wrapper=True)
        def hellokit_greet_async(self) -> Generator[None, Awaitable[str], Awaitable[str]]:
            return loud((yield))

    kit.register(Loud())
    assert run(kit, "both") == "ASYNC"
    assert kit.greet(backend="both") == "sync"
    assert kit.greet(backend="awhere") == "HELLOKIT-LOOP FOR ADA"


def test_scopes_are_of_a_task(kit: Kit) -> None:
    """Tasks that run at the same time do not see each other's, and backends see the caller's."""

    class Asking:
        async def hellokit_greet_async(self, kit: Kit) -> str:
            return await kit.greet_async("Ada", backend="plain")

    kit.register_backend("asking", Asking())

    async def informal(*, inside: bool) -> str:
        with kit.use(formality="informal" if inside else None, backend="asking"):
            await asyncio.sleep(0)
            return await kit.greet_async("Ada")

    async def main() -> list[str]:
        return list(await asyncio.gather(informal(inside=True), informal(inside=False)))

    assert asyncio.run(main()) == ["Hi Ada!", "Hello, Ada!"]
    with kit.use(formality="informal", backend="asking"):
        assert kit.greet("Ada") == "Hi Ada!"


def test_a_bad_call_is_refused_when_it_is_awaited(kit: Kit) -> None:
    """With the same errors as a sync one."""
    with pytest.raises(UnknownBackendError):
        run(kit, "nowhere")
    bad: Any = 5
    with pytest.raises(HellokitError, match="backend is of type int"):
        run(kit, bad)


def test_records_of_coroutines_are_delivered(kit: Kit) -> None:
    """One per call, of both colours."""
    told: list[tuple[str, str]] = []

    class Sink:
        def hellokit_record(self, record: Any) -> None:
            told.append((record.backend, type(record.error).__name__))

    kit.register(Sink())
    run(kit, "aaround+awhere")
    kit.greet("Ada", backend="aaround+awhere")
    assert told == [("awhere", "NoneType"), ("aaround", "NoneType")] * 2
