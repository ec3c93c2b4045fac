"""The classes of code points that the cleaning of names tells apart.

Only what `unicodedata` does not know is listed here. The ranges are those of the Unicode
Character Database 16.0; none of them has changed since 14.0, the oldest one in use.
"""

from __future__ import annotations

from unicodedata import category

ZWNJ = "\u200c"
ZWJ = "\u200d"
JOINERS = frozenset((ZWNJ, ZWJ))

# DerivedCoreProperties.txt, Default_Ignorable_Code_Point: 4,174 code points that show nothing.
DEFAULT_IGNORABLE = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)

# The default ignorable ones that can be spelling: they are judged by what stands around them.
JUDGED = (
    (0x180B, 0x180F),
    (0x200C, 0x200D),
    (0xFE00, 0xFE0F),
    (0xE0020, 0xE007F),
    (0xE0100, 0xE01EF),
)

# Controls but white space, surrogates, interlinear annotation, the 66 noncharacters.
NEVER_TEXT = (
    (0x0000, 0x0008),
    (0x000E, 0x001F),
    (0x007F, 0x0084),
    (0x0086, 0x009F),
    (0xD800, 0xDFFF),
    (0xFDD0, 0xFDEF),
    (0xFFF9, 0xFFFB),
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)),
)

# PropList.txt, White_Space, and the blank of Braille.
WHITE_SPACE = (
    (0x0009, 0x000D),
    (0x0020, 0x0020),
    (0x0085, 0x0085),
    (0x00A0, 0x00A0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x2800, 0x2800),
    (0x3000, 0x3000),
)

TAGS = frozenset(map(chr, range(0xE0020, 0xE0080)))
SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
REGIONAL_INDICATORS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))

MONGOLIAN_VOWEL_SEPARATOR = "\u180e"
MONGOLIAN_SELECTORS = frozenset("\u180b\u180c\u180d\u180e\u180f")
IDEOGRAPHIC_SELECTORS = frozenset(map(chr, range(0xE0100, 0xE01F0)))
SELECTORS = frozenset(
    (*map(chr, range(0xFE00, 0xFE10)), *IDEOGRAPHIC_SELECTORS, *MONGOLIAN_SELECTORS)
)


def character_class(*tables: tuple[tuple[int, int], ...]) -> str:
    r"""Return the inside of a regular expression's `[...]` for the ranges of `tables`.

    >>> character_class(((0x41, 0x5A),))
    '\\U00000041-\\U0000005a'
    """
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for table in tables for first, last in table)


def is_mongolian_letter(char: str) -> bool:
    """Tell whether `char` is a letter of the Mongolian block."""
    return "\u1800" <= char <= "\u18af" and category(char)[0] == "L"


def is_ideograph(char: str) -> bool:
    """Tell whether `char` is a CJK ideograph, one that takes ideographic selectors."""
    return (
        "\u3400" <= char <= "\u4dbf"
        or "\u4e00" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\U00020000" <= char <= "\U0003fffd"
        or char in "\u3006\u3007"
    )
