"""Alerts: what is told when a backend begins to exceed a threshold, and when that is over."""

from __future__ import annotations

import attrs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_MEASURED = {
    ("time", "s"): "the 99th percentile of its durations",
    ("time", "ratio"): "the share of its calls that took longer than time_threshold_s",
    ("errors", "ratio"): "the share of its calls that failed",
    ("memory", "ratio"): "the share of its calls that took more than memory_threshold_mb",
}
_ADVICE = {
    "time": "find out what takes the time, for example with kit.profile()",
    "errors": "kit.metrics() tells the types of the errors",
    "memory": "find out what keeps memory, for example with tracemalloc",
}


@attrs.frozen
class Alert:
    """A threshold that a backend exceeds, or exceeds no more.

    As a string it is a line for a log: what is measured, what bounds it, and what to do.

    Attributes:
        backend: the backend's name.
        kind: `"time"`, `"errors"` or `"memory"`.
        firing: whether the threshold is exceeded; False when that is over.
        value: what was measured over the window, in `unit`; 0 when no call was left in it.
        threshold: above this value an alert begins to fire, in `unit`.
        unit: `"s"`, or `"ratio"` for a share of the calls, from 0 to 1.
        calls: how many calls the value was taken from.
        window_s: the length of the window, in seconds.
        setting: the setting that bounds it.
    """

    backend: str
    kind: Literal["time", "errors", "memory"]
    firing: bool
    value: float
    threshold: float
    unit: Literal["s", "ratio"]
    calls: int
    window_s: float
    setting: str

    def __str__(self) -> str:
        """Tell all of it in one line."""
        measured, bound = _MEASURED[self.kind, self.unit], self._shown(self.threshold)
        calls = f"{self.calls or 'no'} call{'' if self.calls == 1 else 's'} in {self.window_s:g} s"
        told = f"backend {self.backend!r}: {measured} is {self._shown(self.value)} ({calls})"
        if not self.firing:
            return f"{told}; the alert above {bound} is over"
        return f"{told}, above {bound}: {_ADVICE[self.kind]}, or raise the setting {self.setting}"

    def _shown(self, value: float) -> str:
        return f"{value:.3g} s" if self.unit == "s" else f"{100 * value:.3g} %"
