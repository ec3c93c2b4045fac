"""Selecting a backend: what a run goes through, and which names nobody can say."""

from __future__ import annotations

from hellokit.chains import parse
from hellokit.errors import ChainError
from hellokit.kit import default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace


def chosen(arguments: Namespace) -> str:
    """Return the backend or chain of a run: the command line's, or else that of the settings.

    Raises:
        SettingsError: if the environment holds a bad value.
    """
    asked: str | None = arguments.backend
    return default.settings().backend if asked is None else asked


def unusable(name: str) -> str | None:
    """Return why no call can select a backend of this name, or None if one can.

    >>> unusable("loud")
    >>> unusable("loud+er")
    "no call can select 'loud+er': a backend's name is a word without +, which joins a chain"
    """
    try:
        if parse(name) == (name,):
            return None
    except ChainError:
        pass
    return f"no call can select {name!r}: a backend's name is a word without +, which joins a chain"
