"""Alerts: a threshold that is exceeded is counted each time, and logged once per episode."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Threshold:
    """One threshold of one backend.

    Args:
        name: what is counted: `time` counts as `time_threshold_exceeded`.
        setting: the setting that bounds it, named in the log.
        unit: the unit of the setting, as the log writes it.
    """

    __slots__ = ("_attribute", "_setting", "_unit", "exceeded")

    def __init__(self, name: str, setting: str, unit: str) -> None:
        self._attribute = f"{name}_threshold_exceeded"
        self._setting = setting
        self._unit = unit
        self.exceeded = False

    def check(self, value: float, bound: float, note: Callable[[str], None], backend: str) -> None:
        """Count `value` if it is above `bound`; the first of a row of those is logged too."""
        if value <= bound:
            self.exceeded = False
            return
        note(self._attribute)
        if self.exceeded:
            return
        self.exceeded = True
        import logging

        logging.getLogger("hellokit.monitored").warning(
            "backend %r: a greeting took %.6g %s, more than the setting %s allows (%g); those "
            "that follow are counted as %s, and logged again once one was below",
            backend,
            value,
            self._unit,
            self._setting,
            bound,
            self._attribute,
        )
