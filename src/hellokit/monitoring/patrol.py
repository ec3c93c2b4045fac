"""The patrol: a thread that has a kit look at its thresholds, for as long as somebody listens."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from weakref import ref

from hellokit.failures import described

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.kit import Kit

logger = logging.getLogger("hellokit.alerts")

LOOKS = 6
"""How many times in the length of a window it looks."""

SHORTEST_S = 0.05
"""It looks no more often than this, however short the window is."""

SETTLE_S = 0.25
"""How long after it was woken it looks: the call is counted by then, and many make one look."""

PATIENCE_S = 1.0
"""How long it is waited for when it is to leave; it may be that a plugin blocks."""


class Patrol:
    """Looks a few times in each window, and soon after it was woken.

    It does not keep the kit alive.

    Args:
        kit: the kit.
        window_s: the length of the window, in seconds.
    """

    def __init__(self, kit: Kit, window_s: float) -> None:
        self._kit = ref(kit, lambda _: self.end(look=False))
        self._looks_last = True
        self._pause_s = _pause(window_s)
        self._bell = _Bell()
        self._ending = _Bell()
        self._thread = threading.Thread(target=self._walk, name="hellokit-patrol", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Have it look soon; a signal handler may call this."""
        self._bell.ring()

    def pace(self, window_s: float) -> None:
        """Go by another length of the window."""
        if (pause_s := _pause(window_s)) != self._pause_s:
            self._pause_s = pause_s
            self.wake()

    def end(self, *, look: bool) -> None:
        """Have it leave, after a last look if `look`."""
        self._looks_last = look
        self._ending.ring()
        self._bell.ring()

    def join(self) -> None:
        """Wait until it has left, unless it is the caller, or a plugin holds it up."""
        if self._thread is not threading.current_thread():
            self._thread.join(PATIENCE_S)

    def _walk(self) -> None:
        ending = False
        while not ending:
            if self._bell.wait(self._pause_s):
                ending = self._ending.wait(SETTLE_S)
            if (ending and not self._looks_last) or not self._look():
                return

    def _look(self) -> bool:
        """Have the kit look; tell whether there is one to come back to."""
        kit = self._kit()
        if kit is None or kit._engine is None:  # noqa: SLF001  # closed, or it failed to start
            return False
        try:
            kit.alerts()
        except BaseException as error:  # noqa: BLE001  # nobody stands above this thread
            # The kit is being changed for long, or a plugin raised what is no Exception.
            logger.warning("a look at the thresholds was cut short: %s", described(error))
        return True


class _Bell:
    """An event that a signal handler may set: that of `threading` could wait for itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self) -> None:
        """Have the one who waits, or the next one, go on."""
        with suppress(RuntimeError):  # it rings already
            self._lock.release()

    def wait(self, timeout: float) -> bool:
        """Wait for a ring, for at most `timeout` seconds; tell whether there was one."""
        return self._lock.acquire(timeout=timeout)


def _pause(window_s: float) -> float:
    return min(max(window_s / LOOKS, SHORTEST_S), threading.TIMEOUT_MAX)
