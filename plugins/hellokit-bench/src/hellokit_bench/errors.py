"""The errors of this package: each a `HellokitError`, and the fitting built-in."""

from __future__ import annotations

from hellokit import HellokitError


class UsageError(HellokitError, ValueError):
    """Arguments of a command do not go together; the message says which, and what to give."""


class SubjectError(HellokitError, RuntimeError):
    """What is measured failed: it raised, hung, or ended its process; the message says which."""


class ResultsError(HellokitError, ValueError):
    """A file of results cannot be used; the message names it, and says why and what to do."""


class SimulatedError(HellokitError, RuntimeError):
    """What the backend `simulated` raises when it is to fail."""


class ComparisonError(HellokitError, ValueError):
    """Two sides cannot be compared; the message names the one at fault, and says what to do."""


class AddressError(HellokitError, ConnectionError):
    """An HTTP address cannot be put under load; the message names it, and says why."""
