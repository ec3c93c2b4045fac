"""The peers: what people greet with instead, to be measured beside the backends."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def f_string() -> Callable[[str], str]:
    """Return the f-string in a function: the least that Python takes for a greeting."""

    def hello(name: str) -> str:
        return f"Hello, {name}!"

    return hello


def function() -> Callable[[str], str]:
    """Return the report's simple function, which also knows whom to greet if nobody is named."""

    def hello(name: str = "World") -> str:
        message = f"Hello, {name}!" if name else "Hello!"
        return message.strip()

    return hello


def pluggy() -> Callable[[str], str]:
    """Return one raw call of pluggy, with a single implementation that is an f-string."""
    from pluggy import HookimplMarker, HookspecMarker, PluginManager

    spec, impl = HookspecMarker("peer"), HookimplMarker("peer")

    class Spec:
        @spec(firstresult=True)
        def greet(self, name: str) -> str | None: ...

    class Plugin:
        @impl
        def greet(self, name: str) -> str:
            return f"Hello, {name}!"

    manager = PluginManager("peer")
    manager.add_hookspecs(Spec)
    manager.register(Plugin())
    greet = manager.hook.greet
    return lambda name: greet(name=name)


def jinja2() -> Callable[[str], str]:
    """Return a template of Jinja2's, compiled once."""
    from jinja2 import Environment

    template = Environment(autoescape=True).from_string("Hello, {{ name }}!")
    return lambda name: template.render(name=name)


def gettext() -> Callable[[str], str]:
    """Return a message looked up by gettext, and filled in."""
    from gettext import NullTranslations

    lookup = NullTranslations().gettext
    return lambda name: lookup("Hello, {name}!").format(name=name)


def fluent() -> Callable[[str], str]:
    """Return a message of Project Fluent's."""
    from fluent.runtime import FluentBundle, FluentResource

    bundle = FluentBundle(["en"])
    bundle.add_resource(FluentResource("hello = Hello, { $name }!"))
    pattern = bundle.get_message("hello").value
    assert pattern is not None  # noqa: S101  # it is the one above
    return lambda name: str(bundle.format_pattern(pattern, {"name": name})[0])


PEERS = {
    "f-string": f_string,
    "function": function,
    "pluggy": pluggy,
    "gettext": gettext,
    "jinja2": jinja2,
    "fluent": fluent,
}
"""What makes each peer's greeting function, by the peer's name."""

_NEEDED = {"jinja2": "jinja2", "fluent": "fluent.runtime"}


def available() -> list[str]:
    """Return the names of the peers whose packages are installed."""
    return [name for name in PEERS if name not in _NEEDED or _is_installed(_NEEDED[name])]


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it is missing
        return False
