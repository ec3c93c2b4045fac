"""`hellokit new-plugin`: writes a package that works, to begin with."""

from __future__ import annotations

import os
import re
import sys
from argparse import ArgumentTypeError
from pathlib import Path

from hellokit.commands.blueprint import KINDS, Blueprint
from hellokit.commands.console import escaped
from hellokit.commands.options import locale
from hellokit.discovery import scan
from hellokit.environment import shown
from hellokit.errors import HellokitError
from hellokit.precedence import OWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace, _SubParsersAction
    from collections.abc import Mapping
    from typing import Any

LONGEST_NAME = 40
LONGEST_LINE = 512
"""How many characters a description may have; the package index takes no more."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2}|-[0-9]{3})?")
_AUTHOR = re.compile(r"[^<>,]+(?: <[^<>,@\s]+@[^<>,@\s]+>)?")
_JOINERS = str.maketrans("", "", "\u200c\u200d")  # invisible, and part of many scripts


def add(subparsers: _SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "new-plugin",
        help="write a package of your own to begin with: a backend, a sink, or words",
        description="Write the package hellokit-NAME: typed code that works, its tests, and what "
        "it takes to publish it.",
    )
    parser.add_argument(
        "name", metavar="NAME", type=plugin_name, help="small letters, digits and hyphens"
    )
    parser.add_argument(
        "--kind",
        choices=tuple(KINDS),
        default="backend",
        help="what the plugin is: a backend, if not said; a backend that wraps others; a sink, "
        "which is told of every call; or the words of a language",
    )
    parser.add_argument(
        "--into", metavar="FOLDER", type=Path, default=Path(), help="where to put the package"
    )
    parser.add_argument(
        "--locale",
        metavar="TAG",
        type=_language,
        help="the language of wordings; NAME, if that is a tag such as nl or pt-br",
    )
    parser.add_argument("--description", metavar="TEXT", type=line, help="what it does, in a line")
    parser.add_argument("--author", metavar="NAME", type=author, help="you: Ada <ada@example.org>")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: Namespace) -> None:
    """Write the package, and say what to do next.

    Raises:
        HellokitError: if the name is taken, or the package cannot be written.
    """
    import hellokit

    blueprint = Blueprint(
        arguments.name,
        arguments.kind,
        str(hellokit.__version__),
        arguments.description or "",
        arguments.author or "",
        _locale(arguments),
    )
    _check_free(blueprint.name)
    folder = arguments.into / blueprint.distribution
    files = blueprint.files()
    write(files, folder)
    _tell(arguments, blueprint, folder, files)


def plugin_name(text: str) -> str:
    """Return the name of a plugin; that of its distribution will do.

    Raises:
        ArgumentTypeError: if it cannot be the name of a distribution, a module and a plugin.

    >>> plugin_name("my-backend"), plugin_name("hellokit-my-backend")
    ('my-backend', 'my-backend')
    """
    name = _bare(text)
    if name == "all":
        raise ArgumentTypeError("'all' means every plugin, in HELLOKIT_DISABLE_PLUGINS")
    if _NAME.fullmatch(name) and len(name) <= LONGEST_NAME:
        return name
    near = _bare(re.sub(r"[^a-z0-9]+", "-", text.lower()).lstrip("-"))[:LONGEST_NAME].strip("-")
    near = "my-backend" if near in {"", "all"} else near
    raise ArgumentTypeError(
        f"{shown(text)} cannot be a plugin's name: use small letters and digits, joined by single "
        f"hyphens, at most {LONGEST_NAME} in all, such as {near!r}"
    )


def _bare(name: str) -> str:
    """Return a name without what is before it in that of a distribution."""
    while name.startswith("hellokit-"):
        name = name.removeprefix("hellokit-")
    return name


def line(text: str) -> str:
    r"""Return a text as one line.

    Raises:
        ArgumentTypeError: if it is empty or long, or has a character that nobody sees.

    >>> line(" Greets\n  loudly. ")
    'Greets loudly.'
    """
    found = " ".join(text.split())
    if not found:
        raise ArgumentTypeError("it is empty: say something, or leave the option out")
    if len(found) > LONGEST_LINE:
        raise ArgumentTypeError(
            f"it has {len(found)} characters: say it in at most {LONGEST_LINE}, and the rest in "
            "README.md"
        )
    if not found.translate(_JOINERS).isprintable():
        raise ArgumentTypeError(f"{shown(text)} has a character that cannot be shown: leave it out")
    return found


def author(text: str) -> str:
    """Return the name of an author, with the address if one is given.

    Raises:
        ArgumentTypeError: if it is not one name, or one name and one address.

    >>> author("Ada  Lovelace <ada@example.org>")
    'Ada Lovelace <ada@example.org>'
    """
    found = line(text)
    if not _AUTHOR.fullmatch(found):
        raise ArgumentTypeError(
            f"{shown(text)} is not one author: write it as in Ada or Ada <ada@example.org>"
        )
    return found


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write a folder of files; it is there as a whole, or not at all.

    Args:
        files: the text of each file, by its place in the folder.
        folder: what to make; an empty one may be there.

    Raises:
        HellokitError: if something is there already, or it cannot be written.
    """
    from tempfile import TemporaryDirectory

    try:
        _check_place(folder)
        with TemporaryDirectory(prefix=".hellokit-", dir=folder.parent) as beside:
            # One level down: a temporary folder is its owner's alone, and a package is not.
            draft = Path(beside) / folder.name
            for place, text in files.items():
                path = draft / place
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
            draft.rename(folder)
    except OSError as error:
        raise HellokitError(
            f"{shown(str(folder))} cannot be written: {error.strerror or error}; name another "
            "folder with --into"
        ) from error


