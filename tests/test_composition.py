"""Greetings: the right words around the names, the same in text, in parts and in HTML."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta, timezone
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hellokit.greeting import Greeting
from hellokit.request import Request
from hellokit.wordings.english import hellokit_wordings
from hellokit.wordings.table import Wordings
from hellokit.wordings.wording import Wording

if TYPE_CHECKING:
    from hellokit.request import Isolate

DATA = Path(__file__).parent / "data"
SAMPLE: dict[str, dict[str, Any]] = json.loads((DATA / "wordings_sample.json").read_text("utf-8"))
SHIPPED = files("hellokit.testing") / "bad_names.json"
BAD_NAMES = json.loads(SHIPPED.read_text("utf-8"))["strings"]
LOCALES = Wordings(
    [*hellokit_wordings(), *(Wording.from_data(tag, data) for tag, data in SAMPLE.items())], "en"
)
FSI, PDI = "\u2068", "\u2069"
BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def request(
    *names: str | None, locale: str = "en", isolate: str = "auto", **given_: Any
) -> Request:
    """Return a request as a kit hands it on: with locale and isolation set."""
    return Request(*names, locale=locale, isolate=isolate, **given_)  # type: ignore[arg-type]  # isolate is any of three


def greeting(*names: str | None, **given_: Any) -> str:
    """Return the text of a greeting, composed in both ways."""
    made = request(*names, **given_)
    text = LOCALES.text(made)
    assert LOCALES.compose(made).text == text
    return text


def decoded(escaped: str) -> str:
    """Undo the unicode_escape encoding of the data."""
    return escaped.encode("ascii").decode("unicode_escape")


def made(case: dict[str, Any]) -> str:
    """Return the name of a case: given, or made of a unit."""
    make = case["make"]
    if make is None:
        return decoded(case["name"])
    return decoded(make["prefix"]) + decoded(make["unit"]) * int(make["times"])


hostile = st.lists(
    st.one_of(
        st.sampled_from(
            ["Ada", "ליל", "ليلى", "{name}", "{0}", "%s", "\\1", "<b>", "&amp;", "さん", "\u2069"]
        ),
        st.sampled_from(["\u202e", "\u2066", "\u200f", "\n", "\x1b[31m", "'", '"', "\ud800", " "]),
        st.characters(),
    ),
    max_size=8,
).map("".join)
requests = st.builds(
    lambda names, locale, isolate, formality, at: request(
        *names, locale=locale, isolate=isolate, formality=formality, at=at
    ),
    st.lists(hostile | st.none(), max_size=5),
    st.sampled_from([*LOCALES.tags, "en-GB", "tlh"]),
    st.sampled_from(["auto", "always", "never"]),
    st.sampled_from([None, "formal", "informal"]),
    st.none() | st.times(),
)


@pytest.mark.parametrize("case", BAD_NAMES, ids=lambda case: str(case["id"]))
def test_bad_names_have_their_english_greeting(case: dict[str, Any]) -> None:
    """Whatever the name, the English greeting is the expected one."""
    assert greeting(made(case), isolate="never") == decoded(case["greeting_en"])


@pytest.mark.parametrize(
    ("names", "options", "expected"),
    [
        ((), {}, "Hello!"),
        ((None, "", " \t"), {}, "Hello!"),
        (("Ada",), {}, "Hello, Ada!"),
        (("Zoë",), {}, "Hello, Zoë!"),
        (("Ada", "Grace"), {}, "Hello, Ada and Grace!"),
        (("Ada", None, "Grace"), {}, "Hello, Ada and Grace!"),
        (("Ada", "Grace", "Alan"), {}, "Hello, Ada, Grace, and Alan!"),
        (("Ada", "Grace", "Alan"), {"locale": "en-GB"}, "Hello, Ada, Grace and Alan!"),
        (("A", "B", "C", "D", "E"), {}, "Hello, A, B, C, D, and E!"),
        (("Ada", "Ada"), {}, "Hello, Ada and Ada!"),
        (("Ada",), {"formality": "informal"}, "Hi Ada!"),
        (("Ada",), {"formality": "formal"}, "Hello, Ada!"),
        ((), {"formality": "informal"}, "Hi!"),
        (("Ada",), {"formality": "informal", "at": time(9)}, "Good morning, Ada!"),
        (("Ada", "Grace"), {"formality": "informal"}, "Hi Ada and Grace!"),
        (("Ada",), {"locale": "fr"}, "Bonjour Ada\u202f!"),
        (("Ada",), {"locale": "fr", "at": time(20)}, "Bonsoir Ada\u202f!"),
        (("Ada",), {"locale": "es-MX"}, "¡Hola, Ada!"),
        (("Ada", "Inés"), {"locale": "es"}, "¡Hola, Ada e Inés!"),
        (("Ada", "Íñigo"), {"locale": "es"}, "¡Hola, Ada e Íñigo!"),
        (("Ada", "Inés"), {"locale": "es", "isolate": "always"},
         f"¡Hola, {FSI}Ada{PDI} e {FSI}Inés{PDI}!"),
        (("Ada", "Hierro"), {"locale": "es"}, "¡Hola, Ada y Hierro!"),
        (("Inés", "Ada"), {"locale": "es"}, "¡Hola, Inés y Ada!"),
        (("Ada", "Eva", "Hilda"), {"locale": "es"}, "¡Hola, Ada, Eva e Hilda!"),
        (("田中",), {"locale": "ja"}, "こんにちは、田中さん！"),
        (("田中",), {"locale": "ja", "formality": "formal"}, "田中様、こんにちは。"),
        (("田中",), {"locale": "ja", "formality": "informal"}, "こんにちは、田中さん！"),
        (("田中さん",), {"locale": "ja"}, "こんにちは、田中さん！"),
        (("田中先生",), {"locale": "ja", "formality": "formal"}, "田中先生、こんにちは。"),
        (("Ada",), {"locale": "ja"}, "こんにちは、Adaさん！"),
        (("田中", "鈴木先生"), {"locale": "ja"}, "こんにちは、田中さん、鈴木先生！"),
        ((), {"locale": "ja"}, "こんにちは！"),
        (("Ada",), {"locale": "ko"}, "Ada 님, 안녕하세요!"),
        (("Ada",), {"locale": "ko", "formality": "informal"}, "안녕, Ada!"),
        (("Ada",), {"locale": "th", "formality": "formal"}, "สวัสดี คุณAda"),
        (("Ada", "Bea"), {"locale": "hu"}, "Jó napot, Ada és Bea!"),
        (("Ada", "Bea"), {"locale": "hu", "formality": "informal"}, "Sziasztok, Ada és Bea!"),
        (("Ada", "Bea"), {"locale": "mi"}, "Kia ora, Ada, Bea!"),
        (("Ada", "Bea", "Cy"), {"locale": "mi"}, "Kia ora koutou, Ada, Bea, Cy!"),
        (("小明", "小红"), {"locale": "zh-CN"}, "你好，小明和小红！"),
        (("Ada",), {"locale": "he"}, f"שלום, {FSI}Ada{PDI}!"),
        (("Ada",), {"locale": "he", "isolate": "never"}, "שלום, Ada!"),
        (("דנה", "רון"), {"locale": "he", "isolate": "never"}, "שלום, דנה ורון!"),
        (("דנה", "Ron"), {"locale": "he", "isolate": "never"}, "שלום, דנה ו-Ron!"),
        (("Ada", "ليلى"), {"locale": "ar", "isolate": "never"}, "مرحبًا، Ada وليلى!"),
        (("دانة", "رون"), {}, f"Hello, {FSI}دانة{PDI} and {FSI}رون{PDI}!"),
        (("Ada", "رون"), {}, f"Hello, Ada and {FSI}رون{PDI}!"),
        (("Dana דנה",), {}, f"Hello, {FSI}Dana דנה{PDI}!"),
        (("دانة",), {"isolate": "never"}, "Hello, دانة!"),
        (("Ada",), {"isolate": "always"}, f"Hello, {FSI}Ada{PDI}!"),
        (("ليلى",), {"locale": "ja"}, f"こんにちは、{FSI}ليلىさん{PDI}！"),
    ],
)  # fmt: skip
def test_a_greeting_has_the_words_of_its_locale(
    names: tuple[str | None, ...], options: dict[str, Any], expected: str
) -> None:
    """Order, marks, lists, honorifics and isolation are those of the wording."""
    assert greeting(*names, **options) == expected


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        (None, "hello"),
        (time(0), "hello"),
        (time(4, 59, 59, 999_999), "hello"),
        (time(5), "morning"),
        (time(11, 59), "morning"),
        (time(12), "afternoon"),
        (time(17, 59), "afternoon"),
        (time(18), "evening"),
        (time(23, 59, 59, 999_999), "evening"),
        (datetime(2026, 10, 25, 5, 30, fold=1, tzinfo=UTC), "morning"),
        (datetime(2026, 1, 1, 23, tzinfo=timezone(timedelta(hours=-9))), "evening"),
    ],
)
def test_the_hour_chooses_the_slot(at: time | datetime | None, slot: str) -> None:
    """Slots begin on their hour and end before the next; zones and folds do not matter."""
    words = {"hello": "Hello"}.get(slot, f"Good {slot}")
    assert greeting("Ada", at=at) == f"{words}, Ada!"
    assert LOCALES.compose(request("Ada", at=at)).slot == slot


@settings(max_examples=200)
@given(requests)
def test_text_and_compose_agree(each: Request) -> None:
    """The short way to the text and the long way give the same."""
    composed = LOCALES.compose(each)
    assert LOCALES.text(each) == composed.text == str(composed)
    assert "".join(text for text, _ in composed.parts) == composed.text


@settings(max_examples=200)
@given(requests)
def test_every_name_is_there_once_and_in_order(each: Request) -> None:
    """The names among the parts are those of the request; nothing scans them again."""
    composed = LOCALES.compose(each)
    assert tuple(text for text, is_name in composed.parts if is_name) == each.names
    assert all(text for text, _ in composed.parts)


@settings(max_examples=200)
@given(requests)
def test_a_greeting_is_one_encodable_line(each: Request) -> None:
    """No name brings in a line break, a control or half a character."""
    text = LOCALES.text(each)
    assert text.encode("utf-8")
    assert len(text.splitlines()) == 1
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text)


@settings(max_examples=200)
@given(requests)
def test_no_name_breaks_out_of_its_isolate(each: Request) -> None:
    """Isolates open and close in turn, and nothing else steers the direction."""
    marks = [character for character in LOCALES.text(each) if character in BIDI_CONTROLS]
    assert marks == [FSI, PDI] * (len(marks) // 2)
    if each.isolate != "auto":
        assert len(marks) == 2 * len(each.names) * (each.isolate == "always")


def test_a_name_that_tries_to_break_out_stays_inside() -> None:
    """Closing marks and overrides in a name are gone before it is composed."""
    assert greeting(f"{PDI}\u202eevil ליל", locale="he") == f"שלום, {FSI}evil ליל{PDI}!"
    assert greeting(f"{PDI}\u202eevil") == "Hello, evil!"


@pytest.mark.parametrize("name", ["{name}", "{0}", "{1}", "{}", "%s", "\\1", "$name", "{name.x}"])
def test_a_name_is_never_a_template(name: str) -> None:
    """A name that looks like a placeholder is shown as it is."""
    assert greeting(name) == f"Hello, {name}!"
    assert greeting(name, "Ada") == f"Hello, {name} and Ada!"


def test_parts_tell_the_names_from_the_words() -> None:
    """A sink may treat the names, and them alone, in its own way."""
    composed = LOCALES.compose(request("Ada", "ليلى"))
    assert composed.parts == (
        ("Hello, ", False),
        ("Ada", True),
        (f" and {FSI}", False),
        ("ليلى", True),
        (f"{PDI}!", False),
    )
    assert LOCALES.compose(request("田中", locale="ja")).parts[1:] == (
        ("田中", True),
        ("さん！", False),
    )
    assert LOCALES.compose(request()).parts == (("Hello!", False),)


def test_a_greeting_says_what_answered() -> None:
    """Locale, slot and direction are those of the wording, not of the request."""
    composed = LOCALES.compose(request("Ada", locale="iw-IL", at=time(7)))
    assert (composed.locale, composed.slot, composed.direction) == ("he", "morning", "rtl")
    assert LOCALES.compose(request("Ada", locale="tlh")).locale == "en"


class Reader(HTMLParser):
    """What a browser makes of a greeting: its elements, and the text in and out of names."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.names: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        assert attrs == []
        self.tags.append(tag)
        self.names.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of an element."""
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data
        if self.tags and self.tags[-1] == "bdi":
            self.names[-1] += data


@settings(max_examples=200)
@given(requests)
def test_html_holds_the_names_as_text_and_nothing_else(each: Request) -> None:
    """Read back, the HTML has one `<bdi>` for each name and the text without isolates."""
    composed = LOCALES.compose(each)
    reader = Reader()
    reader.feed(composed.__html__())
    reader.close()
    assert reader.tags == ["bdi", "/bdi"] * len(each.names)
    assert tuple(reader.names) == each.names
    assert reader.text == composed.text.replace(FSI, "").replace(PDI, "")


def test_html_escapes_hostile_names() -> None:
    """Markup, quotes and entities in a name are shown, never obeyed."""
    name = '<script>alert("x")</script>\'&amp;'
    assert LOCALES.compose(request(name)).__html__() == (
        "Hello, <bdi>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#x27;&amp;amp;</bdi>!"
    )
    assert LOCALES.compose(request("ليلى", isolate="always")).__html__() == (
        "Hello, <bdi>ليلى</bdi>!"
    )


def test_html_escapes_the_words_too() -> None:
    """The words of a wording that a plugin brought are not trusted either."""
    made_up = Wording(locale="tlh", slots={"hello": {"with": "<Q> & {name}", "without": "<Q>"}})
    table = Wordings([made_up], "en")
    assert table.compose(request("Ada", locale="tlh")).__html__() == (
        "&lt;Q&gt; &amp; <bdi>Ada</bdi>"
    )
    assert table.compose(request(locale="tlh")).__html__() == "&lt;Q&gt;"


def test_a_greeting_cannot_be_changed() -> None:
    """Greetings are values."""
    composed = LOCALES.compose(request("Ada"))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        composed.text = "Bye"  # type: ignore[misc]  # that it is refused is the point
    assert composed == LOCALES.compose(request("Ada"))
    assert isinstance(composed, Greeting)


def test_names_are_joined_by_commas_where_a_wording_has_no_list() -> None:
    """A plugin without list patterns still greets several people."""
    plain = Wording(locale="tlh", slots={"hello": {"with": "nuqneH, {name}", "without": "nuqneH"}})
    table = Wordings([plain], "tlh")
    assert table.text(request("A", "B", "C", locale="tlh")) == "nuqneH, A, B, C"


def test_a_list_pattern_may_have_words_around_its_names() -> None:
    """Tigrinya and Malayalam write something after the last name, others before the first."""
    around = "{0}ን {1}ን"
    lists = {"two": around, "start": "({0}; {1}", "middle": "{0}; {1}", "end": "{0} & {1})"}
    slots = {"hello": {"with": "{name}", "without": "ሰላም"}}
    table = Wordings([Wording(locale="ti", slots=slots, list_pattern=lists)], "ti")
    assert table.text(request("A", "B", locale="ti")) == "Aን Bን"
    assert table.text(request("A", "B", "C", "D", locale="ti")) == "(A; B; C & D)"


@pytest.mark.parametrize(("isolate", "text"), [("never", "שלום"), ("always", "\u2068שלום\u2069")])
def test_a_request_without_defaults_gets_those_of_the_kit(isolate: Isolate, text: str) -> None:
    """A backend may make a Request of its own; locale and isolate are then the kit's."""
    table = Wordings(hellokit_wordings(), "en-GB", isolate)
    assert table.text(Request("שלום")) == f"Hello, {text}!"
    assert table.compose(Request("שלום")).locale == "en-001"
    assert table.text(Request("Ada", locale="en", isolate="never")) == "Hello, Ada!"
