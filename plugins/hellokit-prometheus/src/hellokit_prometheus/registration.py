"""The registration of a collector in a registry of `prometheus_client`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import prometheus_client

from hellokit_prometheus.collector import HellokitCollector
from hellokit_prometheus.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry
    from prometheus_client.registry import Collector

    from hellokit import Kit


def register(
    registry: CollectorRegistry | None = None, kit: Kit | None = None
) -> Callable[[], None]:
    """Have a registry show what a kit counts, beside what else is in it.

    Args:
        registry: the registry; `prometheus_client.REGISTRY` if None.
        kit: the kit; hellokit's default one if None.

    Returns:
        A function that takes it out again; a second call of it does nothing.

    Raises:
        RegistryError: if the registry has these names already.

    >>> from prometheus_client import CollectorRegistry, generate_latest
    >>> registry = CollectorRegistry()
    >>> undo = register(registry)
    >>> b"hellokit_build_info" in generate_latest(registry)
    True
    """
    return add(HellokitCollector(kit), prometheus_client.REGISTRY if registry is None else registry)


def add(collector: Collector, registry: CollectorRegistry) -> Callable[[], None]:
    """Register any collector of hellokit's metrics.

    Args:
        collector: the collector.
        registry: the registry.

    Returns:
        A function that takes it out again.

    Raises:
        RegistryError: as `register` does.
    """
    try:
        registry.register(collector)
    except ValueError as error:
        raise RegistryError(
            "the registry has metrics named hellokit_... already, and would show each twice: "
            "call what the first register() returned to take them out, or show this kit in a "
            "prometheus_client.CollectorRegistry() of its own"
        ) from error
    registered = [collector]

    def undo() -> None:
        while registered:
            registry.unregister(registered.pop())

    return undo
