"""The plugin manager of one kit: pluggy's, told of every change, and able to contain failures."""

from __future__ import annotations

import inspect

import pluggy

from hellokit import hookspecs
from hellokit.errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any


HOOKS = frozenset(name for name in vars(hookspecs) if name.startswith("hellokit_"))


class Plugins(pluggy.PluginManager):
    """Registers plugins; an unmarked function with the name of a hook implements it.

    Args:
        changed: called after each change of what a hook call would run.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed: Callable[[], None] = lambda: None
        self.monitors = 0
        super().__init__("hellokit")
        self.add_hookspecs(hookspecs)
        self._changed = changed

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        """Take marked functions, and unmarked ones that have the name of a hook."""
        options = super().parse_hookimpl_opts(plugin, name)
        if options is None and name in HOOKS:
            function = inspect.getattr_static(plugin, name, None)
            if isinstance(function, staticmethod | classmethod) or inspect.isroutine(function):
                return {}
        return options

    def register(self, plugin: object, name: str | None = None) -> str | None:
        """Register a plugin.

        Raises:
            PluginError: if it is malformed, registered already, or has no hook.
        """
        check(plugin, name)
        try:
            registered = super().register(plugin, name)
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginError(f"plugin {name!r} cannot be registered: {error}") from error
        self._changed()
        return registered

    def unregister(self, plugin: object | None = None, name: str | None = None) -> Any:
        """Unregister a plugin."""
        removed = super().unregister(plugin, name)
        self._changed()
        return removed

    def set_blocked(self, name: str) -> None:
        """Block a name, and unregister what has it."""
        super().set_blocked(name)
        self._changed()

    def unblock(self, name: str) -> bool:
        """Unblock a name."""
        unblocked = super().unblock(name)
        self._changed()
        return unblocked

    def add_hookcall_monitoring(self, before: Any, after: Any) -> Callable[[], None]:
        """Have every hook call told before and after; calls run through pluggy meanwhile."""
        undo = super().add_hookcall_monitoring(before, after)
        self.monitors += 1
        self._changed()

        def unmonitor() -> None:
            nonlocal undo
            undo()
            undo = lambda: None  # noqa: E731  # a second undo must not count down again
            self.monitors = max(0, self.monitors - 1)
            self._changed()

        return unmonitor

    def implementations(self, hook: str, plugin: object | None = None) -> Iterator[pluggy.HookImpl]:
        """Yield the implementations of a hook in the order of their calls.

        Args:
            hook: the hook's name.
            plugin: only this plugin's, if given.
        """
        for implementation in reversed(getattr(self.hook, hook).get_hookimpls()):
            if plugin is None or implementation.plugin is plugin:
                yield implementation

    def own(self, plugin: object, hook: str) -> bool:
        """Tell whether `plugin` implements `hook` itself, other than as a wrapper."""
        return any(
            not (implementation.wrapper or implementation.hookwrapper)
            for implementation in self.implementations(hook, plugin)
        )


def check(plugin: object, name: str | None) -> None:
    """Refuse what pluggy would take and nobody could use.

    Raises:
        PluginError: if `plugin` has no hook, misspells one, has one of the wrong colour, or
            cannot be hashed.
    """
    own = {attribute for attribute in dir(plugin) if attribute.startswith("hellokit_")}
    marked = any(hasattr(getattr(plugin, a, None), "hellokit_impl") for a in dir(plugin))
    if not (own & HOOKS or marked):
        raise PluginError(
            f"plugin {name!r} ({type(plugin).__name__}) has no hellokit hook{_near(own)}: "
            f"give it one of {', '.join(sorted(HOOKS))}"
        )
    if inspect.iscoroutinefunction(getattr(plugin, "hellokit_greet", None)):
        raise PluginError(
            f"hellokit_greet of plugin {name!r} is a coroutine function: "
            "name it hellokit_greet_async, or make it a plain `def`"
        )
    if type(plugin).__hash__ is None:
        raise PluginError(
            f"plugin {name!r} ({type(plugin).__name__}) cannot be hashed: "
            "compare it by identity, for example with attrs.define(eq=False)"
        )


def _near(names: Iterable[str]) -> str:
    from difflib import get_close_matches

    found = [(name, get_close_matches(name, HOOKS, 1)) for name in sorted(names)]
    hints = [f"{name} may mean {near[0]}" for name, near in found if near]
    return f" ({'; '.join(hints)})" if hints else ""
