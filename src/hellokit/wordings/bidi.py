"""Writing direction: when a name must be isolated from the text around it."""

from __future__ import annotations

from unicodedata import bidirectional, category

FIRST_STRONG_ISOLATE = "\u2068"
POP_DIRECTIONAL_ISOLATE = "\u2069"

# No code point before this one is written from right to left.
FIRST_RTL = "\u0590"

# Unicode keeps all letters written from right to left in these blocks (UAX 9, table 4).
_RTL_BLOCKS = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"

# "" is what the database says of a code point newer than itself: isolating it is harmless.
_RTL_CLASSES = frozenset({"R", "AL", "AN", ""})


def may_run_rtl(text: str) -> bool:
    """Tell whether `text` may hold a character that is written from right to left.

    >>> may_run_rtl("Zoë"), may_run_rtl("דנה")
    (False, True)
    """
    if text.isascii() or max(text) < FIRST_RTL:
        return False
    return any(map(_RTL_CLASSES.__contains__, map(bidirectional, text)))


def has_rtl_letter(text: str) -> bool:
    """Tell whether `text` holds a letter of a script written from right to left."""
    if text.isascii():
        return False
    from re import findall  # English comes without it

    return any(
        bidirectional(character) in ("R", "AL") and category(character)[0] == "L"
        for character in findall(_RTL_BLOCKS, text)
    )
