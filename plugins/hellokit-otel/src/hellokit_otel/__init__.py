"""Shows hellokit's calls in OpenTelemetry: spans, metrics and correlated log lines.

Nothing of OpenTelemetry is imported here: a kit loads this package whenever it starts.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit_otel.durations import with_durations
    from hellokit_otel.fields import correlation
    from hellokit_otel.instrumentation import instrument

__all__ = ["correlation", "instrument", "with_durations"]

_HOMES = {
    "correlation": "fields",
    "instrument": "instrumentation",
    "with_durations": "durations",
}


def __getattr__(name: str) -> object:
    """Import a public function when it is first asked for."""
    if name in _HOMES:
        return getattr(import_module(f"hellokit_otel.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'hellokit_otel' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public functions, imported or not."""
    return sorted(__all__)
