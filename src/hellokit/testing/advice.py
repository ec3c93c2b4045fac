"""Advice: how a backend is mended that does not do what is demanded."""

from __future__ import annotations

from hellokit.testing.attempt import is_own
from hellokit.testing.watch import HangError

HANGING = (
    "release in a finally, or by `with`, what a call takes, also when it fails; "
    "raise patience_s if a call may take that long"
)
RAISING = (
    "it must not raise here; see the traceback. (Does it need a server? Prepare it in a fixture.)"
)
KNOWN = {
    "attached to a different loop": "keep locks, connections and tasks for each running loop",
    "bound to a different event loop": "keep locks, connections and tasks for each running loop",
    "Event loop is closed": "keep locks, connections and tasks for each running loop",
    "cannot be called from a running event loop": (
        "add hellokit_greet_async, or declare blocking = True: it is called on a thread then"
    ),
    "threads still greet after": (
        "raise patience_s, or mend what keeps threads from running at once"
    ),
}
"""By a part of what is told, what is known to mend it."""


def advice(told: str, error: BaseException, remedy: str) -> str:
    """Return how what is told is mended.

    Args:
        told: what the backend did.
        error: what was raised for it.
        remedy: of the check.

    >>> advice("it raised RuntimeError: Event loop is closed", RuntimeError(), "")
    'keep locks, connections and tasks for each running loop'
    """
    for part, known in KNOWN.items():
        if part in told:
            return known
    if isinstance(error, HangError):
        return HANGING
    return remedy if is_own(error) else RAISING
