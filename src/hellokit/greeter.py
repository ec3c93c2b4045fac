"""The greeter: the verbs that greet, by whatever state is in force."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable, Mapping
    from typing import Any, Literal, TypeAlias, TypedDict, Unpack, overload

    from hellokit.bulk.failure import Failure
    from hellokit.bulk.options import Options
    from hellokit.engine import Engine
    from hellokit.greeting import Greeting
    from hellokit.lifetime import Lock
    from hellokit.metering.meter import Make
    from hellokit.request import Formality, Moment, Request
    from hellokit.routes import Route
    from hellokit.state import State

    Item: TypeAlias = str | tuple[str | None, ...] | Request | None
    OnError: TypeAlias = Literal["raise", "skip", "return"]

    class StreamOptions(TypedDict, total=False):
        """What `greet_many` and `greet_many_async` take beside items and `on_error`."""

        backend: str | None
        locale: str | None
        formality: Formality | None
        at: Moment | None
        extra: Mapping[str, Any] | None
        concurrency: int | Literal["auto"] | None
        ordered: bool
        timeout: float | None
        attempts: int
        backoff: float
        rate: float | None

else:

    def overload(function: object) -> object:
        """Stand in for `typing.overload`: typing is not worth its import at run time."""
        return function


class Unstarted:
    """The state of a kit that has not started, or is closed: it has no routes."""

    calls: Mapping[Any, Any] = {}
    async_calls: Mapping[Any, Any] = {}


class Greeter:
    """What a kit does all day."""

    _state: Any
    _lock: Lock

    if TYPE_CHECKING:

        def _started(self) -> Engine:
            """Return the engine, made on first use."""

    def greet(
        self,
        *names: str | None,
        backend: str | None = None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: Moment | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> str:
        """Greet people, together if there are several, through a backend.

        Args:
            *names: what to call them, at most 32; None and blank ones are left out.
            backend: a backend's name or a chain such as `"cached+plain"`; None for the
                setting's.
            locale: a BCP 47 tag; an unknown one falls back to the default locale.
            formality: `"formal"`, `"informal"` or None.
            at: the addressee's wall clock, for the greeting of that time of day; or the name of
                an occasion, such as `"birthday"`: where there are no words for it, it is as None.
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

        >>> from hellokit import Kit
        >>> Kit().greet("Ada", "Grace")
        'Hello, Ada and Grace!'
        """
        state = self._state
        try:
            call = state.calls[backend]
        except (KeyError, TypeError):
            call = None
        if call is None:  # out of the handler, or its error would show in every other one
            state = self.selected(backend)
            call = state.calls[backend]
        return call(state.request(names, locale, formality, at, extra))  # type: ignore[no-any-return]  # as above

    async def greet_async(
        self,
        *names: str | None,
        backend: str | None = None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: Moment | None = None,
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
            at: the addressee's wall clock, or an occasion.
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
            call = None
        if call is None:
            state = self.selected(backend)
            call = state.async_calls[backend]
        return await call(state.request(names, locale, formality, at, extra))  # type: ignore[no-any-return]  # as in greet

    def compose(
        self,
        *names: str | None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: Moment | None = None,
    ) -> Greeting:
        """Return the words and their parts, without a backend and without counting.

        Args:
            *names: as of `greet`, like all the other arguments.
            locale: the language tag.
            formality: the register.
            at: the addressee's wall clock, or an occasion.

        Returns:
            The greeting: its text, parts, locale and slot, and `__html__`.

        Raises:
            RequestTypeError: if an argument has the wrong type.
            RequestValueError: if there are too many names, or an option has an unknown value.
            LocaleError: if `locale` is not well-formed.

        >>> from hellokit import Kit
        >>> Kit().compose("<b>Ada</b>").__html__()
        'Hello, <bdi>&lt;b&gt;Ada&lt;/b&gt;</bdi>!'
        """
        state: State = self._started().state
        return state.wordings.compose(state.request(names, locale, formality, at, None))

    @overload
    def greet_many(
        self,
        items: Iterable[Item],
        *,
        on_error: Literal["raise", "skip"] = ...,
        **options: Unpack[StreamOptions],
    ) -> Generator[str, None, None]: ...

    @overload
    def greet_many(
        self,
        items: Iterable[Item],
        *,
        on_error: Literal["return"],
        **options: Unpack[StreamOptions],
    ) -> Generator[str | Failure, None, None]: ...

    def greet_many(
        self,
        items: Iterable[Item],
        *,
        backend: str | None = None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: Moment | None = None,
        extra: Mapping[str, Any] | None = None,
        concurrency: int | Literal["auto"] | None = None,
        ordered: bool = True,
        on_error: OnError = "raise",
        timeout: float | None = None,
        attempts: int = 1,
        backoff: float = 0.1,
        rate: float | None = None,
    ) -> Generator[str | Failure, None, None]:
        """Greet a stream of any length, endless ones included, lazily.

        Items are taken as results are: at most a small multiple of `concurrency` ahead. If the
        backend does not wait, of an iterator none ahead, and of a list, as many again as were
        taken, up to the setting `batch_size`. Leaving the iteration ends what runs.

        Args:
            items: names, tuples of names that are greeted together, or requests.
            backend: as of `greet`.
            locale: as of `greet`, for items that are names; so are the next three.
            formality: the register.
            at: the addressees' wall clock.
            extra: anything a backend of yours wants to know, by name.
            concurrency: how many items run at once, if the backend waits; `"auto"` follows its
                latency, up to the setting `max_concurrent`, which is the default.
            ordered: whether results come in the order of the items.
            on_error: what becomes of an item that fails: `"raise"` ends the stream in its place,
                `"skip"` leaves it out, `"return"` gives a `Failure` instead of its text.
            timeout: how long an attempt may take, in seconds. It cannot interrupt a backend that
                runs in place.
            attempts: how often an item is tried: again after any exception of its backend and
                after a timeout, never after hellokit itself has refused it.
            backoff: the wait before the second attempt, in seconds; it doubles each time.
            rate: how many items are started a second, at most.

        Returns:
            An iterator of the greetings, with a `Failure` for a failed item if
            `on_error="return"`.

        Raises:
            RequestTypeError: if `items` is a string or no iterable, or an option has the wrong
                type.
            RequestValueError: if an option has a value that is not allowed.
            UnknownBackendError: if there is no such backend.
            HellokitError: whatever else `greet` raises.

        >>> from hellokit import Kit
        >>> list(Kit().greet_many(["Ada", ("Grace", "Alan"), None]))
        ['Hello, Ada!', 'Hello, Grace and Alan!', 'Hello!']
        """
        from hellokit.bulk.many import many

        route, make, options = self._streaming(
            backend,
            (locale, formality, at, extra),
            concurrency=concurrency,
            ordered=ordered,
            on_error=on_error,
            timeout=timeout,
            attempts=attempts,
            backoff=backoff,
            rate=rate,
        )
        return many(items, route, make, options, self._started().bridge)

    @overload
    def greet_many_async(
        self,
        items: Iterable[Item] | AsyncIterable[Item],
        *,
        on_error: Literal["raise", "skip"] = ...,
        **options: Unpack[StreamOptions],
    ) -> AsyncGenerator[str, None]: ...

    @overload
    def greet_many_async(
        self,
        items: Iterable[Item] | AsyncIterable[Item],
        *,
        on_error: Literal["return"],
        **options: Unpack[StreamOptions],
    ) -> AsyncGenerator[str | Failure, None]: ...

    def greet_many_async(
        self,
        items: Iterable[Item] | AsyncIterable[Item],
        *,
        backend: str | None = None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: Moment | None = None,
        extra: Mapping[str, Any] | None = None,
        concurrency: int | Literal["auto"] | None = None,
        ordered: bool = True,
        on_error: OnError = "raise",
        timeout: float | None = None,
        attempts: int = 1,
        backoff: float = 0.1,
        rate: float | None = None,
    ) -> AsyncGenerator[str | Failure, None]:
        """Greet a stream as `greet_many` does, from async code.

        The source may be async too. Close the iterator if you leave it early, for example with
        `contextlib.aclosing`: a plain `break` leaves that to the garbage collector.

        Args:
            items: as of `greet_many`, also an async iterable.
            backend: as of `greet_many`, like all that follow.
            locale: the language tag.
            formality: the register.
            at: the addressees' wall clock.
            extra: anything a backend of yours wants to know, by name.
            concurrency: how many items run at once.
            ordered: whether results come in the order of the items.
            on_error: `"raise"`, `"skip"` or `"return"`.
            timeout: how long an attempt may take, in seconds.
            attempts: how often an item is tried.
            backoff: the wait before the second attempt, in seconds.
            rate: how many items are started a second, at most.

        Returns:
            An async iterator, with `aclose()`.

        Raises:
            HellokitError: what `greet_many` raises.
        """
        from hellokit.bulk.many import many_async

        route, make, options = self._streaming(
            backend,
            (locale, formality, at, extra),
            concurrency=concurrency,
            ordered=ordered,
            on_error=on_error,
            timeout=timeout,
            attempts=attempts,
            backoff=backoff,
            rate=rate,
        )
        return many_async(items, route, make, options)

    def _streaming(
        self, backend: str | None, shared: tuple[Any, Any, Any, Any], **options: Any
    ) -> tuple[Route, Make, Options]:
        """Return what a stream goes by from its beginning to its end.

        Args:
            backend: the backend.
            shared: locale, formality, time and extra of the requests of names.
            **options: those of the stream.
        """
        from hellokit.bulk.options import Options
        from hellokit.request import likewise
        from hellokit.scope import inside

        if backend is None:
            backend = inside(self).get("backend") or self._started().state.settings.backend
        state = self.selected(backend)
        make = likewise(state.request((), *shared), state.request((), None, None, None, None))
        return state.routes[backend], make, Options.given(state.settings, **options)

    def selected(self, backend: str | None, begun: State | None = None) -> State:
        """Return a state that has the route of `backend`, with the settings of `begun` if given."""
        state: State = begun or self._state
        # Not isinstance(): it believes the __class__ that a lazy proxy pretends to have.
        named = backend is None or issubclass(type(backend), str)
        if named and backend in state.calls:
            return state
        engine = self._started()
        if not named:
            from hellokit.errors import RequestTypeError

            raise RequestTypeError(
                f"backend is of type {type(backend).__name__}: pass a backend's name, or a chain "
                "such as 'cached+plain'"
            )
        with self._lock:
            return engine.select(backend, begun)
