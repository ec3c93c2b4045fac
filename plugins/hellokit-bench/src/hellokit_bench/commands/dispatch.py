"""The way from the words of a command line to the module that carries them out."""

from __future__ import annotations

import sys
from importlib import import_module

from hellokit_bench.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Sequence

VERBS = {"bench": ("compare", "history", "gate")}
"""What may stand first behind a subcommand, and is a command of its own then.

A backend of such a name is reached behind an option, as in `hellokit bench --json compare`.
"""


def run(name: str, given: Sequence[str], parser_class: type[ArgumentParser]) -> int:
    """Carry out a subcommand.

    Each module of a subcommand has `TOLD`, its description; `add(parser)`, which adds what it
    takes; and `run(arguments)`, which returns the exit code.

    Args:
        name: the subcommand.
        given: what follows it.
        parser_class: the class of the parser, which is the core's.

    Returns:
        The exit code: 0, 1 if a verdict is bad, 130 if interrupted.

    Raises:
        SystemExit: with 2, if the arguments are wrong or do not go together.
        KeyboardInterrupt: if interrupted before there were results, which was told then.
    """
    prog = f"hellokit {name}"
    if given and given[0] in VERBS.get(name, ()):
        name, given = given[0], given[1:]
        prog = f"{prog} {name}"
    module = import_module(f"hellokit_bench.commands.{name}")
    parser = parser_class(prog=prog, description=module.TOLD)
    module.add(parser)
    arguments = parser.parse_intermixed_args(given)
    try:
        return int(module.run(arguments))
    except UsageError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        sys.stderr.write(f"{prog}: interrupted: there are no results\n")
        raise
