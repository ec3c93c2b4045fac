"""The script of a text: the first letter that belongs to one decides.

Python's own character database does not tell scripts, but its names do: they begin with it.
"""

from __future__ import annotations

import unicodedata

LATIN = "Latn"

_WIDTHS = ("FULLWIDTH ", "HALFWIDTH ")

# The first word of the names of a script's letters, and its ISO 15924 code.
_CODES = {
    "ADLAM": "Adlm",
    "ARABIC": "Arab",
    "ARMENIAN": "Armn",
    "BENGALI": "Beng",
    "BOPOMOFO": "Bopo",
    "CANADIAN": "Cans",
    "CHAKMA": "Cakm",
    "CHEROKEE": "Cher",
    "CJK": "Hani",
    "COPTIC": "Copt",
    "CYRILLIC": "Cyrl",
    "DESERET": "Dsrt",
    "DEVANAGARI": "Deva",
    "ETHIOPIC": "Ethi",
    "GEORGIAN": "Geor",
    "GREEK": "Grek",
    "GUJARATI": "Gujr",
    "GURMUKHI": "Guru",
    "HANGUL": "Hang",
    "HEBREW": "Hebr",
    "HENTAIGANA": "Hira",
    "HIRAGANA": "Hira",
    "IDEOGRAPHIC": "Hani",
    "JAVANESE": "Java",
    "KANNADA": "Knda",
    "KATAKANA": "Kana",
    "KHMER": "Khmr",
    "LAO": "Laoo",
    "LATIN": LATIN,
    "MALAYALAM": "Mlym",
    "MEETEI": "Mtei",
    "MONGOLIAN": "Mong",
    "MYANMAR": "Mymr",
    "NKO": "Nkoo",
    "OL": "Olck",
    "ORIYA": "Orya",
    "OSAGE": "Osge",
    "SHAVIAN": "Shaw",
    "SINHALA": "Sinh",
    "SUNDANESE": "Sund",
    "SYRIAC": "Syrc",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "THAANA": "Thaa",
    "THAI": "Thai",
    "TIBETAN": "Tibt",
    "TIFINAGH": "Tfng",
    "VAI": "Vaii",
    "YI": "Yiii",
}

# The scripts that one code for several stands for.
_MEMBERS = {
    "Jpan": {"Hani", "Hira", "Kana"},
    "Kore": {"Hang", "Hani"},
    "Hans": {"Hani"},
    "Hant": {"Hani"},
}


def script_of(text: str) -> str | None:
    """Return the code of the script that `text` is written in.

    Args:
        text: a name, in NFC.

    Returns:
        The ISO 15924 code of the first letter that has one, or None if none has.

    >>> script_of("宮崎"), script_of("D'Arcy"), script_of("!?")
    ('Hani', 'Latn', None)
    """
    if text.isascii():
        return LATIN if any(map(str.isalpha, text)) else None
    return next((code for letter in text if (code := _code(letter))), None)


def is_written_in(script: str, code: str) -> bool:
    """Tell whether the letters of `script` are among those that `code` stands for.

    >>> is_written_in("Hani", "Jpan"), is_written_in("Latn", "Jpan")
    (True, False)
    """
    return script == code or script in _MEMBERS.get(code, ())


def _code(letter: str) -> str | None:
    if not letter.isalpha():
        return None
    name = unicodedata.name(letter, "")
    for width in _WIDTHS:
        name = name.removeprefix(width)
    return _CODES.get(name.partition(" ")[0])
