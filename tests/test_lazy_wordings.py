"""Words that plugins know: loaded when needed, found by their own chains, called by a name."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import Kit, LazyWording, Settings, Wording, WordingError
from hellokit.wordings.confidence import confident

if TYPE_CHECKING:
    from collections.abc import Callable

    from installed import Installed


def wording(tag: str, hello: str, **options: Any) -> Wording:
    """Return a wording that says `hello`."""
    slots = {"hello": {"with": f"{hello}, {{name}}!", "without": f"{hello}!"}}
    return Wording(locale=tag, slots=slots, **{"confidence": "high", **options})


class Shelf:
    """A plugin with lazy wordings; remembers what was loaded.

    Args:
        **loads: by tag, what loading gives, or the error that it raises.
    """

    def __init__(self, **loads: Any) -> None:
        self.loads = loads
        self.loaded: list[str] = []

    def hellokit_wordings(self) -> list[LazyWording]:
        """Return them."""
        return [LazyWording(tag, self.loader(tag), aliases=(f"{tag}-XX",)) for tag in self.loads]

    def loader(self, tag: str) -> Callable[[], Wording]:
        """Return what loads one."""

        def load() -> Wording:
            self.loaded.append(tag)
            if isinstance(self.loads[tag], BaseException):
                raise self.loads[tag]
            found: Wording = self.loads[tag]
            return found

        return load


def test_a_lazy_wording_is_loaded_when_it_is_needed_and_once() -> None:
    """Not at the start, nor for another locale, nor again when settings change."""
    shelf = Shelf(nl=wording("nl", "Hallo"), sv=wording("sv", "Hej"))
    with Kit(plugins=[shelf], discover=False) as kit:
        assert kit.greet("Ada") == "Hello, Ada!"
        assert shelf.loaded == []
        assert kit.greet("Ada", locale="nl-BE") == "Hallo, Ada!"
        kit.configure(max_concurrent=3)
        assert kit.greet("Ada", locale="nl") == "Hallo, Ada!"
        assert kit.greet("Ada", locale="sv-XX") == "Hej, Ada!"
        assert shelf.loaded == ["nl", "sv"]


@pytest.mark.parametrize(
    "broken", [OSError("no such file"), SystemExit(3), wording("da", "Hej"), None], ids=repr
)
def test_a_wording_that_cannot_be_loaded_breaks_no_greeting(
    broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The next one along the chain answers, and the plugin is told of with what to do."""
    shelf = Shelf(**{"nl-BE": broken, "nl": wording("nl", "Hallo")})
    with Kit(Settings(strict=True), plugins=[shelf], discover=False) as kit:
        assert kit.greet("Ada", locale="nl-BE") == "Hallo, Ada!"
        assert kit.greet("Ada", locale="nl-BE") == "Hallo, Ada!"
        (told,) = kit.failures()
    assert told.phase == "words"
    assert "Shelf" in told.source
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_the_default_locale_may_be_lazy_and_broken() -> None:
    """English answers: it is always there."""
    shelf = Shelf(nl=ValueError("broken"), en=ValueError("broken"))
    with Kit(Settings(locale="nl"), plugins=[shelf], discover=False) as kit:
        assert kit.greet("Ada") == "Hello, Ada!"


class Chains:
    """A plugin with a chain of its own for one tag."""

    def __init__(self, chain: object) -> None:
        self.chain = chain
        self.asked: list[str] = []

    def hellokit_fallbacks(self, tag: str) -> Any:
        """Return it."""
        self.asked.append(tag)
        if isinstance(self.chain, BaseException):
            raise self.chain
        return self.chain if tag == "no" else None


def test_a_plugin_says_which_tags_may_answer() -> None:
    """It is asked once for each tag; where it knows nothing, subtags drop out."""
    chains = Chains(["no", "nb"])
    shelf = Shelf(nb=wording("nb", "Hei"), nl=wording("nl", "Hallo"))
    with Kit(plugins=[chains, shelf], discover=False) as kit:
        kit.greet("Ada")
        chains.asked.clear()
        assert [kit.greet("Ada", locale="no") for _ in range(2)] == ["Hei, Ada!"] * 2
        assert kit.greet("Ada", locale="nl-BE") == "Hallo, Ada!"
        assert chains.asked == ["no", "nl-BE"]
        assert kit.compose(locale="no").locale == "nb"


@pytest.mark.parametrize("chain", [RuntimeError("no"), ["not a tag!"], 7], ids=repr)
def test_a_broken_chain_breaks_no_greeting(chain: object) -> None:
    """What drops subtags takes its place, and the plugin is told of."""
    with Kit(plugins=[Chains(chain), Shelf(no=wording("no", "Hei"))], discover=False) as kit:
        assert kit.greet("Ada", locale="no") == "Hei, Ada!"
        assert [each.phase for each in kit.failures()] == ["words"]


def test_a_chain_leads_to_no_other_script() -> None:
    """Who asked for Latin letters is not answered in Cyrillic ones."""

    class Careless:
        def hellokit_fallbacks(self, tag: str) -> list[str]:
            return [tag, "sr"]

    serbian = wording("sr", "Здраво", script="Cyrl")
    with Kit(plugins=[Careless, Shelf(sr=serbian)], discover=False) as kit:
        assert kit.greet("Ada", locale="sr-Latn") == "Hello, Ada!"
        assert kit.greet("Ada", locale="sr-RS") == "Здраво, Ada!"


class Caller:
    """Knows how one name is called."""

    def __init__(self, form: Any = "Jane") -> None:
        self.form = form

    def hellokit_vocative(self, name: str, locale: str) -> Any:
        """Return the form."""
        if isinstance(self.form, BaseException):
            raise self.form
        return self.form if (name, locale) == ("Jan", "cs") else None


