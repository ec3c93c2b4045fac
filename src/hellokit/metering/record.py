"""The record: what one call reports to sinks. It is made only when somebody listens."""

from __future__ import annotations

import attrs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hellokit.request import Request


@attrs.frozen
class Record:
    """One call of one backend.

    Attributes:
        backend: the backend's name.
        duration_ns: how long the call took, in ns, by `time.perf_counter_ns`.
        error: the exception it raised, or None.
        attributes: what the backend noted during the call, summed by name.
        request: what was to be greeted.
    """

    backend: str
    duration_ns: int
    error: BaseException | None
    attributes: Mapping[str, int]
    request: Request
