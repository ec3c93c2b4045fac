"""Coverage: what there is of a locale, as its file says, without composing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hellokit_locales.chain import script_of
from hellokit_locales.shelf import read, tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GROUPS = ("slots", "formal", "informal", "plural", "occasions")


class Coverage(NamedTuple):
    """What there is of a locale.

    Args:
        tag: its language tag.
        language: the English name of the language.
        confidence: `"high"` or `"medium"`.
        script: the ISO 15924 code of its script, or "".
        dir: `"ltr"` or `"rtl"`.
        slots: the times of day that have words of their own, and `hello`.
        formal: those that are said otherwise in the formal register.
        informal: those that are said otherwise in the informal one.
        plural: those that are said otherwise to several people.
        occasions: the occasions that there are words for.
        name_case: whether names should be in the vocative.
    """

    tag: str
    language: str
    confidence: str
    script: str
    dir: str
    slots: tuple[str, ...]
    formal: tuple[str, ...]
    informal: tuple[str, ...]
    plural: tuple[str, ...]
    occasions: tuple[str, ...]
    name_case: str


def coverage(strict_confidence: str = "medium") -> Iterator[Coverage]:
    """Yield what there is of each locale, by tag.

    Args:
        strict_confidence: as of the setting: with `"high"`, what is done without is left out.
    """
    for tag in tags():
        data = read(tag)
        if strict_confidence == "high":
            data = sure(data)
        if data:
            yield covered(tag, data)


def covered(tag: str, data: Mapping[str, Any]) -> Coverage:
    """Return what there is of a locale.

    Args:
        tag: its language tag.
        data: what its file holds.
    """
    groups = {group: tuple(data.get(group, ())) for group in GROUPS}
    return Coverage(
        tag=tag,
        language=data["language"],
        confidence=data["confidence"],
        script=data.get("script") or script_of(tag),
        dir=data["dir"],
        name_case=data["name_case"],
        **groups,
    )


def sure(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a locale without what is of medium confidence; {} if little is left."""
    groups = {group: _sure(data.get(group, {})) for group in GROUPS}
    slots = groups["slots"]
    if data["confidence"] != "high" or "hello" not in slots:
        return {}
    for group in ("formal", "informal", "plural"):
        groups[group] = {slot: forms for slot, forms in groups[group].items() if slot in slots}
    return {**data, **groups}


def _sure(patterns: Mapping[str, Any]) -> dict[str, Any]:
    return {name: forms for name, forms in patterns.items() if forms.get("confidence") != "medium"}
