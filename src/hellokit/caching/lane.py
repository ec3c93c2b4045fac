"""The lane: what one binding of the backend `cached` works with, and a miss on it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from typing import Any, TypeAlias

    from hellokit.caching.store import Section
    from hellokit.configuration import Settings
    from hellokit.request import Request

    Place: TypeAlias = tuple[Section, Hashable]

PLAIN = frozenset((str, bytes, int, bool, float, type(None)))
"""Types of which two values that are equal, or the same in hexadecimal, read the same."""


class Lane:
    """What a call needs beside its request; made once for each `inner`.

    Args:
        inner: the call or coroutine function of the backend behind.
        chain: the names of the backends, from `cached` inwards.
        words: another one whenever the kit has changed.
        note: counts an attribute.
        settings: those in force.
        section: where greetings are kept; None if they are not.
    """

    __slots__ = ("chain", "get", "inner", "most", "note", "section", "ttl_s", "words")

    def __init__(  # noqa: PLR0913, PLR0917  # what the hook is given
        self,
        inner: Callable[[Request], Any],
        chain: str,
        words: object,
        note: Callable[..., None],
        settings: Settings,
        section: Section | None,
    ) -> None:
        self.inner = inner
        self.chain = chain
        self.words = words
        self.note = note
        self.section = section
        self.ttl_s = settings.cache_ttl_s
        self.most = settings.cache_max_entries
        self.get: Callable[[Any], str | None] = _nothing if section is None else section.get

    def missed(self, request: Request) -> Miss | None:
        """Return the miss of a request, or None if its greeting is not to be kept."""
        if self.section is None:
            return None
        try:
            key = key_of(request)
        except Exception:  # noqa: BLE001  # somebody's `__hash__` in an `extra` may raise anything
            self.note("bypass")
            return None
        return Miss(self, self.section, key, request)


class Miss:
    """One call whose greeting is not there.

    Args:
        lane: the lane it came on.
        section: that lane's section.
        key: what the greeting is kept by.
        request: what is asked for.
    """

    __slots__ = ("key", "lane", "place", "request", "section")

    def __init__(self, lane: Lane, section: Section, key: Hashable, request: Request) -> None:
        self.lane = lane
        self.section = section
        self.key = key
        self.request = request
        self.place = (section, key)

    def landed(self) -> str | None:
        """Return the greeting if it was kept since this call missed it."""
        text = self.section.get(self.key)
        if text is not None:
            self.lane.note("hit")
        return text

    def compute(self) -> str:
        """Return what the backend behind says."""
        self.lane.note("miss")
        return self.lane.inner(self.request)  # type: ignore[no-any-return]  # a sync lane's inner

    def compute_async(self) -> Awaitable[str]:
        """Return what the backend behind says, to be awaited."""
        self.lane.note("miss")
        return self.lane.inner(self.request)  # type: ignore[no-any-return]  # an async lane's inner

    def keep(self, text: str) -> None:
        """Keep the greeting."""
        evicted = self.section.put(self.key, text, self.lane.ttl_s, self.lane.most)
        if evicted:
            self.lane.note("eviction", evicted)


def key_of(request: Request) -> Hashable:
    """Return what a request's greeting is kept by: itself, or a frozen form if it has an `extra`.

    Raises:
        Exception: if a value of `extra` cannot be told from all that equal it; mostly a TypeError.

    >>> from hellokit import Request
    >>> key_of(Request("Ada"))
    Request('Ada')
    >>> key_of(Request("Ada", extra={"n": 1})) == key_of(Request("Ada", extra={"n": True}))
    False
    """
    if request.extra is None:
        return request
    return (*request[:5], frozenset(map(_frozen, request.extra.items())))


def _frozen(value: Any) -> Hashable:
    """Return a value with its type, as 1 and True are equal and read differently.

    Raises:
        TypeError: if it is of a type whose values may be equal and read differently all the same,
            as two decimals do, or two datetimes.
    """
    kind = type(value)
    if kind is tuple or kind is frozenset:
        return kind, kind(map(_frozen, value))
    if kind not in PLAIN:
        raise TypeError(f"a {kind.__name__} in extra is not cached: pass str(value)")
    return kind, value.hex() if kind is float else value


def _nothing(request: Request) -> None:  # noqa: ARG001  # in the place of a section's `get`
    return None
