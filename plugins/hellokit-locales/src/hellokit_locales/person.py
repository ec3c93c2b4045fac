"""The person to be addressed: the parts of a name, as CLDR divides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from hellokit import Request, RequestTypeError, RequestValueError

Order: TypeAlias = Literal["givenFirst", "surnameFirst"]

ORDERS = ("givenFirst", "surnameFirst")


@dataclass(frozen=True, init=False, slots=True)
class Person:
    """A person's name in its parts: the fields of CLDR's person names (UTS #35, part 8).

    Each is cleaned as every name is: one line, in NFC, without hidden characters, at most 128
    characters; "" where there is none. Without a given name and a surname nobody is addressed.

    Args:
        title: "Dr.", "Mme", "さん".
        given: the given name, with all that is never left out: "Mary Ann".
        given_informal: the name used among friends: "Bob".
        given2: middle names, or the patronymic.
        surname: the whole surname. It can be left out if its core is given.
        surname_prefix: "van der", "de la".
        surname_core: the surname without its prefix.
        surname2: the second surname, where people have two.
        generation: "Jr.", "III".
        credentials: "PhD".
        locale: the language tag of the name itself. None takes a name in the script of the
            greeting for one of its language.
        preferred_order: the person's own `"givenFirst"` or `"surnameFirst"`; None goes by the
            languages of the name and of the greeting.

    Raises:
        RequestTypeError: if an argument has the wrong type.
        RequestValueError: if `preferred_order` has another value.
        LocaleError: if `locale` is not well-formed.

    >>> Person(title="Mme", given=" Marie ", surname="Curie").given
    'Marie'
    """

    title: str
    given: str
    given_informal: str
    given2: str
    surname: str
    surname_prefix: str
    surname_core: str
    surname2: str
    generation: str
    credentials: str
    locale: str | None
    preferred_order: Order | None

    def __init__(  # noqa: PLR0913  # CLDR's fields, all of them optional
        self,
        *,
        title: str | None = None,
        given: str | None = None,
        given_informal: str | None = None,
        given2: str | None = None,
        surname: str | None = None,
        surname_prefix: str | None = None,
        surname_core: str | None = None,
        surname2: str | None = None,
        generation: str | None = None,
        credentials: str | None = None,  # CLDR's name for it
        locale: str | None = None,
        preferred_order: Order | None = None,
    ) -> None:
        """Check and clean the fields."""
        put = object.__setattr__
        put(self, "title", _cleaned("title", title))
        put(self, "given", _cleaned("given", given))
        put(self, "given_informal", _cleaned("given_informal", given_informal))
        put(self, "given2", _cleaned("given2", given2))
        put(self, "surname", _cleaned("surname", surname))
        put(self, "surname_prefix", _cleaned("surname_prefix", surname_prefix))
        put(self, "surname_core", _cleaned("surname_core", surname_core))
        put(self, "surname2", _cleaned("surname2", surname2))
        put(self, "generation", _cleaned("generation", generation))
        put(self, "credentials", _cleaned("credentials", credentials))
        put(self, "locale", None if locale is None else Request(locale=locale).locale)
        put(self, "preferred_order", _order(preferred_order))


def _cleaned(field: str, value: object) -> str:
    """Return the value of a field as the core cleans a name."""
    if value is None:
        return ""
    if not issubclass(type(value), str):
        raise RequestTypeError(
            f"{field} is of type {type(value).__name__}: pass a str, or None if there is none"
        )
    return "".join(Request(value).names)  # type: ignore[arg-type]  # a str, as just seen


def _order(value: object) -> object:
    if value is None or value in ORDERS:
        return value
    allowed = "use 'givenFirst', 'surnameFirst', or None for the usual order"
    if isinstance(value, str):
        raise RequestValueError(f"preferred_order is {value!r}: {allowed}")
    raise RequestTypeError(f"preferred_order is of type {type(value).__name__}: {allowed}")
