"""The table of wordings: one kit's locales, and composing by them."""

from __future__ import annotations

from hellokit.errors import WordingError
from hellokit.wordings.bidi import FIRST_RTL
from hellokit.wordings.parts import parts
from hellokit.wordings.tags import MEMO_SIZE, canonical, fallbacks, script
from hellokit.wordings.wording import TIMELESS, Wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hellokit.greeting import Greeting
    from hellokit.request import Isolate, Request
    from hellokit.wordings.wording import Row

FREE = ("auto", "never")

# The scripts in which one language may be written beside another one, by the first word of
# the names of their letters.
_SCRIPTS = {
    "ARABIC": "Arab",
    "CYRILLIC": "Cyrl",
    "DEVANAGARI": "Deva",
    "GREEK": "Grek",
    "HEBREW": "Hebr",
    "LATIN": "Latn",
}


class Wordings:
    """The wordings of one kit, found by language tag. Immutable but for a bounded memo.

    Args:
        wordings: the wordings; a later one replaces an earlier one of the same tag.
        default: the tag to answer by when nothing in a request's chain has a wording. If it
            has none either, English answers, which is always there.
        isolate: when to isolate names if a request does not say.

    Raises:
        WordingError: if something in `wordings` is no `Wording`.
        LocaleError: if `default` is not a well-formed language tag.

    >>> from hellokit.wordings.english import hellokit_wordings
    >>> table = Wordings(hellokit_wordings(), "en")
    >>> table.find("en-GB"), table.find("tlh")
    (Wording('en-001'), Wording('en'))
    """

    __slots__ = ("_aliases", "_by_tag", "_default", "_found", "_isolate", "_locale", "_plain")

    def __init__(
        self, wordings: Iterable[Wording], default: str, isolate: Isolate = "auto"
    ) -> None:
        by_tag: dict[str, Wording] = {}
        for wording in wordings:
            if not isinstance(wording, Wording):
                raise WordingError(
                    f"hellokit_wordings gave a {type(wording).__name__}: give Wording objects, "
                    "as Wording.from_data(locale, data) makes them"
                )
            by_tag[wording.locale] = wording
        if "en" not in by_tag:
            from hellokit.wordings.english import english

            by_tag["en"] = english()
        self._locale = default
        self._isolate: Isolate = isolate
        self._by_tag = by_tag
        self._aliases = {alias: found for found in by_tag.values() for alias in found.aliases}
        self._default = self._search(canonical(default)) or by_tag["en"]
        self._found: dict[str, Wording] = {}
        self._plain: dict[str | None, dict[str | None, Row]] = {}

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that have a wording of their own, in alphabetical order."""
        return tuple(sorted(self._by_tag))

    def find(self, tag: str) -> Wording:
        """Return the wording that answers for a language tag.

        It is the first along the chain of `fallbacks`, by tag or alias, that is not in
        another script than `tag` asks for; or that of the default locale.

        Args:
            tag: a language tag, in any form that `canonical` accepts.

        Raises:
            RequestTypeError: if `tag` is not a string.
            LocaleError: if it is not well-formed.
        """
        found = self._found.get(tag)
        if found is None:
            found = self._search(canonical(tag)) or self._default
            if len(self._found) >= MEMO_SIZE:
                self._found.clear()
                self._plain.clear()
            self._found[tag] = found
            if found.plain_rows is not None:
                self._plain[tag] = found.plain_rows
        return found

    def text(self, request: Request) -> str:
        """Return the greeting of a request as plain text: the same as that of `compose`.

        Args:
            request: what to greet; the kit's defaults stand for a `locale` or `isolate` of None.
        """
        # Nearly every greeting is of one name, from left to right and without honorific. It
        # needs no isolation and no list, so it is put together here, in one frame.
        names, locale, formality, at, isolate, _ = request
        try:
            (name,) = names
            row = self._plain[locale][formality]
            prefix, suffix, _, _ = row[TIMELESS if at is None else at.hour]
        except (KeyError, ValueError):
            pass  # nobody, several, or a locale that was not asked for yet, or is not plain
        else:
            if isolate in FREE and (name.isascii() or max(name) < FIRST_RTL):
                return f"{prefix}{name}{suffix}"
        if locale is None or isolate is None:
            return self.text(request.completed(self._locale, self._isolate))
        return "".join([text for text, _ in parts(self.find(locale), request)[0]])

    def compose(self, request: Request) -> Greeting:
        """Return the greeting of a request, in parts.

        Args:
            request: as of `text`.
        """
        from hellokit.greeting import Greeting

        request = request.completed(self._locale, self._isolate)
        wording = self.find(request[1])
        composed, slot = parts(wording, request)
        return Greeting(
            "".join([text for text, _ in composed]),
            tuple(composed),
            wording.locale,
            slot,
            wording.direction,
        )

    def _search(self, tag: str) -> Wording | None:
        asked = script(tag)
        for candidate in fallbacks(tag):
            found = self._by_tag.get(candidate) or self._aliases.get(candidate)
            if found is not None and (
                asked is None or script(candidate) == asked or _script_of(found) in (None, asked)
            ):
                return found
        return None


def _script_of(wording: Wording) -> str | None:
    """Return the script of a wording: stated, in its tag, or as its first letter shows."""
    stated = wording.script or script(wording.locale)
    if stated:
        return stated
    from unicodedata import name

    words = wording.rows[None, False][TIMELESS][2]
    letter = next((character for character in words if character.isalpha()), None)
    return None if letter is None else _SCRIPTS.get(name(letter, "").partition(" ")[0])
