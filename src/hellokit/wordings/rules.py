"""The rules of a wording beyond the single pattern: slots, hours, address, direction."""

from __future__ import annotations

from itertools import chain

from hellokit.wordings.bidi import has_rtl_letter
from hellokit.wordings.patterns import (
    checked_choice,
    checked_mapping,
    checked_text,
    fault,
    nameless,
    split,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    from hellokit.errors import WordingError
    from hellokit.wordings.patterns import Pattern

    # What the honorific puts before and after a name.
    Honorific: TypeAlias = tuple[str, str]

SLOTS = ("hello", "morning", "noon", "day", "afternoon", "evening", "night")
REGISTERS = ("formal", "informal")
CONFIDENCES = ("high", "medium")
FORMS = ("with", "without", "confidence")
USUAL_FORMS = frozenset(FORMS[:2])
HOURS = 24
PLAIN: dict[str | None, Honorific] = dict.fromkeys((None, *REGISTERS), ("", ""))


def split_slots(where: str, data: object) -> dict[str, Pattern]:
    """Check and split the patterns of some slots.

    Raises:
        WordingError: if a slot is not known, lacks a form, or has a pattern that breaks a rule.
    """
    return {
        slot: split_forms(f"{where}.{slot}", slot, forms)
        for slot, forms in checked_mapping(where, data, SLOTS).items()
    }


def split_forms(where: str, slot: str, data: Any) -> Pattern:
    """Check and split the two forms of one pattern: with a name, and without.

    Raises:
        WordingError: if a form is missing or breaks a rule.
    """
    usual = type(data) is dict and data.keys() == USUAL_FORMS
    forms = data if usual else _checked_forms(where, data)
    prefix, suffix = split(f"{where}.with", forms["with"])
    return prefix, suffix, nameless(f"{where}.without", forms["without"]), slot


def _checked_forms(where: str, data: object) -> Mapping[str, Any]:
    forms = checked_mapping(where, data, FORMS)
    for form in FORMS[:2]:
        if form not in forms:
            raise fault(where, f"the form {form!r} is missing", "give both: with and without name")
    checked_choice(f"{where}.confidence", forms.get("confidence", "high"), CONFIDENCES)
    return forms


def check_overrides(where: str, overrides: Mapping[str, Pattern], slots: object) -> None:
    """Check that there is something to override.

    Raises:
        WordingError: if an override's slot has no pattern of its own.
    """
    given = checked_mapping(where, slots, SLOTS)
    for slot in overrides:
        if slot not in given:
            raise fault(
                f"{where}.{slot}", "an override is of a slot that exists", f"add slots.{slot}"
            )


def day(where: str, data: object, slots: Mapping[str, Pattern]) -> tuple[str, ...]:
    """Check the hours and return the slot of each of the 24.

    Args:
        where: the place that an error names.
        data: `(hour, slot)` pairs; each slot holds until the next pair's hour.
        slots: the slots that there are.

    Raises:
        WordingError: if the hours are malformed, name a missing slot, or leave one unused.
    """
    hours, names = _breakpoints(where, data)
    for slot in names:
        if slot not in slots:
            raise fault(where, f"the slot {slot!r} has no patterns", f"add slots.{slot}")
    for slot in slots:
        if slot != "hello" and slot not in names:
            raise fault(where, f"no hour uses the slot {slot!r}", "give it hours or take it out")
    lengths = (after - hour for hour, after in zip(hours, [*hours[1:], HOURS], strict=True))
    all_day: list[str] = []
    for slot, length in zip(names, lengths, strict=True):
        all_day += [slot] * length
    return tuple(all_day)


def _breakpoints(where: str, data: object) -> tuple[list[int], list[str]]:
    if not isinstance(data, list | tuple):
        raise fault(where, f"this is a {type(data).__name__}", "give a list of (hour, slot)")
    if not data:
        return [0], ["hello"]
    hours, names = [], []
    for pair in data:
        if not (isinstance(pair, list | tuple) and len(pair) == 2):  # noqa: PLR2004  # it is a pair
            raise _no_pair(where, pair)
        hour, name = pair
        if type(hour) is not int or type(name) is not str:
            raise _no_pair(where, pair)
        hours.append(hour)
        names.append(name)
    if hours[0] != 0 or hours != sorted(set(hours)) or hours[-1] >= HOURS:
        raise fault(where, "hours begin at 0 and ascend to at most 23", f"put {hours} right")
    return hours, names


def _no_pair(where: str, pair: object) -> WordingError:
    return fault(where, f"{pair!r} is not an hour and a slot", "write (18, 'evening')")


def split_address(where: str, data: object) -> tuple[dict[str | None, Honorific], tuple[str, ...]]:
    """Check and split how one name is addressed.

    Returns:
        The honorific of each register (None: none was asked for), and the endings of names
        that take none.

    Raises:
        WordingError: if a key is not known or a pattern breaks a rule.
    """
    given = checked_mapping(where, data, ("default", *REGISTERS, "unless_suffix"))
    if not given:
        return PLAIN, ()
    honorifics: dict[str | None, Honorific] = {
        key: split(f"{where}.{key}", text) for key, text in given.items() if key != "unless_suffix"
    }
    default = honorifics.pop("default", ("", ""))
    endings = given.get("unless_suffix", ())
    if not isinstance(endings, list | tuple):
        raise fault(f"{where}.unless_suffix", f"{endings!r} is not a list", "give a list or tuple")
    return (
        {register: honorifics.get(register, default) for register in (None, *REGISTERS)},
        tuple(checked_text(f"{where}.unless_suffix", ending) for ending in endings),
    )


def check_direction(
    where: str,
    direction: str,
    patterns: Mapping[str, Mapping[str, Pattern]],
    texts: Mapping[str, str],
) -> None:
    """Check that the words run in the direction that is stated.

    Args:
        where: the place that an error names.
        direction: `"ltr"` or `"rtl"`.
        patterns: all patterns, by group and slot.
        texts: further words, by place: they need no letter of their own.

    Raises:
        WordingError: if `direction` is `"rtl"` and a nameless pattern has no right-to-left
            letter, or it is `"ltr"` and anything has one.
    """
    every = [pattern[:3] for slots in patterns.values() for pattern in slots.values()]
    if direction == "ltr" and not has_rtl_letter("".join(chain(texts.values(), *every))):
        return  # as nearly always: no place needs to be named
    words = {
        f"{group}.{slot}": pattern
        for group, slots in patterns.items()
        for slot, pattern in slots.items()
    }
    if direction == "rtl":
        wrong = [place for place, pattern in words.items() if not has_rtl_letter(pattern[2])]
    else:
        texts = {**texts, **{place: "".join(pattern[:3]) for place, pattern in words.items()}}
        wrong = [place for place, text in texts.items() if has_rtl_letter(text)]
    if wrong:
        found = "no letter runs" if direction == "rtl" else "a letter runs"
        raise fault(
            f"{where}, {wrong[0]}",
            f"dir is {direction!r} and {found} from right to left",
            "correct dir or the words",
        )
