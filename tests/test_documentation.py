"""What is public is documented, under its exact name."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

import hellokit
from hellokit import errors, hookspecs
from hellokit.configuration import Settings, setting_rows

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"

HOOKS = {
    name: function for name, function in vars(hookspecs).items() if name.startswith("hellokit_")
}
ERRORS = [
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.HellokitError)
]
DIRECTIVE = re.compile(r"^\.\. (?:auto|py:)\w+:: (?:[\w.]+\.)?(\w+)$", re.MULTILINE)


def page(name: str) -> str:
    """Return the source of one page of the reference."""
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def described(*names: str) -> set[str]:
    """Return what the directives on these pages describe."""
    return {found for name in names for found in DIRECTIVE.findall(page(name))}


def modules() -> list[ModuleType]:
    """Return every module of the package that is under test."""
    found = pkgutil.walk_packages(hellokit.__path__, "hellokit.")
    return [hellokit, *(importlib.import_module(each.name) for each in found)]


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_heading_with_its_arguments(name: str) -> None:
    """The heading of a hook shows the arguments of its specification, in their order."""
    arguments = ", ".join(inspect.signature(HOOKS[name]).parameters)
    assert f"\n## `{name}({arguments})`\n" in page("hooks")


def test_no_heading_shows_a_hook_that_is_gone() -> None:
    """Each hook that has a heading is one that there is."""
    assert set(re.findall(r"^## `(hellokit_\w+)\(", page("hooks"), re.MULTILINE)) == set(HOOKS)


def test_every_hook_is_described() -> None:
    """The text below a hook's heading comes from its docstring."""
    assert described("hooks") == set(HOOKS)


def test_every_error_is_described() -> None:
    """The page of errors describes the base and all of its leaves, and nothing that is gone."""
    assert described("errors") == set(ERRORS)


def test_every_public_name_is_described() -> None:
    """Each name in `__all__` is described in the reference, and has a docstring to describe."""
    public = {name for name in hellokit.__all__ if not name.startswith("__")}
    assert public <= described("api", "errors")


def test_every_setting_is_described() -> None:
    """The generated sections name each setting, its variables and what it is for."""
    generated = runpy.run_path(str(ROOT / "docs" / "_ext" / "settings_table.py"))["page"]()
    assert "```{settings-table}\n```" in page("settings")
    rows = {row.name: row for row in setting_rows()}
    assert set(rows) == {field.name for field in attrs.fields(Settings) if field.init}
    for row in rows.values():
        section = generated.split(f"## `{row.name}`\n")[1].split("\n## ")[0]
        assert row.doc in section
        assert all(f"`{variable}`" in section for variable in row.variables)


def test_ci_runs_the_second_command_of_the_readme() -> None:
    """What README.md promises to a newcomer is what CI does."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"```sh\n(.+)\n```", readme)
    assert len(commands) == 2
    assert f"\n({commands[1]}) " in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_version_is_in_the_changelog() -> None:
    """The version that is under test has its entry."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = str(hellokit.__version__)
    assert re.search(rf"^## .*\b{re.escape(version)}\b", changelog, re.MULTILINE)


def test_relative_links_lead_somewhere() -> None:
    """A link in a Markdown file that names another file names one that there is."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/**/*.md")]
    broken = [
        (str(source.relative_to(ROOT)), target)
        for source in pages
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", source.read_text(encoding="utf-8"))
        if not (source.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_examples_in_docstrings_run(module: ModuleType) -> None:
    """What a docstring shows after `>>>` prints what the docstring says."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(module, optionflags=flags).failed == 0
