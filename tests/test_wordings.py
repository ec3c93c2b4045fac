"""A wording keeps every rule, or is refused with its locale, its slot, the rule and a remedy."""

from __future__ import annotations

import copy
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit.errors import WordingError
from hellokit.wordings.bidi import has_rtl_letter, may_run_rtl
from hellokit.wordings.english import DATA as ENGLISH
from hellokit.wordings.english import hellokit_wordings
from hellokit.wordings.wording import TIMELESS, Wording

SAMPLE: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "wordings_sample.json").read_text("utf-8")
)

GOOD: dict[str, Any] = {
    "slots": {
        "hello": {"with": "Hello, {name}!", "without": "Hello!"},
        "evening": {"with": "Good evening, {name}!", "without": "Good evening!"},
    },
    "formal": {"hello": {"with": "Dear {name}", "without": "Dear all"}},
    "hours": [[0, "hello"], [18, "evening"]],
    "address": {"default": "{name} san", "unless_suffix": ["san"]},
    "list": {
        "two": "{0} and {1}",
        "start": "{0}, {1}",
        "middle": "{0}, {1}",
        "end": "{0} and {1}",
        "variants": [{"before": ["i"], "two": "{0} e {1}", "end": "{0} e {1}"}],
    },
    "aliases": ["xx-old"],
}


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the good data with one thing in it changed."""
    data = copy.deepcopy(GOOD)
    *way, last = path.split("/")
    target: Any = data
    for key in way:
        target = target[int(key) if isinstance(target, list) else key]
    target[last] = value
    return data


def without(path: str) -> dict[str, Any]:
    """Return the good data with one thing in it taken out."""
    data = copy.deepcopy(GOOD)
    *way, last = path.split("/")
    target: Any = data
    for key in way:
        target = target[int(key) if isinstance(target, list) else key]
    del target[last]
    return data


def refusal(data: Any) -> str:
    """Return the message with which data is refused."""
    with pytest.raises(WordingError) as caught:
        Wording.from_data("xx", data)
    assert str(caught.value).startswith("wording 'xx'")
    return str(caught.value)


def test_the_data_that_the_cases_below_break_is_good() -> None:
    """Each case breaks one rule, and nothing else is wrong with it."""
    assert Wording.from_data("xx", GOOD).locale == "xx"


BAD_PATTERNS = [
    ("Hello!", "stands exactly once, and here it stands 0 times"),
    ("{name}, hello, {name}!", "stands exactly once, and here it stands 2 times"),
    ("Hello, {nume}!", "stands exactly once, and here it stands 0 times"),
    ("Hello, {name!r}!", "stands exactly once, and here it stands 0 times"),
    ("Hello, {name.x}!", "stands exactly once, and here it stands 0 times"),
    ("Hello, {name:>9}!", "stands exactly once, and here it stands 0 times"),
    ("Hello, {}!", "stands exactly once, and here it stands 0 times"),
    ("Hello, {{name}}!", "there is no other brace than those of {name}"),
    ("Hello, {name} {0}!", "there is no other brace than those of {name}"),
    ("Hello, {name}}", "there is no other brace than those of {name}"),
    (" Hello, {name}!", "begins and ends without a space"),
    ("Hello, {name} ", "begins and ends without a space"),
    ("Hello, {name}\u202f", "begins and ends without a space"),
    ("Hello,  {name}!", "no space is doubled"),
    ("Hello, \u00a0{name}!", "no space is doubled"),
    ("Zoe\u0308, {name}!", "Unicode form NFC"),
    ("Hello,\n{name}!", "take U+000A out"),
    ("Hello\x00, {name}!", "take U+0000 out"),
    ("Hello\x1b[1m, {name}!", "take U+001B out"),
    ("Hello\x9b, {name}!", "take U+009B out"),
    ("Hello\u200b, {name}!", "take U+200B out"),
    ("Hello\u200e, {name}!", "take U+200E out"),
    ("Hello\u200f, {name}!", "take U+200F out"),
    ("Hello\u061c, {name}!", "take U+061C out"),
    ("Hello\u202e, {name}!", "take U+202E out"),
    ("Hello, \u2068{name}\u2069!", "take U+2068 out"),
    ("Hello, {name}\ufeff!", "take U+FEFF out"),
    ("Hello\u2028, {name}!", "take U+2028 out"),
    ("Hello, {name}\ud800!", "take U+D800 out"),
    ("", "a pattern has words"),
    (None, "a pattern is a str, not a NoneType"),
    (5, "a pattern is a str, not a int"),
]


@pytest.mark.parametrize(("text", "rule"), BAD_PATTERNS)
def test_a_pattern_that_breaks_a_rule_is_refused(text: object, rule: str) -> None:
    """The message names the slot and the form, says the rule and gives a remedy."""
    message = refusal(changed("slots/evening/with", text))
    assert "slots.evening.with: " in message
    assert rule in message
    assert "; " in message


@pytest.mark.parametrize("group", ["formal", "address"])
def test_patterns_beside_the_slots_keep_the_same_rules(group: str) -> None:
    """Overrides and honorifics are shown as much as slots are."""
    path = {"formal": "formal/hello/with", "address": "address/default"}[group]
    message = refusal(changed(path, "{nume}!"))
    assert "stands exactly once" in message
    assert f"{group}" in message


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (without("slots"), "'slots' is missing"),
        (without("slots/hello"), "slots: 'hello' is missing"),
        (without("slots/evening/with"), "slots.evening: the form 'with' is missing"),
        (without("slots/evening/without"), "slots.evening: the form 'without' is missing"),
        (changed("slots/evening/without", "Hi {name}"), "a nameless pattern holds no brace"),
        (changed("slots/evening/without", "Hi }"), "a nameless pattern holds no brace"),
        (changed("slots/evening/wiht", "x"), "'wiht' is not a known key (did you mean 'with'?)"),
        (changed("slots/evening/confidence", "sure"), "confidence: 'sure' is not a known value"),
        (changed("slots/evning", {}), "'evning' is not a known key (did you mean 'evening'?)"),
        (changed("slots/evening", "Hi {name}"), "slots.evening: this is a str"),
        (changed("slots", []), "slots: this is a list"),
        (changed("slotz", {}), "'slotz' is not a known key (did you mean 'slots'?)"),
        (changed("formal/night", GOOD["slots"]["hello"]), "formal.night: an override is of a slot"),
        (changed("informal", {"noon": GOOD["slots"]["hello"]}), "informal.noon: an override is"),
        (changed("plural", {"day": GOOD["slots"]["hello"]}), "plural.day: an override is"),
        (changed("hours", [[1, "hello"], [18, "evening"]]), "hours: hours begin at 0 and ascend"),
        (changed("hours", [[0, "hello"], [24, "evening"]]), "hours: hours begin at 0 and ascend"),
        (changed("hours", [[0, "hello"], [9, "evening"], [9, "hello"]]), "begin at 0 and ascend"),
        (changed("hours", [[0, "hello"], [9, "evening"], [8, "hello"]]), "begin at 0 and ascend"),
        (changed("hours", [[-1, "hello"], [0, "evening"]]), "hours: hours begin at 0 and ascend"),
        (changed("hours", [[0, "hello"], [18, "night"]]), "hours: the slot 'night' has no pattern"),
        (changed("hours", [[0, "hello"]]), "hours: no hour uses the slot 'evening'"),
        (without("hours"), "hours: no hour uses the slot 'evening'"),
        (changed("hours", [[0, "hello"], [18.5, "evening"]]), "[18.5, 'evening'] is not an hour"),
        (changed("hours", [[False, "hello"], [18, "evening"]]), "is not an hour and a slot"),
        (changed("hours", ["hello"]), "hours: 'hello' is not an hour and a slot"),
        (changed("hours", {"0": "hello"}), "hours: this is a dict"),
        (changed("dir", "down"), "direction: 'down' is not a known value; use one of 'ltr', 'rtl'"),
        (changed("dir", "rtl"), "slots.hello: dir is 'rtl' and no letter runs from right to left"),
        (changed("slots/hello/without", "שלום!"), "slots.hello: dir is 'ltr' and a letter runs"),
        (changed("slots/hello/with", "שלום {name}!"), "slots.hello: dir is 'ltr' and a letter"),
        (changed("address/default", "{name} ג"), "address: dir is 'ltr' and a letter runs"),
        (changed("list/end", "{0} ו{1}"), "list: dir is 'ltr' and a letter runs from right to"),
        (changed("list/variants/0/two", "{0} ו{1}"), "list: dir is 'ltr' and a letter runs"),
        (changed("default_formality", "rude"), "default_formality: 'rude' is not a known value"),
        (changed("name_case", "dative"), "name_case: 'dative' is not a known value"),
        (changed("confidence", "low"), "confidence: 'low' is not a known value"),
        (changed("plural_formality", "rude"), "plural_formality: 'rude' is not a known value"),
        (changed("plural_from", 1), "plural_from: 1 is not how many names make a plural"),
        (changed("plural_from", 2.0), "plural_from: 2.0 is not how many names make a plural"),
        (changed("script", "Latin"), "script: 'Latin' is not a script; write it as in 'Latn'"),
        (changed("script", 5), "script: 5 is not a script"),
        (changed("language", 5), "language: 5 is not a name"),
        (changed("address/formel", "{name}"), "'formel' is not a known key (did you mean 'formal"),
        (changed("address/unless_suffix", "san"), "unless_suffix: 'san' is not a list"),
        (changed("address/unless_suffix", [""]), "unless_suffix: a pattern has words"),
        (without("list/end"), "list: 'end' is missing"),
        (changed("list", {}), "list: 'two' is missing"),
        (changed("list", "and"), "list: this is a str"),
        (changed("list/end", "and {1}"), "list.end: a list pattern has {0} and, after it, {1}"),
        (changed("list/end", "{1} and {0}"), "list.end: a list pattern has {0} and, after it, {1}"),
        (changed("list/two", "{0} {0} {1}"), "list.two: there is no other brace"),
        (changed("list/two", "{0} \u200f{1}"), "list.two: a pattern holds no control"),
        (changed("list/last", "{0} {1}"), "'last' is not a known key"),
        (changed("list/variants", {}), "list: {} is not a list"),
        (changed("list/variants/0/unles", ["a"]), "list.variants[0]: 'unles' is not a known key"),
        (without("list/variants/0/before"), "list.variants[0]: 'before' is missing"),
        (without("list/variants/0/two"), "list.variants[0]: 'two' is missing"),
        (changed("aliases", "xx-old"), "aliases: 'xx-old' is not a list"),
        (changed("aliases", ["xx-"]), "aliases: locale 'xx-' is not a language tag"),
        (changed("aliases", [5]), "aliases: locale is of type int"),
        ([], "wording 'xx': this is a list"),
    ],
)  # fmt: skip
def test_data_that_breaks_a_rule_is_refused(data: Any, rule: str) -> None:
    """The message names the place, says the rule and gives a remedy."""
    message = refusal(data)
    assert rule in message
    assert "; " in message


@pytest.mark.parametrize(
    ("locale", "rule"),
    [
        ("../etc", "locale '../etc' is not a language tag"),
        ("en-x-pirate", "requests for 'en-x-pirate' ask for 'en'"),
        ("C", "requests for 'C' ask for 'en'"),
        (None, "locale is of type NoneType"),
    ],
)
def test_a_wording_has_a_tag_that_requests_can_have(locale: Any, rule: str) -> None:
    """A wording that no request could reach, or that took another's place, is refused."""
    with pytest.raises(WordingError, match=r"^wording .*, locale: ") as caught:
        Wording.from_data(locale, GOOD)
    assert rule in str(caught.value)


