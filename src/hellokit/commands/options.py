"""The options of a greeting, which several subcommands take."""

from __future__ import annotations

from argparse import ArgumentTypeError

from hellokit.commands.numbers import positive
from hellokit.errors import LocaleError
from hellokit.kit import default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from datetime import datetime, time
    from typing import Any


def add_names(parser: ArgumentParser) -> None:
    """Add the names to greet."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="whom to greet, together; nobody: no name is said"
    )


def add_options(parser: ArgumentParser) -> None:
    """Add what a greeting can be asked for."""
    from hellokit.request import FORMALITIES

    parser.add_argument("--locale", metavar="TAG", type=locale, help="a language tag such as en")
    moment = parser.add_mutually_exclusive_group()
    moment.add_argument(
        "--at",
        metavar="TIME",
        type=_at,
        help="the addressee's time of day: 9:30, 21, 2026-11-23T19:00, or now",
    )
    moment.add_argument(
        "--occasion", metavar="NAME", type=_occasion, help="what is celebrated, such as birthday"
    )
    parser.add_argument(
        "--strict-confidence",
        choices=("medium", "high"),
        help="how sure their authors must be of the words",
    )
    parser.add_argument("--formality", choices=FORMALITIES, help="the register")
    parser.add_argument(
        "--backend", metavar="NAME", help="a backend, or a chain such as cached+plain"
    )
    parser.add_argument("--verbose", action="store_true", help="log every call")
    add_json(parser)


def add_timeout(parser: ArgumentParser) -> None:
    """Add how long an entry point may take to be tried."""
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=positive,
        default=10.0,
        help="how long each may take; 10 if not said",
    )


def add_json(parser: ArgumentParser) -> None:
    """Add the choice of JSON."""
    parser.add_argument("--json", action="store_true", help="print JSON, an object a line")


def prepared(arguments: Namespace) -> dict[str, Any]:
    """Make the kit ready, and return the options as `greet` takes them.

    Raises:
        HellokitError: if the settings or the backend cannot be used: before the first greeting.
    """
    if arguments.verbose:
        default.configure(verbose_logging=True)
    if arguments.strict_confidence:
        default.configure(strict_confidence=arguments.strict_confidence)
    if default.selected(arguments.backend).settings.verbose_logging:
        from hellokit.commands import logs

        logs.verbose()
    return {
        "backend": arguments.backend,
        "locale": arguments.locale,
        "formality": arguments.formality,
        "at": arguments.occasion or arguments.at,
    }


def _occasion(text: str) -> str:
    from hellokit.environment import shown
    from hellokit.wordings.occasions import is_occasion

    if is_occasion(text):
        return text
    raise ArgumentTypeError(f"{shown(text)} names no occasion: use words of a to z and hyphens")


def _at(text: str) -> time | datetime:
    from hellokit.commands.clock import parse_at

    return parse_at(text)


def locale(text: str) -> str:
    """Return the canonical form of a language tag.

    Raises:
        ArgumentTypeError: if it is not well-formed.
    """
    from hellokit.wordings.tags import canonical

    try:
        return canonical(text)
    except LocaleError as error:
        raise ArgumentTypeError(str(error)) from error
