"""The probe: tries one entry point, in a process of its own, and tells how far it came."""

from __future__ import annotations

import json
import os

from hellokit.catalogue import OWN, Catalogue
from hellokit.discovery import GROUPS, EntryPoint, scan
from hellokit.errors import BackendLoadError
from hellokit.failures import failure
from hellokit.plugins import Plugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from hellokit.kit import Kit

    Tell = Callable[[dict[str, object]], None]


def main(fields: list[str], *, greets: bool) -> NoReturn:
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
        trial.run(entry_point, greets=greets)
        tell({"status": "ok"})
    except BaseException as error:  # noqa: BLE001  # whatever a plugin may raise is the finding
        cause: BaseException | str = error
        if isinstance(error, Kept):
            cause = str(error)
        elif isinstance(error, BackendLoadError):
            cause = error.__cause__ or error
        told = failure(entry_point, entry_point.name, trial.phase, cause)
        tell({"status": "broken", "error": told.error, "remedy": told.remedy})
    # Threads and exit functions of the plugin must not hold the process.
    os._exit(0)


class Kept(Exception):  # noqa: N818  # it tells of one, and never leaves this module
    """A failure that a kit contained: its type and message are in the text."""


class Trial:
    """Loads an entry point as a kit does, step by step, and lets it greet.

    Args:
        tell: is told of each phase before it begins.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._plugins = Plugins(lambda: None)
        self.phase = "import"

    def run(self, entry_point: EntryPoint, *, greets: bool) -> None:
        """Try `entry_point`.

        Args:
            entry_point: what to try.
            greets: whether to greet through it, and close the kit after that.

        Raises:
            BaseException: whatever that raises.
            Kept: if it failed where a kit goes on.
        """
        self._enter("import")
        backend = _backend(entry_point)
        if entry_point.group == GROUPS[0]:
            catalogue = Catalogue(self._plugins, ())
            catalogue.discover([entry_point])
            plugin = catalogue.load(entry_point.name)
        else:
            loaded = entry_point.load()
            plugin = loaded() if isinstance(loaded, type) else loaded
            self._enter("register")
            self._plugins.register(plugin, entry_point.name)
            self._try_hooks()
        if greets:
            self._greet(plugin, entry_point, backend)

    def _try_hooks(self) -> None:
        """Call the hooks that a plugin answers without a kit."""
        from hellokit.cli import complete
        from hellokit.collection import checked

        self._enter("wordings")
        for each in self._plugins.implementations("hellokit_wordings"):
            checked(each.function())
        self._enter("command")
        _, subparsers = complete()
        built_in = set(subparsers.choices)
        for each in self._plugins.implementations("hellokit_commands"):
            each.function(*[subparsers for _ in each.argnames])
        self._tell({"commands": sorted(set(subparsers.choices) - built_in)})

    def _greet(self, plugin: object, entry_point: EntryPoint, backend: str | None) -> None:
        """Have a kit greet with this and nothing else that is installed."""
        from asyncio import run

        from hellokit.configuration import Settings
        from hellokit.kit import Kit

        self._enter("register")
        kit = Kit(Settings(), discover=False)
        if backend is None:
            kit.register(plugin, entry_point.name)
        elif entry_point.distribution != OWN:
            kit.register_backend(backend, plugin)
        self._enter("call")
        kit.greet("Ada", backend=backend)
        run(kit.greet_async("Ada", backend=backend))
        self._check(kit)
        self._enter("close")
        kit.close()
        self._check(kit)

    def _check(self, kit: Kit) -> None:
        for told in kit.failures():
            self._enter(told.phase)
            raise Kept(told.error)

    def _enter(self, phase: str) -> None:
        self.phase = phase
        self._tell({"phase": phase})


def _backend(entry_point: EntryPoint) -> str | None:
    """Return the name of the backend that this is: one may be published as a plugin too."""
    if entry_point.group == GROUPS[0]:
        return entry_point.name
    twins = (each for each in scan() if each.group == GROUPS[0] and each[2:] == entry_point[2:])
    return next((each.name for each in twins), None)
