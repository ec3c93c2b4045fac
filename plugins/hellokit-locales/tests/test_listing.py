"""`hellokit locales`: the table, one locale, JSON, and what is left when confidence is strict."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from words import DATA, TAGS, kit

HELLOKIT = Path(sys.executable).with_name("hellokit")


def run(*arguments: str, code: int = 0, variables: dict[str, str] | None = None) -> str:
    """Run `hellokit locales`, and return what it prints where it should."""
    done = subprocess.run(
        [HELLOKIT, "locales", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **(variables or {})},
    )
    printed, silent = (done.stdout, done.stderr) if code == 0 else (done.stderr, done.stdout)
    assert (done.returncode, silent) == (code, "")
    return printed


def objects(*arguments: str, **variables: str) -> list[dict[str, Any]]:
    """Run `hellokit locales --json`, and return the objects."""
    return [
        json.loads(line) for line in run(*arguments, "--json", variables=variables).splitlines()
    ]


def test_the_table_has_a_line_for_each_locale() -> None:
    """Every tag is there, with what its file says, and the sum at the end."""
    lines = run().splitlines()
    assert lines[0].split()[:6] == ["tag", "language", "confidence", "script", "dir", "slots"]
    assert [line.split()[0] for line in lines[1 : len(TAGS) + 1]] == TAGS
    french = next(line for line in lines if line.startswith("fr "))
    assert french.split() == (
        [
            "fr",
            "French",
            "high",
            "Latn",
            "ltr",
            "hello",
            "evening",
            "-",
            "1",
            "-",
            "birthday",
            "new-year",
            "welcome-back",
            "none",
        ]
    )
    high = sum(data["confidence"] == "high" for data in DATA.values())
    told = f"{len(TAGS)} locales: {high} of high confidence, {len(TAGS) - high} of medium"
    assert lines[-1] == told


def test_json_is_an_object_for_each_locale() -> None:
    """The same as the table, for programs."""
    found = {each["tag"]: each for each in objects()}
    assert list(found) == TAGS
    assert found["he"]["dir"] == "rtl"
    assert found["he"]["script"] == "Hebr"
    assert found["ja"]["formal"] == ["hello", "morning", "day", "evening"]


@pytest.mark.parametrize("variables", [{}, {"HELLOKIT_STRICT_CONFIDENCE": "high"}])
def test_strict_confidence_shows_what_is_left(variables: dict[str, str]) -> None:
    """The option and the setting leave out the locales that a strict kit does without."""
    arguments = () if variables else ("--strict-confidence", "high")
    found = {each["tag"] for each in objects(*arguments, **variables)}
    strict = kit(strict_confidence="high")
    assert found == {tag for tag in TAGS if strict.compose(locale=tag).locale == tag}
    assert 0 < len(found) < len(TAGS)


def test_the_option_wins_over_the_setting() -> None:
    """What is asked for is shown."""
    asked = ("--strict-confidence", "medium")
    assert len(objects(*asked, HELLOKIT_STRICT_CONFIDENCE="high")) == len(TAGS)


def test_one_locale_shows_every_greeting() -> None:
    """Each with a name and without, as an application would get it."""
    shown = run("fr")
    assert shown.startswith("fr: French, high confidence, Latn, left to right\n")
    assert "evening" in shown
    assert {"Bonsoir Ada\u202f!", "Bonsoir\u202f!", "Salut Ada\u202f!"} <= {
        line.strip().rpartition("  ")[2] for line in shown.splitlines()
    }


def test_a_tag_is_answered_by_the_wording_that_would_greet() -> None:
    """`es-MX` shows the Spanish of Latin America."""
    (found,) = objects("es-MX")
    assert found["tag"] == "es-419"
    assert found["greetings"]["slots hello"] == {"with": "¡Hola, Ada!", "without": "¡Hola!"}
    assert found["greetings"]["several hello"]["with"] == "¡Hola, Ada, Grace y Alan!"


@pytest.mark.parametrize("tag", TAGS)
def test_every_pattern_is_shown(tag: str) -> None:
    """Nothing that a file says goes unseen."""
    from hellokit_locales.samples import Samples

    found = [(each.group, each.slot) for each in Samples().of(tag)]
    groups = ("slots", "formal", "informal", "plural", "occasions")
    there = [(group, slot) for group in groups for slot in DATA[tag].get(group, ())]
    assert found == [*there, ("several", "hello")]


@pytest.mark.parametrize("tag", ["tlh", "../../etc", "az-Arab"])
def test_an_unknown_tag_is_told(tag: str) -> None:
    """The command says which, and where to look."""
    assert f"no wording answers for {tag!r}" in run(tag, code=1)


def test_a_terminal_without_the_letters_is_no_error() -> None:
    """What cannot be encoded is spelled out."""
    assert "\\u05e9" in run("he", variables={"PYTHONIOENCODING": "ascii"})
