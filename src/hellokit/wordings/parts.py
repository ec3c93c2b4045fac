"""Composition: the parts of a greeting, from a wording and a request."""

from __future__ import annotations

from hellokit.wordings.bidi import FIRST_STRONG_ISOLATE, POP_DIRECTIONAL_ISOLATE, may_run_rtl
from hellokit.wordings.lists import gaps
from hellokit.wordings.wording import TIMELESS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from hellokit.request import Isolate, Request
    from hellokit.wordings.rules import Honorific
    from hellokit.wordings.wording import Wording

    Inflect: TypeAlias = Callable[[str, str], str]
    Parts: TypeAlias = list[tuple[str, bool]]


def parts(wording: Wording, request: Request, inflect: Inflect | None = None) -> tuple[Parts, str]:
    """Compose a greeting: the names, and the words around them.

    Args:
        wording: the patterns.
        request: what to greet, with its names clean and its options set.
        inflect: gives the form of a name in which somebody is called, by name and locale;
            None where nobody knows it.

    Returns:
        Pairs of a text and whether it is a name, none empty; and the slot of the words.
    """
    names, _, formality, at, isolate, _ = request
    row = wording.rows[formality, len(names) >= wording.plural_from]
    if type(at) is str:
        pattern = wording.moments.get(at, row[TIMELESS])
    else:
        pattern = row[TIMELESS if at is None else at.hour]
    prefix, suffix, nameless, slot = pattern
    if not names:
        return [(nameless, False)], slot
    if inflect is not None and wording.name_case != "none":
        names = tuple(inflect(name, wording.locale) for name in names)
    honorific = wording.honorifics[formality]
    around = [_around(wording, name, honorific, isolate) for name in names]
    if len(names) == 1:
        before, after = around[0]
        composed = [(prefix + before, False), (names[0], True), (after + suffix, False)]
    else:
        composed = _several(wording, names, around, (prefix, suffix))
    return [part for part in composed if part[0]], slot


def _around(wording: Wording, name: str, honorific: Honorific, isolate: Isolate) -> tuple[str, str]:
    """Return the honorific and the isolating marks that stand before and after a name."""
    before, after = ("", "") if name.endswith(wording.endings) else honorific
    if isolate == "always" or (
        isolate == "auto" and (wording.direction == "rtl" or may_run_rtl(name))
    ):
        return FIRST_STRONG_ISOLATE + before, after + POP_DIRECTIONAL_ISOLATE
    return before, after


def _several(
    wording: Wording,
    names: Sequence[str],
    around: Sequence[tuple[str, str]],
    pattern: tuple[str, str],
) -> Parts:
    """Join several names and put them into the pattern."""
    last = (around[-1][0] + names[-1]).removeprefix(FIRST_STRONG_ISOLATE)
    first, *others = gaps(wording.joints, len(names), last)
    composed: Parts = []
    text = pattern[0] + first
    for name, (before, after), gap in zip(names, around, others, strict=True):
        composed += (text + before, False), (name, True)
        text = after + gap
    composed.append((text + pattern[1], False))
    return composed
