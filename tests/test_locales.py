"""Tags: every usual spelling is understood, nothing else is, and the right wording answers."""

from __future__ import annotations

import ast
import enum
import json
import threading
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit.errors import LocaleError, RequestTypeError, WordingError
from hellokit.wordings import tags
from hellokit.wordings.english import hellokit_wordings
from hellokit.wordings.table import Wordings
from hellokit.wordings.tags import MEMO_SIZE, canonical, fallbacks, script
from hellokit.wordings.wording import Wording

DATA: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "wordings_sample.json").read_text("utf-8")
)
SAMPLE = [Wording.from_data(locale, data) for locale, data in DATA.items()]
TABLE = Wordings([*hellokit_wordings(), *SAMPLE], "en")


def cased(text: str) -> st.SearchStrategy[str]:
    """Draw `text` in any mixture of cases."""
    return st.lists(st.booleans(), min_size=len(text), max_size=len(text)).map(
        lambda ups: "".join(
            letter.upper() if up else letter.lower() for letter, up in zip(text, ups, strict=True)
        )
    )


LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
OPTIONAL = {
    "script": st.text(LETTERS, min_size=4, max_size=4),
    "region": st.text(LETTERS, min_size=2, max_size=2) | st.text(DIGITS, min_size=3, max_size=3),
    "variant": st.text(LETTERS + DIGITS, min_size=5, max_size=8),
    "extension": st.sampled_from(["u-co-phonebk", "a-bbb", "x-a-1", "t-en-u-nu-latn"]),
}


@st.composite
def well_formed(draw: st.DrawFn) -> str:
    """Draw a well-formed tag, in any case and with either separator."""
    parts = [draw(st.sampled_from(["en", "zh", "sr", "gsw", "zz", "abcde"]))]
    parts += [draw(each) for each in OPTIONAL.values() if draw(st.booleans())]
    return draw(st.sampled_from("-_")).join("-".join(parts).split("-"))


def wording(locale: str, **options: Any) -> Wording:
    """Return a wording that says its own locale."""
    slots = {"hello": {"with": f"Hi {{name}} {locale}", "without": f"Hi {locale}"}}
    return Wording(locale=locale, slots=slots, **options)


@pytest.mark.parametrize(
    ("given_tag", "expected"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("zh_TW", "zh-TW"),
        ("zh-hANT-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-ch-1996", "de-CH-1996"),
        ("sl-ROZAJ-biske-1994", "sl-rozaj-biske-1994"),
        ("ca-ES-valencia", "ca-ES-valencia"),
        ("zh-yue-HK", "zh-yue-HK"),
        ("fil", "fil"),
        ("de-u-co-phonebk", "de"),
        ("de-DE-u-co-phonebk-x-mine", "de-DE"),
        ("en-a-bbb-x-a-ccc", "en"),
        ("x-pig-latin", "und"),
        ("en_US.UTF-8", "en-US"),
        ("pt_BR.iso88591", "pt-BR"),
        ("sr_RS@latin", "sr-Latn-RS"),
        ("sr_RS.UTF-8@latin", "sr-Latn-RS"),
        ("uz_UZ@cyrillic", "uz-Cyrl-UZ"),
        ("sr_Cyrl_RS@latin", "sr-Cyrl-RS"),
        ("de_DE@euro", "de-DE"),
        ("C", "en"),
        ("POSIX", "en"),
        ("C.UTF-8", "en"),
    ],
)
def test_usual_spellings_of_a_tag_have_one_canonical_form(given_tag: str, expected: str) -> None:
    """Case, separators, code sets, modifiers and extensions make no difference."""
    assert canonical(given_tag) == expected


@pytest.mark.parametrize(
    "malformed",
    [
        *("", " ", "-", "_", "en-", "-en", "en--US", "en US", " en", "en ", "en\n", "e", "1en"),
        *("../../etc", "../../etc/passwd", "en\0", "\0", "e\u0301n", "en-\u0661\u0661\u0661"),
        *("\uff45\uff4e", "\u0435\u043d", "en-US-US", "en-Latn-Latn", "en-US-Latn", "en-abcdefghi"),
        *("abcdefghi", "en-u", "en-x", "x", "en-u-a", "en-a-u-co", "i-klingon", "en-GB-oed"),
        *("en.", "en@", "en_US.UTF 8", "en@la/tin", "a" * 10_000, "en-x-" + "a-" * 62 + "a"),
        *("\ud800", "en-US;q=0.8", "en,fr", "*", "en-*", "12", "abcd-abc", "en-a1b"),
    ],
)
def test_a_malformed_tag_is_an_error_that_says_what_to_do(malformed: str) -> None:
    """What is no language tag is refused, shown shortly, with an example of one."""
    with pytest.raises(LocaleError, match=r"pass a BCP 47 tag such as 'en', 'pt-BR'") as caught:
        canonical(malformed)
    assert isinstance(caught.value, ValueError)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


