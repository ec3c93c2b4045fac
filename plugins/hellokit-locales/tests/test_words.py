"""The checker: what every file keeps to, beyond what hellokit checks when it loads one."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import jsonschema
import pytest
from words import DATA, PLUGIN, TAGS, all_texts

from hellokit_locales import shelf
from hellokit_locales.chain import script_of

HIDDEN = {*range(0x200B, 0x200C), 0x200E, 0x200F, 0x061C, *range(0x2028, 0x202F), 0xFEFF}
HIDDEN |= {*range(0x2066, 0x206A), *range(0x20), *range(0x7F, 0xA0)}
RTL_SCRIPTS = {"Arab", "Hebr", "Thaa"}
LETTERS = {
    "Jpan": {"HIRAGANA", "KATAKANA", "CJK", "KATAKANA-HIRAGANA"},
    "Kana": {"KATAKANA", "KATAKANA-HIRAGANA"},
    "Kore": {"HANGUL"},
    "Hans": {"CJK"},
    "Hant": {"CJK"},
    "Latn": {"LATIN", "MODIFIER"},
    "Cyrl": {"CYRILLIC"},
    "Grek": {"GREEK"},
    "Hebr": {"HEBREW"},
    "Arab": {"ARABIC"},
    "Deva": {"DEVANAGARI"},
    "Beng": {"BENGALI"},
    "Cans": {"CANADIAN"},
    "Olck": {"OL"},
    "Tfng": {"TIFINAGH"},
    "Ethi": {"ETHIOPIC"},
    "Mymr": {"MYANMAR"},
    "Guru": {"GURMUKHI"},
    "Gujr": {"GUJARATI"},
    "Taml": {"TAMIL"},
    "Telu": {"TELUGU"},
    "Knda": {"KANNADA"},
    "Mlym": {"MALAYALAM"},
    "Sinh": {"SINHALA"},
    "Orya": {"ORIYA"},
    "Khmr": {"KHMER"},
    "Laoo": {"LAO"},
    "Thai": {"THAI"},
    "Geor": {"GEORGIAN"},
    "Armn": {"ARMENIAN"},
    "Thaa": {"THAANA"},
    "Cher": {"CHEROKEE"},
}
# Maltese says what English says.
SAYS_HELLO = {"mt"}


def words_of(text: str) -> str:
    """Return a pattern without its placeholder."""
    return text.replace("{name}", "")


def scripts_of(text: str) -> set[str]:
    """Return the first words of the names of the letters in a text."""
    letters = (each for each in words_of(text) if each.isalpha())
    return {unicodedata.name(each).split()[0] for each in letters}


def marks_of(text: str) -> set[str]:
    """Return the punctuation of a pattern."""
    return {each for each in words_of(text) if unicodedata.category(each)[0] == "P"}


def offenders(wrong: Any) -> list[str]:
    """Return the places of the texts of which `wrong(tag, text)` is true."""
    return [f"{place}: {text}" for tag, place, text in all_texts() if wrong(tag, text)]


@pytest.mark.parametrize("tag", TAGS)
def test_hellokit_accepts_every_file(tag: str) -> None:
    """Each file makes a wording of its own name, with the rules of hellokit's own checker."""
    wording = shelf.load(tag)
    assert (wording.locale, wording.direction) == (tag, DATA[tag]["dir"])


