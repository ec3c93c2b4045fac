"""The chain of tags that may answer for a language tag, in the order of CLDR.

A tag of another script is never in it: who asked for Serbian in Latin letters, by `sr-Latn` or
by `sr-ME`, is not given Cyrillic ones.
"""

from __future__ import annotations

from functools import lru_cache

from hellokit_locales.cldr import kinship

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    # Language, script, region, variants; "" and () where there is none.
    Parts: TypeAlias = tuple[str, str, str, tuple[str, ...]]

EXTENDED = 3
SCRIPT = 4
MEMO_SIZE = 1024


@lru_cache(MEMO_SIZE)
def fallbacks(tag: str) -> tuple[str, ...]:
    """Return the tags that may answer for a canonical tag, in order.

    They are the tag itself, with the names that CLDR prefers, and its parents: with and without
    the script where a reader expects that one.

    Args:
        tag: a language tag, as `hellokit` writes it.

    >>> fallbacks("zh-TW")
    ('zh-TW', 'zh-Hant-TW', 'zh-Hant')
    >>> fallbacks("sr-ME")
    ('sr-ME', 'sr-Latn-ME', 'sr-Latn')
    """
    if tag.partition("-")[0] == "und":
        return ()
    found: dict[str, None] = {}
    waiting: str | None = tag
    while waiting is not None and waiting not in found:
        found[waiting] = None
        parts = _preferred(waiting)
        forms = _forms(parts)
        found.update(dict.fromkeys(forms))
        waiting = _parent(parts, forms)
    for wider in _extended(tag):
        found.update(dict.fromkeys(fallbacks(wider)))
    return tuple(found)


def preferred(tag: str) -> str:
    """Return a canonical tag with the names that CLDR prefers.

    >>> preferred("iw-IL"), preferred("zh-yue-HK"), preferred("sh")
    ('he-IL', 'yue-HK', 'sr-Latn')
    """
    language, script, region, variants = _split(tag)
    return _joined(*_renamed(language, script, region, variants))


def script_of(tag: str) -> str:
    """Return the script that a canonical tag names or makes likely, or "".

    >>> script_of("zh-TW"), script_of("sr")
    ('Hant', 'Cyrl')
    """
    return _preferred(tag)[1]


def _preferred(tag: str) -> Parts:
    """Return the parts of a tag: names preferred, script stated if it is known."""
    language, script, region, variants = _renamed(*_split(tag))
    return language, script or _likely(language, region), region, variants


def _renamed(language: str, script: str, region: str, variants: tuple[str, ...]) -> Parts:
    known = kinship()
    alias = known.aliases.get(language)
    if alias is not None:
        language, its_script, its_region, _ = _split(alias)
        script, region = script or its_script, region or its_region
    return language, script, known.regions.get(region, region), variants


def _split(tag: str) -> Parts:
    """Split a tag; of an extended language (`zh-yue`) the language is what extends."""
    language, *rest = tag.split("-")
    while rest and len(rest[0]) == EXTENDED and rest[0].isalpha():
        language = rest.pop(0)
    script = rest.pop(0) if rest and len(rest[0]) == SCRIPT and rest[0].istitle() else ""
    # Case tells a canonical region from a variant, but for regions of digits.
    is_region = rest and (rest[0].isupper() or len(rest[0]) == EXTENDED)
    region = rest.pop(0) if is_region else ""
    return language, script, region, tuple(rest)


def _extended(tag: str) -> tuple[str, ...]:
    """Return what a tag of an extended language extends: `zh-HK` for `zh-yue-HK`."""
    language, *rest = tag.split("-")
    extended = len(rest)
    while rest and len(rest[0]) == EXTENDED and rest[0].isalpha():
        rest.pop(0)
    return ("-".join([language, *rest]),) if len(rest) < extended else ()


def _likely(language: str, region: str) -> str:
    known = kinship()
    return known.regional.get(f"{language}-{region}") or known.scripts.get(language, "")


def _forms(parts: Parts) -> tuple[str, ...]:
    """Return the tags of one meaning: without the script, if it is the likely one, and with."""
    language, script, region, variants = parts
    explicit = _joined(language, script, region, variants)
    if script and script != (_likely(language, region) or script):
        return (explicit,)
    return _joined(language, "", region, variants), explicit


def _parent(parts: Parts, forms: tuple[str, ...]) -> str | None:
    """Return the parent that CLDR names, or what is left without the last subtag.

    The script is not left out here: `_forms` does so where nothing changes by it.
    """
    language, script, region, variants = parts
    parents = kinship().parents
    for form in forms:
        if form in parents:
            return parents[form]
    if variants:
        return _forms((language, script, region, variants[:-1]))[0]
    return _forms((language, script, "", ()))[0] if region else None


def _joined(language: str, script: str, region: str, variants: tuple[str, ...]) -> str:
    return "-".join(filter(None, (language, script, region, *variants)))
