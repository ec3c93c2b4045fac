"""The examination: what becomes of each entry point, found out without importing it here."""

from __future__ import annotations

import re

from hellokit.commands.children import tried
from hellokit.commands.inventory import wrong
from hellokit.commands.slowness import slowest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hellokit.commands.children import Mode
    from hellokit.commands.inventory import Finding
    from hellokit.entrypoints import EntryPoint

_OURS = re.compile(r"hellokit(?![\w.-])", re.IGNORECASE)
SLOW_MS = 100.0
"""An import that takes longer than this many ms is slow: a command starts in less."""


def examine(
    inventory: Iterable[tuple[EntryPoint, Finding]],
    time_limit_s: float,
    *,
    mode: Mode,
    together: bool = False,
) -> Iterator[tuple[EntryPoint, Finding]]:
    """Yield each entry point with what is found of it.

    Its `status` is that of the inventory, or in place of `ready`: `ok`, `slow` (to import, and
    nothing else is wrong) or `broken`.

    Args:
        inventory: the entry points, and how they stand; those that are `ready` are tried.
        time_limit_s: seconds that each may take.
        mode: how far to go with each.
        together: whether they share a process for as long as it lives, which takes less time;
            otherwise each has its own, and nothing but its own faults and times.

    Raises:
        HellokitError: if Python does not know its own executable.
    """
    standings = list(inventory)
    ready = [each for each, finding in standings if finding["status"] == "ready"]
    batches = [ready] if together else [[each] for each in ready]
    trials = (trial for batch in batches for trial in tried(batch, time_limit_s, mode))
    owners: dict[str, EntryPoint] = {}
    for each, finding in standings:
        if finding["status"] == "ready":
            finding.update(next(trials))
            finding.update(_conflict(each, finding, owners))
            finding.update(_verdict(each, finding))
        if finding["status"] == "slow" and not together:
            finding["slowest"] = slowest(each.value.partition(":")[0].strip(), time_limit_s)
        yield each, finding


def _conflict(entry_point: EntryPoint, finding: Finding, owners: dict[str, EntryPoint]) -> Finding:
    """Return what is wrong with the commands of one, if another has them already."""
    commands = finding.get("commands", {})
    taken = [name for name in commands if name in owners]
    owners.update({name: entry_point for name in commands if name not in taken})
    if finding["status"] != "ok" or not taken:
        return {}
    error = f"{owners[taken[0]]} has the command {taken[0]!r} already"
    return wrong(entry_point, "command", error)


def _verdict(entry_point: EntryPoint, finding: Finding) -> Finding:
    if finding["status"] == "broken":
        return {"asks_for": _asked(entry_point.distribution)}
    finding.pop("phase", None)
    return {"status": "slow"} if finding["import_ms"] > SLOW_MS else {}


def _asked(distribution: str) -> str | None:
    """Return the hellokit that a distribution asks for in its metadata, if it says."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        required = requires(distribution) or []
    except (PackageNotFoundError, ValueError):  # without a name, or of a finder that has none
        return None
    return next(filter(_OURS.match, required), None)
