"""persons.json: what the script makes of CLDR's packages, and nothing else."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import Request
from hellokit_locales import name_formats

if TYPE_CHECKING:
    from types import ModuleType

PLUGIN = Path(__file__).parent.parent
DATA = Path(name_formats.__file__).with_name("persons.json")
MOST_BYTES = 20_000


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """Import the script that makes the file."""
    path = PLUGIN / "tools" / "generate_persons.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def packages(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the folders of CLDR's packages."""
    folders: list[Path] = script.packed(tmp_path_factory.mktemp("cldr"))
    return folders


def test_the_file_is_what_the_script_makes(script: ModuleType, packages: list[Path]) -> None:
    """Nobody has edited it, and its version of CLDR is the one that it tells."""
    assert script.generated(*packages) == DATA.read_text(encoding="utf-8")


def test_every_locale_of_cldr_finds_its_own_format(packages: list[Path]) -> None:
    """What is left out of the file is found by falling back."""
    for path in packages[1].glob("main/*/personNames.json"):
        tag = path.parent.name
        names = json.loads(path.read_text(encoding="utf-8"))["main"][tag]["personNames"]
        found = name_formats.home(Request(locale=tag).locale or "").format
        assert (tag, _listed(names)) == (tag, found.patterns)
        assert (tag, names["formality"], names["length"]) == (tag, found.formality, found.length)
        assert (tag, frozenset(names["surnameFirst"])) == (tag, found.surname_first)
        spaces = (names["nativeSpaceReplacement"], names["foreignSpaceReplacement"])
        assert (tag, spaces) == (tag, (found.native, found.foreign))
        initials = (names["initial"], names["initialSequence"])
        assert (tag, initials) == (tag, found.initials)


def _listed(names: dict[str, Any]) -> tuple[str, ...]:
    return tuple(
        names["personName"][order][length]["addressing"][formality]
        for order in name_formats.ORDERS
        for length in name_formats.LENGTHS
        for formality in name_formats.FORMALITIES
    )


def test_the_file_is_small_and_says_whose_it_is(script: ModuleType) -> None:
    """It carries CLDR's version and notice, and takes little of the plugin's megabyte."""
    data = json.loads(DATA.read_bytes())
    assert data["notice"] == script.NOTICE
    assert "SPDX-License-Identifier: Unicode-3.0" in script.NOTICE
    assert DATA.stat().st_size < MOST_BYTES


def test_a_pattern_that_the_plugin_cannot_fill_is_not_taken(script: ModuleType) -> None:
    """A new version of CLDR may ask for more: the script says so, and makes nothing."""
    assert script._checked("{title} {given-informal-vocative}", "gd")
    for pattern in ("{nickname}", "{surname-prefix}", "{given-allCaps}"):
        with pytest.raises(SystemExit, match="which the plugin cannot do yet"):
            script._checked(pattern, "xx")
