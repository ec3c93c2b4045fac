"""Every hard name through every locale: the name once and clean, the words as they are."""

from __future__ import annotations

import pytest
from words import DATA, TAGS, bad_names, kit, naughty_strings

from hellokit import Greeting, Request

KIT = kit()
ISOLATES = dict.fromkeys(map(ord, "\u2068\u2069"))
NAMES = sorted({each.name for each in bad_names()} | set(naughty_strings()))


def honoured(tag: str, name: str) -> str:
    """Return a name as a locale decorates it, by its data alone."""
    address = DATA[tag].get("address", {})
    if name.endswith(tuple(address.get("unless_suffix", ()))):
        return name
    before, _, after = address.get("default", "{name}").partition("{name}")
    return f"{before}{name}{after}"


def expected(tag: str, name: str) -> str:
    """Return the greeting of a clean name, by the data alone."""
    forms = DATA[tag]["slots"]["hello"]
    if not name:
        return str(forms["without"])
    before, _, after = forms["with"].partition("{name}")
    return f"{before}{honoured(tag, name)}{after}"


def faults(tag: str, raw: str, name: str, greeting: Greeting) -> list[str]:
    """Return what is wrong with a greeting."""
    text = greeting.text
    names = [part for part, is_name in greeting.parts if is_name]
    checks = {
        "another text": text.translate(ISOLATES) != expected(tag, name),
        "not the clean name once": names != [name] * bool(name),
        "the parts are not the text": "".join(part for part, _ in greeting.parts) != text,
        "several lines": len(text.splitlines()) != 1,
        "another locale": greeting.locale != tag,
        "greet says otherwise": KIT.greet(raw, locale=tag) != text,
    }
    return [fault for fault, is_so in checks.items() if is_so]


def test_the_lists_are_worth_their_names() -> None:
    """Both lists are there, and hold hundreds of strings."""
    assert len(bad_names()) > 100
    assert len(naughty_strings()) > 400


def test_the_expected_cleaning_is_hellokits() -> None:
    """What the rest of this file takes for the clean name is what the list of bad names says."""
    for each in bad_names():
        assert "".join(Request(each.name).names) == each.clean, each.called


@pytest.mark.parametrize("tag", TAGS)
def test_every_name_is_greeted(tag: str) -> None:
    """No name breaks a greeting, a line, an encoding or the words around it."""
    wrong = {}
    for raw in NAMES:
        name = "".join(Request(raw).names)
        greeting = KIT.compose(raw, locale=tag)
        greeting.text.encode("utf-8")
        if found := faults(tag, raw, name, greeting):
            wrong[raw] = found
    assert wrong == {}
