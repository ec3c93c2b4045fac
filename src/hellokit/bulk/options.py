"""The options of `greet_many`, checked once, before the first item is taken."""

from __future__ import annotations

import math

import attrs

from hellokit.errors import RequestTypeError, RequestValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, Self

    from hellokit.configuration import Settings

AUTO = "auto"
ON_ERROR = ("raise", "skip", "return")
WINDOW = 4
"""Items started or waiting to be taken, at most, as a multiple of the concurrency."""


@attrs.frozen(kw_only=True)
class Options:
    """How a stream runs.

    Args:
        concurrency: how many items run at once, or `"auto"`: as many as keep the latency low,
            up to `max_concurrent`.
        max_concurrent: the upper bound for `"auto"`.
        batch_size: how many items of a list are metered together, at most.
        ordered: whether results come in the order of the items.
        on_error: `"raise"`, `"skip"` or `"return"`.
        timeout: how long one attempt at an item may take, in seconds, or None.
        attempts: how often an item is tried in all.
        backoff: the wait before the second attempt, in seconds; it doubles from one to the next.
        rate: how many items are started a second, at most, or None.

    Raises:
        RequestTypeError: if one has the wrong type.
        RequestValueError: if one has a value that is not allowed.
    """

    concurrency: int | Literal["auto"]
    max_concurrent: int
    batch_size: int
    ordered: bool = True
    on_error: Literal["raise", "skip", "return"] = "raise"
    timeout: float | None = None
    attempts: int = 1
    backoff: float = 0.1
    rate: float | None = None

    @classmethod
    def given(
        cls, settings: Settings, *, concurrency: int | Literal["auto"] | None, **options: Any
    ) -> Self:
        """Return the options of a call, with the settings' concurrency if it names none."""
        bound = settings.max_concurrent
        return cls(
            concurrency=bound if concurrency is None else concurrency,
            max_concurrent=bound,
            batch_size=settings.batch_size,
            **options,
        )

    def __attrs_post_init__(self) -> None:
        """Check each option."""
        if self.concurrency != AUTO:
            _whole("concurrency", self.concurrency, "or 'auto'")
        _whole("attempts", self.attempts)
        for name in ("timeout", "rate"):
            if getattr(self, name) is not None:
                _positive(name, getattr(self, name))
        _positive("backoff", self.backoff)
        if not isinstance(self.ordered, bool):
            raise RequestTypeError(f"ordered is {self.ordered!r}: use True or False")
        if self.on_error not in ON_ERROR:
            raise RequestValueError(
                f"on_error is {self.on_error!r}: use one of {', '.join(map(repr, ON_ERROR))}"
            )

    @property
    def limit(self) -> int:
        """How many items run at once, at most."""
        return self.max_concurrent if self.concurrency == AUTO else int(self.concurrency)

    @property
    def window(self) -> int:
        """How many items are taken from the source before their results are, at most."""
        return WINDOW * self.limit

    @property
    def simple(self) -> bool:
        """Whether an item is started at once, tried once, and never timed out."""
        return self.timeout is None and self.rate is None and self.attempts == 1


def _whole(name: str, value: Any, otherwise: str = "") -> None:
    remedy = f"use a whole number from 1 on {otherwise}".rstrip()
    if isinstance(value, bool) or not isinstance(value, int):
        raise RequestTypeError(f"{name} is {value!r}: {remedy}")
    if value < 1:
        raise RequestValueError(f"{name} is {value}: {remedy}")


def _positive(name: str, value: Any) -> None:
    remedy = "use a finite number above 0, or leave it out"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RequestTypeError(f"{name} is {value!r}: {remedy}")
    if not 0 < value < math.inf:
        raise RequestValueError(f"{name} is {value}: {remedy}")
