"""The scope of `use()`: defaults for the calls inside a `with`, kept in a context variable."""

from __future__ import annotations

from _contextvars import ContextVar

from hellokit.request import factory
from hellokit.routes import Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any

    from hellokit.configuration import Settings
    from hellokit.request import Request, RequestFactory
    from hellokit.state import State

    Defaults = Mapping[object, Mapping[Any, Any]]

scoped: ContextVar[Defaults | None] = ContextVar("hellokit-scope", default=None)
"""For each kit in use, the defaults in force; None where no scope is open."""


OUTER = object()
"""The key of what was in force outside the innermost scope."""


class Scope:
    """Sets defaults for one kit's calls in the `with` block, for this thread or task.

    Args:
        kit: the kit whose calls they are for.
        defaults: the defaults, by the name of the argument.
    """

    def __init__(self, kit: object, defaults: Mapping[str, Any]) -> None:
        self._kit = kit
        self._defaults = defaults

    def __enter__(self) -> None:
        """Put the defaults into force."""
        outer = scoped.get() or {}
        merged = {**outer.get(self._kit, {}), **self._defaults}
        # What was in force goes along: a scope that tasks share keeps nothing of any of them.
        scoped.set({**outer, self._kit: merged, OUTER: outer})

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Put back what was in force before."""
        scoped.set((scoped.get() or {}).get(OUTER))


def inside(kit: object) -> Mapping[str, Any]:
    """Return the defaults that are in force here for a kit."""
    return (scoped.get() or {}).get(kit, {})


def scoped_factory(kit: object, settings: Settings) -> RequestFactory:
    """Return the function that makes a kit's requests with the defaults of the open scope."""

    def request(
        names: tuple[Any, ...], locale: Any, formality: Any, at: Any, extra: Any
    ) -> Request:
        here = inside(kit)
        return factory(settings.locale, here.get("isolate", settings.isolate))(
            names,
            here.get("locale") if locale is None else locale,
            here.get("formality") if formality is None else formality,
            here.get("at") if at is None else at,
            here.get("extra") if extra is None else extra,
        )

    return request


def scoped_route(kit: object, select: Callable[[str, State], State], state: State) -> Route:
    """Return the route of a call that names no backend: to the open scope's, or the setting's.

    Args:
        kit: the kit.
        select: returns a state with the route of a backend and with the settings of another.
        state: the state that the call began with, and made its request by.
    """

    def here() -> Route:
        backend = inside(kit).get("backend", state.settings.backend)
        return select(backend, state).routes[backend]

    def call(request: Request) -> str:
        text: str = here().call(request)
        return text

    async def call_async(request: Request) -> str:
        text: str = await here().call_async(request)
        return text

    return Route(call, call_async, blocks=False)
