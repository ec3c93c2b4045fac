"""A wording: the patterns of one locale, checked and split when it is made."""

from __future__ import annotations

from operator import itemgetter
from types import MappingProxyType

from hellokit.errors import LocaleError, RequestTypeError
from hellokit.wordings.lists import ROOT, split_list
from hellokit.wordings.occasions import split_occasions
from hellokit.wordings.patterns import checked_choice, checked_mapping, fault
from hellokit.wordings.rules import (
    CONFIDENCES,
    REGISTERS,
    check_direction,
    check_overrides,
    day,
    split_address,
    split_slots,
)
from hellokit.wordings.tags import canonical, script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal, NoReturn, Self, TypeAlias

    from hellokit.wordings.lists import Joints
    from hellokit.wordings.patterns import Pattern
    from hellokit.wordings.rules import Honorific

    # A pattern for each hour, and after them the timeless one.
    Row: TypeAlias = tuple[Pattern, ...]

FEWEST_PLURAL = 2
NOTHING: Mapping[str, Any] = MappingProxyType({})

# The place in a row of the pattern for requests without a time.
TIMELESS = 24

CHOICES: dict[str, tuple[str | None, ...]] = {
    "direction": ("ltr", "rtl"),
    "default_formality": REGISTERS,
    "name_case": ("none", "vocative", "vocative-optional"),
    "confidence": CONFIDENCES,
    "plural_formality": (None, *REGISTERS),
}

# Where the name of the key in the data is not that of the attribute.
_RENAMED = {"dir": "direction", "list": "list_pattern"}
_ATTRIBUTES = (
    *("slots", "formal", "informal", "plural", "plural_formality", "plural_from", "hours"),
    *("address", "script", "default_formality", "name_case", "language", "confidence", "aliases"),
    "occasions",
)
# What the data says to its readers, and no greeting needs.
_REMARKS = ("notes", "hours_basis", "farewell_night")
_KEYS = dict.fromkeys((*_ATTRIBUTES, *_RENAMED, *_REMARKS))


