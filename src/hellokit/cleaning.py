"""The whole policy by which a name is cleaned; `hellokit.names` has the short cuts.

The steps stand in the order in which they run. Each looks at every character once, so that
a hostile name costs what its length costs. Nothing is ever compatibility-normalized and no
case is changed: that would spoil names that people really have.
"""

from __future__ import annotations

import re
from unicodedata import bidirectional, category, combining, normalize

from hellokit.codepoints import (
    DEFAULT_IGNORABLE,
    IDEOGRAPHIC_SELECTORS,
    JOINERS,
    JUDGED,
    MONGOLIAN_SELECTORS,
    MONGOLIAN_VOWEL_SEPARATOR,
    NEVER_TEXT,
    REGIONAL_INDICATORS,
    SELECTORS,
    SKIN_TONES,
    TAGS,
    WHITE_SPACE,
    ZWJ,
    ZWNJ,
    character_class,
    is_ideograph,
    is_mongolian_letter,
)

MARKS_PER_BASE = 4  # UTS 39, section 5.4
ELLIPSIS = "\u2026"

_ROUNDS = 8  # names that people have need one or two, random hostile ones up to four
_STEPS_TO_AN_EDGE = 16
_VIRAMA = 9
_LEFT_RIGHT_ARROW = "\u2194"  # the only character of emoji sequences that is no So
_HEH = "\u0647"
_RIGHT_TO_LEFT = ("R", "AL")

# ECMA-48. The possessive quantifiers keep an unfinished sequence from being tried twice.
_SEQUENCE = r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]|\x1b[ -/]*+[0-~]"
_STRING = r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])(?s:.)*?(?:\x07|\x1b\\|\x9c)"
_SEQUENCES = re.compile(_SEQUENCE)
_SEQUENCES_AND_STRINGS = re.compile(f"{_STRING}|{_SEQUENCE}")
_UP_TO_LAST_END = re.compile(r"(?s:.*)(?:\x07|\x1b\\|\x9c)")

_REMOVED = re.compile(
    f"(?:(?![{character_class(JUDGED)}])[{character_class(DEFAULT_IGNORABLE, NEVER_TEXT)}])+"
)
_SPACES = re.compile(f"[{character_class(WHITE_SPACE)}]+")
_FLAG = "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)"
_TAGS = re.compile(f"{_FLAG}|[\U000e0020-\U000e007f]+")
_ENDS_IN_FLAG = re.compile(f"{_FLAG}\\Z")
_ALL_TAGS = "".join(TAGS)
_SOFT = JOINERS | SELECTORS
_LOOSE_ENDS = f" {ZWNJ}{ZWJ}{MONGOLIAN_VOWEL_SEPARATOR}"


def cleaned(text: str, max_length: int) -> str:
    r"""Return `text` cleaned, or "" if nothing visible is left.

    Args:
        text: what to clean; the caller has bounded its length.
        max_length: the greatest length of the result, in code points, at least 8.

    Returns:
        One line in NFC, without controls, bidi controls, or hidden text. Cleaning it again
        changes nothing.

    >>> cleaned("\x1b[31mZoe\u0308\x1b[0m\n", 128)
    'Zoë'
    """
    if text.isascii() and text.isprintable():
        text = " ".join(text.split())
    else:
        text = _settled(_TAGS.sub(r"\1", _SPACES.sub(" ", _without_hidden(text))))
    if not any(category(char)[0] in "LNSP" for char in text):
        return ""
    return text if len(text) <= max_length else _shortened(text, max_length)


def _without_hidden(text: str) -> str:
    """Remove what is never text; of an unfinished terminal sequence only the introducer."""
    # Behind the last end of a string every string is unfinished. Looking for its end from
    # each introducer anew would make the cost grow with the square of the length.
    ended = _UP_TO_LAST_END.match(text)
    end = ended.end() if ended else 0
    text = _SEQUENCES_AND_STRINGS.sub("", text[:end]) + _SEQUENCES.sub("", text[end:])
    return _REMOVED.sub("", text)


def _settled(text: str) -> str:
    """Judge marks, selectors and joiners until nothing changes: each judgment bears on others."""
    for _ in range(_ROUNDS):
        judged = _judged(text)
        if judged == text:
            return text
        text = judged
    # Only a name made for it comes here. Without joiners and selectors the rest settles.
    return _settled("".join([char for char in text if char not in _SOFT]))


