"""Scripts: which one a name is written in."""

from __future__ import annotations

import pytest

from hellokit_locales.scripts import is_written_in, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Ada", "Latn"),
        ("d’Été", "Latn"),
        ("Ａｄａ", "Latn"),
        ("Иван", "Cyrl"),
        ("Ελένη", "Grek"),
        ("宮崎", "Hani"),
        ("々", "Hani"),
        ("はやお", "Hira"),
        ("ハヤオ", "Kana"),
        ("ﾊﾔｵ", "Kana"),
        ("김유미", "Hang"),
        ("יונתן", "Hebr"),
        ("محمد", "Arab"),
        ("राम", "Deva"),
        ("சோழன்", "Taml"),
        ("สมชาย", "Thai"),
        ("ᱵᱤᱨᱥᱟ", "Olck"),
        ("Ада", "Cyrl"),
        ("ー", None),
        ("123 !?", None),
        ("🙂", None),
        ("é", "Latn"),
        ("🙂 Ада", "Cyrl"),
        ("", None),
    ],
)
def test_the_first_letter_with_a_script_decides(text: str, script: str | None) -> None:
    """Signs, digits and marks that many scripts share tell nothing."""
    assert script_of(text) == script


@pytest.mark.parametrize(
    ("script", "code", "expected"),
    [
        ("Hani", "Jpan", True),
        ("Hira", "Jpan", True),
        ("Hani", "Kore", True),
        ("Hani", "Hant", True),
        ("Kana", "Hans", False),
        ("Latn", "Latn", True),
        ("Latn", "Cyrl", False),
    ],
)
def test_some_codes_stand_for_several_scripts(script: str, code: str, expected: object) -> None:
    """Japanese, Korean and the two kinds of Chinese are written in more than one."""
    assert is_written_in(script, code) is expected
