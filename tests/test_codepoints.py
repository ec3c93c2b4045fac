"""The classes of code points agree with the Unicode database, and cleaning goes by them."""

from __future__ import annotations

import unicodedata

from hellokit.cleaning import cleaned
from hellokit.codepoints import DEFAULT_IGNORABLE, JUDGED, NEVER_TEXT, WHITE_SPACE

EVERYTHING = tuple(map(chr, range(0x110000)))
EMOJI_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))


def members(table: tuple[tuple[int, int], ...]) -> set[str]:
    """Return every character of the ranges of a table."""
    return {chr(code) for first, last in table for code in range(first, last + 1)}


def test_every_code_point_is_kept_or_removed_by_its_class() -> None:
    """Between letters, what is removed is what is hidden, and everything else is kept."""
    introducers = "\x1b\x90\x98\x9b\x9d\x9e\x9f"  # these take the letter with them
    hidden = (members(DEFAULT_IGNORABLE) | members(NEVER_TEXT)) - EMOJI_SELECTORS
    blanks = members(WHITE_SPACE)
    wrong = []
    for start in range(0, len(EVERYTHING), 64):
        chars = [char for char in EVERYTHING[start : start + 64] if char not in introducers]
        kept = ["" if char in hidden else " " if char in blanks else char for char in chars]
        expected = unicodedata.normalize("NFC", "a".join(["", *kept, ""]))
        if cleaned("a".join(["", *chars, ""]), 512) != expected:
            wrong.append(hex(start))
    assert wrong == []


def test_what_is_default_ignorable_shows_nothing() -> None:
    """The table is sorted, complete by its count, and holds only classes that can be invisible."""
    bounds = [bound for first, last in DEFAULT_IGNORABLE for bound in (first, last + 1)]
    ignorable = members(DEFAULT_IGNORABLE)
    assert bounds == sorted(set(bounds))
    assert len(ignorable) == 4174
    assert set(map(unicodedata.category, ignorable)) == {"Cf", "Mn", "Lo", "Cn"}
    letters = {char for char in ignorable if unicodedata.category(char) == "Lo"}
    assert letters == set("\u115f\u1160\u3164\uffa0")
    assert members(JUDGED) < ignorable


def test_what_is_never_text_is_control_surrogate_or_no_character() -> None:
    """All controls but white space, all surrogates and all 66 noncharacters are in the table."""
    never = members(NEVER_TEXT)
    controls = {char for char in EVERYTHING if unicodedata.category(char) in {"Cc", "Cs"}}
    assert controls - members(WHITE_SPACE) < never
    assert never.isdisjoint(members(WHITE_SPACE))
    rest = [unicodedata.category(char) for char in never - controls]
    assert (rest.count("Cn"), rest.count("Cf"), len(rest)) == (66, 3, 69)


def test_white_space_is_what_python_takes_for_it_and_the_blank_of_braille() -> None:
    """The four separators of ASCII, which Python counts too, are controls."""
    spaces = {char for char in EVERYTHING if char.isspace()} - set("\x1c\x1d\x1e\x1f")
    assert members(WHITE_SPACE) == spaces | {"\u2800"}
