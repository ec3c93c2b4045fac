"""The lookout: what a backend sees of the alarm of its kit."""

from __future__ import annotations

from weakref import ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.kit import Kit
    from hellokit.monitoring.alarm import Alarm


class Lookout:
    """Sees which alerts fire, and can have them looked after soon; it does not keep the kit alive.

    Args:
        kit: the kit; None sees nothing.
    """

    def __init__(self, kit: Kit | None = None) -> None:
        self._kit = ref(kit) if kit is not None else lambda: None

    def fires(self, backend: str) -> bool:
        """Tell whether an alert of `backend` fires."""
        alarm = self._alarm()
        return alarm is not None and backend in alarm.backends

    def wake(self) -> None:
        """Have a thread look soon, if there is one; a signal handler may call this."""
        alarm = self._alarm()
        if alarm is not None:
            alarm.wake()

    def _alarm(self) -> Alarm | None:
        kit = self._kit()
        engine = kit._engine if kit is not None else None  # noqa: SLF001  # no other plugin needs it
        return engine.alarm if engine is not None else None
