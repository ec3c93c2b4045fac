"""Shows what hellokit counts to Prometheus: read when it is scraped, at no cost per greeting.

>>> from prometheus_client import CollectorRegistry
>>> import hellokit_prometheus
>>> undo = hellokit_prometheus.register(CollectorRegistry())
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit_prometheus.collector import HellokitCollector
    from hellokit_prometheus.errors import PortError, RegistryError
    from hellokit_prometheus.registration import register
    from hellokit_prometheus.ruleset import rules
    from hellokit_prometheus.server import MetricsServer, start_http_server

__all__ = [
    "HellokitCollector",
    "MetricsServer",
    "PortError",
    "RegistryError",
    "register",
    "rules",
    "start_http_server",
]

_HOMES = {
    "HellokitCollector": "collector",
    "MetricsServer": "server",
    "PortError": "errors",
    "RegistryError": "errors",
    "register": "registration",
    "rules": "ruleset",
    "start_http_server": "server",
}


def __getattr__(name: str) -> object:
    """Import what is asked for: a kit imports this package, and most kits serve nothing."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
