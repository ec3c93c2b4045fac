"""The same greeting, many times."""

from __future__ import annotations

from itertools import repeat
from operator import length_hint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hellokit.request import Request


class Repeats:
    """A request so many times, in one stretch: there is nothing to wait for.

    Args:
        request: whom to greet.
        count: how often.

    >>> from hellokit import Request
    >>> repeats = Repeats(Request("Ada"), 2)
    >>> repeats.wait(), list(repeats.stretch()), repeats.wait()
    (True, [Request('Ada'), Request('Ada')], False)
    """

    unit = "greeting"

    def __init__(self, request: Request, count: int) -> None:
        self._count = count
        self._left = repeat(request, count)

    @property
    def taken(self) -> int:
        """How many requests were taken."""
        return self._count - length_hint(self._left)

    def share(self) -> float:
        """Return how much was taken, from 0 to 1."""
        return self.taken / self._count

    def wait(self) -> bool:
        """Tell whether there is a request to take."""
        return length_hint(self._left) > 0

    def stretch(self) -> Iterator[Request]:
        """Return the requests that are left."""
        return self._left
