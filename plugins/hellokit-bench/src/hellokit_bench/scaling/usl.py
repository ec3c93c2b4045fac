"""The Universal Scalability Law (N. J. Gunther), fitted to throughput over concurrency.

X(N) = rate * N / (1 + waiting * (N - 1) + disturbance * N * (N - 1))
"""

from __future__ import annotations

from itertools import chain, combinations
from math import inf, sqrt
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

FEWEST_LEVELS = 5
"""How many levels a fit takes, at least: it has three coefficients, and some must be left over."""
WORST_DEVIATION = 0.07
"""How far from the points a law may be that predicts something.

A sharp knee, which this law does not have, is farther away."""
NEARLY_NOTHING = 1.05
"""The throughput that is not worth any concurrency, as a multiple of that of one at a time."""
FARTHEST = 2
"""How far beyond the highest level a prediction may be, as a multiple of it."""


@attrs.frozen
class Law:
    """Throughput as a function of concurrency.

    Attributes:
        rate: lambda: the throughput at concurrency 1, in items a second.
        waiting: sigma: the share of the work that is done one at a time, so that others wait in
            line for it; 0 or more. It bounds the throughput.
        disturbance: kappa: what each pair of those that run at once costs, by getting in each
            other's way; 0 or more. It makes the throughput fall in the end.
    """

    rate: float
    waiting: float = 0.0
    disturbance: float = 0.0

    def throughput(self, concurrency: float) -> float:
        """Return the throughput at a concurrency, in items a second."""
        n = concurrency
        slowed = 1 + self.waiting * (n - 1) + self.disturbance * n * (n - 1)
        return self.rate * n / slowed

    @property
    def best(self) -> float:
        """The concurrency with the highest throughput; `inf` if there is none."""
        if self.waiting >= 1:
            return 1.0
        if not self.disturbance:
            return inf
        return max(1.0, sqrt((1 - self.waiting) / self.disturbance))

    @property
    def ceiling(self) -> float:
        """The throughput that no concurrency exceeds, in items a second; `inf` without one."""
        if self.best < inf:
            return self.throughput(self.best)
        return self.rate / self.waiting if self.waiting else inf


@attrs.frozen
class Fit:
    """A law that was fitted.

    Attributes:
        law: the one that is nearest to the points.
        deviation: how far it is from them: the standard error of the relative residuals, which
            takes into account how many levels there are; 0.05 is 5 %.
        lowest_best: the lowest `best` when each level in turn is left out.
        highest_best: the highest of them.
        highest_level: the highest concurrency that was measured.
    """

    law: Law
    deviation: float
    lowest_best: float
    highest_best: float
    highest_level: float

    @property
    def is_good(self) -> bool:
        """Whether the law is near enough to the points to predict anything."""
        return self.deviation <= WORST_DEVIATION

    @property
    def best(self) -> float | None:
        """The predicted best concurrency; 1 if more gains nearly nothing.

        None without a limit in what was measured or near it, and of a fit that is not good.
        """
        if self.is_good and self.law.ceiling <= NEARLY_NOTHING * self.law.rate:
            return 1.0
        near = self.law.best <= FARTHEST * self.highest_level
        return self.law.best if self.is_good and near else None

    def as_dict(self) -> dict[str, float | None]:
        """Return its numbers, ready for JSON; None for what is not known."""
        return {
            "rate_per_s": self.law.rate,
            "waiting": self.law.waiting,
            "disturbance": self.law.disturbance,
            "deviation": self.deviation,
            "best": self.best,
            "lowest_best": _finite(self.lowest_best),
            "highest_best": _finite(self.highest_best),
            "ceiling_per_s": None if self.best is None else self.law.ceiling,
        }


def fit(throughputs: Mapping[int, float]) -> Fit | None:
    """Return the law that is nearest to what was measured, by its relative distance.

    Args:
        throughputs: items a second by the concurrency; all above 0.

    Returns:
        The fit; None if there are fewer levels than `FEWEST_LEVELS`.
    """
    if len(throughputs) < FEWEST_LEVELS:
        return None
    levels = sorted(throughputs)
    points = [throughputs[level] for level in levels]
    law, squares, free = _nearest(levels, points)
    bests = [_nearest(*_without(place, levels, points))[0].best for place in range(len(levels))]
    return Fit(
        law,
        deviation=sqrt(squares / (len(levels) - free)),
        lowest_best=min(bests),
        highest_best=max(bests),
        highest_level=levels[-1],
    )


def _finite(value: float) -> float | None:
    return value if value < inf else None


def _without(
    place: int, levels: Sequence[int], points: Sequence[float]
) -> tuple[Sequence[int], Sequence[float]]:
    return [*levels[:place], *levels[place + 1 :]], [*points[:place], *points[place + 1 :]]


def _nearest(levels: Sequence[int], points: Sequence[float]) -> tuple[Law, float, int]:
    """Return the law, the sum of its squared relative residuals, and how many terms are free.

    N / X is linear in three terms, none of them below 0. With so few, the best of all choices of
    terms that are above 0 is the exact answer.
    """
    import numpy as np

    n, x = np.array(levels, float), np.array(points, float)
    taken = n / x
    # Divided by what was taken, so that each level counts by its relative residual.
    terms = np.column_stack([np.ones_like(n), n - 1, n * (n - 1)]) / taken[:, None]
    choices = chain.from_iterable(combinations((1, 2), more) for more in range(3))
    found = [_solved(terms, (0, *choice)) for choice in choices]
    squares, solution, free = min(
        (each for each in found if (each[1] >= 0).all() and each[1][0] > 0),
        key=lambda each: (each[0], each[2]),
    )
    one, line, pairs = (float(each) for each in solution)
    return Law(1 / one, line / one, pairs / one), squares, free


def _solved(
    terms: NDArray[np.float64], choice: tuple[int, ...]
) -> tuple[float, NDArray[np.float64], int]:
    """Return the squared residuals and the solution with these terms, the others being 0."""
    import numpy as np

    solution = np.zeros(terms.shape[1])
    solution[list(choice)] = np.linalg.lstsq(terms[:, choice], np.ones(len(terms)), rcond=None)[0]
    return float(np.sum((terms @ solution - 1) ** 2)), solution, len(choice)
