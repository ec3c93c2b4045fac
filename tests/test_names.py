"""Names come out clean: one line, in NFC, without anything hidden, and never longer than asked."""

from __future__ import annotations

import enum
import json
import subprocess
import sys
import unicodedata
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hellokit.cleaning import cleaned
from hellokit.errors import RequestTypeError, RequestValueError
from hellokit.names import MAX_LENGTH, MAX_NAMES, clean, clean_names

BAD_NAMES = json.loads((files("hellokit.testing") / "bad_names.json").read_text("utf-8"))
CASES = {case["id"]: case for case in BAD_NAMES["strings"]}

FLAG = "\U0001f1eb\U0001f1f7"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)

# What the rules are about, in several scripts, so that random text meets them all the time.
PIECES = (
    *"aAe1 .(\u2026\xe9\u0647\u0639\u06cc\u05d3\u0915\u09b0\u09af\u0cb0\u0d23\u1820\u1828\u845b",
    *"\u1112\u1161\u11ab\u09c7\u09be\u212a\u2126\ufb1d\U0001d15e\u1e69\u0378\ue000\u0600\u061f",
    *"\u0301\u0308\u0323\u0327\u0345\u093c\u094d\u09cd\u0ccd\u0d4d\ua953\u302e\u3099\u20dd\u20e3",
    *"\u200c\u200d\ufe0f\ufe01\U000e0100\u180b\u180e\u180f\U0001f3fd\u2764\u2194\U0001f469",
    *"\U0001f1eb\U0001f1f7\U0001f3f4\U000e0067\U000e0030\U000e0041\U000e007f",
    *"\xa0\u3000\u2800\u2028\x85\n\t\x1c\x1b\x07\x9b\x9c\x9d\x7f\x00\ud800\udfff\uffff\ufdd0",
    *"\xad\u034f\u061c\u115f\u1160\u17b4\u200b\u200e\u202e\u2060\u2066\u2069\u3164\ufeff\uffa0",
    *"\ufff9\U0001bca0\U0001d173\U000e0002\U000e0fff\U0002fffe",
    *("\x1b[31m", "\x1b]0;", "\x1bP", "\x1b\\", "\x1b(B", SCOTLAND, FLAG),
)
hostile = st.lists(
    st.one_of(st.sampled_from(PIECES), st.sampled_from(PIECES), st.characters()), max_size=60
).map("".join)
lengths = st.sampled_from((8, 9, 12, 20, 40, MAX_LENGTH))


def decoded(escaped: str) -> str:
    """Undo the unicode_escape encoding of the data."""
    return escaped.encode("ascii").decode("unicode_escape")


def name_of(case: dict[str, Any]) -> str:
    """Return the name of a case, made by repetition if it is long."""
    if make := case["make"]:
        return decoded(make["prefix"]) + decoded(make["unit"]) * int(make["times"])
    return decoded(case["name"])


class Mute:
    """An object that must not be asked for its text."""

    def __str__(self) -> str:
        """Fail: names are never converted."""
        raise AssertionError("str() was called")

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        """Fail: names are never converted."""
        raise AssertionError("format() was called")


class Proxy(Mute):
    """A lazy proxy that pretends to be a string."""

    @property  # type: ignore[misc]  # proxies do this, though no type checker allows it
    def __class__(self) -> type:
        """Lie."""
        return str


class Liar(str):
    """A string whose methods do not tell what it holds."""

    __slots__ = ()

    def __getitem__(self, index: object) -> str:
        """Lie."""
        return "\x1b[2J"

    def __iter__(self) -> Any:
        """Lie."""
        return iter("\n\n")

    def __len__(self) -> int:
        """Lie."""
        return 0

    def isprintable(self) -> bool:
        """Lie."""
        return True

    def __str__(self) -> str:
        """Lie."""
        return "\x1b[2J"

    isascii = isalnum = isprintable


class Title(enum.StrEnum):
    """Names kept in an enumeration."""

    COUNTESS = " Ada "


