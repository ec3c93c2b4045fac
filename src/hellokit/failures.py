"""Failures of plugins: kept and told while everything else goes on."""

from __future__ import annotations

import attrs

from hellokit.errors import PluginError

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
        phase: "import", "register", "conflict", "wordings", "start", "call", "record",
            "alert", "command" or "close".
        error: the exception's type and message.
        remedy: what to do about it.
    """

    plugin: str
    source: str
    distribution: str
    version: str
    phase: str
    error: str
    remedy: str

    def __str__(self) -> str:
        """Tell all of it in one line."""
        return f"{self.source} failed ({self.phase}): {self.error}. {self.remedy}"


def failure(
    entry_point: EntryPoint | None,
    plugin: str,
    phase: str,
    error: BaseException | str,
    remedy: str | None = None,
) -> PluginFailure:
    """Return the record of a failure, with `remedy`, or the one that fits its phase."""
    source = f"plugin {plugin!r}" if entry_point is None else str(entry_point)
    distribution = "" if entry_point is None else entry_point.distribution
    version = "" if entry_point is None else entry_point.version
    told = error if isinstance(error, str) else described(error)
    remedy = remedy or _remedy(entry_point, plugin, phase)
    return PluginFailure(plugin, source, distribution, version, phase, told, remedy)


def conflict(loser: EntryPoint, winner: object) -> PluginFailure:
    """Return the record of a name that somebody else has."""
    return failure(loser, loser.name, "conflict", f"{winner} has the name already")


def _remedy(entry_point: EntryPoint | None, plugin: str, phase: str) -> str:
    if phase == "conflict":
        return "Uninstall or disable one of the two, or ask an author for another name"
    if entry_point is None:
        return f"Fix {plugin!r} where your application registers it"
    owner = entry_point.distribution or "its author"
    return (
        f"Update or uninstall {owner}, report this to {owner}, "  # noqa: S608  # no SQL
        f"or set HELLOKIT_DISABLE_PLUGINS={plugin}"
    )


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


def described(error: BaseException) -> str:
    """Return the type and message of `error` in one line of bounded length."""
    try:
        message = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  # an exception may fail to tell what it is about
        message = ""
    shown = message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"
    return f"{type(error).__name__}: {shown}" if shown else type(error).__name__
