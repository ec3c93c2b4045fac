"""The catalogue: which backends there are, by name. Listing them imports none."""

from __future__ import annotations

from hellokit.errors import BackendLoadError, PluginError, UnknownBackendError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hellokit.discovery import EntryPoint
    from hellokit.failures import PluginFailure
    from hellokit.info import BackendInfo
    from hellokit.plugins import Plugins

OWN = "hellokit"
"""The distribution whose backends are built in, and their names reserved."""


class Catalogue:
    """The backends of one kit: discovered ones, and objects that were registered.

    Of two with one name, the built-in one wins, then the registered object, then the one whose
    distribution's name comes first.

    Args:
        plugins: the manager in which a loaded backend is registered.
        disabled: names of entry points or distributions never to import; `all` means every
            one that is not built in.
    """

    def __init__(self, plugins: Plugins, disabled: Iterable[str]) -> None:
        self._plugins = plugins
        self._disabled = frozenset(disabled)
        self._found: dict[str, EntryPoint] = {}
        self._loaded: dict[str, object] = {}
        self._objects: set[str] = set()
        self._failures: dict[str, PluginFailure] = {}

    def discover(self, entry_points: Iterable[EntryPoint]) -> list[PluginFailure]:
        """Take what was found in place of what was found before; return the conflicts."""
        found: dict[str, EntryPoint] = {}
        conflicts = []
        for entry_point in sorted(entry_points, key=_precedence):
            name = entry_point.name
            winner = found.setdefault(name, entry_point)
            if winner is not entry_point:
                from hellokit.failures import failure

                conflicts.append(
                    failure(entry_point, name, "conflict", f"{winner} has the name already")
                )
        for name in self._loaded.keys() - self._objects:
            if self._found[name] != found.get(name):
                self._drop(name)
        self._found = found
        self._failures.clear()
        return conflicts

    def add(self, name: str, plugin: object) -> None:
        """Register an object as a backend.

        Raises:
            PluginError: if the name is reserved, taken, or not one, or the object is no backend.
        """
        if not name or "+" in name or name != name.strip():
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
        plugin = plugin() if isinstance(plugin, type) else plugin
        self._admit(name, plugin)
        if name in self._loaded:
            self._drop(name)
        self._loaded[name] = plugin
        self._objects.add(name)

    def remove(self, name: str, plugin: object) -> None:
        """Take a registered object out again; an object that is gone already stays gone."""
        if name in self._objects and self._loaded.get(name) is plugin:
            self._objects.discard(name)
            self._drop(name)

    def loaded(self) -> list[object]:
        """Return the backends that are registered with pluggy."""
        return list(self._loaded.values())

    def load(self, name: str) -> object:
        """Return the backend with this name, imported and registered when first asked for.

        Raises:
            UnknownBackendError: if there is none.
            BackendLoadError: if it cannot be imported or used, or was disabled.
        """
        if name in self._loaded:
            return self._loaded[name]
        entry_point = self._found.get(name)
        if entry_point is None:
            raise self._unknown(name)
        if name not in self._failures:
            try:
                plugin = self._imported(entry_point)
            except (Exception, SystemExit) as error:
                from hellokit.failures import failure

                told = failure(entry_point, name, "import", error)
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
        if entry_point.distribution == OWN:
            return False
        given = {"all", entry_point.name, entry_point.distribution}
        return not self._disabled.isdisjoint(given)

    def _imported(self, entry_point: EntryPoint) -> object:
        if self.disables(entry_point):
            raise PluginError("it is disabled by HELLOKIT_DISABLE_PLUGINS")
        loaded = entry_point.load()
        plugin = loaded() if isinstance(loaded, type) else loaded
        self._admit(entry_point.name, plugin)
        return plugin

    def _admit(self, name: str, plugin: object) -> None:
        """Register with pluggy, unless the object is a backend under another name already."""
        if not any(plugin is other for other in self._loaded.values()):
            self._plugins.register(plugin, f"hellokit.backends:{name}")
        if not any(self._plugins.own(plugin, hook) for hook in COLOURS):
            self._plugins.unregister(plugin)
            raise PluginError(
                f"backend {name!r} has neither hellokit_greet nor hellokit_greet_async: "
                "give it one of them, other than as a wrapper"
            )

    def _drop(self, name: str) -> None:
        plugin = self._loaded.pop(name)
        if not any(plugin is other for other in self._loaded.values()):
            self._plugins.unregister(plugin)

    def _unknown(self, name: str) -> UnknownBackendError:
        from difflib import get_close_matches

        names = self.names()
        near = get_close_matches(name, names, 3)
        hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
        return UnknownBackendError(
            f"no backend is named {name!r}: {hint}there is {', '.join(names) or 'none'}; "
            "install the package that brings it, or register it with register_backend()"
        )


COLOURS = ("hellokit_greet", "hellokit_greet_async")


def _precedence(entry_point: EntryPoint) -> tuple[bool, str, str]:
    return entry_point.distribution != OWN, entry_point.distribution, entry_point.value
