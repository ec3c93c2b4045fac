"""The backend `simulated`: takes its time and fails, as one far away does, and is told how."""

from __future__ import annotations

import os
import re
from itertools import count
from math import nan
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from hellokit import SettingsError
from hellokit_bench.errors import SimulatedError
from hellokit_bench.latency import ALLOWED, Latency, constant, latency

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit import Request

LATENCY = "HELLOKIT_SIMULATED_LATENCY"
ERROR_RATIO = "HELLOKIT_SIMULATED_ERROR_RATIO"
SEED = "HELLOKIT_SIMULATED_SEED"
DEFAULT_LATENCY = "1ms"
_ANYTHING = 2**64
_WHOLE = re.compile(r"-?[0-9]{1,100}")


class Simulated:
    """A leaf that takes its time and fails now and then, and says the words of the kit.

    Calls are numbered from 0 in the order in which they begin. What becomes of a call is decided
    by the seed and its number alone, whatever thread or loop it is made in.

    What is None is read from the environment: `HELLOKIT_SIMULATED_LATENCY`,
    `HELLOKIT_SIMULATED_ERROR_RATIO` and `HELLOKIT_SIMULATED_SEED`.

    Args:
        latency: how long calls take: a number of seconds, or a text such as `"1ms"`,
            `"uniform:1ms-1.9ms"`, `"exponential:2ms"` (its mean) or `"lognormal:2ms,0.5"`
            (its median, and the sigma of its logarithm). `"1ms"` if nothing says more.
        error_ratio: the share of calls that fail, from 0 to 1; 0 if nothing says more.
        seed: any whole number; with the same one, the same becomes of each call. Another each
            time if nothing says more.

    Attributes:
        blocking: whether calls take time, so that the kit keeps the sync one off event loops.

    Raises:
        SettingsError: if one of these is not allowed.

    >>> from hellokit import Kit
    >>> with Kit(discover=False) as kit:
    ...     undo = kit.register_backend("far", Simulated("2ms", error_ratio=0.5, seed=0))
    ...     people = ["Ada", "Grace", "Alan"]
    ...     list(kit.greet_many(people, backend="far", concurrency=1, on_error="skip"))
    ['Hello, Grace!', 'Hello, Alan!']
    """

    def __init__(
        self,
        latency: str | float | None = None,
        error_ratio: float | None = None,
        seed: int | None = None,
    ) -> None:
        self._latency = _latency(*_given("latency", latency, LATENCY, DEFAULT_LATENCY))
        self._error_ratio = _ratio(*_given("error_ratio", error_ratio, ERROR_RATIO, 0.0))
        self._seed = _seed(*_given("seed", seed, SEED, SystemRandom().randrange(_ANYTHING)))
        self._numbers = count()
        self.blocking = not self._latency.nothing

    def hellokit_greet(self, request: Request, words: Callable[[Request], str]) -> str:
        """Wait in this thread, then fail or return the text.

        Raises:
            SimulatedError: as often as `error_ratio` says.
        """
        number = next(self._numbers)
        latency_s, fails = self._fate(number)
        if latency_s:
            from time import sleep

            sleep(latency_s)
        return self._end(number, words(request), fails=fails)

    async def hellokit_greet_async(self, request: Request, words: Callable[[Request], str]) -> str:
        """Wait without blocking the loop, then fail or return the text.

        Raises:
            SimulatedError: as often as `error_ratio` says.
        """
        number = next(self._numbers)
        latency_s, fails = self._fate(number)
        if latency_s:
            from asyncio import sleep

            await sleep(latency_s)
        return self._end(number, words(request), fails=fails)

    def _fate(self, number: int) -> tuple[float, bool]:
        """Return how long a call takes, in seconds, and whether it fails."""
        # One Random per call: no lock on its way, and no other thread between its two draws.
        random = Random(f"{self._seed}/{number}")  # noqa: S311  # nobody is kept out by it
        fails = random.random() < self._error_ratio
        return self._latency.draw(random), fails

    def _end(self, number: int, text: str, *, fails: bool) -> str:
        if fails:
            raise SimulatedError(
                f"call {number} was to fail, as error_ratio is {self._error_ratio:g}: "
                f"set {ERROR_RATIO}=0 for a backend that never fails"
            )
        return text


def _given(name: str, argument: object, variable: str, default: object) -> tuple[str, object]:
    """Return what a value is called in messages, and the value that is in force."""
    if argument is not None:
        return name, argument
    return variable, os.environ.get(variable, "").strip() or default


def _latency(name: str, value: object) -> Latency:
    try:
        return latency(value) if isinstance(value, str) else constant(_number(value))
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{name} is {value!r}: use {ALLOWED}") from error


def _ratio(name: str, value: object) -> float:
    try:
        ratio = _number(value)
    except (TypeError, ValueError):
        ratio = nan
    if not 0 <= ratio <= 1:
        raise SettingsError(f"{name} is {value!r}: use a number from 0 to 1")
    return ratio


def _seed(name: str, value: object) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise SettingsError(f"{name} is {value!r}: use a whole number")


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    return float(value)
