"""Failures of plugins: kept and told while everything else goes on."""

from __future__ import annotations

import attrs

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
        phase: "import", "register", "conflict", "wordings", "start", "record", "command" or
            "close".
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
    entry_point: EntryPoint | None, plugin: str, phase: str, error: BaseException | str
) -> PluginFailure:
    """Return the record of a failure, with the remedy that fits its phase."""
    source = f"plugin {plugin!r}" if entry_point is None else str(entry_point)
    distribution = "" if entry_point is None else entry_point.distribution
    version = "" if entry_point is None else entry_point.version
    owner = distribution or "its author"
    told = error if isinstance(error, str) else described(error)
    if phase == "conflict":
        remedy = "Uninstall one of the two, or ask an author for another name"
    elif entry_point is None:
        remedy = f"Fix {plugin!r} where your application registers it"
    else:
        remedy = (
            f"Update or uninstall {owner}, report this to {owner}, "  # noqa: S608  # no SQL
            f"or set HELLOKIT_DISABLE_PLUGINS={plugin}"
        )
    return PluginFailure(plugin, source, distribution, version, phase, told, remedy)


def described(error: BaseException) -> str:
    """Return the type and message of `error` in one line of bounded length."""
    try:
        message = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  # an exception may fail to tell what it is about
        message = ""
    shown = message if len(message) <= LONGEST else f"{message[: LONGEST - 1]}…"
    return f"{type(error).__name__}: {shown}" if shown else type(error).__name__
