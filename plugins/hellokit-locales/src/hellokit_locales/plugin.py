"""The plugin: the wordings, and which of them answers for a language tag.

Every kit imports it, so it lists the locales and reads none.
"""

from __future__ import annotations

from hellokit_locales.shelf import lazy_wordings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from hellokit import LazyWording


def hellokit_wordings() -> list[LazyWording]:
    """Return the wordings, each to be read when a greeting needs it."""
    return lazy_wordings()


def hellokit_fallbacks(tag: str) -> tuple[str, ...]:
    """Return the tags that may answer for `tag`, by what CLDR knows of languages."""
    from hellokit_locales.chain import fallbacks

    return fallbacks(tag)


def hellokit_commands(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add `hellokit locales`."""
    from hellokit_locales.listing import add

    add(subparsers)
