"""The parser of the command, and the door through which plugins add to it."""

from __future__ import annotations

import argparse
import re

from hellokit.commands.console import escaped
from hellokit.errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    Subparsers = argparse._SubParsersAction[Any]  # noqa: SLF001  # argparse has no public name
    Base = Subparsers
else:
    Base = argparse._SubParsersAction  # noqa: SLF001

_PERCENT = re.compile(r"%%|%\(\w+\)s|%")


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations, and hides nothing when it complains."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        super().__init__(*args, **options)

    def error(self, message: str) -> NoReturn:
        """Print the usage and `message`, and exit with 2."""
        super().error(escaped(message))


class Commands(Base):
    """Subparsers that refuse a command which would spoil the help of all."""

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
            options["help"] = _PERCENT.sub(_literal, escaped(options["help"]))
        # What cannot be formatted raises when help is asked for: then it is too late.
        trial = Parser(prog="hellokit")
        trial.add_subparsers().add_parser(name, **options)
        trial.format_help()
        return super().add_parser(name, **options)


def _literal(found: re.Match[str]) -> str:
    """Let a stray % stand for itself: argparse would take it for a format."""
    return "%%" if found[0] == "%" else found[0]


def new() -> tuple[Parser, Subparsers]:
    """Return the parser of `hellokit` and its subparsers, still without any command."""
    parser = Parser(
        prog="hellokit",
        description="Greets people correctly, through the backend you choose.",
        epilog="Exit codes: 0 done, 1 something failed, 2 wrong usage, 130 interrupted. "
        "DEBUG=1 shows tracebacks.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    return parser, parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", action=Commands
    )
