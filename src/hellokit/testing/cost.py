"""What a greeting through a backend costs: time, and that of others on its event loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hellokit import Kit
    from hellokit.testing.trial import Trial

ROUNDS = 5
MOST = 200
"""Calls of a round, at most."""

ROUND_S = 0.02
"""How long a round takes, at most, if one call does not take longer."""

BEAT_S = 0.001
"""How often a heart beats on an event loop."""

HELD_S = 0.003
"""How late a beat is, at least, if a call holds up its loop."""

HELD_CALLS = 5
"""How many calls in a row hold up their loop, if it is the backend that does."""


@attrs.frozen
class Cost:
    """What a greeting costs.

    Attributes:
        times_plain: the time that it takes over that of one through `plain`.
        holds_up: whether its event loop cannot go on meanwhile.
    """

    times_plain: float
    holds_up: bool


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


def holds_up(trial: Trial) -> bool:
    """Tell whether a few calls in a row have each held up their event loop."""
    return trial.aside(_hold_up(trial.another()))


async def _hold_up(trial: Trial) -> bool:
    await trial.kit.greet_async("Ada", backend=trial.chain)
    for number in range(HELD_CALLS):
        delays = [0.0]
        heart = asyncio.create_task(_beat(delays))
        await asyncio.sleep(0)
        await trial.kit.greet_async(f"Grace{number}", backend=trial.chain)
        await asyncio.sleep(BEAT_S)
        heart.cancel()
        with suppress(asyncio.CancelledError):
            await heart
        if max(delays) < HELD_S:
            return False
    return True


async def _beat(delays: list[float]) -> None:
    """Note how late each beat is, in seconds."""
    while True:
        due = perf_counter() + BEAT_S
        await asyncio.sleep(BEAT_S)
        delays.append(perf_counter() - due)


def elapsed(kit: Kit, backend: str, names: Sequence[str]) -> float:
    """Greet each name; return how long that took, in seconds."""
    greet = kit.greet
    start = perf_counter()
    for name in names:
        greet(name, backend=backend)
    return perf_counter() - start
