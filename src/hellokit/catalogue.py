"""The catalogue: which backends there are, by name. Listing them imports none."""

from __future__ import annotations

from hellokit.errors import BackendLoadError, PluginError, UnknownBackendError
from hellokit.plugins import COLOURS, made
from hellokit.precedence import OWN, claims, disables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hellokit.discovery import EntryPoint
    from hellokit.failures import PluginFailure
    from hellokit.info import BackendInfo
    from hellokit.plugins import Plugins


class Catalogue:
    """The backends of one kit: discovered ones, and objects that were registered.

    Of two with one name, the built-in one wins, then the registered object, then the one whose
    distribution's name comes first.

    Args:
        plugins: the manager in which a loaded backend is registered.
        disabled: names of entry points or distributions never to import; `all` means every
            one that is not built in.
        leaving: told of a backend before it is taken out.
    """

    def __init__(
        self,
        plugins: Plugins,
        disabled: Iterable[str],
        leaving: Callable[[object], object] = id,
    ) -> None:
        self._plugins = plugins
        self._disabled = tuple(disabled)
        self._leaving = leaving
        self._found: dict[str, EntryPoint] = {}
        self._lost: set[tuple[str, str, str]] = set()
        self._loaded: dict[str, object] = {}
        self._objects: set[str] = set()
        self._failures: dict[str, PluginFailure] = {}

    def disable(self, names: Iterable[str]) -> None:
        """Go by other names of what is never to be imported, from the next `discover` on."""
        self._disabled = tuple(names)

    def discover(self, entry_points: Iterable[EntryPoint]) -> list[PluginFailure]:
        """Take what was found in place of what was found before; return the conflicts."""
        found, lost = claims(entry_points, self._disabled)
        for name in self._loaded.keys() - self._objects:
            if self._found[name] != found.get(name) or self.disables(found[name]):
                self.drop(name)
        self._found, self._lost = found, {loser[2:] for loser, _ in lost}
        self._failures.clear()
        if not lost:
            return []
        from hellokit.failures import conflict

        return [conflict(loser, winner) for loser, winner in lost]

    def add(self, name: str, plugin: object) -> object:
        """Register an object as a backend, and return it; a class is instantiated.

        Raises:
            PluginError: if the name is reserved, taken, or not one, or the object is no backend.
        """
        if not isinstance(name, str) or not name or "+" in name or name != name.strip():
            raise PluginError(
                f"a backend cannot be named {name!r}: use a word without + and outer spaces"
            )
        if name in self._found and self._found[name].distribution == OWN:
            raise PluginError(f"backend {name!r} is built in: register yours by another name")
        if name in self._objects:
            raise PluginError(
                f"a backend named {name!r} is registered already: "
                "call the undo that registering it returned, or use another name"
            )
        plugin = made(plugin)
        if name in self._loaded:
            self.drop(name)
        self._admit(name, plugin)
        self._loaded[name] = plugin
        self._objects.add(name)
        return plugin

    def remove(self, name: str, plugin: object) -> None:
        """Take a registered object out again; an object that is gone already stays gone."""
        if name in self._objects and self._loaded.get(name) is plugin:
            self.drop(name)

    def loaded(self) -> list[object]:
        """Return the backends that are registered with pluggy."""
        return list(self._loaded.values())

    def has(self, plugin: object) -> bool:
        """Tell whether this object is a loaded backend."""
        return any(plugin is other for other in self._loaded.values())

    def origin(self, plugin: object) -> EntryPoint | None:
        """Return the entry point that a loaded backend came from, if it came from one."""
        for name, loaded in self._loaded.items():
            if loaded is plugin and name not in self._objects:
                return self._found[name]
        return None

    def admits(self, entry_point: EntryPoint) -> bool:
        """Tell whether a plugin may be loaded: not disabled, nor a backend that lost its name."""
        return not (self.disables(entry_point) or entry_point[2:] in self._lost)

    def twin(self, entry_point: EntryPoint) -> str | None:
        """Return the name of the backend that is the same thing as a plugin, if there is one."""
        same = (each.name for each in self._found.values() if each[2:] == entry_point[2:])
        return next(same, None)

    def load_all(self) -> Iterator[PluginFailure]:
        """Load every backend that is not disabled, and yield the failures."""
        for name, entry_point in self._found.items():
            if not self.disables(entry_point):
                try:
                    self.load(name)
                except BackendLoadError:
                    yield self._failures[name]

    def load(self, name: str) -> object:
        """Return the backend with this name, imported and registered when first asked for.

        Raises:
            UnknownBackendError: if there is none.
            BackendLoadError: if it cannot be imported or used, or was disabled.
        """
        if name in self._loaded:
            if self._plugins.get_name(self._loaded[name]) is not None:
                return self._loaded[name]
            self._forget(name)
        entry_point = self._found.get(name)
        if entry_point is None:
            raise self._unknown(name)
        if self.disables(entry_point):
            raise BackendLoadError(
                f"{entry_point} is disabled: take it out of HELLOKIT_DISABLE_PLUGINS, "
                "or the setting disable_plugins, to use it"
            )
        if name not in self._failures:
            try:
                plugin = self._imported(entry_point)
            except (Exception, SystemExit) as error:
                from hellokit.failures import failure

                told = failure(entry_point, "import", error)
                self._failures[name] = told
                raise BackendLoadError(str(told)) from error
            self._loaded[name] = plugin
            return plugin
        raise BackendLoadError(str(self._failures[name]))

    def names(self) -> list[str]:
        """Return the names of all backends, sorted."""
        return sorted(self._found.keys() | self._objects)

    def infos(self) -> tuple[BackendInfo, ...]:
        """Return what is known of each backend, sorted by name."""
        return tuple(self._info(name) for name in self.names())

    def _info(self, name: str) -> BackendInfo:
        from hellokit.info import BackendInfo

        if name in self._objects:
            kind = type(self._loaded[name])
            value = f"{kind.__module__}.{kind.__qualname__}"
            return BackendInfo(name, "", "", value, builtin=False, loaded=True, error=None)
        entry_point = self._found[name]
        broken = self._failures.get(name)
        return BackendInfo(
            name,
            entry_point.distribution,
            entry_point.version,
            entry_point.value,
            builtin=entry_point.distribution == OWN,
            loaded=name in self._loaded,
            error="disabled" if self.disables(entry_point) else broken.error if broken else None,
        )

    def disables(self, entry_point: EntryPoint) -> bool:
        """Tell whether the settings say never to import this entry point."""
        return disables(self._disabled, entry_point)

    def _imported(self, entry_point: EntryPoint) -> object:
        plugin = made(entry_point.load())
        self._admit(entry_point.name, plugin)
        return plugin

    def _admit(self, name: str, plugin: object) -> None:
        """Register with pluggy, unless the object is a backend under another name already."""
        if self.has(plugin):
            return
        if self._plugins.register(plugin, f"hellokit.backends:{name}") is None:
            raise PluginError(
                f"backend {name!r} is blocked in the kit's plugin manager: "
                f"call kit.plugins.unblock('hellokit.backends:{name}') to use it"
            )
        if not any(self._plugins.own(plugin, hook) for hook in COLOURS):
            self._plugins.unregister(plugin)
            raise PluginError(
                f"backend {name!r} has neither hellokit_greet nor hellokit_greet_async: "
                "give it one of them, other than as a wrapper"
            )

    def drop(self, name: str) -> None:
        """Take a loaded backend out; one that was discovered is loaded anew when asked for."""
        plugin = self._loaded[name]
        others = (other for key, other in self._loaded.items() if key != name)
        if self._plugins.get_name(plugin) is not None and not any(plugin is o for o in others):
            self._leaving(plugin)
            self._plugins.unregister(plugin)
        self._forget(name)

    def _forget(self, name: str) -> None:
        self._loaded.pop(name)
        self._objects.discard(name)

    def _unknown(self, name: str) -> UnknownBackendError:
        from difflib import get_close_matches

        names = self.names()
        near = get_close_matches(name.lower(), names, 3)
        hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
        return UnknownBackendError(
            f"no backend is named {name!r}: {hint}there is {', '.join(names) or 'none'}; "
            "install the package that brings it, or register it with register_backend()"
        )
