"""Outcomes: what became of a load, whether or not it came to its end."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hellokit_bench.loading.plan import Plan
    from hellokit_bench.loading.tally import Tally


@attrs.frozen
class Outcome:
    """What became of a load.

    Attributes:
        label: what was called.
        plan: what the load was to be.
        tally: what became of the calls.
        elapsed_s: how long it ran, in seconds.
        idle_s: how long its thread had nothing to do.
        cpu_s: how long its thread had a processor.
        in_flight: how many calls had not ended at its end, those that were given up included.
        in_process: whether the target's own code ran in that thread.
        interrupted: whether somebody ended it before its time.
        held: whether a call held the thread for longer than a call may take.
        statuses: how many answers had each HTTP status.
        received_bytes: the size of all answers.
    """

    label: str
    plan: Plan
    tally: Tally
    elapsed_s: float
    idle_s: float
    cpu_s: float
    in_flight: int = 0
    in_process: bool = False
    interrupted: bool = False
    held: bool = False
    statuses: Mapping[int, int] = attrs.field(factory=dict)
    received_bytes: int = 0

    @property
    def succeeded(self) -> int:
        """How many calls ended well."""
        return self.tally.ended - self.tally.failed

    @property
    def unfinished(self) -> int:
        """How many calls had begun, and neither ended nor been given up."""
        return self.tally.started - self.tally.ended

    @property
    def clinging(self) -> int:
        """How many calls went on although they were given up."""
        return self.in_flight - self.unfinished

    @property
    def per_second(self) -> float:
        """How many calls ended well in a second."""
        return self.succeeded / self.elapsed_s if self.elapsed_s else nan

    @property
    def busy_ratio(self) -> float:
        """The share of the time in which the load's thread had something to do."""
        return self._share(self.elapsed_s - self.idle_s)

    @property
    def cpu_ratio(self) -> float:
        """The share of the time in which the load's thread had a processor."""
        return self._share(self.cpu_s)

    @property
    def stuck(self) -> bool:
        """Whether calls that heed no end took every slot, so that no more could begin."""
        return self.clinging >= self.plan.concurrency

    @property
    def has_failed(self) -> bool:
        """Whether not one call ended well, or the load had to be given up."""
        return not self.succeeded or self.held or self.stuck

    def _share(self, seconds: float) -> float:
        return min(1.0, max(0.0, seconds / self.elapsed_s)) if self.elapsed_s else 0.0