class Liar:
    """Something that claims to be equal to "en"."""

    def __eq__(self, other: object) -> bool:
        """Claim it."""
        return True

    def __hash__(self) -> int:
        """Claim it here too."""
        return hash("en")


@pytest.mark.parametrize(
    ("value", "kind"),
    [(5, "int"), (b"en", "bytes"), (["en"], "list"), (None, "NoneType"), (Liar(), "Liar")],
)
def test_a_tag_that_is_no_string_is_a_type_error(value: object, kind: str) -> None:
    """The message names the type that was given."""
    canonical("en")
    with pytest.raises(RequestTypeError, match=f"locale is of type {kind}: pass a language tag"):
        canonical(value)


def test_a_subclass_of_str_gives_its_stored_characters() -> None:
    """What a subclass says of itself is not asked for, and an exact str comes out."""

    class Tag(enum.StrEnum):
        FRENCH = "FR"

        def __str__(self) -> str:
            return "de"

    found = canonical(Tag.FRENCH)
    assert found == "fr"
    assert type(found) is str


@given(st.data())
def test_every_well_formed_tag_is_understood_in_any_case(data: st.DataObject) -> None:
    """A tag has the same canonical form however its letters are cased."""
    tag = data.draw(well_formed())
    assert canonical(data.draw(cased(tag))) == canonical(tag)


@given(st.one_of(well_formed(), st.text(max_size=30)))
def test_canonical_is_idempotent(tag: str) -> None:
    """The canonical form is its own canonical form, and anything else an error."""
    try:
        found = canonical(tag)
    except LocaleError:
        return
    assert canonical(found) == found
    assert found.isascii()


def test_the_memo_of_tags_is_bounded() -> None:
    """However many different tags come along, memory is flat."""
    for number in range(3 * MEMO_SIZE):
        canonical(f"en-x-{number}")
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(20_000):
            canonical(f"en-x-{number}-a")
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(tags._memo) <= MEMO_SIZE
    assert after - before < 500_000


def test_the_memo_of_tags_may_be_shared_by_threads() -> None:
    """Threads that fill and empty the memo at once all get right answers."""
    wrong: list[str] = []

    def work(region: str) -> None:
        for number in range(3_000):
            found = canonical(f"de_{region}-x-{number}")
            if found != f"de-{region}":
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(region,)) for region in ("AT", "CH", "DE", "LI")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(tags._memo) <= MEMO_SIZE + len(threads)


def test_tags_import_nothing_but_the_errors() -> None:
    """The module lies on the way of `import hellokit`, and costs next to nothing there."""
    module = ast.parse(Path(tags.__file__).read_text("utf-8"))
    imported = {node.module for node in module.body if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "hellokit.errors"}
    assert not [node for node in module.body if isinstance(node, ast.Import)]


@pytest.mark.parametrize(
    ("tag", "chain"),
    [
        ("en", ("en",)),
        ("zh-Hant-TW", ("zh-Hant-TW", "zh-Hant", "zh")),
        ("de-CH-1996", ("de-CH-1996", "de-CH", "de")),
        (
            "zh-Hant-CN-x-private1-private2",
            (
                "zh-Hant-CN-x-private1-private2",
                "zh-Hant-CN-x-private1",
                "zh-Hant-CN",
                "zh-Hant",
                "zh",
            ),
        ),
    ],
)
def test_fallbacks_are_those_of_rfc_4647(tag: str, chain: tuple[str, ...]) -> None:
    """The last subtag goes, and a single letter that would end the tag goes with it."""
    assert fallbacks(tag) == chain


@given(well_formed())
def test_fallbacks_shrink_to_the_language(tag: str) -> None:
    """The chain begins with the tag, ends with its language, and each step is a beginning."""
    found = canonical(tag)
    chain = fallbacks(found)
    assert chain[0] == found
    assert "-" not in chain[-1]
    assert all(long.startswith(f"{short}-") for long, short in pairwise(chain))


