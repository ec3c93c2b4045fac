"""The precedence of entry points: which of them count, told by metadata and settings alone."""

from __future__ import annotations

from hellokit.entrypoints import normalised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hellokit.entrypoints import EntryPoint

OWN = "hellokit"
"""The distribution whose backends are built in, and their names reserved."""


def precedence(entry_point: EntryPoint) -> tuple[bool, str, str]:
    """Return what entry points are sorted by, for the first of one name to win."""
    return entry_point.distribution != OWN, entry_point.distribution, entry_point.value


def disables(names: Iterable[str], entry_point: EntryPoint) -> bool:
    """Tell whether a list of what is disabled says never to import this entry point.

    Args:
        names: names of entry points or distributions, in any spelling of them; `all` means every
            one that is not built in.
        entry_point: the entry point.

    >>> from hellokit.entrypoints import EntryPoint
    >>> disables(["Acme_Loud"], EntryPoint("hellokit.backends", "loud", "loud", "acme-loud"))
    True
    """
    if entry_point.distribution == OWN:
        return False
    own = {"all", normalised(entry_point.name), normalised(entry_point.distribution)}
    return not own.isdisjoint(map(normalised, names))


def claims(
    entry_points: Iterable[EntryPoint], disabled: Iterable[str]
) -> tuple[dict[str, EntryPoint], list[tuple[EntryPoint, EntryPoint]]]:
    """Settle who has which name, among the entry points of one group.

    What is disabled gives way to what is not, and is in nobody's way.

    Args:
        entry_points: who claims a name.
        disabled: what is disabled, as of `disables`.

    Returns:
        The winners by their names, and for each that lost itself and the winner.
    """
    found: dict[str, EntryPoint] = {}
    lost = []
    off = {each: disables(disabled, each) for each in entry_points}
    for entry_point in sorted(off, key=lambda each: (off[each], *precedence(each))):
        winner = found.setdefault(entry_point.name, entry_point)
        if winner is not entry_point and not off[entry_point]:
            lost.append((entry_point, winner))
    return found, lost
