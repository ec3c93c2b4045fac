"""Routes: a chain of backends, resolved and bound once, so that a call looks nothing up.

pluggy decides what runs and in which order; this module binds that order into one function.
Only `get_hookimpls()` is read. What it does not know (old-style hookwrappers, monitored calls)
runs through pluggy itself.
"""

from __future__ import annotations

from types import MethodType

from hellokit.errors import ChainError, HellokitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
    from typing import Any, NoReturn

    import pluggy

    from hellokit.bridge import Bridge
    from hellokit.plugins import Plugins
    from hellokit.request import Request

    Call = Callable[[Request], Any]
    AsyncCall = Callable[[Request], Awaitable[Any]]


class Route:
    """What a call runs.

    Args:
        call: takes a request and returns the text.
        call_async: the same as a coroutine function.
        blocks: whether `call` blocks its thread, so that it must stay off an event loop.
    """

    __slots__ = ("blocks", "call", "call_async")

    def __init__(self, call: Call, call_async: AsyncCall, *, blocks: bool) -> None:
        self.call = call
        self.call_async = call_async
        self.blocks = blocks


def parse(chain: str) -> tuple[str, ...]:
    """Return the backends that a chain names, outermost first.

    Raises:
        ChainError: if a part is empty or repeated.

    >>> parse("cached+monitored+plain")
    ('cached', 'monitored', 'plain')
    """
    parts = tuple(part.strip() for part in chain.split("+"))
    if not all(parts):
        raise ChainError(
            f"backend {chain!r} has an empty part: join names with +, as in 'cached+plain'"
        )
    for part in parts:
        if parts.count(part) > 1:
            raise ChainError(f"backend {chain!r} names {part!r} twice: name each part once")
    return parts


def wraps(plugins: Plugins, plugin: object) -> bool:
    """Tell whether a backend is a wrapping one: it takes the argument `inner`."""
    return any(
        "inner" in (*implementation.argnames, *_optional(implementation))
        for hook in ("hellokit_greet", "hellokit_greet_async")
        for implementation in plugins.implementations(hook, plugin)
    )


def bridged(call: Call | None, call_async: AsyncCall | None, blocks: bool, bridge: Callable[[], Bridge]) -> Route:
    """Return the route of a backend that has one colour or both: the other is bridged.

    Args:
        call: the sync call, if the backend has one.
        call_async: the coroutine function, if it has one.
        blocks: whether `call` declares that it blocks.
        bridge: gives the kit's bridge, when it is first needed.
    """
    if call is None:
        assert call_async is not None
        awaited = call_async

        def from_loop(request: Request) -> Any:
            return bridge().run(_coroutine(awaited, request))

        return Route(from_loop, awaited, blocks=True)
    if call_async is not None:
        return Route(call, call_async, blocks=blocks)
    sync = call

    async def inline(request: Request) -> Any:
        return sync(request)

    async def in_thread(request: Request) -> Any:
        return await bridge().in_thread(sync, request)

    return Route(call, in_thread if blocks else inline, blocks=blocks)


async def _coroutine(call: AsyncCall, request: Request) -> Any:
    return await call(request)


def no_inner(backend: str) -> Call:
    """Return the `inner` that a leaf's wrappers are given: there is none to call."""

    def inner(request: Request) -> NoReturn:
        raise HellokitError(
            f"{backend!r} is a leaf and has no inner backend: take `inner` in a backend only"
        )

    return inner


def bound(plugins: Plugins, hook: str, others: Sequence[object], values: Mapping[str, Any]) -> Call:
    """Return the function of a request that runs `hook`, as pluggy would, with `values` bound.

    Args:
        plugins: the manager that knows the implementations.
        hook: the hook's name; a firstresult hook.
        others: plugins whose implementations are left out: the other backends.
        values: the hook's arguments but `request`.
    """
    implementations = [
        implementation
        for implementation in plugins.implementations(hook)
        if not any(implementation.plugin is other for other in others)
    ]
    if plugins.monitors or any(implementation.hookwrapper for implementation in implementations):
        caller = plugins.subset_hook_caller(hook, others)
        return lambda request: caller(request=request, **values)
    wrappers = [_bind(each, values) for each in implementations if each.wrapper]
    leaves = [_bind(each, values) for each in implementations if not each.wrapper]
    if wrappers:
        return _wrapped(wrappers, _first(leaves))
    return _first(leaves)


def _optional(implementation: pluggy.HookImpl) -> tuple[str, ...]:
    """Return the arguments with defaults: pluggy passes them from 1.7 on, none before."""
    return tuple(getattr(implementation, "kwargnames", ()))


def _bind(implementation: pluggy.HookImpl, values: Mapping[str, Any]) -> Call:
    """Return the implementation as a function of the request alone.

    The commonest shapes get a function of their own, as each frame counts on this path: with
    one other argument in front of `request`, a bound method, which adds no frame at all.
    """
    function: Callable[..., Any] = implementation.function
    names = tuple(implementation.argnames)
    named = {name: values[name] for name in _optional(implementation) if name in values}
    if "request" in _optional(implementation):
        return lambda request: function(
            *[values[name] for name in names], request=request, **named
        )
    if not named and len(names) == 2 and names[1] == "request":
        return MethodType(function, values[names[0]])
    if named or names[:1] != ("request",):
        return lambda request: function(
            *[request if name == "request" else values[name] for name in names], **named
        )
    rest = [values[name] for name in names[1:]]
    if not rest:
        return function
    if len(rest) == 1:
        (only,) = rest
        return lambda request: function(request, only)
    return lambda request: function(request, *rest)


def _first(calls: Sequence[Call]) -> Call:
    if len(calls) == 1:
        return calls[0]
    turns = tuple(calls)

    def first(request: Request) -> Any:
        for call in turns:
            result = call(request)
            if result is not None:
                return result
        return None

    return first


def _wrapped(wrappers: Sequence[Call], first: Call) -> Call:
    """Return `first` inside generator wrappers, outermost first, with pluggy's semantics."""
    turns = tuple(wrappers)

    def wrapped(request: Request) -> Any:
        running: list[Generator[None, Any, Any]] = []
        result, error = None, None
        try:
            for wrapper in turns:
                generator = wrapper(request)
                try:
                    next(generator)
                except StopIteration:
                    _wrap_fail(generator, "did not yield")
                running.append(generator)
            result = first(request)
        except BaseException as raised:  # noqa: BLE001  # the wrappers must see whatever it is
            error = raised
        while running:
            result, error = _finish(running.pop(), result, error)
        if error is not None:
            raise error
        return result

    return wrapped


def _finish(
    generator: Generator[None, Any, Any], result: Any, error: BaseException | None
) -> tuple[Any, BaseException | None]:
    """Let a wrapper see the outcome, and return the outcome that it makes of it."""
    try:
        if error is None:
            generator.send(result)
        else:
            try:
                generator.throw(error)
            except RuntimeError as raised:
                # A StopIteration thrown into a generator comes back as a RuntimeError.
                if isinstance(error, StopIteration) and raised.__cause__ is error:
                    generator.close()
                    return result, error
                raise
        generator.close()
    except StopIteration as stop:
        return stop.value, None
    except BaseException as raised:  # noqa: BLE001  # handed on to the next wrapper
        return result, raised
    _wrap_fail(generator, "has second yield")


def _wrap_fail(generator: Generator[None, Any, Any], problem: str) -> NoReturn:
    code = getattr(generator, "gi_code")  # noqa: B009  # typed generators hide their code
    raise RuntimeError(
        f"wrap_controller at {code.co_name!r} {code.co_filename}:{code.co_firstlineno} {problem}"
    )
