"""`hellokit new-plugin`: what it writes, and what it refuses to."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from argparse import ArgumentTypeError
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hellokit.commands.blueprint import KINDS, Blueprint
from hellokit.commands.new_plugin import _python as python
from hellokit.commands.new_plugin import line, plugin_name

if TYPE_CHECKING:
    from installed import Installed

SYSTEM = Path("/proc")
"""A folder in which nobody makes anything, root included."""

HOSTILE = r"""It's "said" \ ''' and \N{DASH} ${name} $kind %s {0} </b> `code` #x 👋"""


def new(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the subcommand in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "hellokit", "new-plugin", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
    )


def project(folder: Path) -> dict[str, object]:
    """Return the table `project` of a package."""
    text = (folder / "pyproject.toml").read_text(encoding="utf-8")
    table: dict[str, object] = tomllib.loads(text)["project"]
    return table


def texts(folder: Path) -> dict[str, str]:
    """Return the text of every file in a folder, by its place."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", ["my-backend", "hellokit-my-backend"])
def test_one_word_names_everything(name: str, tmp_path: Path) -> None:
    """Folder, distribution, import and entry point are called alike, however it is asked for."""
    done = new(name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / "hellokit-my-backend"
    assert list(tmp_path.iterdir()) == [folder]
    assert sorted(texts(folder)) == [
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "src/hellokit_my_backend/__init__.py",
        "src/hellokit_my_backend/py.typed",
        "tests/test_my_backend.py",
    ]
    table = project(folder)
    assert table["name"] == "hellokit-my-backend"
    assert table["entry-points"] == {"hellokit.backends": {"my-backend": "hellokit_my_backend"}}


def test_what_was_written_is_printed(tmp_path: Path) -> None:
    """Each file is, then the commands to go on with; they are run in another test."""
    done = new("wave", "--into", ".", cwd=tmp_path)
    lines = done.stdout.splitlines()
    files = [line.strip() for line in lines[1:7]]
    assert files == sorted(texts(tmp_path / "hellokit-wave"))
    assert [line.split(" -m ")[1] for line in lines[8:]] == [
        "pip install -e hellokit-wave pytest",
        "pytest hellokit-wave",
        "hellokit greet Ada --backend wave",
    ]


@pytest.mark.parametrize(
    ("other", "named"), [(sys.executable, True), ("/bin/sh", False)], ids=["same", "other"]
)
def test_python_is_named_shortly_if_it_is_this_one(
    other: str,
    named: bool,  # noqa: FBT001  # a column
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beside `python3.12` in one folder, `python` may be another version."""
    own = tmp_path / "python3"
    own.symlink_to(sys.executable)
    (tmp_path / "python").symlink_to(other)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(own))
    assert python() == ("python" if named else str(own))


def test_a_folder_may_be_called_anything(tmp_path: Path) -> None:
    """The commands quote it for the shell, and show what cannot be seen."""
    (tmp_path / "my $things;").mkdir()
    done = new("wave", "--into", "my $things;", cwd=tmp_path)
    assert " -m pytest 'my $things;/hellokit-wave'\n" in done.stdout
    (tmp_path / "a\x1b[31m").mkdir()
    done = new("wave", "--into", "a\x1b[31m", cwd=tmp_path)
    assert "a\\x1b[31m/hellokit-wave is written" in done.stdout


def test_the_package_is_not_its_makers_alone(tmp_path: Path) -> None:
    """Its folders and files have the modes that any other ones get."""
    (tmp_path / "usual").mkdir()
    new("wave", cwd=tmp_path)
    usual = (tmp_path / "usual").stat().st_mode
    folder = tmp_path / "hellokit-wave"
    assert [each.stat().st_mode for each in (folder, folder / "src")] == [usual, usual]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("", "my-backend"),
        ("hellokit-", "my-backend"),
        ("+", "my-backend"),
        ("loud+plain", "loud-plain"),
        ("My_Backend", "my-backend"),
        ("Plain", "plain"),
        ("my--backend", "my-backend"),
        ("my.backend", "my-backend"),
        ("-loud-", "loud"),
        ("../loud", "loud"),
        ("a\\b", "a-b"),
        ("two words", "two-words"),
        ("loud\n", "loud"),
        ("zoë", "zo"),
        ("l" * 41, "l" * 40),
    ],
)
def test_a_bad_name_is_refused_with_a_good_one(name: str, near: str) -> None:
    """It cannot be a distribution, an import and a part of a chain at once."""
    with pytest.raises(ArgumentTypeError) as caught:
        plugin_name(name)
    assert "cannot be a plugin's name: use small letters and digits" in str(caught.value)
    assert str(caught.value).endswith(f"such as {near!r}")


