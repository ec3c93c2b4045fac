"""The plugin: instruments a kit when it starts, if the application uses OpenTelemetry."""

from __future__ import annotations

import os
import sys
from time import time_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit import Kit
    from hellokit_otel.instrumentation import Instrumentation

LOADED_NS = time_ns()
"""When a kit first loaded this, in ns since 1970: before it began to count."""


class Plugin:
    """Instruments one kit. Where nobody uses OpenTelemetry, it does nothing and imports nothing."""

    def __init__(self) -> None:
        self._instrumentation: Instrumentation | None = None

    def hellokit_started(self, kit: Kit) -> None:
        """Trace the kit's calls, if there is a tracer provider, and report what it counts.

        Raises:
            PluginError: if a provider that the environment names cannot be loaded.
        """
        traces = _used("opentelemetry.trace", "get_tracer_provider", "OTEL_PYTHON_TRACER_PROVIDER")
        metrics = _used("opentelemetry.metrics", "get_meter_provider", "OTEL_PYTHON_METER_PROVIDER")
        if traces or metrics:
            from hellokit_otel.instrumentation import Instrumentation

            self._instrumentation = Instrumentation(kit)
            self._instrumentation.begin(traces=traces, metrics=metrics)

    def hellokit_closing(self) -> None:
        """Take out what was put in: this plugin may leave a kit that goes on."""
        if self._instrumentation is not None:
            self._instrumentation.undo()


def _used(module: str, get_provider: str, variable: str) -> bool:
    """Tell whether there can be a provider: one was set through `module`, or `variable` names it.

    Raises:
        PluginError: if the one that is named cannot be loaded.
    """
    if variable not in os.environ:
        return module in sys.modules
    from importlib import import_module

    try:
        getattr(import_module(module), get_provider)()
    except Exception as error:
        from hellokit import PluginError

        raise PluginError(
            f"OpenTelemetry cannot load the provider {os.environ[variable]!r} that {variable} "
            "names: install the package that has it, or unset the variable"
        ) from error
    return True
