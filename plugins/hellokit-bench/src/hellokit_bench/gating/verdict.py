"""Verdicts: what the work of a subject is, held against the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hellokit_bench.gating.work import CALLS, COUNTS, FAILED, PEAK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hellokit_bench.gating.work import Work

SAME, COUNTED, UNCOUNTED = "same", "counted", "not counted"
REMEDIES = {
    "more work": "if it is meant, run with --update",
    "less work": "keep it with --update",
    "other work": "if it is meant, run with --update",
    "new": "add it with --update",
    "no longer counted": "see why, or take it out of the baseline",
    FAILED: "see below",
}
"""The verdicts that fail a gate, and what to do about each."""

_KINDS: dict[frozenset[bool | None], str] = {
    frozenset(): SAME,
    frozenset({True}): "more work",
    frozenset({False}): "less work",
}


@attrs.frozen
class Verdict:
    """One subject, judged.

    Attributes:
        work: what was counted.
        accepted: what the baseline has of it; None if it has nothing.
        judged: whether there is a baseline to go by.
    """

    work: Work
    accepted: Mapping[str, int] | None = None
    judged: bool = True

    @property
    def changes(self) -> dict[str, int | None]:
        """How much each count differs by; None if only one of both has it. Equal ones are out."""
        now, before = self.work.counts, self.accepted
        if before is None or self.work.reason:
            return {}
        differing = [name for name in COUNTS if now.get(name) != before.get(name)]
        both = now.keys() & before.keys()
        return {name: now[name] - before[name] if name in both else None for name in differing}

    @property
    def told(self) -> str:
        """The verdict, in a word or two."""
        if self.work.error:
            return FAILED
        if self.work.reason:
            return UNCOUNTED if self.accepted is None else "no longer counted"
        if self.accepted is None:
            return "new" if self.judged else COUNTED
        signs = {None if change is None else change > 0 for change in self.changes.values()}
        return _KINDS.get(frozenset(signs), "other work")


def remarks(verdicts: Sequence[Verdict]) -> list[str]:
    """Return a line for each kind of verdict that fails the gate: of whom, and what to do."""
    lines: list[str] = []
    for told, remedy in REMEDIES.items():
        labels = [each.work.label for each in verdicts if each.told == told]
        if labels:
            lines.append(f"{told}: {', '.join(labels)}; {remedy}")
    return lines


def errors(verdicts: Sequence[Verdict]) -> list[str]:
    """Return what was told of each failure, once."""
    return list(dict.fromkeys(each.work.error for each in verdicts if each.work.error))


def causes(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return a line on what differs besides the code, if anything does."""
    changed = [
        f"{name} {before.get(name, 'none')} then, {now.get(name, 'none')} now"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
    return [f"this alone may be why: {'; '.join(changed)}"] if changed else []


def a_call(name: str, value: float) -> str:
    """Return a count as people read it: for each call, but for the peak, which is of them all.

    >>> a_call("bytecodes", 64), a_call("bytecodes", 65), a_call("peak_bytes", 304)
    ('1', '1.016', '304')
    """
    return f"{value if name == PEAK else value / CALLS:.3f}".rstrip("0").rstrip(".")


def difference(verdict: Verdict) -> str:
    """Return how a subject differs from the baseline, in a cell of a table."""
    if verdict.work.reason:
        return verdict.work.reason
    if not verdict.changes:
        return verdict.told
    return ", ".join(
        f"{COUNTS[name]} vary" if change is None else f"{_signed(name, change)} {COUNTS[name]}"
        for name, change in verdict.changes.items()
    )


def _signed(name: str, change: int) -> str:
    return f"{'+' if change > 0 else '-'}{a_call(name, abs(change))}"
