"""The table of wordings: one kit's locales, and composing by them."""

from __future__ import annotations

from hellokit.errors import WordingError
from hellokit.wordings.bidi import FIRST_RTL
from hellokit.wordings.confidence import confident
from hellokit.wordings.english import english
from hellokit.wordings.lazy import LazyWording
from hellokit.wordings.parts import parts
from hellokit.wordings.tags import MEMO_SIZE, canonical, fallbacks, script
from hellokit.wordings.wording import TIMELESS, Wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NoReturn, TypeAlias

    from hellokit.greeting import Greeting
    from hellokit.request import Isolate, Request
    from hellokit.wordings.parts import Inflect
    from hellokit.wordings.wording import Row

    AnyWording: TypeAlias = Wording | LazyWording
    Failed: TypeAlias = Callable[[AnyWording, BaseException], object]

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


def raised(_: AnyWording, error: BaseException) -> NoReturn:
    """Raise what a lazy wording raised while it was loaded."""
    raise error


class Wordings:
    """The wordings of one kit, found by language tag. Immutable but for a bounded memo.

    Args:
        wordings: the wordings; a later one replaces an earlier one of the same tag.
        default: the tag to answer by when nothing in a request's chain has a wording. If it
            has none either, English answers, which is always there.
        isolate: when to isolate names if a request does not say.
        strict: whether to do without what its authors are not sure of.
        chain: returns the tags that may answer for a canonical one, in order.
        inflect: as of `parts`.
        failed: told of a lazy wording that could not be loaded; it is done without.

    Raises:
        WordingError: if something in `wordings` is no `Wording`.
        LocaleError: if `default` is not a well-formed language tag.

    >>> from hellokit.wordings.english import hellokit_wordings
    >>> table = Wordings(hellokit_wordings(), "en")
    >>> table.find("en-GB"), table.find("tlh")
    (Wording('en-001'), Wording('en'))
    """

    __slots__ = (
        *("_aliases", "_by_tag", "_chain", "_default", "_failed", "_found", "_inflect"),
        *("_isolate", "_locale", "_plain", "_strict"),
    )

    def __init__(  # noqa: PLR0913  # what a table goes by
        self,
        wordings: Iterable[AnyWording],
        default: str,
        isolate: Isolate = "auto",
        *,
        strict: bool = False,
        chain: Callable[[str], Iterable[str]] = fallbacks,
        inflect: Inflect | None = None,
        failed: Failed = raised,
    ) -> None:
        by_tag: dict[str, AnyWording] = {}
        for wording in wordings:
            if not isinstance(wording, Wording | LazyWording):
                raise WordingError(
                    f"hellokit_wordings gave a {type(wording).__name__}: give Wording objects, "
                    "as Wording.from_data(locale, data) makes them"
                )
            by_tag[wording.locale] = wording
        by_tag.setdefault("en", LazyWording("en", english))
        self._locale = default
        self._isolate: Isolate = isolate
        self._by_tag = by_tag
        self._aliases = {alias: found for found in by_tag.values() for alias in found.aliases}
        self._strict = strict
        self._chain = chain
        self._inflect = inflect
        self._failed = failed
        self._default = self._search(canonical(default)) or self._ready(by_tag["en"]) or english()
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
            inflected = self._inflect is not None and found.name_case != "none"
            if found.plain_rows is not None and not inflected:
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
        except (AttributeError, KeyError, ValueError):
            pass  # an occasion, nobody, several, or a locale not asked for yet, or not plain
        else:
            if isolate in FREE and (name.isascii() or max(name) < FIRST_RTL):
                return f"{prefix}{name}{suffix}"
        if locale is None or isolate is None:
            return self.text(request.completed(self._locale, self._isolate))
        composed, _ = parts(self.find(locale), request, self._inflect)
        return "".join([text for text, _ in composed])

    def compose(self, request: Request) -> Greeting:
        """Return the greeting of a request, in parts.

        Args:
            request: as of `text`.
        """
        from hellokit.greeting import Greeting

        request = request.completed(self._locale, self._isolate)
        wording = self.find(request[1])
        composed, slot = parts(wording, request, self._inflect)
        return Greeting(
            "".join([text for text, _ in composed]),
            tuple(composed),
            wording.locale,
            slot,
            wording.direction,
        )

    def _search(self, tag: str) -> Wording | None:
        asked = script(tag)
        for candidate in self._chain(tag):
            known = self._by_tag.get(candidate) or self._aliases.get(candidate)
            found = None if known is None else self._ready(known)
            if found is not None and (
                asked is None or script(candidate) == asked or _script_of(found) in (None, asked)
            ):
                return found
        return None

    def _ready(self, known: AnyWording) -> Wording | None:
        """Return a wording, loaded, without what is not sure enough; None if it cannot answer."""
        try:
            wording = known.loaded() if isinstance(known, LazyWording) else known
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may raise anything
            self._failed(known, error)
            return None
        return confident(wording) if self._strict else wording


def _script_of(wording: Wording) -> str | None:
    """Return the script of a wording: stated, in its tag, or as its first letter shows."""
    stated = wording.script or script(wording.locale)
    if stated:
        return stated
    from unicodedata import name

    words = wording.rows[None, False][TIMELESS][2]
    letter = next((character for character in words if character.isalpha()), None)
    return None if letter is None else _SCRIPTS.get(name(letter, "").partition(" ")[0])
