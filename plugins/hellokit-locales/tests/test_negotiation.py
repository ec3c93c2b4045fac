"""Negotiation: from what somebody wants to read to the locale that answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from words import TAGS, kit

from hellokit import LocaleError, RequestTypeError
from hellokit_locales import negotiate
from hellokit_locales.preferences import MAX_LENGTH, MAX_TAGS, from_header

KIT = kit()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("fr", "fr"),
        ("pt-AO", "pt-PT"),
        ("es-MX, en;q=0.8", "es-419"),
        ("en;q=0.8, es-MX", "es-419"),
        ("tlh, zh-TW;q=0.5", "zh-Hant"),
        ("da, en-gb;q=0.8, en;q=0.7", "da"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("en-AU", "en-001"),
        ("sr-Latn-RS", "sr-Latn"),
        ("zh-yue-HK", "yue"),
        ("DE-at", "de-AT"),
        ("de;Q=0.5 , fr ;q=0.4", "de"),
        ("de;q=0.500,fr;q=0.501", "fr"),
        ("de;q=0.5,fr;q=0.5", "de"),
        ("", None),
        (",,,", None),
        ("*", None),
        ("tlh", None),
        ("und, x-pig-latin", None),
        ("az-Arab", None),
        (None, None),
        ([], None),
        (["tlh", "iw"], "he"),
        (("sr_RS@latin", "en"), "sr-Latn"),
        (iter(["no"]), "nb"),
        (["*", "fr"], "fr"),
    ],
)
def test_the_best_of_what_is_wanted_is_found(wanted: Any, found: str | None) -> None:
    """The order is that of qualities, and among equals that of writing."""
    assert negotiate(wanted) == found


@pytest.mark.parametrize(
    "part",
    [
        *("fr;q=2", "fr;q=1.5", "fr;q=-1", "fr;q=0.1234", "fr;q=1.001", "fr;q=", "fr;q", "fr;"),
        *("fr;q=.5", "fr;q=0,5", "fr;q=1e0", "fr;level=1", "fr;q=1;q=0", "fr q=1", "f", "fr-"),
        *(
            "-fr",
            "fr--CH",
            "fr-*",
            "abcdefghi",
            "fr-abcdefghi",
            "français",
            "\uff46\uff52",
        ),
        *("fr\0", "fr\n", "\u202efr", "<script>", "../../etc", "1", "en-US-US", "fr;q=\u0661"),
    ],
)
def test_a_malformed_part_is_passed_over(part: str) -> None:
    """What is malformed is as if it were not there; the rest counts."""
    assert negotiate(f"{part}, de;q=0.1") == "de"
    assert negotiate(part) is None


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("fr-CA, fr;q=0", "fr-CA"),
        ("fr;q=0, fr-CA", "fr-CA"),
        ("fr-BE, fr;q=0, de;q=0.1", "de"),
        ("pt, pt-PT;q=0", "pt"),
        ("pt-PT;q=0, pt-AO", "pt"),
        ("iw;q=0, he", "he"),
        ("iw;q=0, he-IL;q=0.4, fr;q=0.1", "fr"),
        ("de;q=0", None),
        ("*;q=0, fr", "fr"),
        ("*;q=0", None),
    ],
)
def test_a_quality_of_zero_excludes(header: str, found: str | None) -> None:
    """What is not wanted does not answer for anything, unless it is wanted more exactly."""
    assert negotiate(header) == found


@pytest.mark.parametrize(
    ("wanted", "available", "found"),
    [
        ("pt-BR", ["en", "pt_BR"], "pt_BR"),
        ("pt", ["en", "pt_BR"], "pt_BR"),
        ("pt-AO", ["pt-BR", "pt-PT"], "pt-PT"),
        ("es-MX", ["es-ES"], "es-ES"),
        ("en-AU", ["en-US", "en-GB"], "en-GB"),
        ("zh-Hant", ["zh-cn", "zh-tw"], "zh-tw"),
        ("zh-Hant", ["zh-CN"], None),
        ("sr-Latn", ["sr"], None),
        ("sr-ME", ["sr-Cyrl", "sr-Latn"], "sr-Latn"),
        ("no", ["nn", "nb-NO"], "nb-NO"),
        ("fr", ["tlh"], None),
        ("tlh-US", ["tlh"], "tlh"),
        ("fr", [], None),
        ("*", ["de", "fr"], "de"),
        ("de;q=0, *", ["de", "fr"], "fr"),
        ("pt, pt-BR;q=0, fr;q=0.1", ["pt-BR", "fr"], "fr"),
        ("en", ("EN-us",), "EN-us"),
        ("en", {"de": "Deutsch", "en": "English"}, "en"),
    ],
)
def test_what_is_available_is_returned_as_it_is_written(
    wanted: str, available: Any, found: str | None
) -> None:
    """An application chooses from its own languages: the nearest one, in no other script."""
    assert negotiate(wanted, available) == found


def test_the_default_is_returned_where_nothing_suits() -> None:
    """It is returned as it is; a star means it, unless it is excluded."""
    assert negotiate("tlh", default="fr") == "fr"
    assert negotiate(None, default="pt_BR") == "pt_BR"
    assert negotiate("*, de;q=0.5", default="fr") == "fr"
    assert negotiate("fr;q=0, *, de;q=0.5", default="fr") == "de"
    assert negotiate("de", available=["fr"], default="fr") == "fr"


@pytest.mark.parametrize("tag", TAGS)
def test_what_is_told_is_what_answers(tag: str) -> None:
    """The tag that negotiating gives is that of the wording that greets."""
    for wanted in (tag, f"{tag};q=0.3", f"tlh, {tag}-x-mine", [tag]):
        assert negotiate(wanted) == KIT.compose(locale=negotiate(wanted)).locale == tag


@pytest.mark.parametrize(
    ("wanted", "available"),
    [
        (42, None),
        (b"fr", None),
        ([b"fr"], None),
        ([None], None),
        ([["fr"]], None),
        ("fr", "fr"),
        ("fr", [None]),
        ("fr", [["fr"]]),
        ("fr", [{}]),
        ("fr", 7),
    ],
)
def test_what_is_no_text_is_refused(wanted: Any, available: Any) -> None:
    """The error names the type, and what to pass."""
    with pytest.raises(RequestTypeError, match=r"has the type \w+: pass "):
        negotiate(wanted, available)


@pytest.mark.parametrize("wanted", ["fr", "*", "tlh"])
def test_a_malformed_tag_of_the_application_is_refused(wanted: str) -> None:
    """It was not written by a stranger: a mistake in it is told, whatever a stranger wants."""
    with pytest.raises(LocaleError, match="is not a language tag"):
        negotiate(wanted, available=["fr", "de--AT"])
    with pytest.raises(LocaleError, match="is not a language tag"):
        negotiate(wanted, default="de--AT")


@pytest.mark.parametrize("default", [7, [], b"fr"])
def test_a_default_that_is_no_text_is_refused(default: Any) -> None:
    """The error names the type, and what to pass."""
    with pytest.raises(RequestTypeError, match=r"has the type \w+: pass "):
        negotiate("tlh", default=default)


def test_no_more_of_a_header_is_read_than_its_beginning() -> None:
    """A megabyte of header is cut; a language that is cut through does not count."""
    assert negotiate(f"fr;q=0.1,{'x' * 1_000_000}") == "fr"
    assert negotiate(f"{' ' * MAX_LENGTH},fr") is None
    padding = "tlh," * (MAX_LENGTH // 4 - 1)
    assert negotiate(f"{padding}fr-CA") is None
    wanted, _ = from_header(f"{padding}fr-CA")
    assert wanted == ("tlh",)


def test_no_more_languages_are_looked_at_than_32() -> None:
    """Those behind them are as if they were not there, in a header and in a list."""
    others = [f"zz-{number:03}" for number in range(MAX_TAGS)]
    assert negotiate([*others, "fr"]) is None
    assert negotiate([*others[1:], "fr"]) == "fr"
    assert negotiate(", ".join([*others, "fr"])) is None
    assert negotiate(", ".join([*others[1:], "fr"])) == "fr"


def test_an_endless_list_is_not_read_to_its_end() -> None:
    """Only as much is taken of an iterable as counts."""

    def endless() -> Any:
        while True:
            yield "tlh"

    assert negotiate(endless(), default="de") == "de"


@given(st.text(max_size=60) | st.text("enfrd-*;q=01.,_ \t", max_size=60))
def test_no_header_is_an_error(header: str) -> None:
    """Whatever a stranger sends, there is an answer: a tag of ours, or none."""
    assert negotiate(header) in {None, *TAGS}


@given(st.lists(st.sampled_from(["fr", "de", "en-GB", "zh-TW", "*", "tlh", "sr;q=0"]), max_size=8))
def test_a_list_and_its_header_agree(wanted: list[str]) -> None:
    """Languages without qualities mean the same in both."""
    plain = [tag for tag in wanted if ";" not in tag]
    assert negotiate(plain) == negotiate(", ".join(plain))


def test_a_tag_of_a_profile_may_be_spelled_with_an_underscore() -> None:
    """As in a list, and as in `greet`."""
    assert negotiate("pt_BR, en;q=0.5") == negotiate(["pt_BR", "en"]) == "pt"
    assert negotiate("de_DE") == "de"
