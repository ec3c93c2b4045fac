"""Two backends that say little: one the names, one the options of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hellokit import Request


class Hi:
    """A backend."""

    def hellokit_greet(self, request: Request) -> str:
        """Say hi."""
        return f"Hi {' '.join(request.names)}"


class Showing:
    """A backend that shows the options of a request."""

    def hellokit_greet(self, request: Request) -> str:
        """Show them."""
        extra = None if request.extra is None else dict(request.extra)
        return repr((request.locale, request.formality, request.at, request.isolate, extra))
