"""What a call refuses, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from showing import Hi, Showing

import hellokit
from hellokit import (
    HellokitError,
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


@pytest.mark.parametrize(
    ("backend", "hint"),
    [
        ("plian", "did you mean 'plain'?"),
        ("PLAIN", "did you mean 'plain'?"),
        ("nothing like it", "named 'nothing like it': there is "),
        ("show", "did you mean 'showing'?"),
        ("", "empty part"),
    ],
)
def test_an_unknown_backend_is_told_with_those_there_are(kit: Kit, backend: str, hint: str) -> None:
    """The near misses come first."""
    with pytest.raises(HellokitError) as caught:
        kit.greet("Ada", backend=backend)
    assert hint in str(caught.value)
    if backend:
        assert isinstance(caught.value, UnknownBackendError)
        assert isinstance(caught.value, LookupError)
        assert f"no backend is named {backend!r}" in str(caught.value)
        assert f"there is {', '.join(each.name for each in kit.backends())}; " in str(caught.value)


@pytest.mark.parametrize("backend", [5, b"plain", ["plain"], {}, True, object()])
def test_a_backend_is_named_by_a_string(kit: Kit, backend: Any) -> None:
    """The message names the type; also what cannot be hashed is told."""
    kind = type(backend).__name__
    with pytest.raises(RequestTypeError, match=f"backend is of type {kind}: pass"):
        kit.greet("Ada", backend=backend)


def test_a_backend_that_pretends_to_be_a_string_is_none(kit: Kit) -> None:
    """A lazy proxy passes for what it stands for; it is told apart all the same."""

    class Proxy:
        """Pretends."""

        __class__: Any = property(lambda _: str)

    proxy: Any = Proxy()
    with pytest.raises(RequestTypeError, match="backend is of type Proxy: pass"):
        kit.greet("Ada", backend=proxy)


@pytest.mark.parametrize(
    ("arguments", "error", "builtin"),
    [
        ({"names": (5,)}, RequestTypeError, TypeError),
        ({"names": ("Ada",) * 33}, RequestValueError, ValueError),
        ({"locale": "?"}, LocaleError, ValueError),
        ({"locale": 5}, RequestTypeError, TypeError),
        ({"formality": "rude"}, RequestValueError, ValueError),
        ({"formality": 5}, RequestTypeError, TypeError),
        ({"at": 12}, RequestTypeError, TypeError),
        ({"at": "noon"}, RequestValueError, ValueError),
        ({"extra": [1]}, RequestTypeError, TypeError),
    ],
)
def test_a_bad_argument_is_an_error_before_any_backend_runs(
    kit: Kit, arguments: dict[str, Any], error: type[Exception], builtin: type[Exception]
) -> None:
    """It is also the built-in that fits, and no call is counted."""
    names = arguments.pop("names", ("Ada",))
    with pytest.raises(error) as caught:
        kit.greet(*names, **arguments)
    assert isinstance(caught.value, builtin)
    assert isinstance(caught.value, HellokitError)
    assert not kit.metrics().backends["plain"].calls


def test_every_error_is_a_hellokit_error_and_a_builtin_one() -> None:
    """Code that catches the built-in needs to know nothing of hellokit."""
    leaves = [
        each
        for each in vars(hellokit.errors).values()
        if isinstance(each, type) and each is not HellokitError
    ]
    assert len(leaves) >= 11
    for leaf in leaves:
        assert issubclass(leaf, HellokitError)
        assert any(
            base.__module__ == "builtins" and base is not Exception for base in leaf.mro()[1:-3]
        )
