"""A file that breaks a rule is refused when it is loaded; the message names file, key and rule."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from words import DATA, kit

from hellokit import Kit, LazyWording, WordingError
from hellokit_locales import shelf

if TYPE_CHECKING:
    from pathlib import Path

HELLO = {"with": "Bonjour {name}", "without": "Bonjour"}


def spoilt(folder: Path, content: str | bytes) -> WordingError:
    """Write a file for `fr`, and return the error of loading it."""
    path = folder / "fr.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(WordingError) as caught:
        shelf.load("fr", str(folder))
    assert str(path) in str(caught.value)
    return caught.value


def french(**changes: Any) -> str:
    """Return the data of French, changed."""
    return json.dumps({**DATA["fr"], **changes})


@pytest.mark.parametrize(
    ("changes", "key", "rule"),
    [
        (
            {"slots": {"hello": HELLO | {"with": "{name} {name}"}}},
            "slots.hello.with",
            "exactly once",
        ),
        ({"slots": {"hello": HELLO | {"with": "Bonjour"}}}, "slots.hello.with", "exactly once"),
        ({"slots": {"hello": HELLO | {"with": "{nom}"}}}, "slots.hello.with", "exactly once"),
        ({"slots": {"hello": HELLO | {"with": "{name} {0.__class__}"}}}, "slots.hello", "brace"),
        ({"slots": {"hello": HELLO | {"with": "{name!r}"}}}, "slots.hello.with", "exactly once"),
        ({"slots": {"hello": HELLO | {"with": "{{name}}"}}}, "slots.hello.with", "brace"),
        ({"slots": {"hello": HELLO | {"without": "{name}"}}}, "slots.hello.without", "no brace"),
        ({"slots": {"hello": HELLO | {"with": "\u202e{name}"}}}, "slots.hello.with", "bidi"),
        ({"slots": {"hello": HELLO | {"with": "\u2069{name}"}}}, "slots.hello.with", "U+2069"),
        ({"slots": {"hello": HELLO | {"with": "{name}\ud800"}}}, "slots.hello.with", "U+D800"),
        ({"slots": {"hello": HELLO | {"with": "e\u0301 {name}"}}}, "slots.hello.with", "NFC"),
        ({"slots": {"hello": HELLO | {"with": "{name} "}}}, "slots.hello.with", "without a space"),
        ({"slots": {"hello": HELLO | {"with": "a  {name}"}}}, "slots.hello.with", "doubled"),
        ({"slots": {"hello": HELLO | {"with": 3}}}, "slots.hello.with", "a pattern is a str"),
        ({"slots": {"hello": {"with": "{name}"}}}, "slots.hello", "'without' is missing"),
        ({"slots": {}}, "slots", "'hello' is missing"),
        ({"slots": []}, "slots", "list"),
        ({"slots": {"hello": HELLO, "tea": HELLO}}, "slots", "'tea' is not a known key"),
        ({"hours": [[1, "hello"], [18, "evening"]]}, "hours", "begin at 0"),
        ({"hours": [[0, "hello"], [24, "evening"]]}, "hours", "at most 23"),
        ({"hours": [[0, "hello"], [18, "evening"], [9, "hello"]]}, "hours", "ascend"),
        ({"hours": [[0, "hello"], [18, "tea"]]}, "hours", "'tea' has no patterns"),
        ({"hours": [[0, "hello"]]}, "hours", "no hour uses the slot 'evening'"),
        ({"hours": [["0", "hello"]]}, "hours", "not an hour and a slot"),
        ({"dir": "rtl"}, "slots.hello", "right to left"),
        ({"dir": "up"}, "direction", "not a known value"),
        ({"confidence": "low"}, "confidence", "not a known value"),
        ({"occasions": {"Birthday": HELLO}}, "occasions", "names no occasion"),
        ({"occasions": {"birthday": {"with": "x"}}}, "occasions.birthday", "'without' is missing"),
        ({"address": {"default": "Mme"}}, "address.default", "exactly once"),
        ({"list": {"two": "{0} et"}}, "list.two", "{1}"),
        ({"colour": "blue"}, "fr", "'colour' is not a known key"),
    ],
)
def test_a_broken_rule_is_named(
    changes: dict[str, Any], key: str, rule: str, tmp_path: Path
) -> None:
    """The message says where the rule is broken, and which it is."""
    message = str(spoilt(tmp_path, french(**changes)))
    assert key in message
    assert rule in message
    assert "; " in message, "what to do"
    assert message.replace(str(tmp_path), "").isprintable()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (french()[:-1] + ",}", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "it holds a list"),
        ("null", "it holds a NoneType"),
        ("{}", "'slots' is missing"),
    ],
)
def test_what_is_no_wording_at_all_is_refused(
    content: str | bytes, rule: str, tmp_path: Path
) -> None:
    """The message says what the file is, and what to do."""
    assert re.search(f"{re.escape(rule)}.*; ", str(spoilt(tmp_path, content)))


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    """What cannot be read is named, with the reason."""
    with pytest.raises(WordingError, match=r"fr\.json: it cannot be read: No such file"):
        shelf.load("fr", str(tmp_path))


def test_a_spoilt_file_costs_its_locale_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The kit reports the file, and greets by the default locale; others are as they were."""
    (tmp_path / "fr.json").write_text(french(dir="rtl"), encoding="utf-8")

    class Spoilt:
        """A plugin whose French cannot be used."""

        def hellokit_wordings(self) -> list[LazyWording]:
            """Return French from the spoilt file."""
            return [LazyWording("fr", lambda: shelf.load("fr", str(tmp_path)))]

    with Kit(discover=False, plugins=[Spoilt]) as spoilt_kit:
        assert spoilt_kit.greet("Ada", locale="fr") == "Hello, Ada!"
    assert str(tmp_path / "fr.json") in caplog.text
    assert kit().greet("Ada", locale="de") == "Hallo Ada!"
