"""Addressing: what to call a person in a greeting, by CLDR's person names (UTS #35, part 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from hellokit import Request, RequestTypeError, RequestValueError
from hellokit_locales.name_formats import LENGTHS, Home, home, home_in, language_of
from hellokit_locales.person import Person
from hellokit_locales.scripts import is_written_in, script_of

if TYPE_CHECKING:
    Formality: TypeAlias = Literal["formal", "informal"]
    Length: TypeAlias = Literal["long", "medium", "short"]

# Names of these languages are written alike, without spaces.
_UNSPACED = frozenset({"ja", "yue", "zh"})


def address(
    person: Person,
    locale: str,
    formality: Formality | None = None,
    *,
    length: Length | None = None,
) -> str:
    """Return what to call a person in a greeting.

    Args:
        person: the parts of the name.
        locale: the BCP 47 tag of the greeting. A name in another script is written by the rules
            of a language of that script.
        formality: `"formal"`, `"informal"`, or None for what CLDR says is usual in `locale`. A
            person without a given name is always addressed formally.
        length: how much of a formal name is said: `"long"`, `"medium"`, `"short"`, or None for
            what CLDR says is usual in `locale`.

    Returns:
        The form of address; "" for a person without a given name and a surname.

    Raises:
        RequestTypeError: if an argument has the wrong type.
        RequestValueError: if `formality` or `length` has an unknown value.
        LocaleError: if `locale` is not well-formed.

    >>> curie = Person(title="Mme", given="Marie", surname="Curie", locale="fr")
    >>> address(curie, "fr"), address(curie, "fr", "informal")
    ('Mme Curie', 'Marie')
    """
    _check(person, locale, length)
    here = home(Request(locale=locale, formality=formality).locale or "")
    values = _values(person)
    if not values["given"] and not values["surname"]:
        return ""
    register = formality or here.format.formality if values["given"] else "formal"
    there, language = _placed(person, here, script_of(values["surname"] + values["given"]))
    usual = "surnameFirst" if language in there.format.surname_first else "givenFirst"
    order = person.preferred_order or usual
    text = _filled(there, order, length or here.format.length, register, values)
    is_native = language == there.language or _UNSPACED.issuperset((language, there.language))
    return text.replace(" ", there.format.native if is_native else there.format.foreign)


def _check(person: object, locale: object, length: object) -> None:
    if not isinstance(person, Person):
        raise RequestTypeError(
            f"person is of type {type(person).__name__}: pass a Person, such as "
            "Person(given='Ada', surname='Lovelace')"
        )
    if locale is None:
        raise RequestTypeError("locale is None: pass the language tag of the greeting")
    if length is not None and length not in LENGTHS:
        allowed = "use 'long', 'medium', 'short' or None"
        if isinstance(length, str):
            raise RequestValueError(f"length is {length!r}: {allowed}")
        raise RequestTypeError(f"length is of type {type(length).__name__}: {allowed}")


def _values(person: Person) -> dict[str, str]:
    """Return the fields by CLDR's names, each derived from others where it is missing."""
    given = person.given or person.given_informal
    core = person.surname_core
    prefixed = f"{person.surname_prefix} {core}" if person.surname_prefix and core else core
    whole = person.surname or prefixed
    # A core without its prefix is not told from the whole name (UTS #35, "core and prefix").
    is_divided = bool(core) and (bool(person.surname_prefix) or not person.surname)
    return {
        "title": person.title,
        "given": given,
        "given-informal": person.given_informal or given,
        "given2": person.given2,
        "surname": whole,
        "surname-core": core if is_divided else whole,
        "surname2": person.surname2,
        "generation": person.generation,
        "credentials": person.credentials,
    }


def _placed(person: Person, here: Home, script: str | None) -> tuple[Home, str]:
    """Return whose format writes a name in `script`, and the language of the name."""
    native = here if person.locale is None else home(person.locale)
    if script is None or here.script is None or is_written_in(script, here.script):
        return here, native.language
    if person.locale is None:
        usual = home(language_of(script))
        return usual, usual.language
    return home_in(person.locale, script), native.language


def _filled(there: Home, order: str, length: str, formality: str, values: dict[str, str]) -> str:
    """Return the pattern with the parts of the name; who has one name only is called by it."""
    pattern = there.format.pattern(order, length, formality)
    given, surname = values["given"], values["surname"]
    if not surname and not pattern.has_given:
        values |= {"given": "", "given-informal": "", "surname": given, "surname-core": given}
    elif not given and not pattern.has_surname:
        values |= {"given": surname, "given-informal": surname, "surname": "", "surname-core": ""}
    return pattern.filled(values, there.format.initials)
