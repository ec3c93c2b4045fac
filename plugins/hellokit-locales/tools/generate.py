"""Writes what hellokit-locales needs to know of CLDR, from the data that Babel brings.

Run it with `python tools/generate.py` after a wording or the version of Babel has changed. A test
runs it, too, and compares.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.core import get_cldr_version, get_global
from babel.localedata import load, normalize_locale

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PACKAGE = Path(__file__).parent.parent / "src" / "hellokit_locales"
FILES = ("kinship.json", "lists.json")

# CLDR tells the first two of these in prose (TR35, part 2, "List Patterns"), and ICU in code.
# What sounds as "i" takes "e" in Spanish; "hi" before a vowel does not. In Hebrew the conjunction
# is part of the next word, with a hyphen before foreign letters. CLDR leaves the choice to the
# reader in Welsh, "a(c)", and Luxembourgish, "a(n)": the next sound decides.
SPANISH = {
    "before": "i í hi hí",
    "unless": "hia hie hio hiu",
    "two": "{0} e {1}",
    "end": "{0} e {1}",
}
HEBREW = {"before": " ".join("אבגדהוזחטיכלמנסעפצקרשת"), "two": "{0} ו{1}", "end": "{0} ו{1}"}
WELSH = {
    "before": "a â á à ä e ê é è ë i î í ì ï o ô ó ò ö u û ú ù ü w ŵ y ŷ",
    "two": "{0} ac {1}",
    "end": "{0}, ac {1}",
}
LUXEMBOURGISH = {
    "before": "a ä e é ë i o ö u ü d h n t z",
    "two": "{0} an {1}",
    "end": "{0} an {1}",
}
VARIANTS = {"cy": WELSH, "es": SPANISH, "es-419": SPANISH, "he": HEBREW, "lb": LUXEMBOURGISH}

# What stands in CLDR's patterns of a locale, and what stands there for greetings of people.
CORRECTIONS = {
    "cy": ("a(c)", "a"),  # the variant says where it is "ac"
    "fa": ("\u200f", ""),  # a direction mark: names are isolated
    "he": ("ו{1}", "ו-{1}"),  # the variant leaves the hyphen out
    "km": ("\u200b", " "),  # an invisible space in one pattern, a plain one in the others
    "lb": ("a(n)", "a"),
    "ne": ("{0},{1}", "{0}, {1}"),  # a space that the other patterns have
    "yo": ("{0} àti{1}", "{0} àti {1}"),
}
COMMAS, ARABIC_COMMAS = ("{0}, {1}",) * 4, ("{0}، {1}",) * 4
REPLACED = {
    **dict.fromkeys(("ckb", "dv", "pa-Arab"), ARABIC_COMMAS),  # CLDR has the root's, a Latin comma
    "ht": COMMAS,  # CLDR inherits the French words
    "ml": COMMAS,  # CLDR's words are for things, not for people
    "ug": ARABIC_COMMAS,  # CLDR has the English word
    "zu": COMMAS,  # CLDR's word is joined to nouns: to names it would be another
}

# A locale that CLDR has no data of, and whose lists are written as those of another.
LISTS_OF = {"arz": "ar"}

# In CLDR 47 `no` is the parent of both written standards; who asks for it reads Bokmål.
ALIASES = {"no": "nb"}
REGION = 2


def locales() -> list[str]:
    """Return the tags of the wordings."""
    return sorted([*(path.stem for path in PACKAGE.glob("wordings/*.json")), "en-001"])


def main() -> None:
    """Write the files."""
    for name, text in generated().items():
        (PACKAGE / name).write_text(text, encoding="utf-8")


def generated() -> dict[str, str]:
    """Return the text of each generated file, by its name."""
    made = dict(zip(FILES, (kinship(), lists()), strict=True))
    return {name: written(data) for name, data in made.items()}


def written(data: Mapping[str, Any]) -> str:
    """Return data as JSON, an entry of each part a line, so that a change can be read."""
    parts = [f"{short(name)}:{lines(value)}" for name, value in data.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def lines(value: object) -> str:
    """Return a part of the data as JSON, an entry a line."""
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f"{short(key)}:{short(value[key])}" for key in value) + "\n}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(short, value)) + "\n]"
    return short(value)


def short(value: object) -> str:
    """Return JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def kinship() -> dict[str, Any]:
    """Return how tags are related, each group of members under what they have in common."""
    languages = sorted({tag.partition("-")[0] for tag in locales()})
    return {
        "cldr": get_cldr_version(),
        "aliases": grouped(aliases(languages)),
        "regions": grouped(regions()),
        "scripts": grouped(scripts(languages)),
        "regional": grouped(regional(languages)),
        "parents": grouped(parents()),
    }


