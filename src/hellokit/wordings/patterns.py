"""Patterns: the rules a text must keep, and splitting it around its names.

Each function takes `where`, the place that an error names: locale and slot.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from unicodedata import category, is_normalized

from hellokit.errors import WordingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeAlias

    # What stands before the name, what stands after it, the nameless form, the slot.
    Pattern: TypeAlias = tuple[str, str, str, str]

NAME = "{name}"
PAIR = 2

# Marks that steer direction or hide: a pattern that holds one could break out of its isolates.
_HIDDEN = frozenset(
    "\u200b\u200e\u200f\u061c\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_CONTROLS = ("Cc", "Cs")

# The usual ones, which need not ask the abstract class.
_MAPPINGS = (dict, MappingProxyType)


def fault(where: str, rule: str, remedy: str) -> WordingError:
    """Return the error for a broken rule."""
    return WordingError(f"{where}: {rule}; {remedy}")


def checked_mapping(where: str, value: Any, keys: Iterable[str] | None = None) -> Mapping[str, Any]:
    """Return `value` if it is a mapping with no other keys than `keys`; None allows any.

    Raises:
        WordingError: if it is not, with the near misses of an unknown key.
    """
    if type(value) not in _MAPPINGS and not isinstance(value, Mapping):
        known = f" with {_listed(keys)}" if keys else ""
        raise fault(where, f"this is a {type(value).__name__}", f"give a mapping{known}")
    for key in value:
        if keys is not None and key not in keys:
            raise fault(where, f"{key!r} is not a known key{near_miss(key, keys)}", _allowed(keys))
    mapping: Mapping[str, Any] = value
    return mapping


def checked_choice(where: str, value: object, choices: tuple[str | None, ...]) -> None:
    """Check that `value` is one of `choices`.

    Raises:
        WordingError: if it is not.
    """
    if value not in choices:
        allowed = ", ".join(map(repr, choices))
        raise fault(where, f"{value!r} is not a known value", f"use one of {allowed}")


def near_miss(word: object, words: Iterable[str]) -> str:
    """Return a question that names the word most like `word`, or nothing."""
    from difflib import get_close_matches

    near = get_close_matches(str(word), words, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def checked_text(where: str, text: object) -> str:
    """Return `text` if it may be shown as it stands.

    Raises:
        WordingError: if it is no text, holds stray spaces or hidden characters, or is not NFC.
    """
    # What is right is let through by few steps; all others say what is wrong. In what is
    # printable the plain space is the only white space, and nothing is hidden.
    if (
        type(text) is str
        and text.isprintable()
        and text
        and text[0] != " " != text[-1]
        and "  " not in text
        and (text.isascii() or is_normalized("NFC", text))
    ):
        return text
    if not isinstance(text, str):
        raise fault(where, f"a pattern is a str, not a {type(text).__name__}", "write it as text")
    if not text:
        raise fault(where, "a pattern has words", "write some, or leave the whole slot out")
    if text != text.strip():
        raise fault(where, "a pattern begins and ends without a space", f"strip {text!r}")
    if sum(map(str.isspace, text)) > len(text.split()) - 1:
        raise fault(where, "no space is doubled", f"leave one of the two in {text!r}")
    _check_characters(where, text)
    return text


def _check_characters(where: str, text: str) -> None:
    for character in text:
        if character in _HIDDEN or category(character) in _CONTROLS:
            raise fault(
                where,
                "a pattern holds no control, bidi or invisible character",
                f"take U+{ord(character):04X} out; names are isolated where they need it",
            )
    if not is_normalized("NFC", text):
        raise fault(
            where, "a pattern is in Unicode form NFC", "pass it to unicodedata.normalize('NFC', ..)"
        )


def split(where: str, text: object) -> tuple[str, str]:
    """Return what stands before and after the one `{name}` of a pattern.

    Raises:
        WordingError: if the text breaks a rule, or has any other placeholder than one `{name}`.

    >>> split("here", "Hello, {name}!")
    ('Hello, ', '!')
    """
    checked = checked_text(where, text)
    before, _, after = checked.partition(NAME)
    if (times := checked.count(NAME)) != 1:
        raise fault(
            where,
            f"{NAME} stands exactly once, and here it stands {times} times",
            f"write it, untranslated, where the name goes in {text!r}",
        )
    if checked.count("{") != 1 or checked.count("}") != 1:
        raise _braces(where, checked, f"there is no other brace than those of {NAME}")
    return before, after


def split_pair(where: str, text: object) -> tuple[str, str, str]:
    """Return what stands before, between and after `{0}` and `{1}` of a list pattern.

    Raises:
        WordingError: if the text breaks a rule, or has any other placeholders.

    >>> split_pair("here", "{0} and {1}")
    ('', ' and ', '')
    """
    checked = checked_text(where, text)
    before, first, rest = checked.partition("{0}")
    between, second, after = rest.partition("{1}")
    if not first or not second:
        raise fault(
            where, "a list pattern has {0} and, after it, {1}", f"write both in {text!r}, once"
        )
    if checked.count("{") != PAIR or checked.count("}") != PAIR:
        raise _braces(where, checked, "there is no other brace")
    return before, between, after


def nameless(where: str, text: object) -> str:
    """Return the text of a nameless pattern.

    Raises:
        WordingError: if the text breaks a rule or has a placeholder.
    """
    checked = checked_text(where, text)
    if "{" in checked or "}" in checked:
        raise _braces(where, checked, "a nameless pattern holds no brace")
    return checked


def _braces(where: str, text: str, rule: str) -> WordingError:
    return fault(where, rule, f"take the braces out of {text!r}")


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(keys)


def _allowed(keys: Iterable[str]) -> str:
    return f"the known ones are {_listed(keys)}"
