"""Samples: the greetings of a locale, each composed as an application would see it."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from hellokit import Kit, Settings
from hellokit_locales import plugin
from hellokit_locales.coverage import sure
from hellokit_locales.shelf import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hellokit import Greeting

    Confidence = Literal["medium", "high"]
    Options = dict[str, Any]

NAMES = ("Ada", "Grace", "Alan")


class Sample(NamedTuple):
    """One pattern of a locale, composed.

    Args:
        group: `"slots"`, `"formal"`, `"informal"`, `"plural"`, `"occasions"`, or `"several"`,
            which shows how names are joined.
        slot: the time of day, or the occasion.
        named: the greeting of one, or of several in the groups `"plural"` and `"several"`.
        nameless: the greeting of nobody.
    """

    group: str
    slot: str
    named: Greeting
    nameless: Greeting


class Samples:
    """Composes by the wordings of this package, and by no others.

    Args:
        strict_confidence: as of the setting.
    """

    def __init__(self, strict_confidence: Confidence = "medium") -> None:
        settings = Settings(strict_confidence=strict_confidence)
        self._strict = strict_confidence == "high"
        self._kit = Kit(settings, discover=False, plugins=[plugin])

    def of(self, tag: str) -> Iterator[Sample]:
        """Yield each pattern of a locale, composed.

        Args:
            tag: one of `shelf.tags()`.

        Raises:
            WordingError: if its file cannot be used.
        """
        data = read(tag)
        for group, slot, names, options in _patterns(sure(data) if self._strict else data):
            options["locale"] = tag
            named = self._kit.compose(*names, **options)
            # Who is not named is not counted: in the plural there is a form for it all the same.
            nameless = self._kit.compose(**options)
            yield Sample(group, slot, named, nameless)


def _patterns(data: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[str, ...], Options]]:
    """Yield group, slot, names and options of the greetings that use each pattern."""
    hours = {slot: time(hour) for hour, slot in reversed(data.get("hours", ()))}
    for slot in data.get("slots", ()):
        yield "slots", slot, NAMES[:1], {"at": _at(slot, hours)}
    for register in ("formal", "informal"):
        for slot in data.get(register, ()):
            yield register, slot, NAMES[:1], {"at": _at(slot, hours), "formality": register}
    several = NAMES[: data.get("plural_from", 2)]
    asked = data.get("plural_formality")
    for slot in data.get("plural", ()):
        yield "plural", slot, several, {"at": _at(slot, hours), "formality": asked}
    for occasion in data.get("occasions", ()):
        yield "occasions", occasion, NAMES[:1], {"at": occasion}
    yield "several", "hello", NAMES, {}


def _at(slot: str, hours: Mapping[str, time]) -> time | None:
    return None if slot == "hello" else hours[slot]