def test_the_script_of_a_tag_is_told_from_the_rest() -> None:
    """A region, a variant and a four-letter language are not scripts."""
    assert [script(tag) for tag in ("zh-Hant-TW", "zh-TW", "de-1996", "abcd-AB")] == [
        "Hant",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"), ("en-US", "en"), ("en-Latn-US", "en"), ("en-ZZ", "en"), ("C", "en"),
        ("en-GB", "en-001"), ("en_AU.UTF-8", "en-001"), ("en-IN", "en-001"), ("en-PH", "en"),
        ("fr", "fr"), ("fr-BE", "fr"), ("FR_fr.UTF-8", "fr"), ("de-AT-1996", "de"),
        ("zh-TW", "zh-Hant"), ("zh-HK", "zh-Hant-HK"), ("zh-MO", "zh-Hant-HK"),
        ("zh-Hant-MO", "zh-Hant-HK"), ("zh-Hant-US", "zh-Hant"), ("zh-CN", "zh"),
        ("zh-Hans-SG", "zh"), ("zh-yue", "zh"),
        ("pt-BR", "pt"), ("pt-AO", "pt-PT"), ("pt-MZ", "pt-PT"),
        ("es-MX", "es-419"), ("es-AR", "es-419"), ("es-ES", "es"),
        ("sr", "sr"), ("sr-RS", "sr"), ("sr-Cyrl-BA", "sr"), ("sr-ME", "sr-Latn"),
        ("sr-Latn-RS", "sr-Latn"), ("sr_RS@latin", "sr-Latn"), ("sh", "sr-Latn"),
        ("iw", "he"), ("iw-IL", "he"), ("no", "nb"), ("no-NO", "nb"),
        ("x-pig-latin", "en"), ("tlh", "en"), ("da", "en"),
    ],
)  # fmt: skip
def test_a_tag_finds_its_wording(tag: str, expected: str) -> None:
    """Aliases, then the chain, then the default locale."""
    assert TABLE.find(tag).locale == expected


@given(well_formed())
def test_every_well_formed_tag_finds_a_wording(tag: str) -> None:
    """There is a greeting for everybody, and it is found again."""
    found = TABLE.find(tag)
    assert found.locale in TABLE.tags
    assert TABLE.find(canonical(tag)) is found


def test_another_script_of_the_language_does_not_answer() -> None:
    """Without Latin Serbian, a request for it is not answered in Cyrillic."""
    table = Wordings([Wording.from_data("sr", DATA["sr"])], "en")
    assert table.find("sr-Latn-RS").locale == "en"
    assert table.find("sr-Cyrl-RS").locale == "sr"


def test_a_script_may_be_stated() -> None:
    """Where letters do not tell scripts apart, the wording does."""
    table = Wordings([Wording.from_data("zh", DATA["zh"])], "en")
    assert table.find("zh-Hans-CN").locale == "zh"
    assert table.find("zh-Hant-TW").locale == "en"
    assert Wordings([Wording.from_data("ja", DATA["ja"])], "en").find("ja-Jpan").locale == "ja"


def test_an_unknown_tag_falls_to_the_default_and_that_to_english() -> None:
    """English is always there, even when nobody brought it."""
    french = Wording.from_data("fr", DATA["fr"])
    assert Wordings([french], "fr-CA").find("tlh").locale == "fr"
    assert Wordings([french], "tlh").find("tlh").locale == "en"
    assert Wordings([], "en").tags == ("en",)


def test_a_later_wording_replaces_an_earlier_one() -> None:
    """A plugin may bring better English, and the aliases of what it replaces are gone."""
    first, second = wording("en", aliases=("tlh", "tr")), wording("en", aliases=("tr",))
    table = Wordings([first, second], "en")
    assert table.find("en") is second
    assert table.find("tr-TR") is second
    assert Wordings([wording("fr"), first, second], "fr").find("tlh").locale == "fr"


def test_a_wording_of_the_very_tag_beats_an_alias() -> None:
    """An alias answers only for tags without a wording."""
    table = Wordings([wording("nn"), wording("nb", aliases=("no", "nn"))], "en")
    assert [table.find(tag).locale for tag in ("no-NO", "nn-NO", "nb")] == ["nb", "nn", "nb"]


def test_the_memo_of_a_table_is_bounded() -> None:
    """A table remembers only so many tags."""
    table = Wordings(SAMPLE, "en")
    for number in range(2 * MEMO_SIZE + 5):
        assert table.find(f"fr-x{number:05d}").locale == "fr"
    assert len(table._found) <= MEMO_SIZE


def test_what_is_no_wording_is_refused() -> None:
    """A plugin that returns its data raw is told how to make a wording of it."""
    bad: Any = [{"slots": {}}]
    with pytest.raises(WordingError, match=r"gave a dict: .* Wording\.from_data"):
        Wordings(bad, "en")


def test_a_malformed_tag_finds_no_wording() -> None:
    """Finding is as strict as requesting."""
    with pytest.raises(LocaleError):
        TABLE.find("../../etc")


def test_a_proxy_that_pretends_to_be_a_string_is_a_type_error() -> None:
    """What a lazy proxy says of its class is not believed, and the error says what to do."""

    class Proxy:
        __class__ = str  # type: ignore[assignment]  # as lazy proxies pretend

    with pytest.raises(RequestTypeError, match="Proxy: pass a language tag"):
        canonical(Proxy())
