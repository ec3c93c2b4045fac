"""Confidence: a wording without what its authors are not sure of."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hellokit.wordings.wording import Wording

    Patterns = Mapping[str, Mapping[str, str]]

GROUPS = ("slots", "formal", "informal", "plural", "occasions")


def confident(wording: Wording) -> Wording | None:
    """Return a wording without the patterns of medium confidence; None if little is left.

    Hours of a slot that is left out have the timeless greeting.
    """
    if wording.confidence != "high":
        return None
    kept = {group: _sure(getattr(wording, group)) for group in GROUPS}
    if all(kept[group] == getattr(wording, group) for group in GROUPS):
        return wording
    slots = kept["slots"]
    if "hello" not in slots:
        return None
    for group in ("formal", "informal", "plural"):
        kept[group] = {slot: forms for slot, forms in kept[group].items() if slot in slots}
    hours = [(hour, slot if slot in slots else "hello") for hour, slot in wording.hours]
    return wording.evolve(**kept, hours=hours)


def _sure(patterns: Patterns) -> Patterns:
    return {name: forms for name, forms in patterns.items() if forms.get("confidence") != "medium"}
