"""Plans: what a load is to be."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import attrs

from hellokit_bench.loading.arrivals import Stage, arrivals

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.frozen
class Plan:
    """What a load is to be.

    Attributes:
        concurrency: how many calls are in flight at once, at most.
        stages: the rates at which calls begin, whatever the target does: the open model. Empty
            for the closed model, in which so many users each wait for their answer.
        duration_s: for how long calls begin, in seconds; may be infinite, if `count` is given.
        count: how many calls begin at most.
        poisson: whether calls come by chance rather than evenly.
        seed: decides on chance.
        timeout_s: how long a call may take, in seconds.
        max_late_s: how long a call may wait for its beginning, in seconds, before it is dropped.
    """

    concurrency: int = 50
    stages: tuple[Stage, ...] = ()
    duration_s: float = inf
    count: int | None = None
    poisson: bool = False
    seed: int = 0
    timeout_s: float = 10.0
    max_late_s: float = 10.0

    @property
    def model(self) -> str:
        """`open` or `closed`."""
        return "open" if self.stages else "closed"

    def starts_ns(self) -> Iterator[int]:
        """Return when calls of the open model are to begin, in ns from the beginning."""
        starts_s = arrivals(self.stages, poisson=self.poisson, seed=self.seed, most=self.count)
        return (int(start_s * 1e9) for start_s in starts_s)

    def rate_at(self, elapsed_s: float) -> float:
        """Return the rate of the open model after some seconds; 0 when it is over."""
        for stage in self.stages:
            if elapsed_s < stage.duration_s:
                return stage.first + (stage.last - stage.first) * elapsed_s / stage.duration_s
            elapsed_s -= stage.duration_s
        return 0.0
