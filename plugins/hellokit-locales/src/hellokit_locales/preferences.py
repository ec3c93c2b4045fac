"""Preferences: the languages that somebody wants to read, from a header or a list.

A header comes from anybody, so only its beginning is read, and what is malformed is passed over.
"""

from __future__ import annotations

import re
from itertools import islice

from hellokit import LocaleError, Request, RequestTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_LENGTH = 1000
"""How many characters of a header are read; those of browsers have fewer than a hundred."""

MAX_TAGS = 32
"""How many languages are looked at."""

ANY = "*"
UNDETERMINED = "und"

# RFC 9110, sections 12.4.2 and 12.5.4; RFC 4647, section 2.1.
_RANGE = re.compile(
    r"(\*|[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*)"  # with _ for what a profile may hold
    r"(?:[ \t]*;[ \t]*[Qq]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
)


def from_header(header: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what an `Accept-Language` header wants, and what it does not.

    Args:
        header: the value, of which the first 1000 characters and 32 languages count.

    Returns:
        Canonical tags, or `*`: those of a quality above 0, the best first; and those of quality 0.

    >>> from_header("da, en-gb;q=0.8, en;q=0.7, fr;q=0")
    (('da', 'en-GB', 'en'), ('fr',))
    """
    found = list(islice(_ranges(header), MAX_TAGS))
    wanted = sorted((pair for pair in found if pair[1]), key=lambda pair: -pair[1])
    return _once(tag for tag, _ in wanted), _once(tag for tag, quality in found if not quality)


def from_tags(tags: Iterable[object]) -> tuple[str, ...]:
    """Return what a list of language tags wants: the first 32, in their order, canonical.

    Raises:
        RequestTypeError: if one is not a string.
    """
    return _once(_known(tag) for tag in islice(tags, MAX_TAGS))


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    """Yield the ranges that are well-formed, with their qualities."""
    ends_within = len(header) > MAX_LENGTH
    parts = header[:MAX_LENGTH].split(",")
    for part in parts[:-1] if ends_within else parts:
        match = _RANGE.fullmatch(part.strip(" \t"))
        if match:
            yield _known(match[1]), 1.0 if match[2] is None else float(match[2])


def canonical_tag(tag: object) -> str:
    """Return the canonical form of a language tag.

    Raises:
        RequestTypeError: if it is not a string.
        LocaleError: if it is malformed.
    """
    return Request(locale=checked_text(tag)).locale or ""


def checked_text(tag: object) -> str:
    """Return a language tag as it is.

    Raises:
        RequestTypeError: if it is not a string.
    """
    if not isinstance(tag, str):
        raise RequestTypeError(
            f"a locale has the type {type(tag).__name__}: pass a language tag such as 'pt-BR'"
        )
    return tag


def _known(tag: object) -> str:
    """Return the canonical form of a tag or `*`; "" if it is malformed, or of no language."""
    if tag == ANY:
        return ANY
    try:
        found = canonical_tag(tag)
    except LocaleError:
        return ""
    return "" if found.partition("-")[0] == UNDETERMINED else found


def _once(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, tags)))
