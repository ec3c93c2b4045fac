"""The instrumentation of a kit: what is registered with it, and how that ends."""

from __future__ import annotations

from threading import Thread

import hellokit
from hellokit_otel.scope import NAME, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Tracer, TracerProvider

    from hellokit import Kit
    from hellokit_otel.ledger import Ledger

FLUSH_S = 5.0
"""How long the end of a kit waits for what was collected to be sent."""


def instrument(
    kit: Kit | None = None,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
) -> Callable[[], None]:
    """Trace the calls of a kit, and report what it counts.

    A kit that starts when the application has configured OpenTelemetry is instrumented already.
    This is for one that started before, that discovers no plugins, or that has providers of its
    own. It takes the place of what a kit was instrumented with.

    Args:
        kit: the kit; None is the default one.
        tracer_provider: where spans go; None is the global provider, which may be set later.
        meter_provider: where metrics go; None is the global provider, which may be set later.

    Returns:
        A function that undoes it. What was collected stays with the providers, which send it.

    Raises:
        KitClosedError: if the kit is closed.
    """
    instrumentation = Instrumentation(
        hellokit.default if kit is None else kit, tracer_provider, meter_provider
    )
    instrumentation.begin(traces=True, metrics=True, later=True)
    return instrumentation.undo


class Instrumentation:
    """What makes a kit's calls seen. It is a plugin of the kit itself, so that it ends with it.

    Args:
        kit: the kit.
        tracer_provider: where spans go; None is the global provider.
        meter_provider: where metrics go; None is the global provider.
    """

    def __init__(
        self,
        kit: Kit,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._kit = kit
        self._tracer_provider = tracer_provider
        self._meter_provider = meter_provider
        self._ledger: Ledger | None = None
        self._traces = False
        self._undos: list[Callable[[], None]] = []

    def begin(self, *, traces: bool, metrics: bool, later: bool = False) -> None:
        """Register what is to be registered, in place of what was.

        Args:
            traces: whether to trace, if there is a tracer provider.
            metrics: whether to report metrics.
            later: whether to trace also if there is no provider yet: each call asks for it.
        """
        for plugin in self._kit.plugins.get_plugins():
            if isinstance(plugin, Instrumentation):
                plugin.undo()
        self._undos = [self._kit.register(self)]
        tracer = _tracer(self._tracer_provider, later=later) if traces else None
        if tracer is not None:
            from hellokit_otel.tracing import Tracing

            self._traces = True
            self._undos.append(self._kit.register(Tracing(tracer)))
        if metrics:
            from hellokit_otel.instruments import ledger_of

            self._ledger = ledger_of(self._meter_provider)
            self._ledger.join(self._kit)

    def undo(self) -> None:
        """Take out what was registered; a second time does nothing."""
        if self._ledger is not None:
            self._ledger.leave(self._kit)
        # The kit goes on, and is locked while it takes a plugin out: nothing is to be flushed.
        self._traces, self._ledger = False, None
        while self._undos:
            self._undos.pop()()

    def hellokit_closing(self) -> None:
        """Keep the last counts, and have everything sent."""
        flushes = []
        if self._traces:
            from opentelemetry.trace import get_tracer_provider

            flushes.append(_flush_of(self._tracer_provider or get_tracer_provider()))
        if self._ledger is not None:
            from opentelemetry.metrics import get_meter_provider

            self._ledger.leave(self._kit)
            flushes.append(_flush_of(self._meter_provider or get_meter_provider()))
        _run([flush for flush in flushes if flush is not None])


def _tracer(provider: TracerProvider | None, *, later: bool) -> Tracer | None:
    """Return the tracer, or None if no span would come of it."""
    from opentelemetry.trace import NoOpTracer, ProxyTracer, get_tracer

    tracer = get_tracer(NAME, VERSION, provider)
    if isinstance(tracer, NoOpTracer) or (isinstance(tracer, ProxyTracer) and not later):
        return None
    return tracer


def _flush_of(provider: object) -> Callable[[int], object] | None:
    """Return the function of a provider that sends what it holds: the API knows of none."""
    return getattr(provider, "force_flush", None)


def _run(flushes: list[Callable[[int], object]]) -> None:
    """Call each of `flushes`, and wait for them, for at most `FLUSH_S` in all.

    In a thread, as an exporter whose collector does not answer heeds no time limit.
    """
    thread = Thread(target=_flush, args=(flushes,), name="hellokit-otel-flush", daemon=True)
    try:
        if flushes:
            thread.start()
            thread.join(FLUSH_S)
    except RuntimeError:  # from Python 3.12 on no thread starts at exit; there, the SDK flushes
        return


def _flush(flushes: list[Callable[[int], object]]) -> None:
    for flush in flushes:
        try:
            flush(round(FLUSH_S * 1000))
        except Exception:  # an exporter may raise anything
            from logging import getLogger

            getLogger("hellokit").warning("OpenTelemetry could not send everything", exc_info=True)
