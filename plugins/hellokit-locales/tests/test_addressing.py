"""Addressing people: by the locale of the greeting, and by what their name has."""

from __future__ import annotations

import doctest
import subprocess
import sys
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit import Kit, LocaleError, Request, RequestTypeError, RequestValueError, Settings
from hellokit_locales import addressing, name_formats, name_patterns, scripts
from hellokit_locales import person as person_module
from hellokit_locales.addressing import address
from hellokit_locales.person import Person

if TYPE_CHECKING:
    from types import ModuleType

CURIE = Person(title="Mme", given="Marie", surname="Curie", locale="fr")
EINSTEIN = Person(title="博士", given="アルベルト", surname="アインシュタイン", locale="de")
HANG_S = 60


def addressed(*args: Any, **options: Any) -> str:
    """Address whatever a caller may pass."""
    return address(*args, **options)


def fresh(script: str) -> str:
    """Run a script in an interpreter that has imported nothing yet; return its output."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("locale", "formality", "expected"),
    [
        ("fr", None, "Mme Curie"),
        ("fr", "formal", "Mme Curie"),
        ("fr", "informal", "Marie"),
        ("en", None, "Marie"),
        ("en", "formal", "Mme Curie"),
        ("de-AT", "formal", "Mme Curie"),
    ],
)
def test_the_locale_decides_how_formal_is_usual(
    locale: str, formality: str | None, expected: str
) -> None:
    """Without a formality it is CLDR's default."""
    assert addressed(CURIE, locale, formality) == expected


@pytest.mark.parametrize(
    ("length", "expected"),
    [(None, "山田太郎さん"), ("short", "山田さん"), ("long", "山田太郎さん")],
)
def test_the_length_can_be_chosen(length: str | None, expected: str) -> None:
    """Without one it is CLDR's default."""
    yamada = Person(title="さん", given="太郎", surname="山田", locale="ja")
    assert addressed(yamada, "ja", length=length) == expected


def test_the_result_is_what_greet_takes() -> None:
    """A form of address is one name of a greeting."""
    with Kit(Settings(locale="fr")) as kit:
        text = kit.greet(address(CURIE, "fr", "formal"), locale="fr")
    assert text.count("Mme Curie") == 1


@pytest.mark.parametrize("formality", [None, "formal", "informal"])
@pytest.mark.parametrize("locale", ["en", "fr", "ja", "vi", "xx"])
def test_without_given_name_and_surname_nobody_is_addressed(
    locale: str, formality: str | None
) -> None:
    """A title alone is no name: the greeting is the nameless one."""
    someone = Person(title="Dr.", given2="X.", surname_prefix="von", credentials="PhD")
    assert addressed(someone, locale, formality) == ""
    assert addressed(Person(), locale, formality) == ""


@pytest.mark.parametrize("formality", [None, "formal", "informal"])
def test_without_a_given_name_the_address_is_formal(formality: str | None) -> None:
    """Nobody is called by the bare surname because the given name is not known."""
    smith = Person(title="Mr", surname="Smith")
    assert addressed(smith, "en", formality) == "Mr Smith"
    assert addressed(smith, "vi", formality) == "Mr Smith"


@pytest.mark.parametrize(
    ("locale", "formality", "expected"),
    [("en", "formal", "Mr Teller"), ("en", "informal", "Teller"), ("vi", "formal", "Mr Teller")],
)
def test_who_has_one_name_is_called_by_it(locale: str, formality: str, expected: str) -> None:
    """Where the pattern asks for the surname, the given name takes its place."""
    assert addressed(Person(title="Mr", given="Teller"), locale, formality) == expected


@pytest.mark.parametrize("length", [None, "long", "medium", "short"])
def test_nobody_is_called_by_an_initial_alone(length: str | None) -> None:
    """Where the pattern has the surname's initial beside the given name, one name is said whole."""
    name, title = "முத்துசாமி", "திரு."
    for person in (Person(title=title, surname=name), Person(title=title, given=name)):
        assert addressed(person, "ta", "formal", length=length) == "திரு. முத்துசாமி"
    assert addressed(Person(surname="-"), "ta", length=length) == "-"


def test_an_informal_name_alone_is_a_given_name() -> None:
    """Who gave nothing but a nickname is called by it."""
    assert address(Person(given_informal="Bob"), "en") == "Bob"
    assert address(Person(given_informal="Bob"), "fr", "formal") == "Bob"


