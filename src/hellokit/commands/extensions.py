"""The subcommands of plugins: one that is malformed is reported, and leaves the others alone."""

from __future__ import annotations

from hellokit.errors import HellokitError
from hellokit.kit import default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.commands.console import Console
    from hellokit.commands.parser import Subparsers


def add_all(subparsers: Subparsers, console: Console) -> None:
    """Add the subcommands of all plugins; what goes wrong is told, and stops nothing."""
    try:
        engine = default._started()  # noqa: SLF001  # the command and the kit are one package
        engine.tell("hellokit_commands", "command", subparsers=subparsers)
    except HellokitError as error:
        console.report(error)
