"""Lists of names: "Ada, Grace and Alan", by the four list patterns of CLDR.

A language whose conjunction depends on the word after it says so in `variants`: Spanish has
"y", and "e" before "i-" or "hi-". The first variant that fits the last name gives the pattern.
"""

from __future__ import annotations

from hellokit.wordings.patterns import checked_mapping, checked_text, fault, split_pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias

    # What stands before, between and after the two that are joined.
    Joint: TypeAlias = tuple[str, str, str]
    # How the last name begins, how it must not begin, and its own joints for two and end.
    Variant: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], Joint, Joint]
    # Two, start, middle, end.
    Joints: TypeAlias = tuple[Joint, Joint, Joint, Joint, tuple[Variant, ...]]

# How many sets of patterns are kept split: a process loads many languages that share one.
MEMO_SIZE = 256
_memo: dict[tuple[Any, ...], tuple[Joint, ...]] = {}

KEYS = ("two", "start", "middle", "end", "variants")
VARIANT_KEYS = ("before", "unless", "two", "end")

# CLDR's root: right, if plain, in any language.
ROOT = {"two": "{0}, {1}", "start": "{0}, {1}", "middle": "{0}, {1}", "end": "{0}, {1}"}


def split_list(where: str, data: object) -> Joints:
    """Check and split the list patterns of a wording.

    Args:
        where: the place that an error names.
        data: `two`, `start`, `middle` and `end`, each with `{0}` and `{1}`, and perhaps
            `variants`, each with `before` and perhaps `unless` (lists of beginnings in lower
            case), `two` and `end`.

    Raises:
        WordingError: if a pattern is missing or breaks a rule.
    """
    patterns = checked_mapping(where, data, KEYS)
    two, start, middle, end = _joints(where, patterns)
    variants = tuple(
        _variant(f"{where}.variants[{index}]", variant)
        for index, variant in enumerate(_listed(where, patterns.get("variants", ())))
    )
    return two, start, middle, end, variants


def _joints(where: str, patterns: Mapping[str, Any]) -> Sequence[Joint]:
    """Split the four patterns, which many languages have alike."""
    texts = tuple(map(patterns.get, KEYS[:4]))
    if [*map(type, texts)] != [str] * 4:
        return [_joint(where, patterns, key) for key in KEYS[:4]]
    known = _memo.get(texts)
    if known is None:
        known = tuple(_joint(where, patterns, key) for key in KEYS[:4])
        if len(_memo) >= MEMO_SIZE:
            _memo.clear()
        _memo[texts] = known
    return known


def _joint(where: str, patterns: Mapping[str, Any], key: str) -> Joint:
    if key not in patterns:
        raise fault(where, f"{key!r} is missing", "give a pattern such as '{0}, {1}'")
    return split_pair(f"{where}.{key}", patterns[key])


def _variant(where: str, data: object) -> Variant:
    given = checked_mapping(where, data, VARIANT_KEYS)
    before = _beginnings(f"{where}.before", given.get("before", ()))
    unless = _beginnings(f"{where}.unless", given.get("unless", ()))
    if not before:
        raise fault(where, "'before' is missing", "say how the last name begins")
    return before, unless, _joint(where, given, "two"), _joint(where, given, "end")


def _beginnings(where: str, texts: object) -> tuple[str, ...]:
    return tuple(checked_text(where, text).casefold() for text in _listed(where, texts))


def _listed(where: str, value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise fault(where, f"{value!r} is not a list", "give a list or a tuple")
    return value


def gaps(joints: Joints, count: int, last: str) -> list[str]:
    """Return what stands before, between and after `count` names, two or more.

    Args:
        joints: the split list patterns.
        count: how many names there are.
        last: the last of them, as it is written.

    >>> gaps(split_list("here", ROOT | {"end": "{0} and {1}"}), 3, "Alan")
    ['', ', ', ' and ', '']
    """
    two, start, middle, end, variants = joints
    if variants:
        two, end = _fitting(variants, last.casefold()) or (two, end)
    more = count - 2
    if not more:
        return list(two)
    texts = list(start)
    for _ in range(more - 1):
        _extend(texts, middle)
    _extend(texts, end)
    return texts


def _fitting(variants: tuple[Variant, ...], name: str) -> tuple[Joint, Joint] | None:
    for before, unless, two, end in variants:
        if name.startswith(before) and not name.startswith(unless):
            return two, end
    return None


def _extend(texts: list[str], joint: Joint) -> None:
    """Join one more name to the list so far, which is the pattern's `{0}`."""
    before, between, after = joint
    texts[0] = before + texts[0]
    texts[-1] += between
    texts.append(after)
