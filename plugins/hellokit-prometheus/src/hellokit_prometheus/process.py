"""What a process greets, served as a whole: all its kits, from the first one's start to its end."""

from __future__ import annotations

import os
import re
from errno import EADDRINUSE
from threading import Lock
from typing import TYPE_CHECKING

from hellokit import HellokitError, KitClosedError, SettingsError, Snapshot
from hellokit_prometheus.collector import HellokitCollector, counted
from hellokit_prometheus.server import LAST_PORT, MetricsServer, serve

if TYPE_CHECKING:
    from hellokit import Kit

PORT = "HELLOKIT_PROMETHEUS_PORT"


class ProcessCollector(HellokitCollector):
    """Shows the sum of all kits that it was told of; what a closed one did stays in the sum."""

    def __init__(self) -> None:
        super().__init__()
        self._kits = ()
        self._folders: frozenset[str] = frozenset()
        self._retired = Snapshot()
        # Never held while a kit is asked for anything: who starts one has that kit's own lock.
        self._lock = Lock()

    def add(self, kit: Kit) -> None:
        """Count a kit in."""
        with self._lock:
            if kit not in self._kits:
                self._kits = (*self._kits, kit)

    def counted(self) -> Snapshot:
        """Return what was counted, as any collector does."""
        for kit in filter(_closed, self._kits):
            self._retire(kit)
        with self._lock:
            kits, folders, retired = self._kits, self._folders, self._retired
        return retired + counted(kits, folders)

    def _retire(self, kit: Kit) -> None:
        """Keep what a closed kit has counted, or its folder, and let go of the kit."""
        folder = kit.settings().metrics_dir
        last = kit.metrics() if folder is None else Snapshot()
        if any(metrics.in_flight for metrics in last.backends.values()):
            return  # a call that runs on will be counted yet
        with self._lock:
            if kit in self._kits:  # another scrape may have been first
                self._kits = tuple(each for each in self._kits if each is not kit)
                self._folders |= frozenset() if folder is None else {folder}
                self._retired += last


def _closed(kit: Kit) -> bool:
    try:
        kit.backends()
    except KitClosedError:
        return True
    return False


class Process:
    """This process; it serves once at most."""

    def __init__(self) -> None:
        self.collector = ProcessCollector()
        self.server: MetricsServer | None = None
        self._lock = Lock()

    def show(self, kit: Kit, port: str, addr: str) -> None:
        """Count `kit` in, and serve if this process does not yet.

        What goes wrong is logged, and tried again when another kit starts.

        Args:
            kit: a kit that has started.
            port: the port, as the variable spells it.
            addr: the address to listen on.

        Raises:
            HellokitError: if it cannot serve, and the kit is strict.
        """
        self.collector.add(kit)
        try:
            with self._lock:
                self.server = self.server or serve(self.collector, _number(port), addr)
        except HellokitError as error:
            _contain(error, kit)


def _number(port: str) -> int:
    if re.fullmatch("[0-9]{1,5}", port) and int(port) <= LAST_PORT:
        return int(port)
    raise SettingsError(
        f"{PORT} is {port[:60]!r}: set it to a number from 0 to {LAST_PORT}, or unset it"
    )


def _contain(error: HellokitError, kit: Kit) -> None:
    """Log why this process cannot serve, or raise it if the kit is strict."""
    import logging

    logger = logging.getLogger("hellokit.prometheus")
    settings = kit.settings()
    in_use = getattr(error.__cause__, "errno", None) == EADDRINUSE
    if in_use and settings.metrics_dir is not None:
        logger.info("whoever has the port of %s shows this process, too: %s", PORT, error)
    elif settings.strict:
        raise error
    else:
        hint = "; where several processes greet, set HELLOKIT_METRICS_DIR, too" if in_use else ""
        logger.warning("not shown to Prometheus, greetings go on: %s%s", error, hint)


process = Process()
"""The one there is."""


def _after_fork_in_child() -> None:
    process.__init__()  # type: ignore[misc]  # a new process, under the same name


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
