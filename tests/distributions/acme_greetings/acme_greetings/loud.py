"""The backend `loud`: a leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit import Request


def hellokit_greet(request: Request, words: Callable[[Request], str]) -> str:
    """Greet in capitals."""
    return words(request).upper()
