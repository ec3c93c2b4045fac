"""What a greeting through a backend costs, as a multiple of one through `plain`."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hellokit import Kit
    from hellokit.testing.trial import Trial

ROUNDS = 5
MOST = 200
"""Calls of a round, at most."""

ROUND_S = 0.02
"""How long a round takes, at most, if one call does not take longer."""


def race(trial: Trial) -> tuple[int, float]:
    """Greet many times, in turns with `plain`.

    A wrapping backend is measured in front of `plain`. The names are different ones, and the
    best of a few rounds counts, as everything else that the machine does only adds.

    Returns:
        How many calls of the backend were made, and the cost of one over that of `plain`.
    """
    plain = trial.another().kit
    backend = f"{trial.contract.backend}+plain" if trial.wraps else trial.contract.backend
    elapsed(plain, "plain", ["Ada"])
    elapsed(trial.kit, backend, ["Ada"])
    one = elapsed(trial.kit, backend, ["Grace"])
    calls = max(1, min(MOST, int(ROUND_S / one)))
    best = best_plain = float("inf")
    for turn in range(ROUNDS):
        names = [f"Ada{turn}N{number}" for number in range(calls)]
        best = min(best, elapsed(trial.kit, backend, names))
        best_plain = min(best_plain, elapsed(plain, "plain", names))
    return 2 + ROUNDS * calls, best / best_plain


def elapsed(kit: Kit, backend: str, names: Sequence[str]) -> float:
    """Greet each name; return how long that took, in seconds."""
    greet = kit.greet
    start = perf_counter()
    for name in names:
        greet(name, backend=backend)
    return perf_counter() - start
