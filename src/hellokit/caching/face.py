"""The face of a kit's cache: what `Kit.cache` returns."""

from __future__ import annotations

import attrs

from hellokit.errors import RequestTypeError
from hellokit.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit.builtin.cached import Cached
    from hellokit.configuration import Settings
    from hellokit.metering.snapshot import Snapshot


@attrs.frozen
class CacheInfo:
    """What a cache has done since the kit was made, or since the fork in a child.

    Args:
        hits: calls whose greeting was there.
        misses: calls that computed it.
        shared: calls that waited for another one's computation of it.
        bypasses: calls with an `extra` that cannot be hashed, which were not cached.
        evictions: greetings that were still good and had to make room.
        entries: how many there are now; those that have expired count until they are replaced
            or make room.
        max_entries: how many there may be.
        ttl_s: for how many seconds a greeting is good.
    """

    hits: int
    misses: int
    shared: int
    bypasses: int
    evictions: int
    entries: int
    max_entries: int
    ttl_s: float


class Cache:
    """The greetings that the backend `cached` of one kit keeps.

    Args:
        cached: the backend.
        metrics: gives the kit's metrics.
        settings: gives the kit's settings.
    """

    def __init__(
        self, cached: Cached, metrics: Callable[[], Snapshot], settings: Callable[[], Settings]
    ) -> None:
        self._cached = cached
        self._metrics = metrics
        self._settings = settings

    def info(self) -> CacheInfo:
        """Return what the cache has done, and how full it is.

        >>> from hellokit import Kit
        >>> kit = Kit(discover=False)
        >>> kit.greet("Ada", backend="cached") == kit.greet("Ada", backend="cached")
        True
        >>> kit.cache.info().hits, kit.cache.info().misses
        (1, 1)
        """
        counted = self._metrics().backends.get("cached")
        noted = counted.attributes if counted else {}
        settings = self._settings()
        return CacheInfo(
            hits=noted.get("hit", 0),
            misses=noted.get("miss", 0),
            shared=noted.get("shared", 0),
            bypasses=noted.get("bypass", 0),
            evictions=noted.get("eviction", 0),
            entries=self._cached.held(),
            max_entries=settings.cache_max_entries,
            ttl_s=settings.cache_ttl_s,
        )

    def clear(self) -> None:
        """Drop every greeting; one that is being computed now is not kept either."""
        self._cached.clear()

    def invalidate(self, request: Request) -> int:
        """Drop the greeting of one request; if it is being computed now, it is not kept either.

        Args:
            request: what was greeted. A `locale` or `isolate` of None is the kit's default.

        Returns:
            How many greetings were dropped: at most one for each chain.

        Raises:
            RequestTypeError: if `request` is not a Request.

        >>> from hellokit import Kit, Request
        >>> kit = Kit(discover=False)
        >>> text = kit.greet("Ada", backend="cached")
        >>> kit.cache.invalidate(Request("Ada"))
        1
        """
        if not isinstance(request, Request):
            raise RequestTypeError(
                f"invalidate was given a {type(request).__name__}: pass what was greeted as a "
                "Request, such as Request('Ada')"
            )
        settings = self._settings()
        completed = request.completed(settings.locale, settings.isolate)
        dropped = self._cached.invalidate(completed)
        if completed is not request:  # a backend in front may have passed one on that is not
            dropped += self._cached.invalidate(request)
        return dropped
