"""The plugin: its subcommands, each of which is imported when it runs.

Every kit imports this module, so it holds their names and one line of help for each, and nothing
else.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction

COMMANDS = {
    "bench": "measure backends side by side; compare, keep and judge results",
    "leaks": "find what backends leave behind: objects, memory, files, threads, tasks",
    "scale": "see what concurrency and size do to throughput, and predict the best",
    "load": "put load on a backend or an HTTP address, and see how it bears it",
    "profile": "see where a backend spends its time and memory",
    "overhead": "see what the metrics cost here, in each mode",
}


def hellokit_commands(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add the subcommands, which parse what follows them by themselves."""
    for name, told in COMMANDS.items():
        # No prefix is ever met, so that whatever follows the name comes through as it is.
        parser = subparsers.add_parser(name, help=told, add_help=False, prefix_chars="\0")
        parser.add_argument("given", nargs="*")
        parser.set_defaults(run=_run, name=name, parser_class=type(parser))


def _run(arguments: Namespace) -> int:
    from hellokit_bench.commands.dispatch import run

    return run(arguments.name, arguments.given, arguments.parser_class)
