"""Chains of backends: how they are written, completed, bound and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hellokit import (
    ChainError,
    HellokitError,
    Kit,
    Request,
    Settings,
    UnknownBackendError,
    hookimpl,
)
from hellokit.chains import parse, wraps
from hellokit.plugins import PASSES_DEFAULTS, Plugins
from hellokit.routes import no_inner

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator


class Marking:
    """A wrapping backend that marks what it passes on with its name."""

    def hellokit_greet(
        self, request: Request, inner: Callable[[Request], str], backend: str
    ) -> str:
        """Mark the text."""
        return f"<{backend}>{inner(request)}"


class Short:
    """A leaf."""

    def hellokit_greet(self, request: Request) -> str:
        """Say hi."""
        return f"Hi {' '.join(request.names)}"


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with two wrapping backends, `outer` and `middle`, and a leaf, `short`."""
    with Kit(discover=False) as kit:
        kit.register_backend("outer", Marking())
        kit.register_backend("middle", Marking())
        kit.register_backend("short", Short())
        yield kit


@pytest.mark.parametrize(
    ("chain", "text"),
    [
        ("short", "Hi Ada"),
        ("outer+short", "<outer>Hi Ada"),
        ("outer+middle+short", "<outer><middle>Hi Ada"),
        (" middle + outer+short ", "<middle><outer>Hi Ada"),
        ("outer", "<outer>Hello, Ada!"),
        ("outer+middle", "<outer><middle>Hello, Ada!"),
    ],
)
def test_a_chain_runs_from_the_outermost_to_the_leaf(kit: Kit, chain: str, text: str) -> None:
    """Where it names no leaf, the default one ends it."""
    assert kit.greet("Ada", backend=chain) == text


def test_each_backend_of_a_chain_is_counted(kit: Kit) -> None:
    """Once per call, under its own name."""
    kit.greet("Ada", backend="outer+middle+short")
    kit.greet("Ada", backend="middle+short")
    counted = {name: each.calls for name, each in kit.metrics().backends.items()}
    assert counted == {"outer": 1, "middle": 2, "short": 2}


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("short", "<outer>Hi Ada"),
        ("middle+short", "<outer>Hi Ada"),
        ("outer+short", "<outer>Hi Ada"),
        ("middle", "<outer>Hello, Ada!"),
        ("outer", "<outer>Hello, Ada!"),
    ],
)
def test_the_default_leaf_is_that_of_the_setting(kit: Kit, setting: str, text: str) -> None:
    """If the setting has none, it is plain."""
    kit.configure(backend=setting)
    assert kit.greet("Ada", backend="outer") == text


def test_the_setting_may_be_a_chain(kit: Kit) -> None:
    """A call that says nothing runs it."""
    kit.configure(backend="outer+short")
    assert kit.greet("Ada") == "<outer>Hi Ada"


@pytest.mark.parametrize("chain", ["", "+", "plain+", "+plain", "outer++plain", " + "])
def test_a_chain_with_an_empty_part_is_refused(kit: Kit, chain: str) -> None:
    """The message shows the chain, and how one is written."""
    with pytest.raises(ChainError, match=r"empty part.*'cached\+plain'") as caught:
        kit.greet("Ada", backend=chain)
    assert repr(chain) in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_a_chain_names_each_part_once(kit: Kit) -> None:
    """A backend before itself is a mistake."""
    with pytest.raises(ChainError, match="names 'outer' twice"):
        kit.greet("Ada", backend="outer+plain+ outer")


def test_a_leaf_stands_at_the_end(kit: Kit) -> None:
    """What follows it would never be called."""
    with pytest.raises(ChainError, match=r"'short\+outer\+plain' has the leaf 'short' before"):
        kit.greet("Ada", backend="short+outer+plain")


def test_a_chain_of_unknown_parts_names_the_first(kit: Kit) -> None:
    """Each part is looked up by itself."""
    with pytest.raises(UnknownBackendError, match=r"no backend is named 'outre'.*'outer'"):
        kit.greet("Ada", backend="middle+outre+short")


def test_a_bad_setting_is_found_by_the_call(kit: Kit) -> None:
    """And it spoils only the calls that need it."""
    kit.configure(backend="nowhere")
    with pytest.raises(UnknownBackendError, match="no backend is named 'nowhere'"):
        kit.greet("Ada")
    assert kit.greet("Ada", backend="outer+short") == "<outer>Hi Ada"


def test_white_space_around_the_parts_of_a_chain_is_nothing() -> None:
    """A chain may be written for the eye."""
    assert parse(" cached + plain ") == ("cached", "plain")


class ByDefault:
    """Wraps in one colour, by an argument that has a default."""

    def hellokit_greet_async(self, request: Request, inner: Any = None) -> Any:
        """Pass on."""
        return inner(request)


