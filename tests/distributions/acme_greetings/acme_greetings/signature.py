"""The plugin `signature`: a wrapper that signs every greeting with the backend's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hellokit import hookimpl

if TYPE_CHECKING:
    from collections.abc import Generator


@hookimpl(wrapper=True)
def hellokit_greet(backend: str) -> Generator[None, str, str]:
    """Sign the text."""
    text = yield
    return f"{text} ({backend})"
