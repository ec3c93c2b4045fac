"""The plugin manager of one kit: pluggy's, told of every change, and able to contain failures."""

from __future__ import annotations

import inspect
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType

import pluggy

from hellokit import hookspecs
from hellokit.entrypoints import BACKENDS, PLUGINS
from hellokit.errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

PREFIX = "hellokit_"
HOOKS = frozenset(name for name in vars(hookspecs) if name.startswith(PREFIX))

COLOURS = ("hellokit_greet", "hellokit_greet_async")
"""The hooks that greet, and can be wrapped; of the others, each implementation runs by itself."""

PASSES_DEFAULTS = hasattr(pluggy.PluginManager, "list_plugin_distributions")
"""Whether this is pluggy 1.7 or later: its other novelty tells."""

FUNCTIONS = (FunctionType, MethodType, staticmethod, classmethod)
"""What pluggy takes for an implementation."""

CLOSE = 0.8
"""How alike two words are, of 1, if the one may be a slip of the other."""


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
        if options is not None or name not in HOOKS:
            return options
        return {} if isinstance(inspect.getattr_static(plugin, name, None), FUNCTIONS) else None

    def get_canonical_name(self, plugin: object) -> str:
        """Return the name of a module, and for an object one that says what it is."""
        name = getattr(plugin, "__name__", None)
        return str(name) if name else f"{type(plugin).__qualname__} at {id(plugin):#x}"

    def register(self, plugin: object, name: str | None = None) -> str | None:
        """Register a plugin.

        Raises:
            PluginError: if it is malformed, registered already, or has no hook.
        """
        name = name or self.get_canonical_name(plugin)
        self._check(plugin, name)
        try:
            registered = super().register(plugin, name)
        except (pluggy.PluginValidationError, ValueError) as error:
            if super().get_name(plugin) is not None:  # pluggy before 1.7 leaves half of it
                super().unregister(plugin)
            told = self._misfit(plugin) or " ".join(str(error).split())
            raise PluginError(f"{called(name, plugin)} cannot be registered: {told}") from error
        for hook in HOOKS:
            for implementation in self.implementations(hook, plugin):
                if problem := self._unusable(hook, implementation):
                    super().unregister(plugin)
                    raise PluginError(f"{hook} of {called(name, plugin)} {problem}")
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

    def refuse_backend(self, plugin: object) -> None:
        """Take out a plugin that greets like a backend: what is loaded first would decide who does.

        Raises:
            PluginError: if it does, and does not say that it is to be asked before backends.
        """
        for hook in COLOURS:
            mine = self.implementations(hook, plugin)
            if any(not (each.wrapper or each.hookwrapper or each.tryfirst) for each in mine):
                told = called(self.get_name(plugin) or "", plugin)
                self.unregister(plugin)
                raise PluginError(
                    f"{hook} of {told} makes it a backend: use register_backend() or the "
                    "entry-point group hellokit.backends; or mark it @hookimpl(wrapper=True), or "
                    "@hookimpl(tryfirst=True) to be asked before every backend"
                )

    def _check(self, plugin: object, name: str) -> None:
        """Refuse what pluggy would take and nobody could use.

        Raises:
            PluginError: if `plugin` cannot be hashed, is registered already, has no hook, or
                has something by the name of a hook that is not one.
        """
        told = called(name, plugin)
        try:
            hash(plugin)
        except Exception as error:
            raise PluginError(
                f"{told} cannot be hashed: "
                "compare it by identity, for example with attrs.define(eq=False)"
            ) from error
        if (registered := self.get_name(plugin)) is not None:
            raise PluginError(
                f"{told} is registered already, as {called(registered, plugin)}: register an "
                "object once, and compare objects by identity if they are two"
            )
        if self.has_plugin(name):
            raise PluginError(f"{told} has a name that is registered already: use another name")
        self._check_hooks(plugin, name)

    def _misfit(self, plugin: object) -> str | None:
        """Tell which argument of which hook is not offered, if that is what is wrong."""
        for hook in sorted(HOOKS.intersection(dir(plugin))):
            offered = getattr(self.hook, hook).spec.argnames
            function = getattr(plugin, hook)
            taken = inspect.signature(function).parameters
            unknown = [name for name in taken if name not in (*offered, "self")]
            if unknown:
                return (
                    f"{hook} takes {', '.join(unknown)}, which is not offered: "
                    f"take any of {', '.join(offered)}"
                )
        return None

    def _unusable(self, hook: str, implementation: pluggy.HookImpl) -> str | None:
        """Tell what is wrong with an implementation that pluggy has accepted, if anything."""
        function = implementation.function
        if hook != "hellokit_greet_async" and inspect.iscoroutinefunction(function):
            other = "name it hellokit_greet_async, or " if hook == "hellokit_greet" else ""
            return f"is a coroutine function: {other}make it a plain `def`"
        if hook not in COLOURS and (implementation.wrapper or implementation.hookwrapper):
            return f"is a wrapper: wrap {' or '.join(COLOURS)} only"
        if isinstance(function, MethodType):
            return _selfless(function, getattr(self.hook, hook).spec.argnames)
        return None

    def _check_hooks(self, plugin: object, name: str) -> None:
        found = {each: self.parse_hookimpl_opts(plugin, each) for each in dir(plugin)}
        told = called(name, plugin)
        for hook in sorted(HOOKS.intersection(found)):
            value = inspect.getattr_static(plugin, hook)
            if found[hook] is None and value is not None:
                raise PluginError(
                    f"{hook} of {told} is a {type(value).__name__}: make it a function"
                )
        hooks = {
            options.get("specname") or each: options.get("optionalhook")
            for each, options in found.items()
            if options is not None
        }
        unknown = {hook for hook, optional in hooks.items() if hook not in HOOKS and not optional}
        unknown |= {each for each in found if found[each] is None and _slip(plugin, each)}
        if unknown or not HOOKS.intersection(hooks):
            if isinstance(plugin, (*FUNCTIONS, BuiltinFunctionType, partial)):
                raise PluginError(_no_function(name))
            problem = f"the unknown hook {min(unknown)}" if unknown else "no hellokit hook"
            near = _near(unknown or {each for each in found if each.startswith(PREFIX)})
            raise PluginError(
                f"{told} has {problem}{near}: give it one of {', '.join(sorted(HOOKS))}"
            )


