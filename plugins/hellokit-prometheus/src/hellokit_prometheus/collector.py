"""The collector: reads what kits have counted, whenever somebody scrapes."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from prometheus_client.registry import Collector

import hellokit
from hellokit import HellokitError, Snapshot
from hellokit_prometheus.bounds import bounds_ns
from hellokit_prometheus.families import Families

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric

    from hellokit import Kit


class HellokitCollector(Collector):
    """Shows what a kit has counted, by backend, to any registry of `prometheus_client`.

    With the setting `metrics_dir` that is what all processes have counted that share the folder.

    Args:
        kit: the kit; the default one if None.

    >>> collector = HellokitCollector(hellokit.Kit())
    >>> [metric.name for metric in collector.describe()][2:4]
    ['hellokit_greet_calls', 'hellokit_greet_failures']
    """

    def __init__(self, kit: Kit | None = None) -> None:
        self._kits: tuple[Kit, ...] = (hellokit.default if kit is None else kit,)
        self._thresholds_s: frozenset[float] = frozenset()
        self._told: str | None = None

    def describe(self) -> Iterator[Metric]:
        """Yield the metrics without their values: a registry asks for their names."""
        yield from Families()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; without values, and with a line in the log, if they cannot be read."""
        families = Families()
        versions = {"version": str(hellokit.__version__), "python": platform.python_version()}
        families.build.add_metric([], versions)
        families.success.add_metric([], self._filled(families))
        yield from families

    def counted(self) -> Snapshot:
        """Return what was counted.

        Raises:
            HellokitError: if a setting is bad, or a kit cannot start.
            OSError: if the folder cannot be read.
        """
        return counted(self._kits)

    def _filled(self, families: Families) -> bool:
        """Fill in what was counted, and tell whether it could be read."""
        try:
            thresholds_s = {kit.settings().time_threshold_s for kit in self._kits}
            snapshot = self.counted()
        except (HellokitError, OSError) as error:
            self._tell(str(error))
            return False
        self._told = None
        # What was once a bound remains one: a rate needs each of them in every scrape.
        self._thresholds_s |= thresholds_s
        bounds = bounds_ns(self._thresholds_s)
        for backend, metrics in snapshot.backends.items():
            families.add(backend, metrics, bounds)
        return True

    def _tell(self, problem: str) -> None:
        """Log a problem, once until it is another one, or until it was gone."""
        if problem == self._told:
            return
        self._told = problem
        import logging

        logging.getLogger("hellokit.prometheus").warning(
            "what was greeted cannot be shown to Prometheus: %s; greetings go on, and "
            "hellokit_scrape_success is 0 until this is mended",
            problem,
        )


def counted(kits: Iterable[Kit], folders: Iterable[str] = ()) -> Snapshot:
    """Return what these kits have counted, and with them whoever shares their folders.

    Args:
        kits: the kits.
        folders: folders that are read besides.
    """
    total, shared = Snapshot(), set(folders)
    for kit in kits:
        folder = kit.settings().metrics_dir
        if folder is None:
            total += kit.metrics()
        else:
            shared.add(folder)
    return sum(map(Snapshot.read, shared), total)
