"""The engine: what a started kit runs on. Made at a kit's first use, so that importing is cheap."""

from __future__ import annotations

from hellokit.catalogue import Catalogue
from hellokit.chains import completed, parse
from hellokit.collection import Collection
from hellokit.errors import PluginError
from hellokit.plugins import Plugins, call, made, qualified
from hellokit.precedence import OWN, claims
from hellokit.router import Router
from hellokit.scope import scoped_route
from hellokit.state import State
from hellokit.wordings import english
from hellokit.wordings.table import Wordings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from hellokit.configuration import Settings
    from hellokit.discovery import EntryPoint
    from hellokit.failures import PluginFailure
    from hellokit.kit import Kit
    from hellokit.monitoring.alarm import Alarm


class Engine:
    """Plugins, backends, wordings and metrics of one kit.

    The kit holds its lock around every call of a method that changes something.

    Args:
        kit: whose engine it is: what plugins are given as `kit`.
        settings: the settings to start with.
        publish: takes each new state: calls go by it from then on.
        select: returns a state that has the route of a backend, for a call that began with one.
        discover: whether to take third-party entry points in.
    """

    def __init__(
        self,
        kit: Kit,
        settings: Settings,
        publish: Callable[[State], None],
        select: Callable[[str | None, State], State],
        *,
        discover: bool,
    ) -> None:
        self._kit = kit
        self._publish = publish
        self._select = select
        self._discover = discover
        self._settings = settings
        self._origins: dict[object, EntryPoint] = {}
        self._scopes = self._closed = False
        self._log: str | bool = False
        self.alarm: Alarm | None = None
        self.failures: list[PluginFailure] = []
        self.plugins = Plugins(self._changed)
        self._collection = Collection(self.plugins, self._rank, self._words_failed)
        self.catalogue = Catalogue(self.plugins, settings.disable_plugins, self._leave)
        self._router = Router(kit, self.plugins, self.catalogue, settings, self._sink_failed)
        self.bridge = self._router.bridge
        self.metrics = self._router.metrics
        self.state: State
        self.plugins.register(english, "hellokit.wordings.english")

    # Starting

    def start(self, given: Iterable[object]) -> None:
        """Register the application's plugins, then what is installed."""
        self._open_log()
        for plugin in given:
            self.register(plugin, None)
        self.discover()
        if not self._settings.lazy_loading:
            for told in self.catalogue.load_all():
                self.report(told)

    def discover(self) -> list[object]:
        """Take in what is installed now; return the plugins that are new."""
        from hellokit.discovery import GROUPS, scan

        self.catalogue.disable(self._settings.disable_plugins)
        found = [each for each in scan() if self._discover or each.distribution == OWN]
        backends, plugins = ([each for each in found if each.group == group] for group in GROUPS)
        for told in self.catalogue.discover(backends):
            self.report(told)
        winners, lost = claims([each for each in plugins if self.catalogue.admits(each)], ())
        for loser, winner in lost:
            from hellokit.failures import conflict

            self.report(conflict(loser, winner))
        wanted = list(winners.values())
        for plugin, entry_point in list(self._origins.items()):
            if entry_point not in wanted:
                self.unregister(plugin)
        known = set(self._origins.values())
        new = [
            plugin
            for entry_point in wanted
            if entry_point not in known
            for plugin in self._load(entry_point)
        ]
        if new:
            self._changed()  # it is known only now that they are installed ones
        return new

    def refresh(self) -> None:
        """Take in what is installed now, and tell what is new that the kit has started."""
        from importlib import invalidate_caches

        invalidate_caches()
        for plugin in self.discover():
            self.tell("hellokit_started", "start", plugin)

    def _load(self, entry_point: EntryPoint) -> Iterator[object]:
        name = qualified(entry_point.name)
        phase = "conflict"
        try:
            if holder := self.plugins.get_plugin(name):
                owner = self._origin(holder) or "an object of the application"
                raise PluginError(f"{owner} has the name already")  # noqa: TRY301  # told below, like what loading raises
            phase = "import"
            if twin := self.catalogue.twin(entry_point):
                plugin = self.catalogue.load(twin)
            else:
                plugin = made(entry_point.load())
                phase = "register"
                self.plugins.register(plugin, name)
                self.plugins.refuse_backend(plugin)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may raise anything
            from hellokit.failures import failure

            self.report(failure(entry_point, phase, error), error)
            return
        self._origins[plugin] = entry_point
        self._report_wordings()
        yield plugin

    def register(self, plugin: object, name: str | None) -> object:
        """Register a sink, wrapper or wordings; return the object (a class is instantiated)."""
        plugin = made(plugin)
        self.plugins.register(plugin, qualified(name or self.plugins.get_canonical_name(plugin)))
        self.plugins.refuse_backend(plugin)
        if error := self._collection.errors.pop(plugin, None):
            self.plugins.unregister(plugin)
            raise error
        return plugin

    def unregister(self, plugin: object) -> None:
        """Take a plugin out, after it was told that the kit closes; gone already is fine."""
        if self.plugins.is_registered(plugin) and not self.catalogue.has(plugin):
            self._leave(plugin)
            self.plugins.unregister(plugin)
        self._origins.pop(plugin, None)

    def add_backend(self, name: str, plugin: object) -> object:
        """Register an object as a backend, and return it (a class is instantiated)."""
        known = self.catalogue.has(plugin)
        added = self.catalogue.add(name, plugin)
        if error := self._collection.errors.pop(added, None):
            self.catalogue.remove(name, added)
            raise error
        if not known:
            self._begin(name, added)
        return added

    def backend(self, name: str) -> object:
        """Return a backend; one that is loaded for it is told that the kit has started."""
        known = self.catalogue.loaded()
        plugin = self.catalogue.load(name)
        if not any(plugin is each for each in known):
            self._begin(name, plugin)
        return plugin

    def _begin(self, name: str, plugin: object) -> None:
        try:
            self._report_wordings()
            self.tell("hellokit_started", "start", plugin)
        except BaseException:  # in strict mode: it must not look as if it had started
            self.catalogue.drop(name)
            raise

    def tell(self, hook: str, phase: str, plugin: object | None = None, **given: Any) -> None:
        """Call a hook of all plugins, or of one; each failure is contained.

        A plugin that fails to start is taken out.
        """
        given = given or {"kit": self._kit}
        for implementation in list(self.plugins.implementations(hook, plugin)):
            try:
                call(implementation, given)
            except (Exception, SystemExit) as error:  # noqa: BLE001
                self.fail(implementation.plugin, phase, error)

    def fail(self, plugin: object, phase: str, error: BaseException) -> None:
        """Keep and report the failure of a registered plugin."""
        from hellokit.failures import failure, failure_of

        if origin := self._origin(plugin):
            told = failure(origin, phase, error)
        else:
            name = str(self.plugins.get_name(plugin) or plugin)
            told = failure_of(plugin, name, phase, error, self._remedy(plugin))
        if phase == "start" and not self.catalogue.has(plugin):
            self._origins.pop(plugin, None)
            self.plugins.unregister(plugin)
        self.report(told, error)

    def _sink_failed(self, plugin: object, error: BaseException) -> None:
        self.fail(plugin, "record", error)

    def _words_failed(self, plugin: object, error: BaseException) -> None:
        self.fail(plugin, "words", error)

    def _remedy(self, plugin: object) -> str | None:
        """Return what to do about the log, which a setting asked for and nobody registered."""
        if self.plugins.get_name(plugin) != LOG:
            return None
        return "Check the setting performance_log_file (PERF_LOG_FILE): nothing is logged now"

    def _origin(self, plugin: object) -> EntryPoint | None:
        return self._origins.get(plugin) or self.catalogue.origin(plugin)

    def _rank(self, plugin: object) -> int:
        """Return how much a plugin's words count: the application's most, then installed ones."""
        return 0 if plugin is english else 1 if self._origin(plugin) else 2

    def _leave(self, plugin: object) -> None:
        if not self._closed:
            self.tell("hellokit_closing", "close", plugin)
        self._router.left(plugin)

    def _report_wordings(self) -> None:
        while self._collection.errors:
            plugin, error = self._collection.errors.popitem()
            self.fail(plugin, "wordings", error)

    def report(self, told: PluginFailure, error: BaseException | None = None) -> None:
        """Keep a failure and warn of it, once; in strict mode raise it.

        Raises:
            PluginError: in strict mode.
        """
        from hellokit.failures import keep

        keep(self.failures, told, error, strict=self._settings.strict)

    # Changing

    def open_scopes(self) -> None:
        """Heed `use()` from now on: until it is first called, no greeting looks for a scope."""
        if not self._scopes:
            self._scopes = True
            self._changed()

    def configure(self, settings: Settings) -> None:
        """Go by other settings from the next call on."""
        self._settings = settings
        self._open_log()
        self._changed()

    def _open_log(self) -> None:
        """Have the log that the settings ask for, in place of the one before."""
        settings = self._settings
        wanted = settings.performance_log_file or settings.verbose_logging
        asked = wanted if settings.log_performance_metrics else False
        if asked == self._log:
            return
        self._log = asked
        if sink := self.plugins.get_plugin(LOG):
            self.unregister(sink)
        if asked:
            from hellokit.metering.log import log_sink

            self.plugins.register(log_sink(settings.performance_log_file), LOG)

    def _changed(self) -> None:
        """Replace the state: what was bound before may no longer hold."""
        settings = self._settings
        words = self._collection
        table = Wordings(
            words.wordings(),
            settings.locale,
            settings.isolate,
            strict=settings.strict_confidence == "high",
            chain=words.chain,
            inflect=words.inflect if words.inflects() else None,
            failed=words.lost,
        )
        self._router.changed(settings)
        self.state = State(settings, table, self._kit if self._scopes else None)
        self._publish(self.state)
        if self.alarm is not None:
            self.alarm.changed()

    # Routing

    def select(self, backend: str | None, begun: State | None = None) -> State:
        """Return a state that has the route of `backend`, with the settings of `begun` if given.

        Raises:
            UnknownBackendError: if a part of it is not known.
            BackendLoadError: if a part of it cannot be loaded.
            ChainError: if the chain is malformed.
        """
        state = self._seen(begun)
        if backend in state.calls:
            return state
        if backend is None and self._scopes:
            route = scoped_route(self._kit, self._select, state)
        else:
            default = state.settings.backend
            chain = parse(default if backend is None else backend)
            chain = completed(chain, default, self.backend, self.plugins)
            state = self._seen(begun)  # it is another one if a backend was loaded
            route = self._router.route(chain, self.backend, state)
            self._watch(chain)
        state.put(backend, route)
        return state

    def _seen(self, begun: State | None) -> State:
        """Return the state of a call that began with one: the newest that has its settings."""
        return self.state if begun is None or begun.settings is self._settings else begun

    # Watching

    def alarmed(self) -> Alarm:
        """Return the alarm, made when it is first needed."""
        if self.alarm is None:
            from hellokit.monitoring.alarm import Alarm

            self.alarm = Alarm(self)
        return self.alarm

    def _watch(self, chain: Iterable[str]) -> None:
        """Have a thread look at the thresholds, if a plugin or a backend in use listens."""
        listening = [each.plugin for each in self.plugins.implementations("hellokit_alert")]
        if self._closed or not listening:
            return
        used = {id(self.backend(name)) for name in chain}
        idle = {id(each) for each in self.catalogue.loaded() if each not in self._origins} - used
        if any(id(each) not in idle for each in listening):
            self.alarmed().watch(self._kit)

    # Ending

    def close(self, *, for_good: bool) -> None:
        """Tell the plugins, once, and end the threads.

        Args:
            for_good: whether threads are refused from now on, and not started again.
        """
        if not self._closed:
            self._closed = True
            if self.alarm is not None:
                self.alarm.close()
            self.tell("hellokit_closing", "close")
        self._router.close(for_good=for_good)

    def forked(self) -> None:
        """Start from zero in a child: its threads are gone, the counts are the parent's."""
        self._router.forked()
        if self.alarm is not None:
            self.alarm = None
            if not self._closed:
                self._changed()  # so that the next call binds a route, and starts a thread again


LOG = "hellokit.metering.log"
"""The name of the plugin that writes the log."""
