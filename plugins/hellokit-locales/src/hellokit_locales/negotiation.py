"""Negotiation: the locale that suits what somebody wants to read."""

from __future__ import annotations

from functools import cache, lru_cache

from hellokit import RequestTypeError
from hellokit_locales.chain import MEMO_SIZE, fallbacks, preferred
from hellokit_locales.preferences import (
    ANY,
    MAX_LENGTH,
    canonical_tag,
    checked_text,
    from_header,
    from_tags,
)
from hellokit_locales.shelf import tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    # What is wanted, the best first, and what is not.
    Preferences: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]


def negotiate(
    wanted: str | Iterable[str] | None,
    available: Iterable[str] | None = None,
    default: str | None = None,
) -> str | None:
    """Return the locale that suits best what somebody wants to read.

    Args:
        wanted: the value of an `Accept-Language` header, or language tags, the best first; None
            where there is no header. What is malformed is passed over, so that it may come from
            anybody; the first 1000 characters of a header and the first 32 languages count.
        available: the tags to choose from, the best first; None for those of this package's
            wordings.
        default: what to return if nothing suits.

    Returns:
        A tag of `available`, as it is written there; or the tag of the wording that answers; or
        `default`. Each is right for `greet(locale=...)`, for which None is the kit's own default.

    Raises:
        RequestTypeError: if `wanted` or `available` holds anything but strings, or `default` is
            none.
        LocaleError: if `default` or a tag of `available` is malformed.

    >>> negotiate("pt-AO, en;q=0.8"), negotiate(["tlh", "zh-TW"]), negotiate("tlh")
    ('pt-PT', 'zh-Hant', None)
    >>> negotiate("fr-CH, en;q=0.5", available=["en_GB", "fr"])
    'fr'
    """
    # Checked here: a memo takes nothing that cannot be hashed.
    if available is not None:
        available = tuple(map(checked_text, _listed("available", available)))
    if default is not None:
        checked_text(default)
    if wanted is None:
        return default
    if isinstance(wanted, str):
        # One character more tells that there are more.
        return _by_header(str.__str__(wanted)[: MAX_LENGTH + 1], available, default)
    return _by_tags(from_tags(_listed("wanted", wanted)), available, default)


def _listed(name: str, values: Iterable[str]) -> Iterable[str]:
    """Return what can be iterated over and is not one string.

    Raises:
        RequestTypeError: if it is anything else.
    """
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        raise RequestTypeError(
            f"{name} has the type {type(values).__name__}: pass a list of language tags, or an "
            "Accept-Language header as a str"
        )
    return values


@lru_cache(MEMO_SIZE)
def _by_header(header: str, available: tuple[str, ...] | None, default: str | None) -> str | None:
    return _best(from_header(header), available, default)


@lru_cache(MEMO_SIZE)
def _by_tags(
    wanted: tuple[str, ...], available: tuple[str, ...] | None, default: str | None
) -> str | None:
    return _best((wanted, ()), available, default)


def _best(
    preferences: Preferences, available: tuple[str, ...] | None, default: str | None
) -> str | None:
    if default is not None:
        canonical_tag(default)  # or only who sends a star would be told that it is malformed
    wanted, _ = preferences
    exact, related = _ours() if available is None else _offered(available)
    for tag in wanted:
        if tag == ANY:
            found = _any(preferences, available, default)
        else:
            found = _found(tag, exact, preferences) or _found(tag, related, preferences)
        if found is not None:
            return found
    return default


def _found(tag: str, by_tag: Mapping[str, str], preferences: Preferences) -> str | None:
    """Return what answers for a tag first along its chain, and is not unwanted."""
    return next(
        (
            by_tag[each]
            for each in fallbacks(tag)
            if each in by_tag and not _is_unwanted(canonical_tag(by_tag[each]), preferences)
        ),
        None,
    )


def _any(
    preferences: Preferences, available: tuple[str, ...] | None, default: str | None
) -> str | None:
    """Return what goes where everything does, but for what is unwanted."""
    choices = (*filter(None, [default]), *(available or ()))
    return next((tag for tag in choices if not _is_unwanted(canonical_tag(tag), preferences)), None)


def _is_unwanted(tag: str, preferences: Preferences) -> bool:
    """Tell whether the longest range that holds a tag says so, as in `fr-CA, fr;q=0`."""
    wanted, unwanted = (
        max((len(preferred(each)) for each in ranges if _holds(preferred(each), tag)), default=0)
        for ranges in preferences
    )
    return unwanted > wanted


def _holds(wider: str, tag: str) -> bool:
    return tag == wider or tag.startswith(f"{wider}-")


def _language(tag: str) -> str:
    return preferred(tag).partition("-")[0]


@cache
def _ours() -> tuple[dict[str, str], dict[str, str]]:
    return {tag: tag for tag in tags()}, {}


@lru_cache(64)
def _offered(available: tuple[str, ...]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is available by its tag, and by the tags that it descends from.

    So Brazilian Portuguese answers where any is wanted, and none is there that is nearer.
    """
    exact: dict[str, str] = {}
    related: dict[str, str] = {}
    for written in available:
        tag = canonical_tag(written)
        exact.setdefault(tag, written)
        for wider in fallbacks(tag):
            if _language(wider) == _language(tag):
                related.setdefault(wider, written)
    return exact, related
