"""What an application sees: time of day, registers, several people, nobody, occasions."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import Any

import pytest
from words import DATA, TAGS, kit

from hellokit import LocaleError, RequestTypeError, RequestValueError

KIT = kit()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"locale": "fr", "at": time(19)}, "Bonsoir Ada\u202f!"),
        ({"locale": "fr-CA", "at": time(19)}, "Bonsoir Ada!"),
        ({"locale": "fr", "formality": "informal"}, "Salut Ada\u202f!"),
        ({"locale": "es", "at": time(21)}, "¡Buenas noches, Ada!"),
        ({"locale": "tr", "at": time(19)}, "İyi akşamlar Ada!"),
        ({"locale": "ja"}, "こんにちは、Adaさん！"),
        ({"locale": "ja", "formality": "formal"}, "Ada様、こんにちは。"),
        ({"locale": "zh-TW"}, "您好，Ada！"),
        ({"locale": "ar"}, "مرحبًا، \u2068Ada\u2069!"),
        ({"locale": "en-GB", "at": "birthday"}, "Happy birthday, Ada!"),
        ({"locale": "de", "at": "new-year"}, "Ein gutes neues Jahr, Ada!"),
        ({"locale": "fr", "at": "no-such-occasion"}, "Bonjour Ada\u202f!"),
    ],
)
def test_one_person(options: dict[str, Any], text: str) -> None:
    """Words, marks, honorifics and isolation are those of the locale."""
    assert KIT.greet("Ada", **options) == text


@pytest.mark.parametrize(
    ("locale", "names", "text"),
    [
        ("en", ("Ada", "Grace", "Alan"), "Hello, Ada, Grace, and Alan!"),
        ("en-GB", ("Ada", "Grace", "Alan"), "Hello, Ada, Grace and Alan!"),
        ("es", ("Ada", "Inés"), "¡Hola, Ada e Inés!"),
        ("es-MX", ("Ada", "Hilda"), "¡Hola, Ada e Hilda!"),
        ("es", ("Ada", "Hiena"), "¡Hola, Ada y Hiena!"),
        ("es", ("Inés", "Ada"), "¡Hola, Inés y Ada!"),
        ("he", ("Ada", "Grace"), "שלום, \u2068Ada\u2069 ו-\u2068Grace\u2069!"),
        ("he", ("Ada", "דנה"), "שלום, \u2068Ada\u2069 ו\u2068דנה\u2069!"),
        ("ja", ("Ada", "Grace先生"), "こんにちは、Adaさん、Grace先生！"),
        ("ko", ("Ada", "Grace"), "Ada 님 및 Grace 님, 안녕하세요!"),
        ("cy", ("Grace", "Ada"), "Helo, Grace ac Ada!"),
        (
            "fa",
            ("Ada", "Grace", "Alan"),
            "سلام \u2068Ada\u2069، \u2068Grace\u2069، و \u2068Alan\u2069!",
        ),
    ],
)
def test_several_people(locale: str, names: tuple[str, ...], text: str) -> None:
    """They are joined as the language joins them, each with an honorific of their own."""
    assert KIT.greet(*names, locale=locale) == text


@pytest.mark.parametrize("tag", TAGS)
def test_everybody_is_named_once_and_nobody_is_greeted_without_a_gap(tag: str) -> None:
    """With 32 people each name is there once, in order; with none it is the nameless form."""
    people = tuple(f"N{number:02}" for number in range(32))
    for at in (None, *map(time, range(24)), "birthday", "new-year", "welcome-back"):
        greeting = KIT.compose(*people, locale=tag, at=at)
        assert tuple(part for part, is_name in greeting.parts if is_name) == people
        nobody = KIT.greet(locale=tag, at=at)
        group = "occasions" if isinstance(at, str) and greeting.slot == at else "slots"
        assert nobody == DATA[tag][group][greeting.slot]["without"]


@pytest.mark.parametrize("tag", [tag for tag in TAGS if "plural" in DATA[tag]])
def test_a_plural_is_said_to_several_and_to_no_fewer(tag: str) -> None:
    """Where the language has words for several people, they begin at the number it says."""
    data = DATA[tag]
    (slot, forms), *_ = data["plural"].items()
    at = None if slot == "hello" else next(time(h) for h, name in data["hours"] if name == slot)
    register = data.get("plural_formality")
    options: dict[str, Any] = {"locale": tag, "at": at, "formality": register}
    people = ("Ada", "Grace", "Alan")[: data.get("plural_from", 2)]
    fewer_forms = data.get(register or "", {}).get(slot, data["slots"][slot])
    for names, pattern in ((people, forms), (people[:-1], fewer_forms)):
        before, _, after = pattern["with"].partition("{name}")
        parts = KIT.compose(*names, **options).parts
        said = [
            text.translate({0x2068: None, 0x2069: None}) for text, is_name in parts if not is_name
        ]
        assert not before or said[0] == before
        assert not after or said[-1] == after


def test_only_the_hour_that_the_addressee_sees_counts() -> None:
    """Seconds, folds and offsets change nothing, and the library reads no clock."""
    zone = timezone(timedelta(hours=-11))
    for at in (time(19, 59, 59, 999_999), datetime(2026, 10, 25, 19, 30, fold=1, tzinfo=zone)):
        assert KIT.greet("Ada", locale="fr", at=at) == "Bonsoir Ada\u202f!"


@pytest.mark.parametrize(
    ("names", "options", "error"),
    [
        (["Ada"], {"locale": "../../etc/passwd"}, LocaleError),
        (["Ada"], {"locale": ""}, LocaleError),
        (["Ada"], {"locale": "fr\0"}, LocaleError),
        (["Ada"], {"locale": "f" * 10_000}, LocaleError),
        (["Ada"], {"locale": 42}, RequestTypeError),
        (["Ada"], {"locale": "fr", "formality": "polite"}, RequestValueError),
        (["Ada"], {"locale": "fr", "at": 19}, RequestTypeError),
        (["Ada"], {"locale": "fr", "at": "19:00"}, RequestValueError),
        (["Ada"], {"locale": "fr", "at": "25:00"}, RequestValueError),
        ([["Ada", "Grace"]], {"locale": "fr"}, RequestTypeError),
        ([["Ada", ["Grace"]]], {"locale": "fr"}, RequestTypeError),
        ([b"Ada"], {"locale": "fr"}, RequestTypeError),
        (["Ada"] * 33, {"locale": "fr"}, RequestValueError),
    ],
)
def test_a_bad_request_is_refused(
    names: list[Any], options: dict[str, Any], error: type[Exception]
) -> None:
    """No locale makes anything of what is no request."""
    with pytest.raises(error):
        KIT.greet(*names, **options)


def test_an_unsure_wording_is_done_without() -> None:
    """With strict confidence the chain goes on, to the default at last."""
    strict = kit(strict_confidence="high", locale="fr")
    medium = [tag for tag in TAGS if DATA[tag]["confidence"] == "medium"]
    assert medium
    assert {strict.compose("Ada", locale=tag).locale for tag in medium} & set(medium) == set()
    assert strict.compose("Ada", locale="gsw").locale == "fr"
    assert KIT.compose("Ada", locale="gsw").locale == "gsw"