NON_STRINGS: dict[str, object] = {
    "bytes": b"Ada",
    "bytearray": bytearray(b"Ada"),
    "int": 42,
    "bool": True,
    "float-nan": float("nan"),
    "list": ["Ada"],
    "dict": {"a": 1},
    "object": Mute(),
    "lazy-string": Proxy(),
    "callable": lambda: "Ada",
}
STRING_KINDS: dict[str, object] = {
    "none": None,
    "str-subclass": Liar("Ada"),
    "markup": type("Markup", (str,), {})("Ada"),
    "str-enum": Title.COUNTESS,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_bad_name_gives_the_agreed_result(case: dict[str, Any]) -> None:
    """Each name of the collection is cleaned as it says, and stays so."""
    expected = decoded(case["clean"])
    assert clean(name_of(case)) == expected
    assert clean(expected) == expected


@pytest.mark.parametrize(
    "name",
    [
        "\u09b0\u200d\u09cd\u09af\u09be\u099a\u09c7\u09b2",
        "\u0cb0\u200d\u0ccd\u0c95",
        "\U0001f642\u200d\u2194\ufe0f",
        "\U0001f469\U0001f3fd\u200d\U0001f680",
        "\U0001f3f3\ufe0f\u200d\u26a7\ufe0f",
        "\u1820\u180b\u1828",
        "\u1820\u180e\u1820",
        "\u0645\u0647\u200c x",
        "\u0628\u0651\u200c\u06cc",
        "1\ufe0f\u20e3",
        SCOTLAND,
        FLAG,
    ],
    ids=ascii,
)
def test_what_is_spelling_stays(name: str) -> None:
    """Joiners, selectors and tags stay where they change what is seen."""
    assert clean(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "\u0301Ada",
        "\x1bPq#0\x1b\\Ada",
        "Ada\U000e0002\U0002fffe",
        "\x90q#0\x9cAda",
        "\x1b]0;x\x1b[31m\x07Ada",
        "\x9d0;x\x9cAda",
        "\x1b[0 qAda",
        "\x1b(BAda",
        "Ada\x1b]",
        "A\u200cda",
        "Ada \ufe0f",
        "Ada\U000e0100",
        "A\u180bda",
        "Ada\u200d",
        "\U000e0001\U000e0041Ada",
        "\u3164Ada\uffa0",
        "Ada\u2800\u2800",
    ],
    ids=ascii,
)
def test_what_is_hidden_goes(name: str) -> None:
    """Sequences for terminals and invisible characters leave nothing behind."""
    assert clean(name) == "Ada"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("\u0628\u200c\u200c\u06cc", "\u0628\u200c\u06cc"),
        ("\u0628\u200c \u06cc", "\u0628 \u06cc"),
        ("\u0628\u200ca", "\u0628a"),
        ("\u0d23\u0d4d\u200d\u200d", "\u0d23\u0d4d\u200d"),
        ("\U0001f469\u200c\U0001f469", "\U0001f469\U0001f469"),
        ("\u0647\u200d", "\u0647"),
        ("\u1820\u180e", "\u1820"),
        ("e\u200d\u0301", "\xe9"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f3f4"),
        ("\U0001f3f4" + "\U000e0061" * 7 + "\U000e007f", "\U0001f3f4"),
        ("\ufa19", "\u795e"),
        ("\ue000\u0378", ""),
        ("Ada\x1b[31", "Ada31"),
        ("Ada \u0301x", "Ada x"),
        ("\u0647\u200c1", "\u06471"),
        ("\u0915\u093e\u200d\u094d", "\u0915\u093e\u094d"),
        (SCOTLAND + "\ufe0f", SCOTLAND),
        ("Ada \u0903x", "Ada x"),
    ],
    ids=ascii,
)
def test_what_only_looks_like_spelling_goes(name: str, expected: str) -> None:
    """A joiner, selector or tag in the wrong place is dropped alone."""
    assert clean(name) == expected


def test_no_joiner_lets_more_marks_through() -> None:
    """A base has four marks at most, whatever stands between them."""
    marks = sum(
        map(bool, map(unicodedata.combining, clean("e" + ("\u0301" * 4 + "\u200d") * 20 + "x")))
    )
    assert marks == 4


@pytest.mark.parametrize(
    "name",
    [
        "\ua984\u302e" + "\u200d\ua953" * 255,
        "\x1b]" * 255 + "\x07Ada",
        "\x9b1" * 256,
        "\U0001f469\u200d" * 256,
        "e" + "\u0301\u0323" * 255,
    ],
    ids=["settles-late", "strings", "sequences", "joiners", "marks"],
)
def test_a_name_made_to_cost_much_is_clean_at_once(name: str) -> None:
    """Names on which the rules work longest are clean after one cleaning."""
    once = clean(name)
    assert unicodedata.is_normalized("NFC", once)
    assert clean(once) == once


@given(hostile, lengths)
@settings(max_examples=600, deadline=None)
@example("\u0645\u0647\u200c " * 40, 12)
def test_any_text_comes_out_clean(text: str, max_length: int) -> None:
    """Whatever goes in, the result is one encodable NFC line without controls, for good."""
    name = clean(text, max_length)
    assert type(name) is str
    assert len(name) <= max_length
    assert name.encode().decode() == name
    assert len(name.splitlines()) <= 1
    assert unicodedata.is_normalized("NFC", name)
    assert BIDI_CONTROLS.isdisjoint(name)
    assert not any(unicodedata.category(char) == "Cc" for char in name)
    assert clean(name, max_length) == name


@given(hostile, lengths)
@settings(max_examples=500, deadline=None)
def test_the_short_cuts_give_what_the_whole_policy_gives(text: str, max_length: int) -> None:
    """A short cut is never visible in the result."""
    assert clean(text, max_length) == cleaned(text[: 4 * max_length], max_length)


@pytest.mark.parametrize("frame", ["{}", "\u0430{}\u0430"], ids=["alone", "between-letters"])
def test_the_short_cuts_are_right_for_every_code_point(frame: str) -> None:
    """No printable character, the only ones let through, gives another result by a short cut."""
    printable = filter(str.isprintable, map(chr, range(0x110000)))
    names = (frame.format(char) for char in printable)
    assert [name for name in names if clean(name) != cleaned(name, MAX_LENGTH)] == []


