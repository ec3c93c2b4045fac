"""The chain: which wording answers for a language tag, and which never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from words import DATA, TAGS, kit

from hellokit import Kit, Wording
from hellokit_locales import plugin
from hellokit_locales.chain import fallbacks, preferred, script_of
from hellokit_locales.cldr import kinship

KIT = kit()


def answering(tag: str) -> str:
    """Return the tag of the wording that answers for another."""
    return KIT.compose("Ada", locale=tag).locale


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        *(("zh-TW", "zh-Hant"), ("zh-HK", "zh-Hant-HK"), ("zh-MO", "zh-Hant-HK")),
        *(("zh", "zh"), ("zh-CN", "zh"), ("zh-Hans-SG", "zh"), ("zh-Hant-US", "zh-Hant")),
        *(("zh-Hans-TW", "zh"), ("zh-Hant-CN", "zh-Hant"), ("cmn-TW", "zh-Hant")),
        *(("pt-AO", "pt-PT"), ("pt-BR", "pt"), ("pt-PT", "pt-PT"), ("es-MX", "es-419")),
        *(("es-ES", "es"), ("es-419", "es-419"), ("es-Latn-AR", "es-419")),
        *(("sr", "sr"), ("sr-ME", "sr-Latn"), ("sr-Latn-RS", "sr-Latn"), ("sr-Cyrl-ME", "sr")),
        *(("sh", "sr-Latn"), ("cnr", "sr-Latn"), ("sr-CS", "sr")),
        *(("iw", "he"), ("iw-IL", "he"), ("tl", "fil"), ("in", "id"), ("mo", "ro"), ("ji", "yi")),
        *(("no", "nb"), ("no-NO", "nb"), ("nb", "nb"), ("nn-NO", "nn")),
        *(("en", "en"), ("en-US", "en"), ("en-AU", "en-001"), ("en-UK", "en-001")),
        *(("en-DE", "en-001"), ("en-150", "en-001"), ("eng-GB", "en-001")),
        *(("yue", "yue"), ("yue-HK", "yue"), ("zh-yue", "yue"), ("zh-yue-HK", "yue")),
        *(("pa", "pa"), ("pa-PK", "pa-Arab"), ("uz-CN", "uz-Cyrl"), ("bs-Cyrl-BA", "bs-Cyrl")),
        *(("de-AT", "de-AT"), ("de-LI", "de"), ("fr-CA", "fr-CA"), ("fr-CH", "fr")),
        *(("nds", "nds"), ("gsw-CH", "gsw"), ("prs", "fa"), ("arb", "ar"), ("arz", "arz")),
        *(("swh", "sw"), ("quz", "qu"), ("ekk", "et"), ("lvs", "lv"), ("zsm", "ms")),
        *(("ca-valencia", "ca-ES-valencia"), ("ca-ES", "ca"), ("crh-Latn", "crh")),
        *(("hi-Latn-IN", "hi-Latn"), ("st-LS", "st-LS"), ("ar-apc", "ar")),
    ],
)
def test_the_nearest_wording_answers(asked: str, answers: str) -> None:
    """Aliases, likely scripts and parents are CLDR's."""
    assert answering(asked) == answers


@pytest.mark.parametrize(
    "asked",
    [
        *("az-Arab", "az-IR", "az-Cyrl", "sr-Arab", "kk-CN", "kk-Arab", "mn-Mong", "mn-CN"),
        *("uz-AF", "yue-CN", "yue-Hans", "zh-Latn", "ja-Latn", "ru-Latn", "crh-Cyrl", "en-Shaw"),
        *("und", "und-Latn", "und-Hant-TW", "x-private", "tlh", "tlh-Latn", "apc", "zz-ZZ"),
    ],
)
def test_nobody_is_answered_in_a_script_not_asked_for(asked: str) -> None:
    """The default locale answers for what has no words of its language in its script."""
    with_french = kit(locale="fr")
    assert with_french.compose("Ada", locale=asked).locale == "fr"


def test_each_wording_answers_for_itself() -> None:
    """None is out of reach, behind an alias or a parent."""
    assert [tag for tag in TAGS if answering(tag) != tag] == []
    assert [tag for tag in TAGS if fallbacks(tag)[0] != tag] == []


def test_each_wording_answers_with_its_script_stated() -> None:
    """A tag may say the script that the words are in."""
    for tag in TAGS:
        language, *rest = tag.split("-")
        script = DATA[tag].get("script") or script_of(tag)
        explicit = "-".join([language, script, *(part for part in rest if part != script)])
        assert answering(explicit) == tag


def test_every_alias_is_understood() -> None:
    """Whatever CLDR has another name for is answered by a wording of that name's language."""
    for old, new in kinship().aliases.items():
        assert answering(old).partition("-")[0] == answering(new).partition("-")[0], old


def test_a_wording_of_the_very_tag_comes_first() -> None:
    """A plugin that has words of its own for an alias or a region is not passed over."""

    class Own:
        """Brings Norwegian, as its author calls it."""

        def hellokit_wordings(self) -> list[Wording]:
            """Return the wording."""
            hello = {"with": "Heisann {name}!", "without": "Heisann!"}
            return [Wording(locale="no", slots={"hello": hello})]

    with Kit(discover=False, plugins=[plugin, Own]) as own:
        assert own.greet("Ada", locale="no-NO") == "Hei, Ada!"
        assert own.greet("Ada", locale="no") == "Heisann Ada!"


SUBTAGS = st.sampled_from(
    [
        *("en", "zh", "sr", "az", "no", "nb", "nn", "hi", "ht", "iw", "tlh", "ca", "und", "yue"),
        *("Latn", "Cyrl", "Hant", "Hans", "Arab", "TW", "ME", "MO", "AU", "001", "UK", "valencia"),
    ]
)


@given(st.lists(SUBTAGS, min_size=1, max_size=4, unique=True))
def test_a_chain_ends_and_keeps_to_its_script(subtags: list[str]) -> None:
    """It begins with the tag, says nothing twice, and holds no other script."""
    languages = [part for part in subtags if part.islower() and len(part) <= 3] or ["en"]
    scripts = [part for part in subtags if part.istitle()]
    regions = [part for part in subtags if part.isupper() or part.isdigit()]
    tag = "-".join([languages[0], *scripts[:1], *regions[:1]])
    chain = fallbacks(tag)
    if languages[0] == "und":
        assert chain == ()
        return
    assert chain[0] == tag
    assert len(set(chain)) == len(chain) < 20
    wanted = script_of(tag)
    assert {script_of(each) for each in chain} <= {wanted, ""}


def test_preferred_names_are_preferred_once() -> None:
    """The name that CLDR prefers has no other that it prefers still."""
    aliases = kinship().aliases
    assert {new for new in map(preferred, aliases) if preferred(new) != new} == set()