def _check_place(folder: Path) -> None:
    if not folder.parent.is_dir():
        raise HellokitError(
            f"{shown(str(folder.parent))} is no folder: make it first, or name another one with "
            "--into"
        )
    empty = folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir())
    if not empty and os.path.lexists(folder):
        raise HellokitError(
            f"{shown(str(folder))} is there already, and was left as it is: move it away, choose "
            "another name, or name another folder with --into"
        )


def _language(text: str) -> str:
    """Return the tag of a language."""
    tag = locale(text)
    if tag == "und":
        raise ArgumentTypeError(f"{shown(text)} names no language: use a tag such as nl or pt-BR")
    return tag


def _locale(arguments: Namespace) -> str:
    """Return the tag of the words, or "" for a plugin that has none."""
    if arguments.kind != "wordings":
        if arguments.locale is not None:
            arguments.parser.error("argument --locale: only --kind wordings has a language")
        return ""
    if arguments.locale is None:
        if not _LANGUAGE.fullmatch(arguments.name):
            arguments.parser.error(
                f"argument --locale: say which language, as {arguments.name!r} is no tag"
            )
        return locale(arguments.name)
    tag: str = arguments.locale
    return tag


def _check_free(name: str) -> None:
    """Refuse the name of what is installed here: only one of two would be used.

    Raises:
        HellokitError: if it is taken.
    """
    for entry_point in scan():
        if entry_point.name == name:
            built_in = entry_point.distribution == OWN
            remedy = "choose another name" if built_in else "choose another name, or uninstall it"
            raise HellokitError(f"the name {name!r} is taken by {entry_point}: {remedy}")


def _tell(
    arguments: Namespace, blueprint: Blueprint, folder: Path, files: Mapping[str, str]
) -> None:
    """Say what was made, and the commands that install, test and show it."""
    import shlex

    say, path, python = arguments.console.say, shlex.quote(str(folder)), _python()
    say(escaped(f"{folder} is written:"))
    for place in sorted(files):
        say(f"  {place}")
    say("install it, test it, see it at work:")
    say(escaped(f"  {python} -m pip install -e {path} pytest"))
    say(escaped(f"  {python} -m pytest {path}"))
    say(escaped(f"  {python} -m hellokit {blueprint.trial}"))


def _python() -> str:
    """Return how a shell names this Python: `python`, if its environment is the active one."""
    import shlex
    import shutil

    found, own = shutil.which("python"), Path(sys.executable)
    # An environment's is the same file as the one that it was made with, in another folder.
    if found and own.is_file() and own.samefile(found) and own.parent.samefile(Path(found).parent):
        return "python"
    return shlex.quote(sys.executable or "python")
