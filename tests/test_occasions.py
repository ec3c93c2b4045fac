"""An occasion is asked for by its name, in the place of the time of day."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import time
from typing import Any

import pytest

from hellokit import Kit, Request, RequestTypeError, RequestValueError, Wording, WordingError

DUTCH: dict[str, Any] = {
    "slots": {
        "hello": {"with": "Hallo, {name}!", "without": "Hallo!"},
        "evening": {"with": "Goedenavond, {name}!", "without": "Goedenavond!"},
    },
    "hours": [[0, "hello"], [18, "evening"]],
    "list": dict.fromkeys(("two", "start", "middle", "end"), "{0} en {1}"),
    "occasions": {
        "birthday": {"with": "Gefeliciteerd, {name}!", "without": "Gefeliciteerd!"},
    },
}


class Words:
    """Brings Dutch."""

    def hellokit_wordings(self) -> list[Wording]:
        """Return it."""
        return [Wording.from_data("nl", DUTCH)]


@pytest.fixture
def kit() -> Kit:
    """Return a kit that knows Dutch."""
    return Kit(plugins=[Words], discover=False)


def test_an_occasion_has_words_of_its_own(kit: Kit) -> None:
    """For one person, several and nobody, in every way to greet."""
    assert kit.greet("Ada", locale="nl", at="birthday") == "Gefeliciteerd, Ada!"
    assert kit.greet("Ada", "Grace", locale="nl", at="birthday") == "Gefeliciteerd, Ada en Grace!"
    assert kit.greet(locale="nl", at="birthday") == "Gefeliciteerd!"
    text = asyncio.run(kit.greet_async("Ada", locale="nl", at="birthday", backend="async"))
    assert text == "Gefeliciteerd, Ada!"
    assert list(kit.greet_many(["Ada"], locale="nl", at="birthday")) == ["Gefeliciteerd, Ada!"]
    with kit.use(at="birthday"):
        assert kit.greet("Ada", locale="nl") == "Gefeliciteerd, Ada!"


def test_without_words_for_an_occasion_the_greeting_is_timeless(kit: Kit) -> None:
    """The slot tells which it was: nobody is congratulated in words that nobody wrote."""
    assert kit.greet("Ada", locale="nl", at="new-year") == "Hallo, Ada!"
    assert kit.greet("Ada", locale="en", at="birthday") == "Hello, Ada!"
    slots = [kit.compose("Ada", locale=tag, at="birthday").slot for tag in ("nl", "en")]
    assert slots == ["birthday", "hello"]


def test_the_time_of_day_is_as_ever(kit: Kit) -> None:
    """A locale with occasions greets by the clock, too."""
    assert kit.greet("Ada", locale="nl", at=time(19)) == "Goedenavond, Ada!"


def test_greetings_of_an_occasion_are_cached_apart(kit: Kit) -> None:
    """Or a birthday would go on for a day."""
    texts = [kit.greet("Ada", locale="nl", at=at, backend="cached") for at in ("birthday", None)]
    assert texts == ["Gefeliciteerd, Ada!", "Hallo, Ada!"]


@pytest.mark.parametrize(
    "at", ["19:00", "", "morning", "now", "Birthday", "birthday ", "a--b", "é", "x" * 33, "-"]
)
def test_what_names_no_occasion_is_refused(at: str) -> None:
    """A time of day in a string is a likely mistake, and the message says what to pass."""
    with pytest.raises(
        RequestValueError, match=r"at is .*(no occasion|a time of day).*datetime\.time"
    ):
        Request("Ada", at=at)


def test_other_types_are_refused() -> None:
    """The message says what is taken."""
    with pytest.raises(RequestTypeError, match=r"of type int.*occasion"):
        Request("Ada", at=19)  # type: ignore[arg-type]  # that is the test


def test_an_occasion_is_kept_as_a_plain_string() -> None:
    """A subclass of str may lie about itself."""

    class Liar(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = str.__hash__

    request = Request("Ada", at=Liar("birthday"))
    assert type(request.at) is str
    assert repr(request) == "Request('Ada', at='birthday')"


@pytest.mark.parametrize(
    ("occasions", "told"),
    [
        ({"Birthday": DUTCH["occasions"]["birthday"]}, "names no occasion"),
        ({"birthday": {"with": "Hoera!", "without": "Hoera!"}}, "occasions.birthday.with"),
        ({"birthday": {"with": "Hoera, {name}!"}}, "'without' is missing"),
        (["birthday"], "this is a list; give a mapping"),
    ],
)
def test_a_broken_occasion_is_refused(occasions: Any, told: str) -> None:
    """When the wording is made, naming locale, occasion and rule."""
    with pytest.raises(WordingError, match=r"wording 'nl', occasions") as caught:
        Wording.from_data("nl", {**DUTCH, "occasions": occasions})
    assert told in str(caught.value)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `hellokit greet Ada` to its end."""
    told = [sys.executable, "-m", "hellokit", "greet", "Ada", *arguments]
    alone = {**os.environ, "HELLOKIT_DISABLE_PLUGINS": "all"}
    return subprocess.run(told, capture_output=True, encoding="utf-8", check=False, env=alone)


def test_the_command_greets_for_an_occasion() -> None:
    """English has no words for one: the greeting is the timeless one."""
    done = command("--occasion", "birthday", "--strict-confidence", "high")
    assert (done.stdout, done.stderr) == ("Hello, Ada!\n", "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--occasion", "19:00"], "'19:00' names no occasion"),
        (["--occasion", "birthday", "--at", "9"], "not allowed with argument"),
        (["--strict-confidence", "low"], "invalid choice"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(arguments: list[str], told: str) -> None:
    """As wrong usage."""
    done = command(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
