"""What CLDR says, as tools/generate.py wrote it down: lists of names, and kinship of languages."""

from __future__ import annotations

import json
import os
from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    Tags: TypeAlias = dict[str, str]

KEYS = ("two", "start", "middle", "end")


class Kinship:
    """How language tags are related.

    Attributes:
        aliases: the tags that stand for languages of other names: `{"iw": "he"}`.
        regions: the regions that stand for regions of other names: `{"UK": "GB"}`.
        scripts: the script that a language is likely to be written in: `{"zh": "Hans"}`.
        regional: the script, where a region likely has another: `{"zh-TW": "Hant"}`.
        parents: the tags that are not tried by leaving out a subtag: `{"pt-AO": "pt-PT"}`.
    """

    __slots__ = ("aliases", "parents", "regional", "regions", "scripts")

    def __init__(self, data: Mapping[str, Mapping[str, str]]) -> None:
        self.aliases = _inverted(data["aliases"])
        self.regions = _inverted(data["regions"])
        self.scripts = _inverted(data["scripts"])
        self.regional = _inverted(data["regional"])
        self.parents = _inverted(data["parents"])


@cache
def kinship() -> Kinship:
    """Return how language tags are related."""
    return Kinship(_read("kinship.json"))


def list_pattern(tag: str) -> dict[str, Any] | None:
    """Return how a locale joins names, as a wording takes it; None where CLDR has no data.

    >>> list_pattern("fr")["two"]
    '{0} et {1}'
    """
    return _list_patterns().get(tag)


@cache
def _list_patterns() -> dict[str, dict[str, Any]]:
    data = _read("lists.json")
    found: dict[str, dict[str, Any]] = {}
    for *patterns, locales in data["patterns"]:
        pattern = dict(zip(KEYS, patterns, strict=True))
        found.update(dict.fromkeys(locales.split(), pattern))
    for tag, variants in data["variants"].items():
        found[tag] = {**found[tag], "variants": variants}
    return found


def _read(name: str) -> Any:
    path = os.path.join(os.path.dirname(__file__), name)  # noqa: PTH118, PTH120  # pathlib is slow to import
    with open(path, "rb") as file:  # noqa: PTH123  # as above
        return json.loads(file.read())


def _inverted(groups: Mapping[str, str]) -> Tags:
    return {member: name for name, members in groups.items() for member in members.split()}
