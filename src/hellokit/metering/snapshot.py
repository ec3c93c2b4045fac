"""Snapshots: what was counted up to a moment. They add and subtract; counters are never reset."""

from __future__ import annotations

from types import MappingProxyType

import attrs

from hellokit.metering.histogram import Histogram

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Any


def _counts(counts: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType({name: count for name, count in counts.items() if count})


def _sums(one: Mapping[str, int], other: Mapping[str, int], sign: int = 1) -> dict[str, int]:
    # Not Counter's operators, which drop what is below zero: notes may be negative.
    return {name: one.get(name, 0) + sign * other.get(name, 0) for name in {**one, **other}}


def _read_only(backends: Mapping[str, BackendMetrics]) -> Mapping[str, BackendMetrics]:
    return MappingProxyType(dict(backends))


@attrs.frozen
class BackendMetrics:
    """What one backend did.

    Attributes:
        calls: how many calls it finished, failed ones included.
        errors: how many of them raised, by the name of the exception's type.
        in_flight: how many calls are running.
        duration: how long the timed calls took; in sampled mode fewer than `calls`.
        attributes: counts of what the backend noted, such as `hit` and `miss`.
    """

    calls: int = 0
    errors: Mapping[str, int] = attrs.field(factory=dict, converter=_counts)
    in_flight: int = 0
    duration: Histogram = attrs.field(factory=Histogram)
    attributes: Mapping[str, int] = attrs.field(factory=dict, converter=_counts)

    def __add__(self, other: BackendMetrics) -> BackendMetrics:
        """Return what both did, as of two processes or kits."""
        if not isinstance(other, BackendMetrics):
            return NotImplemented
        return BackendMetrics(
            self.calls + other.calls,
            _sums(self.errors, other.errors),
            self.in_flight + other.in_flight,
            self.duration + other.duration,
            _sums(self.attributes, other.attributes),
        )

    def __sub__(self, earlier: BackendMetrics) -> BackendMetrics:
        """Return what was done since `earlier`; `in_flight` is the later one."""
        if not isinstance(earlier, BackendMetrics):
            return NotImplemented
        return BackendMetrics(
            self.calls - earlier.calls,
            _sums(self.errors, earlier.errors, -1),
            self.in_flight,
            self.duration - earlier.duration,
            _sums(self.attributes, earlier.attributes, -1),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {
            "calls": self.calls,
            "errors": dict(self.errors),
            "in_flight": self.in_flight,
            "duration": self.duration.as_dict(),
            "attributes": dict(self.attributes),
        }


@attrs.frozen
class Snapshot:
    """The metrics of a kit at one moment.

    Attributes:
        backends: the metrics of each backend that was selected, by name.
    """

    backends: Mapping[str, BackendMetrics] = attrs.field(factory=dict, converter=_read_only)

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> Snapshot:
        """Return the sum over all processes that count in a folder, by the setting `metrics_dir`.

        It has every call, also those of processes that have ended or were killed; only what is
        in flight is of living processes alone. A folder that is missing has no calls.

        Args:
            folder: the folder.

        Raises:
            HellokitError: if a file there cannot be read, or another version wrote it; or if
                the system does not share files as this takes.

        >>> Snapshot.read("/nobody/has/counted/here").backends
        mappingproxy({})
        """
        from pathlib import Path

        try:
            from hellokit.metering.folder import total
        except ImportError as error:
            from hellokit.errors import HellokitError

            raise HellokitError(
                f"no metrics can be read from {str(folder)!r}: {error}. Only systems that lock "
                "and map files (Linux, macOS) share metrics; read those of each process by itself"
            ) from error
        return total(Path(folder))

    def __add__(self, other: Snapshot) -> Snapshot:
        """Return the sum, backend by backend."""
        if not isinstance(other, Snapshot):
            return NotImplemented
        both = {name: metrics + other._of(name) for name, metrics in self.backends.items()}
        return Snapshot({**other.backends, **both})

    def __sub__(self, earlier: Snapshot) -> Snapshot:
        """Return what was done since `earlier`, backend by backend."""
        if not isinstance(earlier, Snapshot):
            return NotImplemented
        return Snapshot(
            {name: metrics - earlier._of(name) for name, metrics in self.backends.items()}
        )

    def _of(self, name: str) -> BackendMetrics:
        return self.backends.get(name, BackendMetrics())

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, ready for JSON."""
        return {"backends": {name: metrics.as_dict() for name, metrics in self.backends.items()}}