def aliases(languages: Iterable[str]) -> dict[str, str]:
    """Return the tags that stand for languages of ours: `{"iw": "he"}`."""
    known = {old: tag(new) for old, new in get_global("language_aliases").items()}
    return {
        old: new
        for old, new in (known | ALIASES).items()
        if new.partition("-")[0] in languages and "_" not in old
    }


def regions() -> dict[str, str]:
    """Return the regions of two letters that have another code now, or the largest part."""
    known = get_global("territory_aliases")
    return {old: new[0] for old, new in known.items() if len(old) == REGION and old.isalpha()}


def scripts(languages: Iterable[str]) -> dict[str, str]:
    """Return the script of each language: that of our words, else CLDR's likely one."""
    return {language: script for language in languages if (script := own_script(language))}


def own_script(language: str) -> str:
    """Return the script that a wording's file states, else CLDR's likely one."""
    path = PACKAGE / "wordings" / f"{language}.json"
    stated: str = json.loads(path.read_text("utf-8")).get("script", "") if path.exists() else ""
    return stated or likely(language)


def likely(of: str) -> str:
    """Return CLDR's likely script of a language, or of one in a region; "" if it has none."""
    found: str | None = get_global("likely_subtags").get(of)
    return found.split("_")[1] if found else ""


def regional(languages: Iterable[str]) -> dict[str, str]:
    """Return the script of a language in a region, where it is not the language's own."""
    found = {}
    for key in get_global("likely_subtags"):
        language, _, region = key.partition("_")
        is_region = region.isupper() or region.isdigit()
        if language in languages and is_region and likely(key) != own_script(language):
            found[tag(key)] = likely(key)
    return found


def parents() -> dict[str, str]:
    """Return the parents that are not what is left without the last subtag.

    A variant goes without its language's region, too: `ca-valencia`.
    """
    known = {tag(child): tag(parent) for child, parent in get_global("parent_exceptions").items()}
    for locale in locales():
        language, *rest = locale.split("-")
        if rest[1:] and rest[0].isupper():
            known["-".join([language, *rest[1:]])] = locale
    return {child: parent for child, parent in known.items() if child.rpartition("-")[0] != parent}


def lists() -> dict[str, Any]:
    """Return the patterns of lists, each set of them with the locales that have it."""
    found = {locale: list_pattern(LISTS_OF.get(locale, locale)) for locale in locales()}
    together = grouped({locale: patterns for locale, patterns in found.items() if patterns})
    return {
        "cldr": get_cldr_version(),
        "patterns": [[*patterns, members] for patterns, members in together.items()],
        "variants": {locale: variant(VARIANTS[locale]) for locale in VARIANTS},
    }


def list_pattern(locale: str) -> tuple[str, ...] | None:
    """Return the patterns two, start, middle and end of a locale, if CLDR has data of it."""
    name = normalize_locale(locale.replace("-", "_"))
    if locale in REPLACED or name is None:
        return REPLACED.get(locale)
    patterns = load(name)["list_patterns"]["standard"]
    wrong, right = CORRECTIONS.get(locale, ("", ""))
    found = [patterns[key] for key in ("2", "start", "middle", "end")]
    return tuple(each.replace(wrong, right) if wrong else each for each in found)


def variant(rule: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a rule about the next name as a wording takes it."""
    return [{key: rule[key].split() if key in ("before", "unless") else rule[key] for key in rule}]


def grouped(pairs: Mapping[str, Any]) -> dict[Any, str]:
    """Return the keys of each value, in one string."""
    groups = defaultdict(list)
    for key in sorted(pairs):
        groups[pairs[key]].append(key)
    return {value: " ".join(groups[value]) for value in sorted(groups)}


def tag(name: str) -> str:
    """Return Babel's name of a locale as a language tag."""
    return name.replace("_", "-")


if __name__ == "__main__":
    main()