@given(st.text(max_size=60))
@example("HELLOKIT:0")
@example("hellokit-hellokit-a")
@example("ALL")
def test_a_name_that_is_refused_comes_with_one_that_is_not(name: str) -> None:
    """Whatever was asked for, what the message suggests is accepted."""
    try:
        found = plugin_name(name)
    except ArgumentTypeError as error:
        found = ast.literal_eval(str(error).rpartition("such as ")[2])
    assert plugin_name(found) == found


@pytest.mark.parametrize("name", ["none", "class", "3d", "kit", "test", "hellokit"])
def test_words_of_python_are_good_names(name: str) -> None:
    """Nothing in the code is called by the bare word."""
    for kind in KINDS:
        for place, text in Blueprint(name, kind, "0.1.0", locale="nl").files().items():
            if place.endswith(".py"):
                ast.parse(text)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "the following arguments are required: NAME"),
        (["../my\x1b[31m"], "'../my\\x1b[31m' cannot be a plugin's name: use small letters"),
        (["all"], "'all' means every plugin, in HELLOKIT_DISABLE_PLUGINS"),
        (["wave", "--kind", "thing"], "argument --kind: invalid choice"),
        (["wave", "--locale", "nl"], "argument --locale: only --kind wordings has a language"),
        (["dutch", "--kind", "wordings"], "argument --locale: say which language"),
        (["nl", "--kind", "wordings", "--locale", "x!"], "is not a language tag"),
        (["nl", "--kind", "wordings", "--locale", "x-a"], "names no language"),
        (["wave", "--description", " \n "], "argument --description: it is empty"),
        (["wave", "--description", "x" * 513], "it has 513 characters: say it in at most 512"),
        (["wave", "--description", "\x1b[31m"], "'\\x1b[31m' has a character that cannot be shown"),
        (["wave", "--author", "Ada, Grace"], "'Ada, Grace' is not one author"),
        (["wave", "--author", "<ada@example.org>"], "is not one author"),
    ],
)
def test_wrong_usage_writes_nothing(arguments: list[str], told: str, tmp_path: Path) -> None:
    """It is told, and exits with 2."""
    done = new(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["plain", "monitored", "async", "cached"])