@pytest.mark.parametrize(
    ("fields", "whole", "core"),
    [
        ({"prefix": "van", "core": "Pol", "plain": "van Pol"}, "van Pol", "Pol"),
        ({"prefix": "van", "plain": "van Pol"}, "van Pol", "van Pol"),
        ({"core": "Pol", "plain": "van Pol"}, "van Pol", "van Pol"),
        ({"plain": "van Pol"}, "van Pol", "van Pol"),
        ({"prefix": "van", "core": "Pol"}, "van Pol", "Pol"),
        ({"core": "Pol"}, "Pol", "Pol"),
        ({"prefix": "van"}, "", ""),
        ({}, "", ""),
    ],
)
def test_prefix_and_core_make_the_surname(fields: dict[str, str], whole: str, core: str) -> None:
    """Each line is one of the table of UTS #35, "Handle core and prefix"."""
    person = Person(
        title="X",
        surname=fields.get("plain"),
        surname_prefix=fields.get("prefix"),
        surname_core=fields.get("core"),
        locale="bg",
    )
    assert address(person, "en", "formal") == f"X {whole}" * bool(whole)
    latin_in_bulgarian = Person(
        title="Г-н",
        surname=fields.get("plain", "").replace("van", "ван").replace("Pol", "Пол"),
        surname_prefix=fields.get("prefix", "").replace("van", "ван"),
        surname_core=fields.get("core", "").replace("Pol", "Пол"),
    )
    expected = core.replace("van", "ван").replace("Pol", "Пол")
    assert address(latin_in_bulgarian, "bg") == f"Г-н {expected}" * bool(expected)


def test_a_name_in_another_script_is_written_by_its_own_rules() -> None:
    """Its locale has them, or the language that the script is likely to stand for."""
    assert address(EINSTEIN, "en", "formal") == "アルベルト・アインシュタイン博士"
    assert address(Person(title="г-н", given="Иван", surname="Васильев"), "ja") == "г-н Васильев"
    assert address(CURIE, "ja") == "Mme Curie"
    assert address(Person(given="Ada", surname="Lovelace"), "ja") == "Lovelace"
    assert address(Person(given="Hayao", surname="Miyazaki", locale="ja-JP"), "ja") == "Miyazaki"
    assert address(Person(given="駿", surname="宮崎", locale="ja"), "de", "formal") == "宮崎駿"


def test_the_greeting_decides_formality_in_every_script() -> None:
    """English is informal by default, whatever the script of the name."""
    assert address(EINSTEIN, "en", length="short") == "アルベルト博士"
    assert address(EINSTEIN, "ja", length="short") == "アインシュタイン博士"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("de", "アルベルト・アインシュタイン"), ("ja", "アインシュタインアルベルト")],
)
def test_the_language_of_the_name_decides_on_order_and_spaces(locale: str, expected: str) -> None:
    """A German name in katakana is a foreign one in Japanese."""
    person = Person(given="アルベルト", surname="アインシュタイン", locale=locale)
    assert address(person, "ja") == expected


def test_the_own_order_of_a_person_counts_more() -> None:
    """`preferred_order` is what UTS #35 asks for first."""
    person = Person(
        given="アルベルト", surname="アインシュタイン", locale="de", preferred_order="surnameFirst"
    )
    assert address(person, "ja") == "アインシュタイン・アルベルト"


def test_a_name_without_locale_is_of_the_language_of_the_greeting() -> None:
    """Most people an application greets in Vietnamese have Vietnamese names."""
    nguyen = Person(title="Ông", given="An", surname="Nguyễn")
    assert address(nguyen, "vi") == "Ông An"
    assert address(replace(nguyen, locale="en"), "vi") == "Ông Nguyễn"


@pytest.mark.parametrize(
    ("locale", "like"),
    [
        ("es-MX", "es-419"),
        ("en-AU", "en-001"),
        ("zh-TW", "zh-Hant"),
        ("zh_Hant_HK", "zh-Hant"),
        ("pt-AO", "pt-PT"),
        ("iw", "he"),
        ("tl", "fil"),
        ("sr-ME", "sr-Latn"),
        ("fr_FR.UTF-8", "fr"),
    ],
)
def test_locales_fall_back_as_greetings_do(locale: str, like: str) -> None:
    """CLDR's aliases, likely scripts and parents are followed."""
    person = Person(
        title="X", given="Lu", surname="Qi", surname2="Re", locale=like, generation="II"
    )
    for length in ("long", "medium", "short"):
        for formality in (None, "formal", "informal"):
            found = addressed(person, locale, formality, length=length)
            assert found == addressed(person, like, formality, length=length)


