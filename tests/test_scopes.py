"""Scopes: what `use` sets for the calls inside it, and for no others."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

import pytest
from showing import Hi, Showing

from hellokit import (
    Kit,
    LocaleError,
    RequestTypeError,
    RequestValueError,
    Settings,
    UnknownBackendError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with the backends `hi` and `showing`."""
    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("hi", Hi())
        kit.register_backend("showing", Showing())
        yield kit


def test_a_scope_sets_what_a_call_leaves_open(kit: Kit) -> None:
    """An argument goes first, then the innermost scope, then the setting."""
    noon = datetime(2026, 1, 1, 12, 30, 59, tzinfo=UTC)
    with kit.use(backend="showing", locale="FR", at=noon, extra={"a": 1}):
        outer = ("fr", None, time(12, 30), "auto", {"a": 1})
        assert kit.greet("Ada") == repr(outer)
        with kit.use(formality="formal", isolate="never", extra={"b": 2}):
            inner = ("fr", "formal", time(12, 30), "never", {"b": 2})
            assert kit.greet("Ada") == repr(inner)
            given = kit.greet("Ada", locale="de", formality="informal", at=time(1), extra={})
            assert given == repr(("de", "informal", time(1), "never", {}))
            assert kit.greet("Ada", backend="hi") == "Hi Ada"
        assert kit.greet("Ada") == repr(outer)
    assert kit.greet("Ada") == "Hello, Ada!"
    assert kit.greet("Ada", backend="showing") == repr(("en", None, None, "auto", None))


def test_a_scope_holds_for_composing(kit: Kit) -> None:
    """The words are the same as of a greeting."""
    with kit.use(formality="informal", isolate="always"):
        assert kit.compose("Ada").text == kit.greet("Ada") == "Hi \u2068Ada\u2069!"


def test_a_scope_may_be_entered_again(kit: Kit) -> None:
    """Inside itself, and after it."""
    scope = kit.use(backend="hi")
    with scope, scope:
        assert kit.greet("Ada") == "Hi Ada"
    with scope:
        assert kit.greet("Ada") == "Hi Ada"
    assert kit.greet("Ada") == "Hello, Ada!"


def test_a_scope_ends_with_an_exception(kit: Kit) -> None:
    """It passes, and nothing of the scope is left."""
    with pytest.raises(ZeroDivisionError), kit.use(backend="hi"):
        1 / 0  # noqa: B018  # raised, not computed
    assert kit.greet("Ada") == "Hello, Ada!"


def test_a_scope_is_of_one_kit_and_one_thread(kit: Kit) -> None:
    """Others greet as before."""
    with kit.use(backend="hi"), Kit(discover=False) as other, ThreadPoolExecutor(1) as pool:
        assert kit.greet("Ada") == "Hi Ada"
        assert other.greet("Ada") == "Hello, Ada!"
        assert pool.submit(kit.greet, "Ada").result() == "Hello, Ada!"


def test_a_scope_sees_a_change_of_the_settings(kit: Kit) -> None:
    """What it does not set, the settings do."""
    with kit.use(formality="informal"):
        assert kit.greet("Ada") == "Hi Ada!"
        kit.configure(backend="hi")
        assert kit.greet("Ada") == "Hi Ada"
    assert kit.greet("Ada") == "Hi Ada"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"backend": "nowhere"}, UnknownBackendError),
        ({"backend": 5}, RequestTypeError),
        ({"locale": "?"}, LocaleError),
        ({"formality": "rude"}, RequestValueError),
        ({"at": 12}, RequestTypeError),
        ({"isolate": "sometimes"}, RequestValueError),
        ({"extra": 5}, RequestTypeError),
    ],
)
def test_a_scope_is_checked_where_it_is_made(
    kit: Kit, options: dict[str, Any], error: type[Exception]
) -> None:
    """Not by the calls inside it."""
    with pytest.raises(error):
        kit.use(**options)
    assert kit.greet("Ada") == "Hello, Ada!"


def test_a_scope_may_be_shared_by_tasks(kit: Kit) -> None:
    """One object may be entered by several tasks at once, each for itself."""
    scope = kit.use(locale="fr")

    async def task(turns: int) -> tuple[str, str]:
        with scope:
            for _ in range(turns):
                await asyncio.sleep(0)
            inside = kit.greet(backend="showing")
        return inside, kit.greet(backend="showing")

    async def main() -> list[tuple[str, str]]:
        return list(await asyncio.gather(task(1), task(3), task(2)))

    assert {("'fr'" in inside, "'fr'" in after) for inside, after in asyncio.run(main())} == {
        (True, False)
    }