def test_a_wording_has_the_canonical_tag() -> None:
    """Data may be keyed by tags as other software writes them."""
    found = Wording.from_data("zh_hant", {**GOOD, "aliases": ["ZH_tw"]})
    assert (found.locale, found.aliases) == ("zh-Hant", ("zh-TW",))


def test_joiners_are_spelling() -> None:
    """Sinhala and Persian words need ZWJ and ZWNJ."""
    data = changed("slots/hello/without", "සුභ සන්ධ්\u200dයාවක්!")
    assert Wording.from_data("si", data).rows[None, False][TIMELESS][2].count("\u200d") == 1


@pytest.mark.parametrize("locale", SAMPLE)
def test_the_sample_of_locales_keeps_the_rules(locale: str) -> None:
    """Wordings of many scripts and shapes load as they are."""
    found = Wording.from_data(locale, SAMPLE[locale])
    assert found.locale == locale
    assert found.direction == SAMPLE[locale]["dir"]
    assert found.language == SAMPLE[locale]["language"]


@pytest.mark.parametrize("locale", SAMPLE)
def test_hours_cover_the_day(locale: str) -> None:
    """Every hour has the pattern of the slot that begins at it or last before it."""
    data = SAMPLE[locale]
    rows = Wording.from_data(locale, data).rows
    breaks = data.get("hours", [[0, "hello"]])
    expected = [max(pair for pair in breaks if pair[0] <= hour)[1] for hour in range(24)]
    for row in rows.values():
        assert [pattern[3] for pattern in row] == [*expected, "hello"]


