"""How a locale addresses people: CLDR's data, read when the first person is addressed."""

from __future__ import annotations

import json
import os
from functools import cache, lru_cache
from typing import Any, NamedTuple

from hellokit_locales.chain import fallbacks, preferred
from hellokit_locales.name_patterns import Initials, Pattern, pattern
from hellokit_locales.scripts import is_written_in

ROOT = "und"
ORDERS = ("givenFirst", "surnameFirst")
LENGTHS = ("long", "medium", "short")
FORMALITIES = ("formal", "informal")

_SCRIPT_LENGTH = 4


class Format(NamedTuple):
    """How one locale addresses people.

    Args:
        patterns: the texts of its patterns, by order, length and formality.
        surname_first: the languages whose names begin with the surname.
        length: the default length.
        formality: the default formality.
        initials: how it writes initials.
        native: what stands for the spaces in a name of its language.
        foreign: what stands for them in others.
    """

    patterns: tuple[str, ...]
    surname_first: frozenset[str]
    length: str
    formality: str
    initials: Initials
    native: str
    foreign: str

    def pattern(self, order: str, length: str, formality: str) -> Pattern:
        """Return the pattern for a name in this order, at this length and formality."""
        row = ORDERS.index(order) * len(LENGTHS) + LENGTHS.index(length)
        return pattern(self.patterns[row * len(FORMALITIES) + FORMALITIES.index(formality)])


class Home(NamedTuple):
    """Where a language tag finds itself in the data.

    Args:
        language: its language, by CLDR's code.
        script: the script it is written in, or None where that is not known.
        region: its region, or "".
        format: how people are addressed there.
    """

    language: str
    script: str | None
    region: str
    format: Format


@lru_cache(maxsize=1024)
def home(tag: str) -> Home:
    """Return where a canonical language tag finds itself in the data.

    >>> home("zh-TW").script, home("iw").language, home("es-MX").format.formality
    ('Hant', 'he', 'informal')
    """
    locales = _data()["locales"]
    chain = fallbacks(tag)
    language, *subtags = preferred(tag).split("-")
    region = next((subtag for subtag in subtags if subtag.isupper()), "")
    script = next((subtag for it in chain for subtag in it.split("-") if _is_script(subtag)), None)
    found = next((it for it in chain if it in locales), ROOT)
    return Home(language, script, region, _format(locales[found]))


@lru_cache(maxsize=1024)
def home_in(tag: str, script: str) -> Home:
    """Return where a name of the language `tag` finds itself when written in `script`.

    Where CLDR has no format for the language in that script, it is with the language that the
    script most likely stands for.

    >>> home_in("ja", "Hira").language, home_in("ja-JP", "Latn").language
    ('ja', 'en')
    """
    own = home(tag)
    if own.script is None or not is_written_in(script, own.script):
        own = home(f"{own.language}-{script}")
    if own.format != home(ROOT).format:
        return own
    usual = home(language_of(script))
    return home(f"{usual.language}-{own.region}") if own.region else usual


def language_of(script: str) -> str:
    """Return the language that is most likely written in `script`.

    >>> language_of("Cyrl")
    'ru'
    """
    language: str = _data()["languages"].get(script, ROOT)
    return language


def _is_script(subtag: str) -> bool:
    # Case tells a canonical script from everything else in the tag.
    return len(subtag) == _SCRIPT_LENGTH and subtag.istitle()


@cache
def _data() -> dict[str, Any]:
    path = os.path.join(os.path.dirname(__file__), "persons.json")  # noqa: PTH118, PTH120  # pathlib is slow to import
    with open(path, "rb") as file:  # noqa: PTH123  # as above
        data: dict[str, Any] = json.loads(file.read())
    return data


@cache
def _format(index: int) -> Format:
    data = _data()
    patterns, surname_first, length, formality, single, sequence, native, foreign = data["formats"][
        index
    ]
    return Format(
        patterns=tuple(data["patterns"][number] for number in data["sets"][patterns]),
        surname_first=frozenset(surname_first.split()),
        length=length,
        formality=formality,
        initials=Initials(single, sequence),
        native=native,
        foreign=foreign,
    )
