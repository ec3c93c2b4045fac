"""Failures of plugins: kept and told while everything else goes on."""

from __future__ import annotations

from types import ModuleType

import attrs

from hellokit.errors import PluginError, SettingsError
from hellokit.plugins import called

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.discovery import EntryPoint


LONGEST = 500
"""The most characters of an exception's message that are shown."""


@attrs.frozen
class PluginFailure:
    """What went wrong with a plugin, kept while everything else goes on.

    Attributes:
        plugin: the plugin's name.
        source: where it came from: the entry point with its distribution and version, or the
            object that was registered.
        distribution: the distribution's name, or "" for an object.
        version: the distribution's version, or "".
        phase: "import", "register", "conflict", "wordings", "start", "words", "call", "record",
            "alert", "command" or "close".
        error: the exception's type and message.
        remedy: what to do about it.
        where: the file and line of the plugin's own code in which it happened, as in
            `acme.py:12` with the whole path, or "" if no such code ran.
    """

    plugin: str
    source: str
    distribution: str
    version: str
    phase: str
    error: str
    remedy: str
    where: str = ""

    def __str__(self) -> str:
        """Tell all of it in one line."""
        return f"{self.source} failed ({self.phase}): {self.error}. {self.remedy}"


def failure(
    entry_point: EntryPoint, phase: str, error: BaseException | str, remedy: str | None = None
) -> PluginFailure:
    """Return the failure of a plugin that is installed; a remedy that fits it, if none is given."""
    name, value, distribution, version = entry_point[1:]
    remedy = remedy or _remedy(entry_point, phase, unset=isinstance(error, SettingsError))
    source, told = str(entry_point), described(error)
    where = _where(error, value.partition(":")[0].strip())
    return PluginFailure(name, source, distribution, version, phase, told, remedy, where)


def failure_of(
    plugin: object, name: str, phase: str, error: BaseException, remedy: str | None = None
) -> PluginFailure:
    """Return the failure of an object that the application registered by `name`."""
    unset = isinstance(error, SettingsError)
    remedy = remedy or (UNSET if unset else "Fix it where your application registers it")
    module = plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__
    source, own = called(name, plugin), name.rpartition(":")[2]
    where = _where(error, module)
    return PluginFailure(own, source, "", "", phase, described(error), remedy, where)


def conflict(loser: EntryPoint, winner: object) -> PluginFailure:
    """Return the record of a name that somebody else has."""
    return failure(loser, "conflict", f"{winner} has the name already")


def attributed(told: PluginFailure, entry_point: EntryPoint) -> PluginFailure:
    """Return the failure of an object as that of the entry point which it was loaded from."""
    remedy = _remedy(entry_point, told.phase, unset=told.remedy == UNSET)
    found = failure(entry_point, told.phase, told.error, remedy)
    return attrs.evolve(found, where=told.where)


UNSET = "Set what it asks for"
"""What to do about a plugin that is sound and not configured."""


def _remedy(entry_point: EntryPoint, phase: str, *, unset: bool) -> str:
    if phase == "conflict":
        return "Uninstall or disable one of the two, or ask an author for another name"
    disabling = f"or set HELLOKIT_DISABLE_PLUGINS={entry_point.name}"
    if unset:
        return f"{UNSET}, {disabling}"
    owner = entry_point.distribution or "its author"
    return f"Update or uninstall {owner}, report this to {owner}, {disabling}"


def _where(error: BaseException | str, module: str) -> str:
    """Return the innermost line in the package of a module that an error passed, or ""."""
    found, package = "", module.partition(".")[0]
    step = None if isinstance(error, str) else error.__traceback__
    while step is not None:
        if str(step.tb_frame.f_globals.get("__name__")).partition(".")[0] == package:
            found = f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}"
        step = step.tb_next
    return found


STRICT_PHASES = ("import", "register", "conflict", "wordings", "start")
"""A failure of these is raised in strict mode; one during a call or at the end never is."""


def keep(
    failures: list[PluginFailure], told: PluginFailure, error: BaseException | None, *, strict: bool
) -> None:
    """Keep a failure and warn of it, once; in strict mode raise it, each time.

    Raises:
        PluginError: in strict mode.
    """
    new = told not in failures
    if new:
        failures.append(told)
    if strict and told.phase in STRICT_PHASES:
        raise PluginError(str(told)) from error
    if new:
        import logging

        logging.getLogger("hellokit").warning("%s", told)


def described(error: BaseException | str) -> str:
    """Return the type and message of `error` in one line of bounded length; a text as it is."""
    if isinstance(error, str):
        return error
    try:
        message = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  # an exception may fail to tell what it is about
        message = ""
    shown = message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"
    return f"{type(error).__name__}: {shown}" if shown else type(error).__name__
