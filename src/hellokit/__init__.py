"""Greets people correctly, through the backend you choose, with every call counted.

>>> import hellokit
>>> hellokit.greet("Ada")
'Hello, Ada!'
"""

from __future__ import annotations

from hellokit.kit import Kit, default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.bulk.failure import Failure
    from hellokit.caching.face import Cache, CacheInfo
    from hellokit.configuration import Settings
    from hellokit.errors import (
        BackendLoadError,
        BackendResultError,
        BackendTimeoutError,
        ChainError,
        ContractError,
        HellokitError,
        KitClosedError,
        LocaleError,
        PluginError,
        RequestTypeError,
        RequestValueError,
        SettingsError,
        UnknownBackendError,
        WordingError,
    )
    from hellokit.failures import PluginFailure
    from hellokit.greeting import Greeting
    from hellokit.hookspecs import hookimpl
    from hellokit.info import BackendInfo
    from hellokit.metering.histogram import Histogram
    from hellokit.metering.log import LogSink
    from hellokit.metering.record import Record
    from hellokit.metering.snapshot import BackendMetrics, Snapshot
    from hellokit.monitoring.alert import Alert
    from hellokit.request import Request
    from hellokit.wordings.lazy import LazyWording
    from hellokit.wordings.wording import Wording

__all__ = [
    "Alert",
    "BackendInfo",
    "BackendLoadError",
    "BackendMetrics",
    "BackendResultError",
    "BackendTimeoutError",
    "Cache",
    "CacheInfo",
    "ChainError",
    "ContractError",
    "Failure",
    "Greeting",
    "HellokitError",
    "Histogram",
    "Kit",
    "KitClosedError",
    "LazyWording",
    "LocaleError",
    "LogSink",
    "PluginError",
    "PluginFailure",
    "Record",
    "Request",
    "RequestTypeError",
    "RequestValueError",
    "Settings",
    "SettingsError",
    "Snapshot",
    "UnknownBackendError",
    "Wording",
    "WordingError",
    "backends",
    "compose",
    "configure",
    "default",
    "greet",
    "greet_async",
    "greet_many",
    "greet_many_async",
    "hookimpl",
    "metrics",
    "settings",
    "use",
]

greet = default.greet
greet_async = default.greet_async
greet_many = default.greet_many
greet_many_async = default.greet_many_async
compose = default.compose
backends = default.backends
metrics = default.metrics
configure = default.configure
settings = default.settings
use = default.use


def __getattr__(name: str) -> object:
    """Import a public class when it is first asked for: `import hellokit` stays cheap."""
    if name in __all__ or name == "__version__":
        from hellokit.public import find

        return find(name)
    raise AttributeError(f"module 'hellokit' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted(__all__)
