"""The package: light until it is used, small, and documented by what it holds."""

from __future__ import annotations

import runpy
import subprocess
import sys

import pytest
from words import PLUGIN, ROOT, TAGS

import hellokit_locales
from hellokit import Kit

PACKAGE = PLUGIN / "src" / "hellokit_locales"
LIMIT = 1_000_000
OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
import hellokit
hellokit.greet("Ada", locale="fr")
names = [path.replace(chr(92), "/").rpartition("/")[2] for path in opened if "wordings" in path]
slow = {"hellokit_locales.listing", "hellokit_locales.person", "babel"} & set(sys.modules)
print(sorted(name for name in names if name.endswith(".json")), slow)
"""
PAGE = ROOT / "docs" / "reference" / "locales.md"


def test_each_public_name_can_be_had_and_no_other() -> None:
    """They are imported when asked for."""
    for name in hellokit_locales.__all__:
        assert callable(getattr(hellokit_locales, name))
    with pytest.raises(AttributeError, match="no attribute 'negociate'"):
        _ = hellokit_locales.negociate


def test_a_kit_finds_it_by_its_entry_point() -> None:
    """Installed is enough."""
    with Kit() as kit:
        assert kit.greet("Ada", locale="pt-AO").startswith("Olá")


def test_nothing_is_read_before_it_is_needed() -> None:
    """A kit that greets in French opens the file of French, that of its default, and no other."""
    done = subprocess.run(
        [sys.executable, "-c", OPENED], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "['en.json', 'fr.json'] set()\n"


def test_it_is_small() -> None:
    """What is installed, compiled modules left out, takes less than a megabyte."""
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert len(files) > len(TAGS)
    assert sum(path.stat().st_size for path in files) < LIMIT


def test_the_table_in_the_documentation_is_up_to_date() -> None:
    """Running the tool again changes nothing."""
    tool = runpy.run_path(str(PLUGIN / "tools" / "document.py"))
    assert tool["page"]() == PAGE.read_text("utf-8")
