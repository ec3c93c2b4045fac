"""The `plain` backend: a leaf that composes the greeting and does nothing else."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit.request import Request


def hellokit_greet(words: Callable[[Request], str], request: Request) -> str:
    """Return the words for `request`."""
    return words(request)