def test_the_names_of_built_in_backends_are_refused(name: str, tmp_path: Path) -> None:
    """They are reserved, for plugins of every kind."""
    done = new(name, "--kind", "sink", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"hellokit: the name '{name}' is taken by backend \"{name}\" = ")
    assert done.stderr.endswith(": choose another name\n")
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_what_is_installed_is_refused(
    installed: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only one of the two could be used here; the message names the other's distribution."""
    module = installed.add("acme-loud", "raise SystemExit", plugins={"loud": ""}, version="2.0")
    monkeypatch.setenv("PYTHONPATH", str(installed.folder))
    done = new("loud", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert f'"loud" = {module} (from acme-loud 2.0): choose another name' in done.stderr


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    """A file, a folder with something in it, and a link stay as they are."""
    target = tmp_path / "hellokit-wave"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    target.symlink_to(elsewhere)
    assert "is there already, and was left as it is" in new("wave", cwd=tmp_path).stderr
    target.unlink()
    target.write_text("mine")
    assert new("wave", cwd=tmp_path).returncode == 1
    assert target.read_text() == "mine"
    target.unlink()
    target.mkdir()
    assert new("wave", cwd=tmp_path).returncode == 0
    (target / "README.md").write_text("mine")
    assert new("wave", cwd=tmp_path).returncode == 1
    assert (target / "README.md").read_text() == "mine"
    assert sorted(tmp_path.iterdir()) == [elsewhere, target]
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("into", ["missing", "file"])
def test_a_folder_that_is_none_is_told(into: str, tmp_path: Path) -> None:
    """It is not made: it may have been mistyped."""
    (tmp_path / "file").touch()
    done = new("wave", "--into", into, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"hellokit: '{into}' is no folder: make it first, or name another one with --into\n"
    )


@pytest.mark.skipif(not SYSTEM.exists(), reason="needs a folder that nobody can write to")
def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    """In one line, with what to do."""
    done = new("wave", "--into", str(SYSTEM), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hellokit: '/proc/hellokit-wave' cannot be written: ")
    assert done.stderr.endswith("; name another folder with --into\n")


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
def test_nothing_half_written_is_left_behind(tmp_path: Path) -> None:
    """A disk that is full after the first file leaves nothing, hidden folders included."""
    command = f"ulimit -f 0 && exec '{sys.executable}' -m hellokit new-plugin wave"
    done = subprocess.run(
        ["sh", "-c", command],  # noqa: S607  # the system's own shell
        capture_output=True,
        encoding="utf-8",
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "'hellokit-wave' cannot be written: File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_of_two_who_want_one_folder_one_has_it_as_a_whole(tmp_path: Path) -> None:
    """The files that are there in the end are those of one of them."""
    kinds = ["backend", "sink"]
    command = [sys.executable, "-m", "hellokit", "new-plugin", "wave", "--kind"]
    silent = subprocess.DEVNULL
    started = [
        subprocess.Popen([*command, kind], cwd=tmp_path, stdout=silent, stderr=silent)
        for kind in kinds
    ]
    codes = [process.wait() for process in started]
    assert sorted(codes) == [0, 1]
    made = Blueprint("wave", kinds[codes.index(0)], version("hellokit")).files()
    assert list(tmp_path.iterdir()) == [tmp_path / "hellokit-wave"]
    assert texts(tmp_path / "hellokit-wave") == made


@pytest.mark.parametrize("kind", KINDS)
def test_what_people_say_about_it_stays_as_they_said_it(kind: str, tmp_path: Path) -> None:
    """Quotes, backslashes, placeholders and markup are text, for TOML and for Markdown."""
    given_locale = ["--locale", "pt_br"] if kind == "wordings" else []
    arguments = ["--kind", kind, "--description", f" {HOSTILE}\n", *given_locale]
    done = new("wave", *arguments, "--author", 'A "d" a <a@example.org>', cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "hellokit-wave"
    table = project(folder)
    assert table["description"] == HOSTILE
    assert table["authors"] == [{"name": 'A "d" a', "email": "a@example.org"}]
    shown = (folder / "README.md").read_text(encoding="utf-8").splitlines()[2]
    assert re.sub(r"\\([!-/:-@[-`{-~])", r"\1", shown) == HOSTILE
    assert re.findall(r"(?<!\\)[`<>*_#]", shown) == []
    code = (folder / "src/hellokit_wave/__init__.py").read_text(encoding="utf-8")
    told = (ast.get_docstring(ast.parse(code)) or "").partition("\n\n")[0]
    assert " ".join(told.split()) == HOSTILE
    assert max(map(len, code.splitlines())) <= 100


@given(st.text(max_size=80))
def test_whatever_is_accepted_reads_back_from_toml(text: str) -> None:
    """A description is either refused, with a reason, or arrives as one line."""
    try:
        description = line(text)
    except ArgumentTypeError:
        return
    made = Blueprint("wave", "backend", "0.1.0", description).files()["pyproject.toml"]
    found = tomllib.loads(made.encode().decode())["project"]["description"]
    assert found == " ".join(text.split())


def test_the_range_of_hellokit_is_that_of_the_running_one() -> None:
    """It holds the version that wrote the package, and none that may break it."""
    files = Blueprint("wave", "backend", "2.3.1").files()
    assert 'dependencies = ["hellokit>=2.3,<3"]' in files["pyproject.toml"]


def test_the_language_of_wordings_is_their_name_or_said(tmp_path: Path) -> None:
    """A name that is a tag will do; the tag is brought into its usual form."""
    new("pt-br", "--kind", "wordings", cwd=tmp_path)
    new("dutch", "--kind", "wordings", "--locale", "nl_BE.UTF-8", cwd=tmp_path)
    found = [
        (tmp_path / f"hellokit-{name}/src/hellokit_{module}/__init__.py").read_text("utf-8")
        for name, module in (("pt-br", "pt_br"), ("dutch", "dutch"))
    ]
    assert ['locale="pt-BR"' in found[0], 'locale="nl-BE"' in found[1]] == [True, True]
