"""The kit: one isolated instance of everything, and the default one behind the module's verbs.

Nothing heavy is imported here: a kit starts at its first use.
"""

from __future__ import annotations

from os import getpid

from hellokit.greeter import Greeter, Unstarted
from hellokit.lifetime import Lock, born

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pstats import Stats
    from types import TracebackType
    from typing import Any, Self

    from hellokit.caching.face import Cache
    from hellokit.configuration import Settings
    from hellokit.engine import Engine
    from hellokit.failures import PluginFailure
    from hellokit.info import BackendInfo
    from hellokit.metering.snapshot import Snapshot
    from hellokit.monitoring.alert import Alert
    from hellokit.plugins import Plugins
    from hellokit.request import Formality, Isolate, Moment
    from hellokit.resolution import Resolved
    from hellokit.scope import Scope
    from hellokit.state import State


class Kit(Greeter):
    """One isolated instance: settings, plugins, routes and metrics of its own.

    A kit starts at its first use, not before, and is a context manager that closes itself.

    Args:
        settings: the settings; None reads them from the environment at the first use.
        plugins: sinks, wrappers and wordings to register when it starts.
        discover: whether to use the plugins and backends of installed distributions.

    Raises:
        SettingsError: if `settings` is something else.

    >>> with Kit(discover=False) as kit:
    ...     kit.greet("Ada")
    'Hello, Ada!'
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        plugins: Iterable[object] = (),
        discover: bool = True,
    ) -> None:
        if settings is not None:
            _check(settings)
        self._settings: Settings | Resolved | None = settings
        self._given = tuple(plugins)
        self._discover = discover
        self._lock = Lock()
        self._engine: Engine | None = None
        self._ended: Engine | None = None
        self._closed = False
        self._starting = 0
        self._state: Any = Unstarted
        born(self)

    # Looking

    def backends(self) -> tuple[BackendInfo, ...]:
        """Return what is known of each backend, sorted by name; none is imported."""
        with self._lock:
            return self._started().catalogue.infos()

    def metrics(self) -> Snapshot:
        """Return what was counted, per backend, since the kit was made; also when it is closed."""
        return self._counting().metrics()

    def alerts(self) -> tuple[Alert, ...]:
        """Look at the thresholds now, and return the alerts that fire.

        What has changed since the last look is logged, and told to plugins with the hook
        `hellokit_alert`. The calls of the last `alert_window_s` count; where nobody has looked
        for longer, those since the last look; and the first look sees all there were.

        Returns:
            One alert for each threshold that a backend exceeds; when the kit is closed, as of
            the last look.

        >>> with Kit(discover=False) as kit:
        ...     text = kit.greet("Ada")
        ...     kit.alerts()
        ()
        """
        with self._lock:
            alarm = self._counting().alarmed()
            firing = alarm.firing if self._ended else alarm.look()
        alarm.tell()
        return firing

    @property
    def cache(self) -> Cache:
        """The greetings that the backend `cached` keeps: `info()`, `clear()`, `invalidate()`."""
        from hellokit.caching.face import Cache

        with self._lock:
            cached: Any = self._started().backend("cached")
        return Cache(cached, self.metrics, self.settings)

    def profile(self, backend: str = "monitored") -> Stats:
        """Return what a backend has profiled, with the setting `enable_profiling`, so far.

        A call that another thread is profiling is waited for, for at most 5 s.

        Args:
            backend: the name of a backend that profiles.

        Returns:
            The statistics of all its calls together; empty if none was profiled.

        Raises:
            UnknownBackendError: if there is no such backend.
            BackendLoadError: if it cannot be loaded.
            PluginError: if it does not profile.
        """
        with self._lock:
            plugin = self._started().backend(backend)
        from hellokit.monitoring.profiler import profiler_of

        return profiler_of(plugin, backend).read()

    def failures(self) -> tuple[PluginFailure, ...]:
        """Return what went wrong with plugins while everything else went on."""
        return tuple(self._counting().failures)

    @property
    def plugins(self) -> Plugins:
        """The kit's plugin manager: pluggy's, for what only pluggy can do."""
        return self._started().plugins

    # Configuring

    def settings(self) -> Settings:
        """Return the settings in force.

        Raises:
            SettingsError: if the environment holds a bad value.
        """
        from hellokit.configuration import Settings, frozen

        with self._lock:
            self._settings = settings = frozen(Settings, self._in_force())
            return settings

    def configure(self, **settings: Any) -> None:
        """Change settings; calls that are running keep those they started with.

        `disable_plugins` and `strict` say what to do when plugins are loaded: they matter
        until the kit starts, and again at `refresh()`.

        Args:
            **settings: the settings to change, by name.

        Raises:
            SettingsError: if there is no such setting, or it does not allow the value.
        """
        with self._lock:
            self._settings = changed = self.settings().evolve(**settings)
            if self._engine is not None:
                self._engine.configure(changed)

    def use(  # noqa: PLR0913  # the options of a request
        self,
        *,
        backend: str | None = None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: Moment | None = None,
        isolate: Isolate | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Scope:
        """Return a context manager that sets defaults for the calls inside its `with`.

        They hold for this thread or task only, and an argument of a call goes first.

        Args:
            backend: the backend or chain.
            locale: the language tag.
            formality: the register.
            at: the addressee's wall clock, or an occasion.
            isolate: `"auto"`, `"always"` or `"never"`.
            extra: anything a backend of yours wants to know.

        Raises:
            HellokitError: what `greet` raises of these arguments.

        >>> kit = Kit()
        >>> with kit.use(formality="informal"):
        ...     kit.greet("Ada")
        'Hi Ada!'
        """
        from hellokit.request import Request
        from hellokit.scope import Scope

        Request(locale=locale, formality=formality, at=at, isolate=isolate, extra=extra)
        with self._lock:
            self._started().open_scopes()
        if backend is not None:
            self.selected(backend)
        given = {
            "backend": backend,
            "locale": locale,
            "formality": formality,
            "at": at,
            "isolate": isolate,
            "extra": extra,
        }
        return Scope(self, {name: value for name, value in given.items() if value is not None})

    def register_backend(self, name: str, plugin: object) -> Callable[[], None]:
        """Register an object as a backend.

        Args:
            name: the name to select it by.
            plugin: a module, a class (called without arguments) or an object, with
                `hellokit_greet`, `hellokit_greet_async` or both.

        Returns:
            A function that takes it out again.

        Raises:
            PluginError: if the name is reserved or taken, or the object is no backend.
        """
        with self._lock:
            engine = self._started()
            added = engine.add_backend(name, plugin)

        def undo() -> None:
            with self._lock:
                engine.catalogue.remove(name, added)

        return undo

    def register(self, plugin: object, name: str | None = None) -> Callable[[], None]:
        """Register a sink, a wrapper or wordings.

        Args:
            plugin: a module, a class (called without arguments) or an object with hooks.
            name: what to call it in messages; pluggy's canonical name if None.

        Returns:
            A function that takes it out again.

        Raises:
            PluginError: if it is malformed or registered already.
            WordingError: if one of its wordings breaks a rule.
        """
        with self._lock:
            engine = self._started()
            added = engine.register(plugin, name)
            engine.tell("hellokit_started", "start", added)

        def undo() -> None:
            with self._lock:
                engine.unregister(added)

        return undo

    def refresh(self) -> None:
        """Take in what was installed or uninstalled since the kit started."""
        with self._lock:
            self._started().refresh()

    # Starting and ending

    def close(self) -> None:
        """Tell the plugins, end the kit's threads, and refuse further greetings."""
        with self._lock:
            engine, self._closed = self._engine, True
        if engine is not None:
            engine.close(for_good=True)
        with self._lock:
            self._ended, self._engine, self._state = self._ended or engine, None, Unstarted

    def __enter__(self) -> Self:
        """Return the kit."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the kit."""
        self.close()

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle the default kit by its name, so that `hellokit.greet` can be sent to workers."""
        if self is default:
            return "default"
        raise TypeError("a Kit cannot be pickled: make one in each process")

    def _started(self) -> Engine:
        """Return the engine, made on first use."""
        engine = self._engine
        return engine if engine is not None else self._start()

    def _counting(self) -> Engine:
        """Return the engine, made on first use, or that of a kit that was closed."""
        engine = self._engine or self._ended
        if engine is None:
            with self._lock:  # while this waits for it, another thread may start and close the kit
                engine = self._ended or self._started()
        return engine

    def _start(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._check_startable()
                self._starting = getpid()
                try:
                    self._engine = engine = self._made()
                finally:
                    self._starting = 0
                try:
                    engine.tell("hellokit_started", "start")
                except BaseException:
                    self._engine, self._state = None, Unstarted
                    raise
            return self._engine

    def _check_startable(self) -> None:
        from hellokit.errors import HellokitError, KitClosedError, PluginError

        if self._closed:
            raise KitClosedError(
                "this kit was closed: make a new Kit, or use the module's functions"
            )
        if self._starting not in {0, getpid()}:
            # Its plugins may be half imported, and their import locks are nobody's now.
            raise HellokitError(
                "this process was forked while its parent was starting this kit, and cannot "
                "finish that: greet once before forking"
            )
        if self._starting:
            raise PluginError(
                "a plugin used the kit while it was being loaded: wait for hellokit_started(kit)"
            )

    def _made(self) -> Engine:
        from hellokit.engine import Engine

        settings: Any = self._in_force()  # what was resolved reads like a Settings
        engine = Engine(self, settings, self._publish, self.selected, discover=self._discover)
        engine.start(self._given)
        return engine

    def _publish(self, state: State) -> None:
        self._state = state

    def _in_force(self) -> Settings | Resolved:
        """Return the settings, read from the environment on first use."""
        if self._settings is None:
            import os

            from hellokit.resolution import resolve

            self._settings = resolve(os.environ, {})
        return self._settings


def _check(settings: object) -> None:
    from hellokit.configuration import Settings
    from hellokit.errors import SettingsError

    if not isinstance(settings, Settings):
        raise SettingsError(
            f"settings is of type {type(settings).__name__}: pass a hellokit.Settings, or None"
        )


default = Kit()
"""The kit behind the module's verbs."""