class Wording:
    """The patterns of one locale. Frozen.

    Written out rather than made by attrs: English is on the way of a process's first greeting,
    which does without attrs.

    Args:
        locale: its language tag.
        slots: patterns by time of day: `{"hello": {"with": "Hi, {name}!", "without": "Hi!"}}`.
            `hello` is always there.
        formal: overrides of slots for formal requests.
        informal: overrides of slots for informal requests.
        plural: overrides of slots for several names.
        plural_formality: the only register in which `plural` is right, or None for any.
        plural_from: how many names make `plural` right, at least 2.
        hours: `(hour, slot)` pairs from hour 0 on, each until the next; none means `hello`
            around the clock.
        list_pattern: how names are joined, by CLDR's `two`, `start`, `middle` and `end`,
            each with `{0}` and `{1}`; None joins them by commas.
        address: how one name is decorated: `default`, `formal` and `informal` with `{name}`,
            and `unless_suffix`, endings of names that are left alone.
        direction: `"ltr"` or `"rtl"`, as the letters are.
        script: the ISO 15924 code of its script, so that a tag that asks for another one is
            not answered; None if the letters say enough.
        default_formality: CLDR's default for the names of persons; it selects no words.
        name_case: `"none"`, `"vocative"` or `"vocative-optional"`, for applications.
        language: the English name of the language.
        confidence: `"high"` or `"medium"`.
        aliases: further tags that it answers, unless a wording has that very tag.
        occasions: patterns by occasion, such as `birthday`, for any number of people and any
            register.

    Raises:
        WordingError: if it breaks a rule; the message names locale, slot, rule and remedy.

    >>> Wording(locale="tlh", slots={"hello": {"with": "nuqneH, {name}!", "without": "nuqneH!"}})
    Wording('tlh')
    """

    __slots__ = (
        *("locale", *_ATTRIBUTES, "direction", "list_pattern"),
        *("rows", "plain_rows", "joints", "honorifics", "endings", "moments"),
    )

    locale: str
    slots: Mapping[str, Mapping[str, str]]
    formal: Mapping[str, Mapping[str, str]]
    informal: Mapping[str, Mapping[str, str]]
    plural: Mapping[str, Mapping[str, str]]
    plural_formality: Literal["formal", "informal"] | None
    plural_from: int
    hours: Sequence[tuple[int, str]]
    list_pattern: Mapping[str, Any] | None
    address: Mapping[str, Any]
    direction: Literal["ltr", "rtl"]
    script: str | None
    default_formality: Literal["formal", "informal"]
    name_case: Literal["none", "vocative", "vocative-optional"]
    language: str
    confidence: Literal["high", "medium"]
    aliases: Sequence[str]
    occasions: Mapping[str, Mapping[str, str]]
    rows: dict[tuple[str | None, bool], Row]
    plain_rows: dict[str | None, Row] | None
    joints: Joints
    honorifics: dict[str | None, Honorific]
    endings: tuple[str, ...]
    moments: dict[str, Pattern]

    def __init__(  # noqa: PLR0913  # the keys of the data
        self,
        *,
        locale: str,
        slots: Mapping[str, Mapping[str, str]],
        formal: Mapping[str, Mapping[str, str]] = NOTHING,
        informal: Mapping[str, Mapping[str, str]] = NOTHING,
        plural: Mapping[str, Mapping[str, str]] = NOTHING,
        plural_formality: Literal["formal", "informal"] | None = None,
        plural_from: int = FEWEST_PLURAL,
        hours: Sequence[tuple[int, str]] = (),
        list_pattern: Mapping[str, Any] | None = None,
        address: Mapping[str, Any] = NOTHING,
        direction: Literal["ltr", "rtl"] = "ltr",
        script: str | None = None,
        default_formality: Literal["formal", "informal"] = "formal",
        name_case: Literal["none", "vocative", "vocative-optional"] = "none",
        language: str = "",
        confidence: Literal["high", "medium"] = "medium",
        aliases: Sequence[str] = (),
        occasions: Mapping[str, Mapping[str, str]] = NOTHING,
    ) -> None:
        """Keep what is given, check it, and lay out the patterns as they are looked up."""
        given = locals()
        del given["self"]
        self._keep(given)
        self._keep(_derived(f"wording {locale!r}", self))

    @classmethod
    def from_data(cls, locale: str, data: Mapping[str, Any]) -> Self:
        """Make a wording of data such as a JSON file holds.

        Args:
            locale: its language tag.
            data: the arguments of `Wording` by name, but `dir` for `direction` and `list` for
                `list_pattern`; `notes`, `hours_basis` and `farewell_night` are remarks.

        Raises:
            WordingError: if a key is not known, or the wording breaks a rule.

        >>> Wording.from_data("tlh", {})
        Traceback (most recent call last):
            ...
        hellokit.errors.WordingError: wording 'tlh': 'slots' is missing; give slots.hello at least
        """
        where = f"wording {locale!r}"
        checked_mapping(where, data, _KEYS)
        if "slots" not in data:
            raise fault(where, "'slots' is missing", "give slots.hello at least")
        given = {_RENAMED.get(key, key): data[key] for key in data if key not in _REMARKS}
        return cls(locale=locale, **given)

    def evolve(self, **changes: Any) -> Self:
        """Return a changed copy, checked like a new wording.

        Args:
            **changes: arguments of `Wording` by name.

        Raises:
            WordingError: if the changed wording breaks a rule.
        """
        given = ("locale", *_ATTRIBUTES, "direction", "list_pattern")
        return type(self)(**{**{name: getattr(self, name) for name in given}, **changes})

    def _keep(self, values: Mapping[str, Any]) -> None:
        keep = object.__setattr__
        for name, value in values.items():
            keep(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a wording is frozen."""
        raise AttributeError(f"{self!r} is frozen: make another Wording with a new {name}")

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse: a wording is frozen."""
        raise AttributeError(f"{self!r} is frozen: {name} cannot be deleted")

    def __repr__(self) -> str:
        """Name the locale."""
        return f"{type(self).__name__}({self.locale!r})"


def _derived(where: str, wording: Wording) -> dict[str, Any]:
    """Check everything, and lay out the patterns as they are looked up."""
    _check_scalars(where, wording)
    patterns = _patterns(where, wording)
    honorifics, endings = split_address(f"{where}, address", wording.address)
    asked = wording.list_pattern
    joints = split_list(f"{where}, list", ROOT if asked is None else asked)
    patterns["occasions"] = moments = split_occasions(f"{where}, occasions", wording.occasions)
    check_direction(where, wording.direction, patterns, _texts(joints, honorifics))
    rows = _rows(wording, patterns, day(f"{where}, hours", wording.hours, patterns["slots"]))
    return {
        "locale": _own_tag(f"{where}, locale", wording.locale),
        "aliases": _own_tags(f"{where}, aliases", wording.aliases),
        "rows": rows,
        "plain_rows": None
        if wording.direction == "rtl" or any(map(any, honorifics.values()))
        else {register: rows[register, False] for register in honorifics},
        "joints": joints,
        "honorifics": honorifics,
        "endings": endings,
        "moments": moments,
    }


def _check_scalars(where: str, wording: Wording) -> None:
    for name, choices in CHOICES.items():
        checked_choice(f"{where}, {name}", getattr(wording, name), choices)
    fewest = wording.plural_from
    if type(fewest) is not int or fewest < FEWEST_PLURAL:
        raise fault(
            f"{where}, plural_from",
            f"{fewest!r} is not how many names make a plural",
            f"give a number from {FEWEST_PLURAL} on",
        )
    if wording.script is not None and script(f"und-{wording.script}") is None:
        raise fault(
            f"{where}, script", f"{wording.script!r} is not a script", "write it as in 'Latn'"
        )
    if not isinstance(wording.language, str):
        raise fault(f"{where}, language", f"{wording.language!r} is not a name", "give a str")


def _patterns(where: str, wording: Wording) -> dict[str, dict[str, Pattern]]:
    """Check and split the slots and what overrides them."""
    slots = split_slots(f"{where}, slots", wording.slots)
    if "hello" not in slots:
        raise fault(f"{where}, slots", "'hello' is missing", "every wording has slots.hello")
    patterns = {"slots": slots}
    for group in ("formal", "informal", "plural"):
        overrides = split_slots(f"{where}, {group}", getattr(wording, group))
        check_overrides(f"{where}, {group}", overrides, slots)
        patterns[group] = overrides
    return patterns


def _texts(joints: Joints, honorifics: Mapping[str | None, Honorific]) -> dict[str, str]:
    """Return the words of the list and the honorifics, by their places."""
    pairs = [*joints[:4], *(joint for variant in joints[4] for joint in variant[2:])]
    return {
        "list": "".join(map("".join, pairs)),
        "address": "".join(map("".join, honorifics.values())),
    }


def _rows(
    wording: Wording, patterns: Mapping[str, Mapping[str, Pattern]], hours: tuple[str, ...]
) -> dict[tuple[str | None, bool], Row]:
    """Lay out the pattern of every hour, by register and whether the plural applies."""
    row = itemgetter(*hours, "hello")
    rows = {}
    usual = row(patterns["slots"])
    for register in (None, *REGISTERS):
        words = {**patterns["slots"], **patterns.get(register or "", {})}
        one = row(words) if patterns.get(register or "") else usual
        rows[register, False] = rows[register, True] = one
        if patterns["plural"] and wording.plural_formality in (None, register):
            rows[register, True] = row({**words, **patterns["plural"]})
    return rows


def _own_tags(where: str, tags: object) -> tuple[str, ...]:
    if not isinstance(tags, list | tuple):
        raise fault(where, f"{tags!r} is not a list", "give a list or tuple of language tags")
    return tuple(_own_tag(where, tag) for tag in tags)


def _own_tag(where: str, tag: object) -> str:
    """Return the canonical form of a wording's tag, if requests can have it."""
    try:
        found = canonical(tag)
    except (LocaleError, RequestTypeError) as error:
        raise fault(where, str(error), "give the wording a tag of its own") from error
    if found.lower() != str(tag).replace("_", "-").lower():
        raise fault(
            where,
            f"requests for {tag!r} ask for {found!r}",
            "give the wording a tag of language, script, region and variants only",
        )
    return found