def test_a_backend_wraps_if_it_takes_inner() -> None:
    """The argument says it, in either colour; with a default where pluggy passes those."""
    plugins = Plugins(lambda: None)
    backends = [Marking(), ByDefault(), Short()]
    for backend in backends:
        plugins.register(backend)
    assert [wraps(plugins, backend) for backend in backends] == [True, PASSES_DEFAULTS, False]


class Meddling:
    """A plugin that wraps, and calls `inner` itself."""

    @hookimpl(wrapper=True)
    def hellokit_greet(
        self, request: Request, inner: Callable[[Request], str]
    ) -> Generator[None, str, str]:
        """Call what a leaf does not have."""
        yield
        return inner(request)


def test_a_leaf_has_no_inner_to_call(kit: Kit) -> None:
    """A wrapper that calls the inner backend of a leaf is told that there is none."""
    with pytest.raises(HellokitError, match="'plain' is a leaf and has no inner backend"):
        no_inner("plain")(Request("Ada"))
    kit.register(Meddling)
    with pytest.raises(HellokitError, match="'short' is a leaf and has no inner backend"):
        kit.greet("Ada", backend="short")


class Everything:
    """A backend that takes all there is."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}

    def hellokit_greet(  # noqa: PLR0913, PLR0917  # the arguments of the hook
        self,
        request: Request,
        inner: Callable[[Request], str],
        kit: Kit,
        backend: str,
        words: Callable[[Request], str],
        note: Callable[..., None],
    ) -> str:
        """Keep what is given, and note something."""
        self.given = {"request": request, "kit": kit, "backend": backend}
        note("seen")
        note("bytes", 3)
        note("bytes", value=4)
        return f"{words(request)} {inner(request)}"


def test_a_backend_is_given_what_it_takes(kit: Kit) -> None:
    """Request, inner, kit, its name, words and note are of this call."""
    kit.register_backend("all", backend := Everything())
    assert kit.greet("Ada", locale="en-GB", backend="all+short") == "Hello, Ada! Hi Ada"
    assert backend.given == {
        "request": Request("Ada", locale="en-GB", isolate="auto"),
        "kit": kit,
        "backend": "all",
    }
    assert kit.metrics().backends["all"].attributes == {"seen": 1, "bytes": 7}
    assert kit.metrics().backends["short"].attributes == {}


def test_two_names_of_one_object_are_two_backends(kit: Kit) -> None:
    """The object is told by which it runs, and each name counts by itself."""
    marking = Marking()
    undo = kit.register_backend("first", marking)
    kit.register_backend("second", marking)
    assert kit.greet("Ada", backend="first+second+short") == "<first><second>Hi Ada"
    undo()
    assert kit.greet("Ada", backend="second+short") == "<second>Hi Ada"
    with pytest.raises(UnknownBackendError):
        kit.greet("Ada", backend="first")
    assert kit.metrics().backends["first"].calls == 1


class Renaming:
    """A wrapping backend that asks for somebody else."""

    def hellokit_greet(self, inner: Callable[[Request], str]) -> str:
        """Ask for Bob, and say nothing of the rest."""
        return inner(Request("Bob"))


def test_a_request_that_leaves_things_open_gets_the_defaults_of_the_kit(kit: Kit) -> None:
    """The words of a request without locale and isolation are those of the kit's settings."""
    kit.register_backend("renaming", Renaming())
    assert kit.greet("Ada", backend="renaming+plain") == "Hello, Bob!"
    kit.configure(isolate="always")
    assert kit.greet("Ada", backend="renaming+plain") == "Hello, \u2068Bob\u2069!"


class Deciding:
    """A plugin that answers some greetings itself, whatever the backend."""

    @hookimpl(tryfirst=True)
    def hellokit_greet(self, request: Request) -> str | None:
        """Know Ada."""
        return "Good to see you, Ada!" if request.names == ("Ada",) else None


def test_a_plugin_may_answer_or_decline(kit: Kit) -> None:
    """Where it declines, the backend that was asked for answers, and no other one."""
    undo = kit.register(Deciding())
    assert kit.greet("Ada", backend="short") == "Good to see you, Ada!"
    assert kit.greet("Bob", backend="short") == "Hi Bob"
    assert kit.greet("Bob") == "Hello, Bob!"
    undo()
    assert kit.greet("Ada", backend="short") == "Hi Ada"


def test_a_malformed_setting_leaves_a_call_that_names_a_leaf_alone() -> None:
    """The default leaf is looked for only by a chain that needs one."""
    with Kit(Settings(backend="a++b"), discover=False) as kit:
        assert kit.greet("Ada", backend="plain") == "Hello, Ada!"
        with pytest.raises(ChainError, match="empty part"):
            kit.greet("Ada", backend="monitored")
