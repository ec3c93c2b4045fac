"""The engine: what a started kit runs on. Made at a kit's first use, so that importing is cheap."""

from __future__ import annotations

from hellokit import request as requests
from hellokit.catalogue import COLOURS, Catalogue
from hellokit.errors import ChainError, PluginError
from hellokit.metering.meter import Meter
from hellokit.metering.sinks import delivery, taker
from hellokit.plugins import Plugins
from hellokit.routes import Route, bound, bridged, no_inner, parse, wraps
from hellokit.scope import scoped_factory, scoped_route
from hellokit.wordings import english
from hellokit.wordings.table import Wordings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator
    from typing import Any

    from hellokit.bridge import Bridge
    from hellokit.discovery import EntryPoint
    from hellokit.kit import Kit
    from hellokit.metering.record import Record
    from hellokit.metering.snapshot import Snapshot
    from hellokit.failures import PluginFailure
    from hellokit.request import Request
    from hellokit.configuration import Settings
    from hellokit.wordings.wording import Wording


class State:
    """What a call sees: one consistent set of settings, wordings and routes.

    It is replaced as a whole when anything changes, and never changed, except that routes
    are added as they are first needed.
    """

    __slots__ = ("async_calls", "calls", "request", "settings", "wordings")

    def __init__(self, settings: Settings, wordings: Wordings, kit: Kit | None) -> None:
        self.settings = settings
        self.wordings = wordings
        self.request = (
            requests.factory(settings.locale, settings.isolate)
            if kit is None
            else scoped_factory(kit, settings)
        )
        self.calls: dict[str | None, Callable[[Request], str]] = {}
        self.async_calls: dict[str | None, Callable[[Request], Awaitable[str]]] = {}


