"""The `plain` backend: a leaf that composes the greeting and does nothing else."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.kit import Kit
    from hellokit.request import Request


def hellokit_greet(request: Request, kit: Kit) -> str:
    """Return the words for `request`."""
    return kit.text(request)
