"""The subcommands of plugins: one that is malformed is reported, and leaves the others alone."""

from __future__ import annotations

import os

from hellokit.errors import HellokitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.commands.console import Console
    from hellokit.commands.parser import Commands

HELP_LIMIT_S = 5.0
"""How long a plugin may take to tell its subcommands, where help is asked for."""


def add_all(subparsers: Commands) -> None:
    """Add the subcommands of all plugins, to run one; a plugin that fails is warned of.

    This process imports the plugins, as it does when it greets: one that ends the process ends
    the command.

    Raises:
        HellokitError: if the kit cannot start, as by its settings, or a plugin fails in strict
            mode.
    """
    from hellokit.kit import default

    engine = default._started()  # noqa: SLF001  # the command and the kit are one package
    engine.tell("hellokit_commands", "command", subparsers=subparsers)


def announce_all(subparsers: Commands, console: Console) -> None:
    """Add what help says of the subcommands of plugins, whatever these do when imported.

    They are asked in a child; what goes wrong there is told, and stops nothing.
    """
    from hellokit.commands.inventory import SOUND, inventory
    from hellokit.discovery import GROUPS, scan
    from hellokit.resolution import resolve

    try:
        disabled = resolve(os.environ, {}).disable_plugins
        found = [each for each in inventory(scan(), disabled) if each[0].group == GROUPS[1]]
        if not found:
            return
        from hellokit.commands.examination import examine

        for each, finding in examine(found, HELP_LIMIT_S, mode="load", together=True):
            for name, told in finding.get("commands", {}).items():
                if name not in subparsers.choices:
                    subparsers.add_parser(name, **({} if told is None else {"help": told}))
            if finding["status"] not in SOUND:
                told = "failed ({phase}): {error}. {remedy}".format(**finding)
                console.complain(f"warning: {each} {told}")
    except HellokitError as error:
        console.report(error)
