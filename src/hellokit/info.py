"""What is known of a backend without importing it."""

from __future__ import annotations

import attrs


@attrs.frozen
class BackendInfo:
    """What is known of a backend without importing it.

    Attributes:
        name: the name to select it by.
        distribution: the distribution it came with, or "" if it was registered as an object.
        version: the distribution's version, or "".
        value: the entry point's value, or the type of the registered object.
        builtin: whether hellokit brought it.
        loaded: whether it was imported.
        error: why it cannot be used, or None.
    """

    name: str
    distribution: str
    version: str
    value: str
    builtin: bool
    loaded: bool
    error: str | None