def test_every_file_keeps_to_the_schema() -> None:
    """What contributors' editors check is what there is."""
    schema = json.loads((PLUGIN / "wording.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert {tag: each.message for tag in TAGS for each in validator.iter_errors(DATA[tag])} == {}


def test_no_file_has_a_key_twice() -> None:
    """JSON would take the later one, and nobody would see the earlier one."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs), pairs
        return dict(pairs)

    for path in (PLUGIN / "src" / "hellokit_locales" / "wordings").glob("*.json"):
        json.loads(path.read_text("utf-8"), object_pairs_hook=once)


def test_every_pattern_has_one_placeholder_or_none() -> None:
    """`with` has `{name}` once, `without` has nothing to fill in."""
    counts = [(place, text.count("{name}"), text.count("{")) for _, place, text in all_texts()]
    assert [
        each
        for each in counts
        if each[1:] != ((1, 1) if each[0].endswith("with") else (0, 0))
        and not each[0].endswith("without")
    ] == []
    assert [each for each in counts if each[0].endswith("without") and each[2]] == []


def test_every_text_is_in_nfc_and_shows_all_it_holds() -> None:
    """There is nothing to compose, and no control, bidi control or invisible space."""
    assert offenders(lambda _, text: text != unicodedata.normalize("NFC", text)) == []
    assert offenders(lambda _, text: not HIDDEN.isdisjoint(map(ord, text))) == []


def test_the_letters_are_of_the_script() -> None:
    """Each letter is of the script that the locale states or is likely to have."""
    assert (
        offenders(
            lambda tag, text: (
                not scripts_of(text) <= LETTERS[DATA[tag].get("script") or script_of(tag)]
            )
        )
        == []
    )


def test_the_direction_is_that_of_the_script() -> None:
    """What is written from right to left says so, and nothing else does."""
    scripts = {tag: DATA[tag].get("script") or script_of(tag) for tag in TAGS}
    wrong = [tag for tag in TAGS if (DATA[tag]["dir"] == "rtl") != (scripts[tag] in RTL_SCRIPTS)]
    assert wrong == []


def test_no_mark_stands_apart() -> None:
    """A plain space stands before no mark; French has its own."""
    assert offenders(lambda _, text: any(f" {mark}" in text for mark in "!?,;.:،。！")) == []


def test_quotation_marks_are_typographic() -> None:
    """There is no typewriter's apostrophe or quotation mark."""
    assert offenders(lambda _, text: "'" in text or '"' in text) == []


def test_french_has_its_narrow_space_and_nobody_else() -> None:
    """France writes U+202F before an exclamation mark, Canada does not."""
    assert offenders(lambda tag, text: ("\u202f!" in text) != (tag == "fr")) == []


def test_inverted_marks_stand_in_pairs() -> None:
    """Spanish and Asturian open what they close, and no other language does."""
    assert (
        offenders(
            lambda tag, text: (
                (text.count("¡"), text.count("¿"))
                != (
                    (text.count("!"), text.count("?")) if tag in {"es", "es-419", "ast"} else (0, 0)
                )
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("tags", "allowed"),
    [
        (("zh", "zh-Hant", "zh-Hant-HK", "yue"), "，！"),
        (("ja", "ain"), "、！。"),
        (("ar", "arz", "ckb", "dv", "fa", "pa-Arab", "ps", "sd", "ug", "ur"), "،!؟"),
        (("am", "ti"), "፣!"),
        (("hy",), ",։"),
        (("th", "lo", "km", "my"), ""),
    ],
)
def test_languages_with_marks_of_their_own_have_no_others(
    tags: tuple[str, ...], allowed: str
) -> None:
    """Full-width marks, Arabic commas and so on are not mixed with those of English."""
    assert offenders(lambda tag, text: tag in tags and not marks_of(text) <= set(allowed)) == []


@pytest.mark.parametrize("tag", ["zh", "zh-Hant", "zh-Hant-HK", "yue", "ja"])
def test_chinese_and_japanese_have_no_spaces(tag: str) -> None:
    """Full-width marks bring their own room."""
    assert offenders(lambda own, text: own == tag and " " in text) == []


def test_nothing_is_left_in_english() -> None:
    """No other language says what English says, but one that borrowed it."""
    english = {text.casefold() for tag, _, text in all_texts() if tag == "en"}
    assert (
        offenders(
            lambda tag, text: (
                tag not in {"en", "en-001", *SAYS_HELLO} and text.casefold() in english
            )
        )
        == []
    )


def test_a_wish_at_parting_is_no_greeting() -> None:
    """What is said when people part at night is not said when they meet."""
    assert offenders(lambda tag, text: text in DATA[tag].get("farewell_night", {}).values()) == []


def test_an_override_overrides() -> None:
    """What is said otherwise in a register is another text."""
    same = [
        (tag, group, slot)
        for tag in TAGS
        for group in ("formal", "informal")
        for slot, forms in DATA[tag].get(group, {}).items()
        if forms == DATA[tag]["slots"][slot]
    ]
    assert same == []


def test_the_hours_begin_at_midnight_and_ascend() -> None:
    """They cover the day, and name slots that there are."""
    for tag in TAGS:
        hours = DATA[tag].get("hours", [[0, "hello"]])
        starts = [hour for hour, _ in hours]
        assert starts[0] == 0, tag
        assert starts == sorted(set(starts)), tag
        assert {slot for _, slot in hours} <= set(DATA[tag]["slots"]), tag
        assert starts[-1] < 24, tag


def test_what_is_said_about_the_hours_is_said_where_there_are_some() -> None:
    """A basis is told of hours, and of all of them."""
    assert [tag for tag in TAGS if ("hours" in DATA[tag]) != ("hours_basis" in DATA[tag])] == []
