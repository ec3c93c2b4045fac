"""The alarm: tells the log and the plugins of a kit when an alert begins to fire or is over."""

from __future__ import annotations

import logging
from _thread import allocate_lock
from collections import deque
from contextlib import suppress
from time import monotonic

from hellokit.monitoring.episodes import Episodes
from hellokit.monitoring.patrol import Patrol
from hellokit.plugins import call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.engine import Engine
    from hellokit.kit import Kit
    from hellokit.monitoring.alert import Alert

logger = logging.getLogger("hellokit.alerts")


class Alarm:
    """Looks at what was counted, and tells of each change once, in their order.

    The kit holds its lock around every call of a method, but for `tell`, `wake` and `close`: what
    is told may block.

    Args:
        engine: what counts, and knows who listens.

    Attributes:
        backends: those of which an alert fires, as of the last look.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._episodes = Episodes()
        self._looking = False
        self._untold: deque[Alert] = deque()
        self._telling = allocate_lock()
        self._deaf: set[object] = set()
        self._patrol: Patrol | None = None
        self.backends: frozenset[str] = frozenset()

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that fire, as of the last look."""
        return self._episodes.firing

    def look(self) -> tuple[Alert, ...]:
        """Look now, and return the alerts that fire; what has changed is to be told."""
        if not self._looking:  # else a signal handler came in between
            self._looking = True
            try:
                now, engine = monotonic(), self._engine
                changes = self._episodes.look(now, engine.metrics(), engine.state.settings)
                self._untold.extend(changes)
                self.backends = frozenset(alert.backend for alert in self.firing)
            finally:
                self._looking = False
        return self.firing

    def tell(self) -> None:
        """Tell what is untold, unless somebody is telling: then that one tells this too."""
        while self._untold and self._telling.acquire(blocking=False):
            try:
                while self._untold:
                    self._tell(self._untold.popleft())
            finally:
                self._telling.release()

    def _tell(self, alert: Alert) -> None:
        with suppress(Exception):  # a handler may raise anything, and this is whom to tell
            logger.log(logging.WARNING if alert.firing else logging.INFO, "%s", alert)
        stopped = None
        for implementation in list(self._engine.plugins.implementations("hellokit_alert")):
            plugin = implementation.plugin
            if plugin in self._deaf:
                continue
            try:
                call(implementation, {"alert": alert})
            except (Exception, SystemExit) as error:  # noqa: BLE001  # anything at all
                self._deaf.add(plugin)
                with suppress(Exception):  # as above
                    self._engine.fail(plugin, "alert", error)
            except BaseException as error:  # noqa: BLE001  # it is the thread's: the others first
                stopped = error
        if stopped is not None:
            raise stopped

    def watch(self, kit: Kit) -> None:
        """Have a thread look from now on, if somebody listens and it does not yet."""
        if self._patrol is not None or not self._heard():
            return
        settings = self._engine.state.settings
        self._episodes.window.begin(monotonic(), self._engine.metrics())
        try:
            self._patrol = Patrol(kit, settings.alert_window_s)
        except RuntimeError as error:  # there are too many, or the interpreter is exiting
            logger.warning("no thread looks at the thresholds: %s", error)

    def changed(self) -> None:
        """Heed other settings and plugins; one that is registered anew is heard anew."""
        self._deaf = set(filter(self._engine.plugins.is_registered, self._deaf))
        if self._patrol is not None:
            if self._heard():
                self._patrol.pace(self._engine.state.settings.alert_window_s)
            else:  # it must be gone: it would keep cProfile from profiling
                self._patrol.end(look=False)
                self._patrol.join()
                self._patrol = None

    def wake(self) -> None:
        """Have the thread look soon; a signal handler may call this."""
        patrol = self._patrol  # another thread may end it
        if patrol is not None:
            patrol.wake()

    def close(self) -> None:
        """Look a last time if somebody listens, and tell nothing after that."""
        patrol = self._patrol
        if patrol is not None:
            patrol.end(look=True)
            patrol.join()
        elif any(self._engine.plugins.implementations("hellokit_alert")):  # no thread was possible
            self.look()
            self.tell()
        self._untold.clear()

    def _heard(self) -> bool:
        """Tell whether a plugin listens; one that profiles does not while a thread hinders it."""
        plugins = self._engine.plugins.implementations("hellokit_alert")
        if not self._engine.state.settings.enable_profiling:
            return any(plugins)
        from hellokit.monitoring.profiler import SEES_ALL_THREADS

        return any(not (SEES_ALL_THREADS and hasattr(each.plugin, "profiler")) for each in plugins)
