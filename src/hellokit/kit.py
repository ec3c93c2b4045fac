"""The kit: one isolated instance of everything, and the default one behind the module's verbs.

Nothing heavy is imported here: a kit starts at its first use.
"""

from __future__ import annotations

from _thread import RLock

from hellokit.lifetime import born, start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime, time
    from types import TracebackType
    from typing import Any, Self

    from hellokit.info import BackendInfo
    from hellokit.engine import Engine, State
    from hellokit.greeting import Greeting
    from hellokit.metering.snapshot import Snapshot
    from hellokit.failures import PluginFailure
    from hellokit.plugins import Plugins
    from hellokit.request import Formality, Isolate, Request
    from hellokit.scope import Scope
    from hellokit.configuration import Settings


class _Unstarted:
    """The state of a kit that has not started, or is closed: it has no routes."""

    calls: Mapping[Any, Any] = {}
    async_calls: Mapping[Any, Any] = {}


class Kit:
    """One isolated instance: settings, plugins, routes and metrics of its own.

    A kit starts at its first use, not before, and is a context manager that closes itself.

    Args:
        settings: the settings; None reads them from the environment at the first use.
        plugins: sinks, wrappers and wordings to register when it starts.
        discover: whether to use the plugins and backends of installed distributions.

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
        self._settings = settings
        self._given = tuple(plugins)
        self._discover = discover
        self._lock = RLock()
        self._engine: Engine | None = None
        self._starting = self._closed = False
        self._state: Any = _Unstarted
        born(self)

    # Greeting

    def greet(
        self,
        *names: str | None,
        backend: str | None = None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: time | datetime | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> str:
        """Greet people, together if there are several, through a backend.

        Args:
            *names: what to call them, at most 32; None and blank ones are left out.
            backend: a backend's name or a chain such as `"cached+plain"`; None for the
                setting's.
            locale: a BCP 47 tag; an unknown one falls back to the default locale.
            formality: `"formal"`, `"informal"` or None.
            at: the addressee's wall clock, for the greeting of that time of day.
            extra: anything a backend of yours wants to know, by name.

        Returns:
            The greeting, one line of text.

        Raises:
            RequestTypeError: if an argument has the wrong type.
            RequestValueError: if there are too many names, or an option has an unknown value.
            LocaleError: if `locale` is not well-formed.
            UnknownBackendError: if there is no such backend.
            BackendLoadError: if the backend cannot be loaded.
            ChainError: if a chain is malformed.
            BackendResultError: if the backend returned something other than a string.
            KitClosedError: if the kit was closed.

        >>> Kit().greet("Ada", "Grace")
        'Hello, Ada and Grace!'
        """
        state = self._state
        try:
            call = state.calls[backend]
        except (KeyError, TypeError):
            state = self.selected(backend)
            call = state.calls[backend]
        return call(state.request(names, locale, formality, at, extra))  # type: ignore[no-any-return]  # as above

    async def greet_async(
        self,
        *names: str | None,
        backend: str | None = None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: time | datetime | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> str:
        """Greet as `greet` does, without blocking the event loop.

        A backend that has only a sync implementation runs inline, or on a bounded thread pool
        if it declares that it blocks (`blocking = True`).

        Args:
            *names: as of `greet`, like all the other arguments.
            backend: the backend or chain.
            locale: the language tag.
            formality: the register.
            at: the addressee's wall clock.
            extra: anything a backend of yours wants to know.

        Returns:
            The greeting, one line of text.

        Raises:
            HellokitError: what `greet` raises.
        """
        state = self._state
        try:
            call = state.async_calls[backend]
        except (KeyError, TypeError):
            state = self.selected(backend)
            call = state.async_calls[backend]
        return await call(state.request(names, locale, formality, at, extra))  # type: ignore[no-any-return]  # as in greet

    def compose(
        self,
        *names: str | None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: time | datetime | None = None,
    ) -> Greeting:
        """Return the words and their parts, without a backend and without counting.

        Args:
            *names: as of `greet`, like all the other arguments.
            locale: the language tag.
            formality: the register.
            at: the addressee's wall clock.

        Returns:
            The greeting: its text, parts, locale and slot, and `__html__`.

        Raises:
            RequestTypeError: if an argument has the wrong type.
            RequestValueError: if there are too many names, or an option has an unknown value.
            LocaleError: if `locale` is not well-formed.

        >>> Kit().compose("<b>Ada</b>").__html__()
        'Hello, <bdi>&lt;b&gt;Ada&lt;/b&gt;</bdi>!'
        """
        state: State = self._started().state
        return state.wordings.compose(state.request(names, locale, formality, at, None))

    # Looking

    def backends(self) -> tuple[BackendInfo, ...]:
        """Return what is known of each backend, sorted by name; none is imported."""
        return self._started().catalogue.infos()

    def metrics(self) -> Snapshot:
        """Return what was counted, per backend, since the kit was made."""
        return self._started().metrics()

    def failures(self) -> tuple[PluginFailure, ...]:
        """Return what went wrong with plugins while everything else went on."""
        return tuple(self._started().failures)

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
        with self._lock:
            if self._settings is None:
                from hellokit.configuration import Settings

                self._settings = Settings.from_environ()
            return self._settings

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
            self._settings = self.settings().evolve(**settings)
            if self._engine is not None:
                self._engine.configure(self._settings)

    def use(  # noqa: PLR0913  # the options of a request
        self,
        *,
        backend: str | None = None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: time | datetime | None = None,
        isolate: Isolate | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Scope:
        """Return a context manager that sets defaults for the calls inside its `with`.

        They hold for this thread or task only, and an argument of a call goes first.

        Args:
            backend: the backend or chain.
            locale: the language tag.
            formality: the register.
            at: the addressee's wall clock.
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
            catalogue = self._started().catalogue
            catalogue.add(name, plugin)
            added = catalogue.load(name)

        def undo() -> None:
            with self._lock:
                catalogue.remove(name, added)

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
            engine = self._started()
            for plugin in engine.discover():
                engine.tell("hellokit_started", "start", plugin)

    # Starting and ending

    def close(self) -> None:
        """Tell the plugins, end the kit's threads, and refuse further greetings."""
        with self._lock:
            engine, self._engine = self._engine, None
            self._closed, self._state = True, _Unstarted
        if engine is not None:
            engine.close()

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

    def selected(self, backend: str | None) -> State:
        """Return a state that has the route of `backend`."""
        state: State = self._state
        if isinstance(backend, str | None) and backend in state.calls:
            return state
        engine = self._started()
        if not isinstance(backend, str | None):
            from hellokit.errors import RequestTypeError

            raise RequestTypeError(
                f"backend is a {type(backend).__name__}: pass a backend's name, or a chain "
                "such as 'cached+plain'"
            )
        with self._lock:
            if backend not in engine.state.calls:
                engine.select(backend)
            return engine.state

    def _started(self) -> Engine:
        """Return the engine, made on first use."""
        engine = self._engine
        return engine if engine is not None else self._start()

    def _start(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = engine = start(self)
                engine.tell("hellokit_started", "start")
            return self._engine


default = Kit()
"""The kit behind the module's verbs."""