def _judged(text: str) -> str:
    text = _with_few_marks(normalize("NFC", text))
    if not SELECTORS.isdisjoint(text):
        text = _with_fitting_selectors(text)
    if not JOINERS.isdisjoint(text):
        text = _with_spelt_joiners(normalize("NFC", text))
    return " ".join(text.split())


def _with_few_marks(text: str) -> str:
    """Drop the marks without a base, and those of a base beyond the fourth.

    Spacing marks are not counted: they take room of their own.
    """
    kept = []
    left: int | None = None  # how many more marks this base takes; None is no base yet
    for char in text:
        kind = category(char)
        if char in _SOFT:
            pass
        elif kind[0] == "M":
            if left is None or (left == 0 and kind != "Mc"):
                continue
            left -= kind != "Mc"
        else:
            left = None if char == " " else MARKS_PER_BASE
        kept.append(char)
    return "".join(kept)


def _with_fitting_selectors(text: str) -> str:
    """Drop the selectors that select nothing: more than one in a row can carry hidden data."""
    kept = []
    previous = " "
    for following, char in zip((*text[1:], " "), text, strict=True):
        if char in SELECTORS and not _selector_fits(char, previous, following):
            continue
        kept.append(char)
        previous = char
    return "".join(kept)


def _selector_fits(selector: str, previous: str, following: str) -> bool:
    if selector in MONGOLIAN_SELECTORS:
        return is_mongolian_letter(previous) and (
            selector != MONGOLIAN_VOWEL_SEPARATOR or is_mongolian_letter(following)
        )
    if selector in IDEOGRAPHIC_SELECTORS:
        return is_ideograph(previous)
    return not (
        previous == " " or previous in _SOFT or previous in TAGS or category(previous) == "Mn"
    )


def _with_spelt_joiners(text: str) -> str:
    """Drop the joiners that are not spelling: those change nothing that can be seen."""
    kept = []
    previous = base = " "
    for following, char in zip((*text[1:], " "), text, strict=True):
        if char in JOINERS and not _joiner_is_spelt(char, base, previous, following):
            continue
        kept.append(char)
        previous = char
        if category(char)[0] != "M" and char not in SELECTORS and char not in SKIN_TONES:
            base = char
    return "".join(kept)


def _joiner_is_spelt(joiner: str, base: str, previous: str, following: str) -> bool:
    if combining(previous) == _VIRAMA:  # at the end too: Malayalam
        return True
    is_letter = category(following)[0] == "L"
    if is_letter and bidirectional(base) in _RIGHT_TO_LEFT:
        return bidirectional(following) in _RIGHT_TO_LEFT  # Persian
    if joiner == ZWNJ:  # the older spelling of Sorani
        return previous == _HEH and category(following)[0] in "ZP"
    if combining(following) == _VIRAMA:  # Bengali, Kannada
        return category(previous)[0] == "L"
    return category(base) == "So" and (  # emoji
        category(following) == "So" or following == _LEFT_RIGHT_ARROW
    )


def _shortened(text: str, max_length: int) -> str:
    """Cut `text` at the edge of a cluster if one is near, and append an ellipsis."""
    latest = max_length - len(ELLIPSIS)
    earliest = max(latest - _STEPS_TO_AN_EDGE, 1)
    edges = (end for end in range(latest, earliest - 1, -1) if _is_edge(text, end))
    text = text[: next(edges, earliest)]
    if not _ENDS_IN_FLAG.search(text):
        text = text.rstrip(_ALL_TAGS)
    return text.rstrip(_LOOSE_ENDS) + ELLIPSIS


def _is_edge(text: str, end: int) -> bool:
    following = text[end]
    if (
        category(following)[0] == "M"
        or following in _SOFT
        or following in SKIN_TONES
        or following in TAGS
        or text[end - 1] == ZWJ
    ):
        return False
    return following not in REGIONAL_INDICATORS or _indicators_before(text, end) % 2 == 0


def _indicators_before(text: str, end: int) -> int:
    start = end
    while start and text[start - 1] in REGIONAL_INDICATORS:
        start -= 1
    return end - start