def test_a_language_that_cldr_does_not_know_says_the_whole_name() -> None:
    """It is CLDR's root: formal, and nothing is left out."""
    person = Person(title="Dr.", given="Ada", given2="B.", surname="Lovelace", credentials="FRS")
    assert address(person, "qaa") == "Dr. Ada B. Lovelace FRS"


@pytest.mark.parametrize(
    ("args", "options", "error", "message"),
    [
        (("Ada", "en"), {}, RequestTypeError, "person is of type str: pass a Person"),
        ((CURIE, None), {}, RequestTypeError, "locale is None: pass the language tag"),
        ((CURIE, 3), {}, RequestTypeError, "locale is of type int"),
        ((CURIE, "en-"), {}, LocaleError, "'en-' is not a language tag"),
        ((CURIE, "en", "polite"), {}, RequestValueError, "formality is 'polite': use 'formal'"),
        ((CURIE, "en", 1), {}, RequestTypeError, "formality is of type int"),
        ((CURIE, "en"), {"length": "tiny"}, RequestValueError, "length is 'tiny': use 'long'"),
        ((CURIE, "en"), {"length": 3}, RequestTypeError, "length is of type int: use 'long'"),
    ],
)
def test_bad_arguments_are_refused(
    args: tuple[Any, ...], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Each error says which argument it is and what to do, also for nobody."""
    with pytest.raises(error, match=message):
        addressed(*args, **options)
    if args[0] is CURIE:
        with pytest.raises(error, match=message):
            addressed(Person(), *args[1:], **options)


TEXTS = (
    st.none() | st.text(max_size=12) | st.sampled_from(["Mary Ann", "宮崎", "von", "Иван", "राम"])
)
LOCALES = st.sampled_from(
    ["en", "fr", "ja", "ko", "zh", "zh-Hant", "th", "he", "ar", "uk", "ta", "ca", "is", "gd", "qaa"]
)


@given(
    st.builds(
        Person,
        **dict.fromkeys(("title", "given", "given_informal", "given2", "surname"), TEXTS),
        **dict.fromkeys(("surname_prefix", "surname_core", "surname2", "credentials"), TEXTS),
        locale=st.none() | LOCALES,
        preferred_order=st.sampled_from([None, "givenFirst", "surnameFirst"]),
    ),
    LOCALES,
    st.sampled_from([None, "formal", "informal"]),
    st.sampled_from([None, "long", "medium", "short"]),
)
def test_whatever_is_in_the_fields_somebody_is_addressed(
    person: Person, locale: str, formality: Any, length: Any
) -> None:
    """Who has a name gets a form of address that greets one person; who has none, none."""
    text = address(person, locale, formality, length=length)
    named = person.given or person.given_informal or person.surname or person.surname_core
    assert len(Request(text).names) == bool(named)
    assert text == text.strip()
    assert "\n" not in text


@pytest.mark.parametrize(
    "module", [addressing, name_formats, name_patterns, person_module, scripts]
)
def test_the_examples_of_the_docstrings_run(module: ModuleType) -> None:
    """What the reference shows is what comes out."""
    failed, tried = doctest.testmod(module)
    assert tried
    assert not failed


def test_who_addresses_nobody_pays_nothing() -> None:
    """The data and the modules are not read by a greeting."""
    script = """
        import sys, hellokit
        hellokit.greet("Ada", locale="fr")
        assert "hellokit_locales.plugin" in sys.modules
        ours = {"addressing", "name_formats", "name_patterns", "person", "scripts"}
        print(sorted(name for name in ours if f"hellokit_locales.{name}" in sys.modules))
    """
    assert fresh(script) == "[]"


def test_threads_may_address_first() -> None:
    """Eight threads that come first together get what one gets."""
    script = """
        import threading
        from hellokit_locales.addressing import address
        from hellokit_locales.person import Person

        tags = ["fr", "en", "ja", "uk", "zh-TW", "es-MX"]
        person = Person(title="Mme", given="Marie", surname="Curie", locale="fr")
        start, found = threading.Barrier(8), []

        def run():
            start.wait()
            found.append(tuple(address(person, tag) for tag in tags))

        threads = [threading.Thread(target=run) for _ in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        print(len(found), len(set(found)))
    """
    assert fresh(script) == "8 1"
