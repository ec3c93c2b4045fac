"""A person: fields that are clean, and stay as they are."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from hellokit import LocaleError, RequestTypeError, RequestValueError
from hellokit_locales.person import Person

TEXTS = [field.name for field in fields(Person) if field.name not in {"locale", "preferred_order"}]


def person(**given: Any) -> Person:
    """Make a person of whatever a caller may pass."""
    return Person(**given)


@pytest.mark.parametrize("field", TEXTS)
def test_every_field_is_cleaned(field: str) -> None:
    """Each is cleaned as a name of a greeting is."""
    value = getattr(person(**{field: " Zoe\u0308\u202e\n\x1b[31m de  la "}), field)
    assert value == "Zoë de la"


@pytest.mark.parametrize("value", [None, "", " \n", "\u202e"])
def test_what_shows_nothing_is_no_value(value: str | None) -> None:
    """None, the empty text and one without visible characters are the same."""
    assert Person(given="Ada", title=value) == Person(given="Ada")


@pytest.mark.parametrize("field", TEXTS)
def test_a_wrong_type_is_refused_by_field(field: str) -> None:
    """The error names the field and the type, and never asks the value for its text."""
    with pytest.raises(RequestTypeError, match=rf"^{field} is of type int: pass a str"):
        person(**{field: 42})


def test_the_locale_is_canonical() -> None:
    """A tag is accepted as everywhere in hellokit."""
    assert Person(given="Ada", locale="en_gb.UTF-8").locale == "en-GB"


@pytest.mark.parametrize("tag", ["", "en-", "../../etc"])
def test_a_malformed_locale_is_refused(tag: str) -> None:
    """So is one that is none."""
    with pytest.raises(LocaleError, match="not a language tag"):
        Person(given="Ada", locale=tag)


def test_an_unknown_order_is_refused() -> None:
    """The error says what is allowed, and of another type tells the type alone."""
    with pytest.raises(RequestValueError, match="'sorting': use 'givenFirst', 'surnameFirst'"):
        person(preferred_order="sorting")
    with pytest.raises(RequestTypeError, match="of type int: use 'givenFirst'"):
        person(preferred_order=1)


def test_a_person_is_a_value() -> None:
    """It cannot be changed, equals its like, is hashable and survives pickling."""
    ada = Person(title="Countess", given="Ada", surname="Lovelace", locale="en")
    with pytest.raises(FrozenInstanceError):
        ada.given = "Eve"  # type: ignore[misc]  # that it is refused is what is tested
    again = pickle.loads(pickle.dumps(ada))  # noqa: S301  # it was made in the line before
    assert {ada: 1}[again] == 1
    assert "given='Ada'" in repr(again)
