"""The parser of the command, and the door through which plugins add to it."""

from __future__ import annotations

import argparse
import os
import re
from contextlib import suppress

from hellokit.commands.console import escaped
from hellokit.errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    Subparsers = argparse._SubParsersAction[Any]  # noqa: SLF001  # argparse has no public name
    Base = Subparsers
else:
    Base = argparse._SubParsersAction  # noqa: SLF001


class Formatter(argparse.HelpFormatter):
    """Writes help as wide as the terminal is.

    The width is asked for here, as argparse, which makes a formatter for each option that is
    added, would import shutil to ask for it: a tenth of the time that a list command takes.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    """Return how wide the terminal is, as shutil would tell."""
    with suppress(ValueError):
        if (asked := int(os.environ.get("COLUMNS", ""))) > 0:
            return asked
    with suppress(OSError):  # not a terminal
        return os.get_terminal_size().columns or 80  # some say 0: they do not know
    return 80


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations, and hides nothing when it complains."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", Formatter)
        super().__init__(*args, **options)

    def error(self, message: str) -> NoReturn:
        """Print the usage and `message`, and exit with 2."""
        super().error(escaped(message))


class Commands(Base):
    """Subparsers that refuse a command which would spoil the help of all.

    Attributes:
        told: what the help says of each command, or None.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.told: dict[str, str | None] = {}

    def add_parser(self, name: str, **options: Any) -> Any:
        """Add a command, as argparse does.

        Raises:
            PluginError: if it cannot be named so.
        """
        for each in (name, *options.get("aliases", ())):
            if not each.isprintable() or not each or each.startswith("-") or " " in each:
                raise PluginError(
                    f"a command cannot be named {escaped(repr(each))}: use letters and hyphens"
                )
        if isinstance(options.get("help"), str):
            options["help"] = _literal(escaped(options["help"]))
        parser = super().add_parser(name, **options)
        self.told |= dict.fromkeys(options.get("aliases", ())) | {name: options.get("help")}
        return parser


def _literal(text: str) -> str:
    """Let a stray % stand for itself: argparse would take it for a format."""
    return re.sub(r"(%%|%\(\w+\)s)|%", lambda found: found[1] or "%%", text)


def new() -> tuple[Parser, Commands]:
    """Return the parser of `hellokit` and its subparsers, still without any command."""
    parser = Parser(
        prog="hellokit",
        description="Greets people correctly, through the backend you choose.",
        epilog="Exit codes: 0 done, 1 something failed, 2 wrong usage, 130 interrupted. "
        "DEBUG=1 shows tracebacks.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    subparsers = parser.add_subparsers(
        title="commands", prog="hellokit", metavar="COMMAND", dest="command", action=Commands
    )
    return parser, subparsers  # type: ignore[return-value]  # argparse says less than it returns
