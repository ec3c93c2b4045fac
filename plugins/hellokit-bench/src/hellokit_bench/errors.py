"""The errors of this package: each a `HellokitError`, and the fitting built-in."""

from __future__ import annotations

from hellokit import HellokitError


class SubjectError(HellokitError, RuntimeError):
    """What is measured failed: it raised, hung, or ended its process; the message says which."""


class ResultsError(HellokitError, ValueError):
    """A file of results cannot be used; the message names it, and says why and what to do."""
