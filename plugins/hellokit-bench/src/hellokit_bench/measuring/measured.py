"""What was measured: all of a run, as the reports tell it."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from hellokit_bench.measuring.programs import Program
    from hellokit_bench.subject import Subject
    from hellokit_bench.suite import Result, Suite


@attrs.frozen
class Measured:
    """What was measured in a run.

    Attributes:
        suite: the results; the memory of each is one more, by its label and ` memory`.
        subjects: what was called, backends before peers, also what failed.
        programs: what was run as whole processes, also what failed.
        failures: why what failed did, by its label.
        interrupted: a sentence for each part that an interrupt cut short.
        load: how many processes wanted a processor when it began, over the last minute.
        processors: how many of these there are.
    """

    suite: Suite
    subjects: tuple[Subject, ...] = ()
    programs: tuple[Program, ...] = ()
    failures: dict[str, str] = attrs.field(factory=dict)
    interrupted: tuple[str, ...] = ()
    load: float = 0.0
    processors: int = 1

    def result(self, name: str) -> Result | None:
        """Return the result of this label; None if there is none, as it failed."""
        try:
            return self.suite[name]
        except KeyError:
            return None


def spread(result: Result) -> float:
    """Return how far the processes lie from their median: half of them lie nearer.

    Args:
        result: of at least one process.

    Returns:
        The median of their distances, as a share of the median.
    """
    middle = result.value
    return median(abs(median(each) - middle) for each in result.processes) / middle


def ratios(one: Result, other: Result) -> list[float]:
    """Return the ratio of one result to another in each round."""
    pairs = zip(one.processes, other.processes, strict=True)
    return [median(mine) / median(theirs) for mine, theirs in pairs]
