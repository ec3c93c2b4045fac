"""The right greeting in two hundred languages, and which of them somebody wants to read.

>>> from hellokit import greet
>>> import hellokit_locales
>>> hellokit_locales.negotiate("es-MX, en;q=0.8")
'es-419'
>>> greet("Ada", locale="es-MX")
'¡Hola, Ada!'
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit_locales.addressing import address
    from hellokit_locales.negotiation import negotiate
    from hellokit_locales.person import Person

__all__ = ["Person", "address", "negotiate"]

_HOMES = {"Person": "person", "address": "addressing", "negotiate": "negotiation"}


def __getattr__(name: str) -> object:
    """Import what is asked for: a kit imports this package, and most need the plugin alone."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
