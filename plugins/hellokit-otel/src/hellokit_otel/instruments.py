"""Instruments: what a meter provider collects from a ledger. Nothing is done per call."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from opentelemetry.metrics import Observation, get_meter, get_meter_provider

from hellokit_otel.ledger import Ledger
from hellokit_otel.scope import NAME, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider

    from hellokit import Snapshot

RESULTS = ("hit", "miss")
"""What a backend that caches notes of a request."""

_global = Ledger()
_unpublished = iter([_global])
_given: WeakKeyDictionary[MeterProvider, Ledger] = WeakKeyDictionary()


def ledger_of(provider: MeterProvider | None) -> Ledger:
    """Return the ledger that a meter provider reads; its instruments are made once.

    Without a lock, which a child after a fork might find taken: who makes them is decided in one
    step.

    Args:
        provider: the provider; None is the global one, which may be set later.
    """
    current = get_meter_provider()
    provider = current if provider is None else provider
    if provider is current and provider not in _given:
        for ledger in _unpublished:
            publish(ledger, get_meter(NAME, VERSION))
        return _global
    made = Ledger()
    ledger = _given.setdefault(provider, made)
    if ledger is made:
        publish(ledger, get_meter(NAME, VERSION, provider))
    return ledger


def publish(ledger: Ledger, meter: Meter) -> None:
    """Make the instruments. They are read in this order: no call is missing that has failed."""
    meter.create_observable_counter(
        "hellokit.greet.errors", _reading(ledger, _errors), "{error}", "Calls that failed"
    )
    meter.create_observable_counter(
        "hellokit.cache.requests", _reading(ledger, _cached), "{request}", "Requests to caches"
    )
    meter.create_observable_up_down_counter(
        "hellokit.greet.in_flight", _reading(ledger, _in_flight), "{call}", "Calls that are running"
    )
    meter.create_observable_counter(
        "hellokit.greet.calls", _reading(ledger, _calls), "{call}", "Calls that have ended"
    )


def _reading(
    ledger: Ledger, observe: Callable[[Snapshot], Iterable[Observation]]
) -> list[Callable[[CallbackOptions], Iterable[Observation]]]:
    return [lambda _: list(observe(ledger.read()))]


def _calls(snapshot: Snapshot) -> Iterable[Observation]:
    for backend, metrics in snapshot.backends.items():
        yield Observation(metrics.calls, {"hellokit.backend": backend})


def _in_flight(snapshot: Snapshot) -> Iterable[Observation]:
    for backend, metrics in snapshot.backends.items():
        yield Observation(metrics.in_flight, {"hellokit.backend": backend})


def _errors(snapshot: Snapshot) -> Iterable[Observation]:
    for backend, metrics in snapshot.backends.items():
        for kind, count in metrics.errors.items():
            yield Observation(count, {"hellokit.backend": backend, "error.type": kind})


def _cached(snapshot: Snapshot) -> Iterable[Observation]:
    for backend, metrics in snapshot.backends.items():
        if not metrics.attributes.keys().isdisjoint(RESULTS):
            for result in RESULTS:
                attributes = {"hellokit.backend": backend, "hellokit.cache.result": result}
                yield Observation(metrics.attributes.get(result, 0), attributes)
