"""The state of a kit: what a call sees of it."""

from __future__ import annotations

from hellokit.request import factory
from hellokit.scope import scoped_factory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hellokit.configuration import Settings
    from hellokit.request import Request
    from hellokit.routes import Route
    from hellokit.wordings.table import Wordings


class State:
    """What a call sees: one consistent set of settings, wordings and routes.

    It is replaced as a whole when anything changes, and never changed, except that routes
    are added as they are first needed.
    """

    __slots__ = ("async_calls", "calls", "request", "routes", "settings", "wordings")

    def __init__(self, settings: Settings, wordings: Wordings, kit: object | None) -> None:
        self.settings = settings
        self.wordings = wordings
        self.request = (
            factory(settings.locale, settings.isolate)
            if kit is None
            else scoped_factory(kit, settings)
        )
        self.routes: dict[str | None, Route] = {}
        self.calls: dict[str | None, Callable[[Request], str]] = {}
        self.async_calls: dict[str | None, Callable[[Request], Awaitable[str]]] = {}

    def put(self, backend: str | None, route: Route) -> None:
        """Add the route of a backend."""
        self.routes[backend] = route
        self.calls[backend] = route.call
        self.async_calls[backend] = route.call_async