@pytest.mark.parametrize(
    "cluster",
    [
        FLAG,
        SCOTLAND,
        "\U0001f44b\U0001f3fd",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",
        "e\u0302\u0323\u0331",
        "\u2764\ufe0f",
        "\u845b\U000e0100",
    ],
    ids=ascii,
)
def test_a_long_name_is_cut_between_clusters(cluster: str) -> None:
    """No flag, emoji or letter with marks is split, wherever the cut falls."""
    cluster = unicodedata.normalize("NFC", cluster)
    for letters in range(20):
        name = clean("a" * letters + cluster * 40, 32)
        whole = (len(name) - 1 - letters) // len(cluster)
        assert name == "a" * letters + cluster * whole + "\u2026"
        assert len(name) > 32 - len(cluster)


def test_a_flag_at_the_cut_goes_whole() -> None:
    """Of a pair of regional indicators no half is left, and of tags no open sequence."""
    assert clean("a" * 126 + FLAG + "Ada") == "a" * 126 + "\u2026"
    assert clean("a" * 10 + SCOTLAND + "\u0903" * 40, 32) == "a" * 10 + "\U0001f3f4\u2026"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada La Lovelace", "Ada La\u2026"),
        ("Ada \u0915\u094d\u200c\u0937\u0937", "Ada \u0915\u094d\u2026"),
        ("\U0001f469\u200d" * 9, "\U0001f469\u2026"),
        ("a" * 8, "a" * 8),
        ("a   " * 4, "a a a a"),
    ],
    ids=ascii,
)
def test_nothing_is_left_hanging_at_the_cut(name: str, expected: str) -> None:
    """Before the ellipsis stand no space, no joiner and no half of a flag."""
    assert clean(name, 8) == expected


def test_nothing_behind_four_times_the_length_is_looked_at() -> None:
    """A name behind 512 blanks is no name, and what follows cannot change the result."""
    assert clean(" " * 512 + "Ada") == ""
    assert clean(" " * 511 + "Ada") == "A"


@pytest.mark.parametrize("max_length", [7, 0, -1])
def test_a_length_that_is_too_small_is_refused(max_length: int) -> None:
    """Under eight code points no name is recognizable."""
    with pytest.raises(RequestValueError, match=f"max_length is {max_length}: use at least 8"):
        clean("Ada", max_length)


def test_the_collection_of_other_values_is_covered() -> None:
    """Each value of the collection that is no plain string has its test here."""
    assert {case["id"] for case in BAD_NAMES["non_strings"]} == {*NON_STRINGS, *STRING_KINDS}


@pytest.mark.parametrize("value", NON_STRINGS.values(), ids=NON_STRINGS)
def test_a_value_that_is_no_string_is_refused_by_its_type(value: object) -> None:
    """The error names the type, and never asks the value for its text."""
    with pytest.raises(RequestTypeError, match=f"the name has the type {type(value).__name__}: "):
        clean(value)
    with pytest.raises(TypeError, match=f"name 2 of 3 has the type {type(value).__name__}: "):
        clean_names(("Ada", value, 1))


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (["Ada"], r"pass the names one by one: greet\(\*names\)"),
        (b"Ada", r"decode it first"),
        (42, r"pass a str, or None for no name"),
    ],
    ids=["list", "bytes", "int"],
)
def test_a_refusal_says_what_to_do(value: object, remedy: str) -> None:
    """The error about a name ends in the remedy for its type."""
    with pytest.raises(RequestTypeError, match=remedy):
        clean_names((value,))


@pytest.mark.parametrize("value", STRING_KINDS.values(), ids=STRING_KINDS)
def test_a_subclass_of_str_gives_what_it_holds(value: object) -> None:
    """The stored characters count, not what a method says, and the result is an exact str."""
    name = clean(value)
    assert type(name) is str
    assert name == ("" if value is None else "Ada")


def test_names_that_show_nothing_drop_out() -> None:
    """None and blank names leave the others in their order."""
    assert clean_names((None, " Ada ", "", "\u3164", "Grace", "\u200b")) == ("Ada", "Grace")


def test_names_are_counted_before_they_are_looked_at() -> None:
    """More names than allowed are refused, however bad they are."""
    assert len(clean_names(("Ada",) * MAX_NAMES)) == MAX_NAMES
    with pytest.raises(RequestValueError, match="1000000 names in one greeting, at most 32"):
        clean_names((Mute(),) * 1_000_000)


def test_the_policy_is_loaded_by_the_first_name_that_needs_it() -> None:
    """Neither the import nor a plain name costs more than the short cut."""
    script = (
        "import sys; from hellokit.names import clean\n"
        "heavy = ('unicodedata', 'hellokit.cleaning')\n"
        "assert not any(name in sys.modules for name in heavy)\n"
        "assert clean('  Zo\\xeb ') == 'Zo\\xeb'\n"
        "assert not any(name in sys.modules for name in heavy)\n"
        "assert clean('Ada\\x1b[0m') == 'Ada'\n"
        "assert all(name in sys.modules for name in heavy)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
