"""Where the public classes live: each is imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module

import hellokit

HOMES = {
    "Alert": "monitoring.alert",
    "BackendInfo": "info",
    "BackendLoadError": "errors",
    "BackendMetrics": "metering.snapshot",
    "BackendResultError": "errors",
    "BackendTimeoutError": "errors",
    "Cache": "caching.face",
    "CacheInfo": "caching.face",
    "ChainError": "errors",
    "ContractError": "errors",
    "Failure": "bulk.failure",
    "Greeting": "greeting",
    "HellokitError": "errors",
    "Histogram": "metering.histogram",
    "KitClosedError": "errors",
    "LazyWording": "wordings.lazy",
    "LocaleError": "errors",
    "LogSink": "metering.log",
    "PluginError": "errors",
    "PluginFailure": "failures",
    "Record": "metering.record",
    "Request": "request",
    "RequestTypeError": "errors",
    "RequestValueError": "errors",
    "Settings": "configuration",
    "SettingsError": "errors",
    "Snapshot": "metering.snapshot",
    "UnknownBackendError": "errors",
    "Wording": "wordings.wording",
    "WordingError": "errors",
    "hookimpl": "hookspecs",
}


def find(name: str) -> object:
    """Return the public object `name`, and keep it in the package for the next time."""
    if name == "__version__":
        from importlib.metadata import version

        return version("hellokit")
    found: object = getattr(import_module(f"hellokit.{HOMES[name]}"), name)
    setattr(hellokit, name, found)
    return found