def made(plugin: object) -> object:
    """Return a plugin: the object that a class makes without arguments, anything else as it is.

    Raises:
        PluginError: if a class needs arguments.
        BaseException: whatever making the object raises.
    """
    if not isinstance(plugin, type):
        return plugin
    try:
        return plugin()
    except TypeError as error:
        if (lacking := _lacking(plugin)) is None:
            raise
        raise PluginError(
            f"class {plugin.__name__} is called without arguments, and needs more ({lacking}): "
            "register an object, or give the arguments defaults"
        ) from error


def call(implementation: pluggy.HookImpl, given: Mapping[str, Any]) -> Any:
    """Call one implementation by itself, with those of the arguments that it takes."""
    named = {name: given[name] for name in defaulted(implementation) if name in given}
    return implementation.function(*[given[name] for name in implementation.argnames], **named)


def qualified(name: str) -> str:
    """Return the name that a plugin which is no backend is registered by."""
    return name if name.startswith("hellokit.") else f"hellokit.plugins:{name}"


def called(name: str, plugin: object) -> str:
    """Return what messages call a plugin.

    Args:
        name: what it is registered by.
        plugin: the plugin itself.

    >>> called("hellokit.backends:loud", 5), called("hellokit.plugins:int at 0x9", 5)
    ("backend 'loud' (class int)", 'plugin int')
    """
    kind = type(plugin).__name__
    sort = "backend" if name.startswith(f"{BACKENDS}:") else "plugin"
    own = name.removeprefix(f"{BACKENDS}:").removeprefix(f"{PLUGINS}:")
    if " at 0x" in own:
        return f"{sort} {kind}"
    return f"{sort} {own!r} ({'module' if kind == 'module' else f'class {kind}'})"


def defaulted(implementation: pluggy.HookImpl) -> tuple[str, ...]:
    """Return the arguments with defaults that pluggy passes: from 1.7 on all, before none."""
    return tuple(implementation.kwargnames) if PASSES_DEFAULTS else ()


def _selfless(method: MethodType, offered: Iterable[str]) -> str | None:
    """Tell that a method takes its object by the name of an argument, or takes nothing at all."""
    try:
        taken = inspect.signature(method.__func__).parameters
    except (TypeError, ValueError):  # one that is compiled may not tell
        return None
    first = next(iter(taken), None)
    if first is not None and first not in offered:
        return None
    own, what = ("cls", "class") if isinstance(method.__self__, type) else ("self", "object")
    right = ", ".join((own, *taken))
    return f"cannot be called: the first parameter of a method is the {what}: write ({right})"


def _lacking(kind: type) -> str | None:
    """Tell which argument a class needs, if it does."""
    try:
        inspect.signature(kind).bind()
    except TypeError as error:
        return str(error)
    except ValueError:  # one that is compiled may not tell
        return None
    return None


def _no_function(name: str) -> str:
    backend = name.startswith(f"{BACKENDS}:")
    sort, hook = ("backend", COLOURS[0]) if backend else ("plugin", "one of the hooks")
    return f"a function is no {sort}: pass a class, an object or a module with {hook}"


def _slip(plugin: object, name: str) -> bool:
    """Tell whether a function has nearly the name of a hook, and so was meant to be that.

    What begins with a hook's name, such as `hellokit_greet_all`, is the author's own.
    """
    # A first letter is seldom wrong, and to compare every name of a module would take its time.
    if name[:1] not in {"h", "H"} or name in HOOKS:
        return False
    if not isinstance(inspect.getattr_static(plugin, name, None), FUNCTIONS):
        return False
    from difflib import get_close_matches

    head, _, tail = name.partition("_")
    if not get_close_matches(head, [PREFIX.rstrip("_")], 1, CLOSE):
        return False
    near = get_close_matches(tail, [hook.removeprefix(PREFIX) for hook in HOOKS], 1, CLOSE)
    return bool(near) and not tail.startswith(f"{near[0]}_")


def _near(names: Iterable[str]) -> str:
    from difflib import get_close_matches

    found = [(name, get_close_matches(name, HOOKS, 1)) for name in sorted(names)]
    hints = [f"{name} may mean {near[0]}" for name, near in found if near]
    return f" ({'; '.join(hints)})" if hints else ""
