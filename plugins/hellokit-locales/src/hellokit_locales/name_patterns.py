"""Name patterns: CLDR's `{title} {surname}`, taken apart once and filled with what a name has."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = frozenset({"informal", "core"})
_GIVEN = frozenset({"given", "given-informal"})
_SURNAME = frozenset({"surname", "surname-core"})

# A word begins with a letter; spaces and hyphens end it.
_WORDS = re.compile(r"[^\W\d_][^\s\u002d\u2010\u2011]*")
_ZWJ = "\u200d"


class Initials(NamedTuple):
    """How a locale writes initials.

    Args:
        single: the pattern of one, such as "{0}.".
        sequence: the pattern that joins two, such as "{0} {1}".
    """

    single: str
    sequence: str

    def of(self, text: str) -> str:
        """Return the initials of the words of `text`.

        >>> Initials("{0}.", "{0} {1}").of("Богдан-Зиновій")
        'Б. З.'
        """
        before, glue, _ = self.sequence.replace("{1}", "{0}").split("{0}")
        singles = (self.single.replace("{0}", first_letter(word)) for word in _WORDS.findall(text))
        return before + glue.join(singles)


class Field(NamedTuple):
    """A field of a pattern.

    Args:
        name: its name in CLDR, with "informal" or "core" if that is asked for.
        initial: whether initials stand for it.
        capital: whether it begins with a capital.
    """

    name: str
    initial: bool
    capital: bool

    def shown(self, values: Mapping[str, str], initials: Initials) -> str:
        """Return the text of the field in a name with these `values`; "" if it has none."""
        text = values[self.name]
        if not text:
            return ""
        if self.initial:
            return initials.of(text)
        if self.capital:
            letter = first_letter(text)
            return letter.title() + text[len(letter) :]
        return text


class Pattern(NamedTuple):
    """A pattern, taken apart.

    Args:
        fields: its fields.
        literals: the text between them, one fewer.
        has_given: whether it asks for the given name, and not for its initials alone.
        has_surname: whether it asks for the surname, and not for its initials alone.
    """

    fields: tuple[Field, ...]
    literals: tuple[str, ...]
    has_given: bool
    has_surname: bool

    def filled(self, values: Mapping[str, str], initials: Initials) -> str:
        """Return the pattern with the fields of a name, without those that it has not.

        >>> values = {"title": "", "given": "Ada", "surname": "Lovelace"}
        >>> pattern("{title} {given} {surname}").filled(values, Initials("{0}.", "{0} {1}"))
        'Ada Lovelace'
        """
        text = ""
        left: str | None = None
        for literal, field in zip(("", *self.literals), self.fields, strict=True):
            shown = field.shown(values, initials)
            if not shown:
                left = literal if left is None else left
                continue
            if text:
                text += literal if left is None else _joined(left, literal)
            text += shown
            left = None
        return text


@lru_cache(maxsize=256)
def pattern(text: str) -> Pattern:
    """Return the pattern that CLDR writes as `text`.

    >>> pattern("{title} {surname-core}").fields[1].name
    'surname-core'
    """
    parts = re.split(r"\{([^}]*)\}", text)
    fields = tuple(map(_field, parts[1::2]))
    return Pattern(
        fields=fields,
        literals=tuple(parts[2:-1:2]),
        has_given=any(field.name in _GIVEN and not field.initial for field in fields),
        has_surname=any(field.name in _SURNAME and not field.initial for field in fields),
    )


def first_letter(text: str) -> str:
    """Return the first letter of `text`, with the marks that belong to it.

    >>> first_letter("சோழன்")
    'சோ'
    """
    end = 1
    while end < len(text) and (
        unicodedata.category(text[end])[0] == "M" or _ZWJ in text[end - 1 : end + 1]
    ):
        end += 1
    return text[:end]


def _field(code: str) -> Field:
    name, *modifiers = code.split("-")
    kind = next((f"-{modifier}" for modifier in modifiers if modifier in _KINDS), "")
    # Cases are nobody's guess: "vocative" and "genitive" leave the name as it is.
    return Field(name + kind, "initial" in modifiers, "initialCap" in modifiers)


def _joined(before: str, after: str) -> str:
    """Join what stood before and after a field that is missing.

    What touches the field goes with it: punctuation stays only on the far side of a space.
    """
    head, space, _ = before.partition(" ")
    _, other_space, tail = after.rpartition(" ")
    return (head if space else "") + (space or other_space) + (tail if other_space else "")
