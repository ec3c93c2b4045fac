"""Measures any backend of hellokit, puts load on it, and finds what grew slower or leaks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit_bench.errors import SimulatedError
    from hellokit_bench.simulated import Simulated

__all__ = ["Simulated", "SimulatedError"]

_HOMES = {"Simulated": "simulated", "SimulatedError": "errors"}


def __getattr__(name: str) -> object:
    """Import what is asked for: a kit imports this package, and most kits measure nothing."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
