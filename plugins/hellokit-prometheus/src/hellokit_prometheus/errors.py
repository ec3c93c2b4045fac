"""The errors of this package: each a `HellokitError`, and the fitting built-in."""

from __future__ import annotations

from hellokit import HellokitError


class PortError(HellokitError, OSError):
    """A port cannot be served on; the message names it, and says why and what to do."""


class RegistryError(HellokitError, ValueError):
    """A registry has metrics of these names already; the message says what to do."""
