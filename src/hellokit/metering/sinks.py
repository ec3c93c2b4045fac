"""Delivery of records to sinks: one that fails is switched off, and never breaks a greeting."""

from __future__ import annotations

from _contextvars import ContextVar
from contextlib import suppress

from hellokit.plugins import defaulted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pluggy

    from hellokit.metering.record import Record

    Sink = Callable[[Record], object]
    Failed = Callable[[object, BaseException], None]

_delivering: ContextVar[bool] = ContextVar("delivering", default=False)


def taker(implementation: pluggy.HookImpl) -> Sink:
    """Return an implementation of `hellokit_record` as a function of the record."""
    function: Callable[..., object] = implementation.function
    if implementation.argnames:
        return function
    if "record" in defaulted(implementation):
        return lambda record: function(record=record)
    return lambda record: function()  # noqa: ARG005  # it takes none


def delivery(sinks: Sequence[tuple[Sink, object]], failed: Failed) -> Callable[[Record], None]:
    """Return the function that gives a record to each of `sinks`.

    A greeting that a sink itself makes is counted, but no record of it is delivered, or a sink
    that greets would never end.

    Args:
        sinks: the sinks, each with its plugin, in the order of their turn.
        failed: told of the plugin of a sink that raised; that is not called again.
    """
    active = list(sinks)

    def deliver(record: Record) -> None:
        if _delivering.get():
            return
        _delivering.set(True)
        try:
            for sink, plugin in tuple(active):
                try:
                    sink(record)
                except (Exception, SystemExit) as error:  # noqa: BLE001  # anything at all
                    with suppress(ValueError):  # another thread was first to switch it off
                        active.remove((sink, plugin))
                        failed(plugin, error)
        finally:
            _delivering.set(False)

    return deliver
