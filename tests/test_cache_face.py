"""`Kit.cache`: what it tells, and how it forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from caching import Counting

from hellokit import Kit, Request, RequestTypeError, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHAIN = "cached+counting"


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with a leaf that counts."""
    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("counting", Counting)
        for chain in ("cached+plain", CHAIN):
            kit.selected(chain)  # loading a backend is of type change, which empties the cache
        yield kit


def test_clear_forgets_everything(kit: Kit) -> None:
    """After it, each greeting is computed anew."""
    kit.greet("Ada", backend=CHAIN)
    kit.greet("Ada", backend="cached+plain")
    assert kit.cache.info().entries == 2
    kit.cache.clear()
    assert kit.cache.info().entries == 0
    assert kit.greet("Ada", backend=CHAIN).endswith("2")


def test_invalidate_forgets_one_request_in_every_chain(kit: Kit) -> None:
    """Other requests stay; what was not there is no error."""
    for name in ("Ada", "Eve"):
        kit.greet(name, backend=CHAIN)
        kit.greet(name, backend="cached+plain")
    assert kit.cache.invalidate(Request(" Ada", locale="EN")) == 2
    assert kit.cache.invalidate(Request("Ada")) == 0
    assert kit.greet("Ada", backend=CHAIN).endswith("3")
    assert kit.greet("Eve", backend=CHAIN).endswith("2")


def test_invalidate_takes_extra(kit: Kit) -> None:
    """A request with an `extra` is found as well."""
    kit.greet("Ada", backend=CHAIN, extra={"n": 1})
    assert kit.cache.invalidate(Request("Ada", extra={"n": 2})) == 0
    assert kit.cache.invalidate(Request("Ada", extra={"n": 1})) == 1


def test_invalidate_finds_what_a_backend_in_front_asked_for(kit: Kit) -> None:
    """A request without a locale, made inside a chain, is found by one without a locale."""

    class Renaming:
        """Asks for another request than it was asked for."""

        def hellokit_greet(self, inner: Callable[[Request], str]) -> str:
            """Greet Eve."""
            return inner(Request("Eve"))

    kit.register_backend("renaming", Renaming)
    assert kit.greet("Ada", backend=f"renaming+{CHAIN}") == "Hello, Eve! 1"
    assert kit.cache.invalidate(Request("Eve")) == 1


def test_invalidate_wants_a_request(kit: Kit) -> None:
    """A name alone is an error that says what to pass."""
    with pytest.raises(RequestTypeError, match=r"was given a str: .* Request\('Ada'\)"):
        kit.cache.invalidate("Ada")  # type: ignore[arg-type]  # the mistake under test


def test_the_face_is_there_before_the_first_call() -> None:
    """A kit that has not greeted yet has an empty cache, with the settings' bounds."""
    with Kit(Settings(cache_max_entries=7, cache_ttl_s=60), discover=False) as kit:
        info = kit.cache.info()
        assert (info.hits, info.misses, info.shared, info.bypasses) == (0, 0, 0, 0)
        assert (info.entries, info.max_entries, info.ttl_s) == (0, 7, 60.0)
        kit.cache.clear()
        assert kit.cache.invalidate(Request("Ada")) == 0
