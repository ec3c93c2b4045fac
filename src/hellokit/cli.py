"""The command `hellokit`: finds the subcommand, runs it, and ends without a traceback."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module

from hellokit.commands.console import Console
from hellokit.errors import HellokitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Sequence
    from typing import NoReturn

    from hellokit.commands.parser import Commands, Parser

COMMANDS = {
    "greet": "greet",
    "backends": "show",
    "plugins": "show",
    "config": "show",
    "metrics": "measure",
    "doctor": "doctor",
    "new-plugin": "new_plugin",
}
"""The module of each built-in subcommand; only the one that is asked for is imported."""

FAILED, USAGE, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: what follows the command's name; that of the process if None.

    Returns:
        The exit code: 0, 1 if something failed, 2 for wrong usage, 130 if interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    console = Console()
    try:
        code = _contained(given, console)
    except BrokenPipeError:
        code = int(console.failed)  # the reader has had enough, which is no failure
    return console.close(code)


def _contained(given: list[str], console: Console) -> int:
    try:
        code = _run(given, console)
        console.flush()
    except KeyboardInterrupt as error:
        return _interrupted(error, console)
    except BrokenPipeError:
        raise
    except SystemExit as stop:
        return _code(stop, console)
    except BaseException as error:  # noqa: BLE001  # no traceback reaches a user
        console.report(error)
        return FAILED
    return code


def _run(given: list[str], console: Console) -> int:
    from hellokit.commands import logs

    if given[:1] == ["--version"]:
        import hellokit

        console.say(f"hellokit {hellokit.__version__}")
        return 0
    logs.watch(console)
    if not given or given[0].startswith("-"):
        _help(given, console)
    built_in = given[0] in COMMANDS
    arguments = _built_in(given) if built_in else _extension(given)
    arguments.console = console
    code = arguments.run(arguments)
    return 0 if code is None else int(code)


def _built_in(given: list[str]) -> Namespace:
    """Parse for a built-in subcommand, without looking at any plugin."""
    from hellokit.commands.parser import new

    _, subparsers = new()
    import_module(f"hellokit.commands.{COMMANDS[given[0]]}").add(subparsers)
    parser: Parser = subparsers.choices[given[0]]
    end = given.index("--") if "--" in given else len(given)
    # Intermixed: names may stand before and after options.
    arguments = parser.parse_intermixed_args(given[1:end])
    if literal := given[end + 1 :]:
        if not hasattr(arguments, "names"):
            parser.error(f"unrecognized arguments: {' '.join(literal)}")
        arguments.names = [*arguments.names, *literal]
    return arguments


def complete() -> tuple[Parser, Commands]:
    """Return the parser of `hellokit` and its subparsers, with every built-in subcommand."""
    from hellokit.commands.parser import new

    parser, subparsers = new()
    for module in dict.fromkeys(COMMANDS.values()):
        import_module(f"hellokit.commands.{module}").add(subparsers)
    return parser, subparsers


def _help(given: list[str], console: Console) -> NoReturn:
    """Print the help of all subcommands, or what is wrong with the options in front of one."""
    from hellokit.commands.extensions import announce_all

    parser, subparsers = complete()
    announce_all(subparsers, console)
    if not given:
        parser.print_help(sys.stderr)
        raise SystemExit(USAGE)
    parser.parse_args(given)
    parser.error("give a command, and its options after it")


def _extension(given: list[str]) -> Namespace:
    """Parse for a subcommand of a plugin."""
    from hellokit.commands import logs
    from hellokit.commands.extensions import add_all
    from hellokit.kit import default

    parser, subparsers = complete()
    add_all(subparsers)
    if given[0] not in subparsers.choices:
        parser.error(_unknown(given[0], subparsers.choices))
    arguments = parser.parse_args(given)
    if getattr(arguments, "run", None) is None:
        raise HellokitError(
            f"command {arguments.command!r} has nothing to run: "
            "its plugin must call set_defaults(run=...) on its parser"
        )
    with suppress(HellokitError):  # bad settings: the subcommand meets them, if it needs them
        if default.settings().verbose_logging:
            logs.verbose()
    return arguments


def _unknown(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name[:60], known, 1)
    hint = f"did you mean {near[0]!r}? There is" if near else "there is"
    return f"there is no command {name[:60]!r}: {hint} {', '.join(sorted(known))}"


def _interrupted(error: KeyboardInterrupt, console: Console) -> int:
    """End quietly; the second interrupt ends the process at once."""
    import signal

    from hellokit.commands.console import wants_traceback

    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if wants_traceback():
        console.report(error)
    return INTERRUPTED


def _code(stop: SystemExit, console: Console) -> int:
    """Return the exit code that `sys.exit()` would make of what it was given."""
    if stop.code is None or isinstance(stop.code, int):
        return stop.code or 0
    console.complain(str(stop.code))
    return FAILED
