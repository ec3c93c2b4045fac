"""The names that greetings go wrong with, as they lie beside this module in `bad_names.json`."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def bad_names() -> Mapping[str, str]:
    """Return every bad name by what it is called, such as `"newline"` or `"fmt-field"`.

    >>> bad_names()["fmt-field"]
    '{name}'
    """
    text = files("hellokit.testing").joinpath("bad_names.json").read_text("utf-8")
    return {case["id"]: _made(case) for case in json.loads(text)["strings"]}


def _made(case: Mapping[str, Any]) -> str:
    """Return the name of a case; a long one is told by what it repeats."""
    make = case["make"]
    if make is None:
        return _decoded(case["name"])
    times: int = make["times"]
    return _decoded(make["prefix"]) + _decoded(make["unit"]) * times


def _decoded(text: str) -> str:
    """Return what is written in ASCII there, as it holds surrogates that no encoding takes."""
    return text.encode("ascii").decode("unicode_escape")
