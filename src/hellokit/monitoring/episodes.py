"""Episodes: which thresholds are exceeded, from when one is to when it clearly is no more."""

from __future__ import annotations

import attrs

from hellokit.monitoring.alert import Alert
from hellokit.monitoring.window import Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hellokit.configuration import Settings
    from hellokit.metering.snapshot import BackendMetrics, Snapshot

QUANTILE = 0.99
"""Which of the durations is compared with the time threshold."""

SHARE = 0.01
"""How many of the calls may exceed a threshold that each of them is compared with."""

EASE = 0.8
"""An episode ends when the value is no more than this part of its threshold."""

SECOND_NS = 1e9


class Episodes:
    """The alerts of one kit that are firing.

    It is shown snapshots, and reads neither clock nor counter itself.
    """

    def __init__(self) -> None:
        self.window = Window()
        self._firing: dict[tuple[str, str], Alert] = {}

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that fire, as of the last look."""
        return tuple(self._firing.values())

    def look(self, now: float, snapshot: Snapshot, settings: Settings) -> list[Alert]:
        """Compare what was counted lately with the thresholds; return what begins and ends.

        Args:
            now: the time of the snapshot, in seconds, by a clock that only goes forward.
            snapshot: what was counted until now.
            settings: the thresholds, and the length of the window.
        """
        since = self.window.since(now, snapshot, settings.alert_window_s)
        firing: dict[tuple[str, str], Alert] = {}
        changes = []
        for name, metrics in since.backends.items():
            for alert in measured(name, metrics, settings):
                key = (name, alert.kind)
                lasts = key in self._firing
                fires = alert.value > alert.threshold * (EASE if lasts else 1)
                told = attrs.evolve(alert, firing=fires)
                if fires:
                    firing[key] = told
                if fires != lasts:
                    changes.append(told)
        self._firing = firing  # at the end: whoever interrupts this sees all of it, or none
        return changes


def measured(backend: str, since: BackendMetrics, settings: Settings) -> Iterator[Alert]:
    """Yield what is compared with the thresholds, one alert of each kind, none of them firing."""
    common: Any = {"backend": backend, "firing": False, "window_s": settings.alert_window_s}
    failed, noted = sum(since.errors.values()), since.attributes.get
    time = _time(since, settings.time_threshold_s)
    errors = _share(failed, since.calls, settings.error_ratio_threshold)
    memory = _share(noted("memory_threshold_exceeded", 0), noted("measured", 0))
    yield Alert(kind="time", setting="time_threshold_s", **time, **common)
    yield Alert(kind="errors", setting="error_ratio_threshold", **errors, **common)
    yield Alert(kind="memory", setting="memory_threshold_mb", **memory, **common)


def _time(since: BackendMetrics, threshold_s: float) -> dict[str, Any]:
    slow, timed = since.attributes.get("time_threshold_exceeded", 0), since.duration.count
    if slow and timed < since.calls:  # of all of them, the backend `monitored` alone knows
        return _share(slow, since.calls)
    value = since.duration.quantile(QUANTILE) / SECOND_NS if timed > 0 else 0.0
    return {"value": value, "threshold": threshold_s, "unit": "s", "calls": timed}


def _share(part: int, whole: int, threshold: float = SHARE) -> dict[str, Any]:
    value = part / whole if whole > 0 else 0.0
    return {"value": value, "threshold": threshold, "unit": "ratio", "calls": whole}
