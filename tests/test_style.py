"""Rules of the house that a program can check."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PLUGINS = [path.parent for path in sorted(ROOT.glob("plugins/*/pyproject.toml"))]
SOURCES = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("plugins/*/src/**/*.py")])
TESTS = sorted([*ROOT.glob("tests/**/*.py"), *ROOT.glob("plugins/*/tests/**/*.py")])
MAX_MODULE = 400
MAX_FUNCTION = 50
MARK = re.compile(
    r"# (?:noqa|type: ignore)(?:: |\[)?([\w, -]*?)\]?((?:  #| -) \w.*)?$", re.MULTILINE
)
VAGUE = {"utils", "util", "helpers", "common", "misc"}

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def called(path: Path) -> str:
    """Return how a test's name shows a file."""
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a file, nested ones included."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def public(node: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """Yield the public functions, classes and methods, at any depth of classes."""
    for child in node.body:
        if isinstance(child, Definition) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public(child)


def without_docstring(path: Path) -> list[str]:
    """Return the public definitions of a file that say nothing about themselves."""
    return [
        f"{called(path)}:{each.lineno} {each.name}"
        for each in public(tree(path))
        if not (ast.get_docstring(each) or is_overload(each))
    ]


def first_line(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return where the body begins, after the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[0].lineno if body else function.lineno


def is_overload(definition: ast.AST) -> bool:
    """Tell a signature for type checkers, whose implementation has the docstring."""
    decorators = getattr(definition, "decorator_list", [])
    return any(getattr(each, "id", "") == "overload" for each in decorators)


def project(folder: Path) -> dict[str, object]:
    """Return a folder's `pyproject.toml`."""
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def test_there_are_files_to_check() -> None:
    """The rules below are applied to something."""
    assert SOURCES
    assert TESTS


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=called)
def test_modules_are_short(path: Path) -> None:
    """A module is short enough to be read in one sitting."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_MODULE


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=called)
def test_functions_are_short(path: Path) -> None:
    """What a function does fits on a screen; its signature and docstring come on top."""
    lengths = {each.name: (each.end_lineno or 0) - first_line(each) + 1 for each in functions(path)}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FUNCTION} == {}


@pytest.mark.parametrize("path", SOURCES, ids=called)
def test_what_is_public_has_a_docstring(path: Path) -> None:
    """Modules, and their public functions, classes and methods, say what they are."""
    assert ast.get_docstring(tree(path))
    assert without_docstring(path) == []


@pytest.mark.parametrize("path", TESTS, ids=called)
def test_every_test_has_a_docstring_of_one_sentence(path: Path) -> None:
    """A test says what it shows."""
    silent = [
        each.name
        for each in functions(path)
        if each.name.startswith("test_") and not (ast.get_docstring(each) or "").endswith(".")
    ]
    assert silent == []


@pytest.mark.parametrize("path", SOURCES, ids=called)
def test_only_the_command_prints(path: Path) -> None:
    """A library writes nothing to the terminal of its user."""
    prints = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert path.stem in {"cli", "__main__"} or prints == []


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=called)
def test_modules_are_named_after_a_noun(path: Path) -> None:
    """A module whose name says nothing collects everything."""
    assert path.stem.removeprefix("test_") not in VAGUE


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=called)
def test_exceptions_to_the_tools_give_their_code_and_reason(path: Path) -> None:
    """A `noqa` or `type: ignore` names what it silences, and a file says once for each why."""
    marks = MARK.findall(path.read_text(encoding="utf-8"))
    explained = {codes for codes, reason in marks if reason}
    assert [codes for codes, _ in marks if not codes or codes not in explained] == []


def test_tools_are_configured_in_the_root_alone() -> None:
    """No plugin has rules of its own."""
    assert [called(folder) for folder in PLUGINS if "tool" in project(folder)] == []
    names = ["ruff.toml", ".ruff.toml", "mypy.ini", ".mypy.ini", "pytest.ini", "setup.cfg"]
    names += ["tox.ini", ".coveragerc"]
    strays = [path for name in names for path in [ROOT / name, *ROOT.glob(f"plugins/*/{name}")]]
    assert [called(path) for path in strays if path.exists()] == []


def test_a_plugin_has_one_word_in_four_forms() -> None:
    """Folder and distribution, import, and entry point are named alike."""
    assert [complaint for folder in PLUGINS for complaint in misnamed(folder)] == []


def test_every_plugin_stands_in_the_table() -> None:
    """Who looks for one finds it, with a line about it."""
    table = (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")
    rows = [line for line in table.splitlines() if line.startswith("| [hellokit-")]
    links = [f"| [{folder.name}]({folder.name}/README.md) | " for folder in PLUGINS]
    assert [row[: row.rindex("| ", 0, -2) + 2] for row in rows] == links


def misnamed(folder: Path) -> Iterator[str]:
    """Yield what is named otherwise than the plugin's folder says."""
    table = project(folder)["project"]
    assert isinstance(table, dict)
    word = folder.name.removeprefix("hellokit-")
    package = f"hellokit_{word.replace('-', '_')}"
    if folder.name != f"hellokit-{word}":
        yield f"{folder.name}: the folder's name does not begin with hellokit-"
    if table["name"] != folder.name:
        yield f"{folder.name}: the distribution is {table['name']}"
    if [path.name for path in (folder / "src").iterdir()] != [package]:
        yield f"{folder.name}: src holds something other than {package}"
    entries = table.get("entry-points", {})
    ours = {group: each for group, each in entries.items() if group.startswith("hellokit.")}
    if not any(word in each for each in ours.values()):
        yield f"{folder.name}: no entry point is called {word}"
    for group, each in ours.items():
        for name, value in each.items():
            # What a plugin brings beside may have names of its own, as backends of its do.
            if value.split(":")[0].split(".")[0] != package or (name != word and len(ours) == 1):
                yield f"{folder.name}: {group} has {name} = {value}"