@pytest.mark.parametrize("locale", SAMPLE)
def test_patterns_are_those_of_the_data(locale: str) -> None:
    """Splitting a pattern loses nothing of it, and overrides apply to their register alone."""
    data = SAMPLE[locale]
    rows = Wording.from_data(locale, data).rows
    for register in (None, "formal", "informal"):
        words = {**data["slots"], **data.get(str(register), {})}
        for prefix, suffix, nameless, slot in rows[register, False]:
            assert prefix + "{name}" + suffix == words[slot]["with"]
            assert nameless == words[slot]["without"]


def test_the_plural_applies_in_its_register_only() -> None:
    """Hungarian has a plural greeting for friends, and none for strangers."""
    rows = Wording.from_data("hu", SAMPLE["hu"]).rows
    assert rows["informal", True][TIMELESS][2] == "Sziasztok!"
    assert rows["informal", False][TIMELESS][2] == "Szia!"
    assert rows[None, True] == rows[None, False]
    assert rows["formal", True] == rows["formal", False]


def test_a_wording_cannot_be_changed_but_evolved() -> None:
    """A changed copy is checked like a new one."""
    english = Wording.from_data("en", ENGLISH)
    with pytest.raises(AttributeError, match="frozen"):
        english.locale = "fr"
    assert english.evolve(locale="en-GB").rows == english.rows
    with pytest.raises(WordingError, match="direction"):
        english.evolve(direction="up")


def test_english_is_complete() -> None:
    """English comes as two wordings that differ by a comma."""
    english, world = hellokit_wordings()
    assert (repr(english), repr(world)) == ("Wording('en')", "Wording('en-001')")
    assert english.rows == world.rows
    assert (english.joints[3][1], world.joints[3][1]) == (", and ", " and ")
    assert len(world.aliases) == len(set(world.aliases)) > 90


RTL = {"R", "AL", "AN"}


@given(st.text())
def test_direction_is_that_of_the_unicode_database(text: str) -> None:
    """The short ways agree with asking for each character."""
    classes = {unicodedata.bidirectional(character) for character in text}
    assert may_run_rtl(text) == (not (RTL | {""}).isdisjoint(classes) if text else False)
    assert has_rtl_letter(text) <= may_run_rtl(text)


def test_nothing_before_the_hebrew_block_runs_from_right_to_left() -> None:
    """The bound that spares most names a look into the database is right."""
    early = {unicodedata.bidirectional(chr(point)) for point in range(0x590)}
    assert early & RTL == set()
    assert may_run_rtl("\u05d0")