class Engine:
    """Plugins, backends, wordings and metrics of one kit.

    The kit holds its lock around every call of a method that changes something.

    Args:
        kit: whose engine it is.
        settings: the settings to start with.
        discover: whether to take third-party entry points in.
    """

    def __init__(self, kit: Kit, settings: Settings, *, discover: bool) -> None:
        self._kit = kit
        self._discover = discover
        self._settings = settings
        self._bridge: Bridge | None = None
        self._wordings: dict[object, tuple[Wording, ...]] = {}
        self._origins: dict[object, EntryPoint] = {}
        self._silent: set[object] = set()
        self._scopes = False
        self.meters: dict[str, Meter] = {}
        self.failures: list[PluginFailure] = []
        self.plugins = Plugins(self._changed)
        self.catalogue = Catalogue(self.plugins, settings.disable_plugins)
        self.state: State
        self.plugins.register(english, "hellokit.wordings.english")

    # Starting

    def start(self, given: Iterable[object]) -> None:
        """Register the application's plugins, then what is installed."""
        settings = self._settings
        if settings.log_performance_metrics and (
            settings.performance_log_file or settings.verbose_logging
        ):
            from hellokit.metering.log import log_sink

            sink = log_sink(settings.performance_log_file)
            self.plugins.register(sink, "hellokit.metering.log")
        for plugin in given:
            self.register(plugin, None)
        self.discover()

    def discover(self) -> list[object]:
        """Take in what is installed now; return the plugins that are new."""
        from hellokit.discovery import GROUPS, scan

        found = scan()
        if not self._discover:
            found = tuple(each for each in found if each.distribution == "hellokit")
        backends, plugins = GROUPS
        for told in self.catalogue.discover(each for each in found if each.group == backends):
            self.report(told)
        present = {entry_point for entry_point in found if entry_point.group == plugins}
        for plugin, entry_point in list(self._origins.items()):
            if entry_point not in present:
                self.unregister(plugin)
        known = set(self._origins.values())
        return [
            plugin
            for entry_point in found
            if entry_point in present and entry_point not in known
            for plugin in self._load(entry_point)
        ]

    def _load(self, entry_point: EntryPoint) -> Iterator[object]:
        if self.catalogue.disables(entry_point):
            return
        phase = "import"
        try:
            loaded = entry_point.load()
            plugin = loaded() if isinstance(loaded, type) else loaded
            phase = "register"
            self.plugins.register(plugin, _plugin_name(entry_point.name))
        except (Exception, SystemExit) as error:
            from hellokit.failures import failure

            if phase == "register" and self.plugins.has_plugin(_plugin_name(entry_point.name)):
                phase = "conflict"
            self.report(failure(entry_point, entry_point.name, phase, error), error)
            return
        self._origins[plugin] = entry_point
        yield plugin

    def register(self, plugin: object, name: str | None) -> object:
        """Register a sink, wrapper or wordings; return the object (a class is instantiated)."""
        plugin = plugin() if isinstance(plugin, type) else plugin
        self.plugins.register(plugin, _plugin_name(name or self.plugins.get_canonical_name(plugin)))
        if error := self._collect().get(plugin):
            self.plugins.unregister(plugin)
            raise error
        return plugin

    def unregister(self, plugin: object) -> None:
        """Take a plugin out, after it was told that the kit closes; gone already is fine."""
        if self.plugins.is_registered(plugin):
            self.tell("hellokit_closing", "close", plugin)
            self._origins.pop(plugin, None)
            self._silent.discard(plugin)
            self.plugins.unregister(plugin)

    def tell(self, hook: str, phase: str, plugin: object | None = None, **given: Any) -> None:
        """Call a hook of all plugins, or of one; each failure is contained.

        A plugin that fails to start is taken out.
        """
        given = given or {"kit": self._kit}
        for implementation in list(self.plugins.implementations(hook, plugin)):
            try:
                implementation.function(*[given[name] for name in implementation.argnames])
            except (Exception, SystemExit) as error:
                if phase == "start":
                    self.plugins.unregister(implementation.plugin)
                self.fail(implementation.plugin, phase, error)

    def fail(self, plugin: object, phase: str, error: BaseException) -> None:
        """Keep and report the failure of a registered plugin."""
        from hellokit.failures import failure

        entry_point = self._origins.get(plugin)
        name = str(self.plugins.get_name(plugin) or plugin).removeprefix("hellokit.plugins:")
        self.report(failure(entry_point, name, phase, error), error)

    def report(self, told: PluginFailure, error: BaseException | None = None) -> None:
        """Keep a failure and warn of it, once; in strict mode raise it.

        Raises:
            PluginError: in strict mode.
        """
        if told in self.failures:
            return
        self.failures.append(told)
        if self._settings.strict and told.phase in STRICT_PHASES:
            raise PluginError(str(told)) from error
        import logging

        logging.getLogger("hellokit").warning("%s", told)

    # Changing

    def open_scopes(self) -> None:
        """Heed `use()` from now on: until it is first called, no greeting looks for a scope."""
        if not self._scopes:
            self._scopes = True
            self._changed()

    def configure(self, settings: Settings) -> None:
        """Go by other settings from the next call on."""
        self._settings = settings
        self._changed()

    def _changed(self) -> None:
        """Replace the state: what was bound before may no longer hold."""
        self.state = self._kit._state = self._fresh()  # noqa: SLF001  # the kit's other half

    def _fresh(self) -> State:
        self._collect()
        wordings = [each for found in self._wordings.values() for each in found]
        settings = self._settings
        table = Wordings(wordings, settings.locale, settings.isolate)
        return State(settings, table, self._kit if self._scopes else None)

    def _collect(self) -> dict[object, BaseException]:
        """Ask plugins not asked before for their wordings, in the order of registration."""
        errors: dict[object, BaseException] = {}
        collected: dict[object, tuple[Wording, ...]] = {}
        for implementation in reversed(list(self.plugins.implementations("hellokit_wordings"))):
            plugin = implementation.plugin
            if plugin not in self._wordings:
                try:
                    collected[plugin] = checked(implementation.function())
                except (Exception, SystemExit) as error:
                    collected[plugin] = ()
                    errors[plugin] = error
            else:
                collected[plugin] = self._wordings[plugin]
        self._wordings = collected
        return errors

    # Routing

    def select(self, backend: str | None) -> None:
        """Put the route of `backend` into the state.

        Raises:
            UnknownBackendError: if a part of it is not known.
            BackendLoadError: if a part of it cannot be loaded.
            ChainError: if the chain is malformed.
        """
        if backend is None and self._scopes:
            route = scoped_route(self._kit, self._settings)
        else:
            chain = self._settings.backend if backend is None else backend
            route = self._route(self._completed(parse(chain)))
        self.state.calls[backend] = route.call
        self.state.async_calls[backend] = route.call_async

    def _completed(self, chain: tuple[str, ...]) -> tuple[str, ...]:
        """Return `chain` with its leaf: a chain that ends in a wrapping backend gets the default."""
        loaded = [self.catalogue.load(name) for name in chain]
        for name, plugin in zip(chain[:-1], loaded[:-1], strict=True):
            if not wraps(self.plugins, plugin):
                raise ChainError(
                    f"backend {'+'.join(chain)!r} has the leaf {name!r} before its end: "
                    "a leaf calls no other backend, so put it last"
                )
        if not wraps(self.plugins, loaded[-1]):
            return chain
        leaf = parse(self._settings.backend)[-1]
        if leaf in chain or wraps(self.plugins, self.catalogue.load(leaf)):
            leaf = "plain"
        return (*chain, leaf)

    def _route(self, chain: tuple[str, ...]) -> Route:
        inner: Route | None = None
        for name in reversed(chain):
            inner = self._link(name, inner)
        assert inner is not None
        return inner

    def _link(self, name: str, inner: Route | None) -> Route:
        """Return the route of one backend in front of `inner`, metered."""
        plugin = self.catalogue.load(name)
        others = [other for other in self.catalogue.loaded() if other is not plugin]
        meter = self.meters.setdefault(name, Meter(name))
        values = {
            "kit": self._kit,
            "backend": name,
            "words": self.state.wordings.text,
            "note": meter.note,
        }
        inners = (inner.call, inner.call_async) if inner else (no_inner(name), no_inner(name))
        sync, coroutine = (
            bound(self.plugins, hook, others, {**values, "inner": below})
            if self.plugins.own(plugin, hook)
            else None
            for hook, below in zip(COLOURS, inners, strict=True)
        )
        deliver = self._delivery()
        mode = self._settings.metrics
        if sync is not None:
            sync = meter.recorded(sync, deliver) if deliver else meter.metered(sync, mode)
        if coroutine is not None:
            coroutine = (
                meter.recorded_async(coroutine, deliver)
                if deliver
                else meter.metered_async(coroutine, mode)
            )
        blocks = bool(getattr(plugin, "blocking", False)) or bool(inner and inner.blocks)
        return bridged(sync, coroutine, blocks, self.bridge)

    def _delivery(self) -> Callable[[Record], None] | None:
        """Return what gives a record to the sinks; None when nobody listens."""
        sinks = [
            each
            for each in self.plugins.implementations("hellokit_record")
            if each.plugin not in self._silent
        ]
        if not sinks or self._settings.metrics == "off":
            return None
        owners = {taker(each): each.plugin for each in sinks}

        def failed(sink: Any, error: Exception) -> None:
            self._silent.add(owners[sink])
            self.fail(owners[sink], "record", error)

        return delivery(list(owners), failed)

    def bridge(self) -> Bridge:
        """Return the bridge between sync and async, made when first needed."""
        if self._bridge is None:
            from hellokit.bridge import Bridge

            self._bridge = Bridge(self._settings.max_concurrent)
        return self._bridge

    # Reading and ending

    def metrics(self) -> Snapshot:
        """Return what was counted."""
        from hellokit.metering.snapshot import Snapshot

        return Snapshot({name: meter.read() for name, meter in self.meters.items()})

    def close(self) -> None:
        """Tell the plugins, and end the threads."""
        self.tell("hellokit_closing", "close")
        if self._bridge is not None:
            self._bridge.close()

    def forked(self) -> None:
        """Start from zero in a child: its threads are gone, the counts are the parent's."""
        self._bridge = None
        for meter in self.meters.values():
            meter.shards.forget()


STRICT_PHASES = ("import", "register", "conflict", "wordings", "start")
"""A failure of these is raised in strict mode; one during a call or at the end never is."""


def checked(wordings: Any) -> tuple[Wording, ...]:
    """Return the wordings of one plugin.

    Raises:
        PluginError: if one is not a Wording.
    """
    from hellokit.wordings.wording import Wording

    found = tuple(wordings or ())
    for each in found:
        if not isinstance(each, Wording):
            raise PluginError(
                f"hellokit_wordings returned a {type(each).__name__}: return Wording objects, "
                "for example from Wording.from_data(locale, data)"
            )
    return found


def _plugin_name(name: str) -> str:
    return name if name.startswith("hellokit.") else f"hellokit.plugins:{name}"
