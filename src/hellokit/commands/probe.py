"""The probe: tries one entry point, in a process of its own, and tells how far it came."""

from __future__ import annotations

import json
import os

from hellokit.catalogue import Catalogue
from hellokit.discovery import GROUPS, EntryPoint
from hellokit.errors import BackendLoadError
from hellokit.failures import failure
from hellokit.plugins import Plugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    Tell = Callable[[dict[str, object]], None]


def main(fields: list[str]) -> NoReturn:
    """Try the entry point with these fields and end the process.

    What the plugin prints goes nowhere: standard output is for what is found.
    """
    output = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)

    def tell(found: dict[str, object]) -> None:
        os.write(output, json.dumps(found).encode() + b"\n")

    entry_point = EntryPoint(*fields)
    trial = Trial(tell)
    try:
        trial.run(entry_point)
        tell({"status": "ok"})
    except BaseException as error:  # noqa: BLE001  # whatever a plugin may raise is the finding
        cause = (
            error.__cause__ if isinstance(error, BackendLoadError) and error.__cause__ else error
        )
        told = failure(entry_point, entry_point.name, trial.phase, cause)
        tell({"status": "broken", "error": told.error, "remedy": told.remedy})
    # Threads and exit functions of the plugin must not hold the process.
    os._exit(0)


class Trial:
    """Loads an entry point as a kit does, step by step.

    Args:
        tell: is told of each phase before it begins.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._plugins = Plugins(lambda: None)
        self.phase = "import"

    def run(self, entry_point: EntryPoint) -> None:
        """Try `entry_point`.

        Raises:
            BaseException: whatever loading it raises.
        """
        self._enter("import")
        if entry_point.group == GROUPS[0]:
            catalogue = Catalogue(self._plugins, ())
            catalogue.discover([entry_point])
            catalogue.load(entry_point.name)
            return
        loaded = entry_point.load()
        plugin = loaded() if isinstance(loaded, type) else loaded
        self._enter("register")
        self._plugins.register(plugin, entry_point.name)
        self._try_hooks()

    def _try_hooks(self) -> None:
        """Call the hooks that a plugin answers without a kit."""
        from hellokit.collection import checked
        from hellokit.commands.parser import new

        self._enter("wordings")
        for each in self._plugins.implementations("hellokit_wordings"):
            checked(each.function())
        self._enter("command")
        for each in self._plugins.implementations("hellokit_commands"):
            each.function(*[new()[1] for _ in each.argnames])

    def _enter(self, phase: str) -> None:
        self.phase = phase
        self._tell({"phase": phase})
