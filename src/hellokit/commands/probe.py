"""The probe: tries entry points, in a process of its own, and tells how far each came."""

from __future__ import annotations

import json
import os
from time import perf_counter

from hellokit.catalogue import Catalogue
from hellokit.commands.inventory import broken
from hellokit.discovery import GROUPS, EntryPoint, scan
from hellokit.errors import BackendLoadError
from hellokit.failures import attributed, failure
from hellokit.plugins import Plugins, made
from hellokit.precedence import OWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NoReturn

    from hellokit.commands.children import Mode
    from hellokit.failures import PluginFailure
    from hellokit.kit import Kit

    Tell = Callable[[dict[str, object]], None]


def main(mode: Mode, entry_points: Iterable[list[str]]) -> NoReturn:
    """Try the entry points with these fields, one after another, and end the process.

    What the plugins print goes nowhere: standard output is for what is found.
    """
    output = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    process = os.getpid()

    def tell(found: dict[str, object]) -> None:
        if os.getpid() != process:  # a plugin forked: two would tell of everything that follows
            os._exit(0)
        os.write(output, json.dumps(found).encode() + b"\n")

    for fields in entry_points:
        _try(EntryPoint(*fields), mode, tell)
    # Threads and exit functions of the plugins must not hold the process.
    os._exit(0)


def _try(entry_point: EntryPoint, mode: Mode, tell: Tell) -> None:
    trial = Trial(tell)
    try:
        trial.run(entry_point, mode)
        tell({"status": "ok"})
    except BaseException as error:  # noqa: BLE001  # whatever a plugin may raise is the finding
        if isinstance(error, Kept):
            told = attributed(error.failure, entry_point)
        else:
            cause = error.__cause__ if isinstance(error, BackendLoadError) else None
            told = failure(entry_point, trial.phase, cause or error)
        tell(broken(told))


class Kept(Exception):  # noqa: N818  # it tells of one, and never leaves this module
    """A failure that a kit contained.

    Args:
        failure: what is told of it.
    """

    def __init__(self, failure: PluginFailure) -> None:
        super().__init__(failure)
        self.failure = failure


class Trial:
    """Loads an entry point as a kit does, step by step, and has a kit start with it.

    Args:
        tell: is told of each phase before it begins, and of what is learnt in it.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._plugins = Plugins(lambda: None)
        self.phase = "import"

    def run(self, entry_point: EntryPoint, mode: Mode) -> None:
        """Try `entry_point`.

        Args:
            entry_point: what to try.
            mode: how far to go with the kit, before it is closed.

        Raises:
            BaseException: whatever that raises.
            Kept: if it failed where a kit goes on.
        """
        self._enter("import")
        began = perf_counter()
        loaded = entry_point.load()
        self._tell({"import_ms": round((perf_counter() - began) * 1e3, 3)})
        backend = _backend(entry_point)
        if entry_point.group == GROUPS[0]:
            catalogue = Catalogue(self._plugins, ())
            catalogue.discover([entry_point])
            plugin = catalogue.load(entry_point.name)
        else:
            plugin = made(loaded)
            self._enter("register")
            self._plugins.register(plugin, entry_point.name)
            self._try_hooks(plugin)
        self._live(plugin, entry_point, backend, mode)

    def _try_hooks(self, plugin: object) -> None:
        """Call the hooks that a plugin answers without a kit."""
        from hellokit.cli import complete
        from hellokit.collection import checked

        hooks = self._plugins.get_hookcallers(plugin) or ()
        self._tell({"hooks": sorted(each.name for each in hooks)})
        self._enter("wordings")
        for each in self._plugins.implementations("hellokit_wordings"):
            checked(each.function())
        self._enter("command")
        parser, subparsers = complete()
        built_in = set(subparsers.choices)
        for each in self._plugins.implementations("hellokit_commands"):
            each.function(*[subparsers for _ in each.argnames])
        # What cannot be formatted raises when help is asked for: that is now.
        parser.format_help()
        added = {name: subparsers.choices[name] for name in subparsers.told.keys() - built_in}
        for each in added.values():
            each.format_help()
        self._tell({"commands": {name: subparsers.told[name] for name in sorted(added)}})

    def _live(
        self, plugin: object, entry_point: EntryPoint, backend: str | None, mode: Mode
    ) -> None:
        """Start a kit with this and nothing else that is installed, go by the mode, close it."""
        from hellokit.configuration import Settings
        from hellokit.kit import Kit

        self._enter("register")
        kit = Kit(Settings(), discover=False)
        if backend is None:
            kit.register(plugin, entry_point.name)
        elif entry_point.distribution != OWN:
            kit.register_backend(backend, plugin)
        self._check(kit)
        if mode != "load":
            self._enter("call")
            self._greet(kit, backend)
        if mode == "cost":
            from hellokit.commands.cost import measured

            self._tell(measured(kit, backend or "plain"))
        self._check(kit)
        self._enter("close")
        kit.close()
        self._check(kit)

    def _greet(self, kit: Kit, backend: str | None) -> None:
        from asyncio import run

        kit.greet("Ada", backend=backend)
        run(kit.greet_async("Ada", backend=backend))
        self._check(kit)

    def _check(self, kit: Kit) -> None:
        for told in kit.failures():
            self._enter(told.phase)
            raise Kept(told)

    def _enter(self, phase: str) -> None:
        self.phase = phase
        self._tell({"phase": phase})


def _backend(entry_point: EntryPoint) -> str | None:
    """Return the name of the backend that this is: one may be published as a plugin too."""
    if entry_point.group == GROUPS[0]:
        return entry_point.name
    twins = (each for each in scan() if each.group == GROUPS[0] and each[2:] == entry_point[2:])
    return next((each.name for each in twins), None)
