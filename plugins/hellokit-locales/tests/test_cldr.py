"""What is generated from CLDR is what CLDR says; hours that are its own are its own."""

from __future__ import annotations

import json
import runpy
from typing import Any

import pytest
from babel.core import get_cldr_version
from babel.localedata import load, normalize_locale
from words import DATA, PLUGIN, TAGS

from hellokit import Wording
from hellokit_locales.cldr import list_pattern
from hellokit_locales.name_formats import home

PACKAGE = PLUGIN / "src" / "hellokit_locales"
TOOL: dict[str, Any] = runpy.run_path(str(PLUGIN / "tools" / "generate.py"))
BY_CLDR = [tag for tag in TAGS if DATA[tag].get("hours_basis", "").startswith("cldr")]


@pytest.mark.parametrize("name", TOOL["FILES"])
def test_the_generated_files_are_up_to_date(name: str) -> None:
    """Running the tool again changes nothing."""
    assert TOOL["generated"]()[name] == (PACKAGE / name).read_text("utf-8")


@pytest.mark.parametrize("name", TOOL["FILES"])
def test_the_version_of_cldr_is_told(name: str) -> None:
    """Each generated file says which CLDR it is of, and the licence lies beside the code."""
    assert json.loads((PACKAGE / name).read_text("utf-8"))["cldr"] == get_cldr_version()
    assert "UNICODE LICENSE V3" in (PLUGIN / "LICENSE-UNICODE").read_text("utf-8")


def test_every_list_pattern_passes_hellokits_rules() -> None:
    """None holds what a pattern may not hold."""
    for tag in TAGS:
        hello = {"with": "{name}", "without": "x"}
        Wording.from_data(
            tag,
            {
                "slots": {"hello": hello},
                "list": {
                    **(
                        list_pattern(tag)
                        or dict.fromkeys(("two", "start", "middle", "end"), "{0}, {1}")
                    )
                },
            }
            | (
                {"dir": "ltr"}
                if DATA[tag]["dir"] == "ltr"
                else {"dir": "rtl", "slots": {"hello": {"with": "{name}", "without": "\u05d0"}}}
            ),
        )


def test_the_list_patterns_are_cldrs_but_for_what_the_tool_says() -> None:
    """Where the tool corrects nothing, the patterns are those of Babel."""
    ours = {*TOOL["CORRECTIONS"], *TOOL["REPLACED"], *TOOL["LISTS_OF"]}
    for tag in set(TAGS) - ours:
        name = normalize_locale(tag.replace("-", "_"))
        if name is None:
            assert list_pattern(tag) is None
            continue
        known = load(name)["list_patterns"]["standard"]
        given = list_pattern(tag) or {}
        keys = ("2", "start", "middle", "end")
        assert [known[key] for key in keys] == [given[key.replace("2", "two")] for key in keys], tag


def test_no_language_has_the_word_of_another_for_and() -> None:
    """What CLDR inherits or has not translated is not taken over."""
    english = {tag for tag in TAGS if " and " in str(list_pattern(tag))}
    assert english == {"en", "en-001"}
    assert " et " not in str(list_pattern("ht"))


@pytest.mark.parametrize("tag", BY_CLDR)
def test_hours_that_are_cldrs_begin_where_its_day_periods_do(tag: str) -> None:
    """A time of day begins at an hour at which CLDR begins one, though not at each."""
    rules = load(normalize_locale(tag.replace("-", "_")) or "")["day_period_rules"][None]
    spans = [span for period in rules.values() for span in period]
    limits = {span.get("from", span.get("at", 0)) // 3600 for span in spans} | {0}
    assert {hour for hour, _ in DATA[tag]["hours"]} <= limits


def test_there_are_hours_to_compare() -> None:
    """The test above looks at something."""
    assert len(BY_CLDR) > 20


@pytest.mark.parametrize("tag", TAGS)
def test_the_default_formality_is_cldrs(tag: str) -> None:
    """What a wording says of the names of persons is what `address` goes by."""
    assert DATA[tag]["default_formality"] == home(tag).format.formality
