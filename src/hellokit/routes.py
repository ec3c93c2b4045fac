"""Routes: a chain of backends, resolved and bound once, so that a call looks nothing up.

pluggy decides what runs and in which order; this module binds that order into one function.
Only `get_hookimpls()` is read. What it does not know (old-style hookwrappers, monitored calls)
runs through pluggy itself.
"""

from __future__ import annotations

from functools import partial
from types import MethodType

from hellokit.errors import HellokitError
from hellokit.plugins import defaulted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
    from typing import Any, NoReturn

    import pluggy

    from hellokit.bridge import Bridge
    from hellokit.metering.meter import Batch
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
        waits: whether `call_async` is a backend's own, and not made of `call`.
        batch: greets many items at a cost below that of `call` for each, or None.
    """

    __slots__ = ("batch", "blocks", "call", "call_async", "waits")

    def __init__(
        self,
        call: Call,
        call_async: AsyncCall,
        *,
        blocks: bool,
        waits: bool = False,
        batch: Batch | None = None,
    ) -> None:
        self.call = call
        self.call_async = call_async
        self.blocks = blocks
        self.waits = waits
        self.batch = batch


def bridged(
    call: Call | None,
    call_async: AsyncCall | None,
    bridge: Callable[[], Bridge],
    *,
    blocks: bool,
    batch: Batch | None = None,
) -> Route:
    """Return the route of a backend that has one colour or both: the other is bridged.

    Args:
        call: the sync call, if the backend has one.
        call_async: the coroutine function, if it has one.
        bridge: gives the kit's bridge, when it is first needed.
        blocks: whether `call` declares that it blocks.
        batch: `call` for many items, if it has that.

    Raises:
        HellokitError: if the backend has neither.
    """
    if call is not None:
        waits = call_async is not None
        call_async = call_async or _made_async(call, bridge, blocks=blocks)
        return Route(call, call_async, blocks=blocks, waits=waits, batch=batch)
    if call_async is not None:
        return Route(_made_sync(call_async, bridge), call_async, blocks=True, waits=True)
    raise HellokitError("a backend has neither colour: give it hellokit_greet")


def _made_async(call: Call, bridge: Callable[[], Bridge], *, blocks: bool) -> AsyncCall:
    async def inline(request: Request) -> Any:
        return call(request)

    async def in_thread(request: Request) -> Any:
        return await bridge().in_thread(call, request)

    return in_thread if blocks else inline


def _made_sync(call: AsyncCall, bridge: Callable[[], Bridge]) -> Call:
    async def coroutine(request: Request) -> Any:
        return await call(request)

    return lambda request: bridge().run(coroutine(request))


def no_inner(backend: str) -> Call:
    """Return the `inner` that a leaf's wrappers are given: there is none to call."""

    def inner(request: Request) -> NoReturn:  # noqa: ARG001  # the signature of every `inner`
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


def _bind(implementation: pluggy.HookImpl, values: Mapping[str, Any]) -> Call:
    """Return the implementation as a function of the request alone.

    The commonest shapes get a function of their own, as each frame counts on this path: with
    other arguments in front of `request`, a bound method or a partial, which add no frame at all.
    """
    function: Callable[..., Any] = implementation.function
    names = tuple(implementation.argnames)
    named = {name: values[name] for name in defaulted(implementation) if name in values}
    if "request" in defaulted(implementation):
        return lambda request: function(*[values[name] for name in names], request=request, **named)
    if not named and names[1:] and names[-1] == "request":
        front = [values[name] for name in names[:-1]]
        return partial(function, *front) if front[1:] else MethodType(function, *front)
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


def wrapped_async(
    plugins: Plugins, others: Sequence[object], values: Mapping[str, Any], call: AsyncCall
) -> AsyncCall:
    """Return `call` inside the new-style wrappers of `hellokit_greet`: they see every backend.

    Those of plugins that wrap `hellokit_greet_async` too are left out: they are in `call`.

    Args:
        plugins: the manager that knows the wrappers.
        others: plugins that are left out: the other backends.
        values: the hook's arguments but `request`.
        call: runs `hellokit_greet_async`.
    """
    seen = {each.plugin for each in plugins.implementations("hellokit_greet_async") if each.wrapper}
    turns = tuple(
        _bind(each, values)
        for each in plugins.implementations("hellokit_greet")
        if each.wrapper and not any(each.plugin is other for other in (*others, *seen))
    )

    async def wrapped(request: Request) -> Any:
        running: list[Generator[None, Any, Any]] = []
        result, error = None, None
        try:
            _enter(turns, request, running)
            result = call(request)
            result = await result if hasattr(result, "__await__") else result
        except BaseException as raised:  # noqa: BLE001  # the wrappers must see whatever it is
            error = raised
        return _outcome(running, result, error)

    return wrapped if turns else call


def _wrapped(wrappers: Sequence[Call], first: Call) -> Call:
    """Return `first` inside generator wrappers, outermost first, with pluggy's semantics."""
    turns = tuple(wrappers)

    def wrapped(request: Request) -> Any:
        running: list[Generator[None, Any, Any]] = []
        result, error = None, None
        try:
            _enter(turns, request, running)
            result = first(request)
        except BaseException as raised:  # noqa: BLE001  # the wrappers must see whatever it is
            error = raised
        return _outcome(running, result, error)

    return wrapped


def _enter(
    wrappers: Sequence[Call], request: Request, running: list[Generator[None, Any, Any]]
) -> None:
    """Run each wrapper to its yield; those that got there are `running`."""
    for wrapper in wrappers:
        generator = wrapper(request)
        try:
            next(generator)
        except StopIteration:
            raise _unruly(generator, "did not yield") from None
        running.append(generator)


def _outcome(
    running: list[Generator[None, Any, Any]], result: Any, error: BaseException | None
) -> Any:
    """Run the wrappers to their end, the innermost first; return or raise what they make of it."""
    while running:
        result, error = _finish(running.pop(), result, error)
    if error is not None:
        raise error
    return result


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
    raise _unruly(generator, "has second yield")


def _unruly(generator: Generator[None, Any, Any], problem: str) -> RuntimeError:
    code = getattr(generator, "gi_code")  # noqa: B009  # typed generators hide their code
    return RuntimeError(
        f"wrap_controller at {code.co_name!r} {code.co_filename}:{code.co_firstlineno} {problem}"
    )
