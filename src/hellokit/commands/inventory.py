"""The inventory: what is installed, and how it stands, told by metadata and settings alone."""

from __future__ import annotations

from hellokit.commands.selection import unusable
from hellokit.entrypoints import BACKENDS, PLUGINS
from hellokit.precedence import claims, disables, precedence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, TypeAlias

    from hellokit.entrypoints import EntryPoint
    from hellokit.failures import PluginFailure

    Finding: TypeAlias = dict[str, Any]

SOUND = ("ready", "ok", "slow", "disabled", "left out")
"""What may be found of an entry point with which nothing is wrong."""


def inventory(
    entry_points: Iterable[EntryPoint], disabled: Iterable[str]
) -> Iterator[tuple[EntryPoint, Finding]]:
    """Yield each entry point with what is found of it, in the order in which a kit takes them.

    Its `status` is `ready`, or else `disabled`, `conflict`, `broken` or `left out`.

    Args:
        entry_points: what is installed.
        disabled: what the settings disable.
    """
    found = list(entry_points)
    backends = [each for each in found if each.group == BACKENDS]
    _, lost = claims(backends, disabled)
    # A plugin that is the same thing as a backend which lost its name is not loaded either.
    left = {loser[2:] for loser, _ in lost}
    plugins = [each for each in found if each.group == PLUGINS]
    _, also_lost = claims([each for each in plugins if each[2:] not in left], disabled)
    winners = dict(lost + also_lost)
    for each in sorted(backends, key=precedence) + sorted(plugins, key=precedence):
        if disables(disabled, each):
            standing: Finding = {"status": "disabled"}
        elif each in winners:
            standing = _conflict(each, winners[each])
        elif each.group == PLUGINS and each[2:] in left:
            standing = {"status": "left out", "error": "its backend of this name is not used"}
        elif each.group == BACKENDS and (problem := unusable(each.name)):
            standing = wrong(each, "register", problem)
        else:
            standing = {"status": "ready"}
        yield each, each._asdict() | standing


def wrong(entry_point: EntryPoint, phase: str, error: str) -> Finding:
    """Return what is wrong with an entry point, and what to do about it."""
    from hellokit.failures import failure

    return broken(failure(entry_point, phase, error))


def broken(told: PluginFailure) -> Finding:
    """Return a failure as a finding."""
    return {
        "status": "broken",
        "phase": told.phase,
        "error": told.error,
        "where": told.where or None,
        "remedy": told.remedy,
    }


def _conflict(loser: EntryPoint, winner: EntryPoint) -> Finding:
    from hellokit.failures import conflict

    return broken(conflict(loser, winner)) | {"status": "conflict"}