def test_the_words_of_the_application_count_more_than_installed_ones(installed: Installed) -> None:
    """However they come in: with the kit, or later."""
    source = """
from hellokit import LazyWording, Wording
SLOTS = {"hello": {"with": "Hej, {name}!", "without": "Hej!"}}
def hellokit_wordings():
    return [LazyWording("nl", lambda: Wording(locale="nl", slots=SLOTS))]
def hellokit_fallbacks(tag):
    return ["en"] if tag == "no" else None
"""
    installed.add("acme-words", source, plugins={"words": ""})
    mine = Shelf(nl=wording("nl", "Hallo"), nb=wording("nb", "Hei"))
    for given in ([mine, Chains(["nb"])], []):
        with Kit(Settings(disable_plugins=("hellokit-locales",)), plugins=given) as kit:
            if not given:
                assert kit.greet("Ada", locale="nl") == "Hej, Ada!"
                assert kit.greet("Ada", locale="no") == "Hello, Ada!"
                kit.register(mine)
                kit.register(Chains(["nb"]))
            assert kit.greet("Ada", locale="nl") == "Hallo, Ada!"
            assert kit.greet("Ada", locale="no") == "Hei, Ada!"


CZECH = wording("cs", "Ahoj", name_case="vocative")


def test_an_inflector_gives_the_vocative_where_it_is_due() -> None:
    """In that locale, for the names it knows; none is guessed."""
    with Kit(plugins=[Caller, Shelf(cs=CZECH, sk=wording("sk", "Ahoj"))], discover=False) as kit:
        assert kit.greet("Jan", locale="cs") == "Ahoj, Jane!"
        assert kit.greet("Jan", "Zoë", locale="cs") == "Ahoj, Jane, Zoë!"
        assert kit.greet("Jan", locale="sk") == "Ahoj, Jan!"
        assert kit.compose("Jan", locale="cs").parts[1] == ("Jane", True)


def test_an_inflector_that_raises_is_told_of_once_and_asked_again() -> None:
    """One strange name changes nothing for others, and each is not a failure of its own."""

    class Careless:
        def hellokit_vocative(self, name: str) -> str:
            return {"Jan": "Jane"}[name]

    with Kit(plugins=[Careless, Shelf(cs=CZECH)], discover=False) as kit:
        for number in range(3):
            assert kit.greet(f"Jan {number}", locale="cs") == f"Ahoj, Jan {number}!"
        assert len(kit.failures()) == 1
        assert kit.greet("Jan", locale="cs") == "Ahoj, Jane!"


@pytest.mark.parametrize("form", [RuntimeError("no"), "", 7, " \x1b[0m"], ids=repr)
def test_a_broken_inflector_leaves_the_name_as_it_is(form: Any) -> None:
    """And is told of, once."""
    with Kit(plugins=[Caller(form), Shelf(cs=CZECH)], discover=False) as kit:
        assert [kit.greet("Jan", locale="cs") for _ in range(2)] == ["Ahoj, Jan!"] * 2
        assert [each.phase for each in kit.failures()] == ["words"]


def test_an_inflected_form_is_cleaned_like_a_name() -> None:
    """What a plugin returns can inject no more than what a user types."""
    with Kit(plugins=[Caller("Ja\u202ene\n"), Shelf(cs=CZECH)], discover=False) as kit:
        assert kit.greet("Jan", locale="cs") == "Ahoj, Jane!"


def unsure(text: str) -> dict[str, str]:
    """Return a pattern of medium confidence."""
    return {"with": f"{text}, {{name}}!", "without": f"{text}!", "confidence": "medium"}


def test_what_is_not_sure_is_done_without_when_that_is_asked_for() -> None:
    """A wording, a slot, an override or an occasion."""
    nl = wording("nl", "Hallo")
    slots = {**nl.slots, "morning": unsure("Morgen"), "evening": unsure("Avond")}
    hours = [(0, "hello"), (5, "morning"), (12, "hello"), (18, "evening")]
    nl = nl.evolve(
        slots=slots,
        hours=hours,
        formal={"hello": unsure("Dag"), "morning": nl.slots["hello"]},
        occasions={"birthday": unsure("Hoera")},
    )
    shelf = Shelf(nl=nl, sv=wording("sv", "Hej", confidence="medium"))
    with Kit(Settings(strict_confidence="high"), plugins=[shelf], discover=False) as kit:
        from datetime import time

        for options in ({"at": time(6)}, {"at": "birthday"}, {"formality": "formal"}):
            assert kit.greet("Ada", locale="nl", **options) == "Hallo, Ada!"
        assert kit.greet("Ada", locale="sv") == "Hello, Ada!"
        kit.configure(strict_confidence="medium")
        assert kit.greet("Ada", locale="nl", at=time(6)) == "Morgen, Ada!"
        assert kit.greet("Ada", locale="sv") == "Hej, Ada!"


def test_a_wording_whose_hello_is_not_sure_does_not_answer() -> None:
    """Nothing is left to fall back on; and one that is sure of all stays the object that it is."""
    sure = wording("nl", "Hallo")
    assert confident(sure) is sure
    assert confident(sure.evolve(slots={"hello": unsure("Hallo")})) is None


def test_what_is_lazy_must_turn_out_to_be_a_wording() -> None:
    """The message says of which locale, and what to return."""
    with pytest.raises(WordingError, match=r"wording 'nl': loading it gave 7; return a Wording"):
        LazyWording("nl", lambda: 7).loaded()  # type: ignore[arg-type, return-value]  # that is the test
    assert repr(LazyWording("nl", lambda: wording("nl", "Hallo"))) == "LazyWording('nl')"
