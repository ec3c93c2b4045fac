"""The tables of the reference that are read in the repository, without Sphinx."""

from __future__ import annotations

import inspect
import re
import runpy
from pathlib import Path

import hellokit
from hellokit import errors, hookspecs

DOCS = Path(__file__).parent.parent / "docs"
ROW = re.compile(r"^\| (.*) \|$", re.MULTILINE)


def rows(name: str) -> list[list[str]]:
    """Return the cells of every table row on one page of the reference."""
    text = (DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8")
    return [[cell.strip() for cell in row.split(" | ")] for row in ROW.findall(text)]


def names(name: str, column: int = 0) -> set[str]:
    """Return the names that stand as code in one column of a page's tables."""
    cells = [row[column] for row in rows(name) if len(row) > column]
    return {found for cell in cells for found in re.findall(r"`(\w+)`", cell)}


def test_the_table_of_settings_is_that_of_the_code() -> None:
    """Where it is not, `python docs/_ext/settings_table.py` prints the one to put there."""
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    short = runpy.run_path(str(DOCS / "_ext" / "settings_table.py"))["short"]()
    assert f"\n\n{short}\n\n" in page


def test_the_table_of_errors_is_that_of_the_code() -> None:
    """Each error stands there with the class that it also is, and what it means."""
    expected = []
    for name, error in inspect.getmembers(errors, inspect.isclass):
        base = next(each for each in error.__bases__ if each is not errors.HellokitError)
        meaning = (inspect.getdoc(error) or "").splitlines()[0]
        expected.append([f"`{name}`", f"`{base.__name__}`", meaning])
    assert sorted(row for row in rows("errors") if row[0].startswith("`")) == expected


def test_every_public_name_stands_in_a_table() -> None:
    """The page of the names lists each, but for the errors, which have a page of their own."""
    public = {each for each in hellokit.__all__ if not each.startswith("__")}
    assert names("api", column=1) == public - set(vars(errors))


def test_every_hook_and_argument_stands_in_a_table() -> None:
    """The page of the hooks lists each hook, and what those that greet may take."""
    hooks = {each for each in vars(hookspecs) if each.startswith("hellokit_")}
    arguments = set(inspect.signature(hookspecs.hellokit_greet).parameters)
    assert names("hooks") == hooks | arguments
