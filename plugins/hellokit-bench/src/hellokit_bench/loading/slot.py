"""Slots: places for one call at a time; and targets, which have as many as may be in flight."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Failure: TypeAlias = tuple[str, str]
"""The kind of a failure, such as `TimeoutError` or `HTTP 503`, and its message."""
Ended: TypeAlias = "Callable[[Slot, Failure | None], None]"
"""What is told that a call has ended, and of what failure, if any."""

LONGEST_MESSAGE = 200


class Slot(ABC):
    """A place for one call at a time.

    Args:
        ended: what is told that the call in it has ended.

    Attributes:
        busy: whether a call is in it.
        intended_ns: when that one was to begin, by the clock of `perf_counter_ns`.
        started_ns: when it began; 0 before.
        queued: whether it had to wait for a slot.
        expired_ns: when it was given up for its timeout; 0 if it was not.
    """

    def __init__(self, ended: Ended) -> None:
        self.ended = ended
        self.busy = False
        self.intended_ns = 0
        self.started_ns = 0
        self.queued = False
        self.expired_ns = 0

    @abstractmethod
    def begin(self) -> None:
        """Begin a call, set `started_ns` when it really begins, and tell of its end later on."""

    @abstractmethod
    def abandon(self) -> None:
        """Have the call end soon."""


class Target(ABC):
    """What is called.

    Attributes:
        label: how tables and files call it.
        in_process: whether its own code runs in the thread that makes the load.
        statuses: how many answers had each HTTP status.
        received_bytes: the size of all answers.
    """

    label: str
    in_process: bool
    statuses: Mapping[int, int]
    received_bytes: int

    @abstractmethod
    async def slots(self, concurrency: int, ended: Ended) -> Sequence[Slot]:
        """Make ready for calls.

        Args:
            concurrency: how many slots to make.
            ended: what each tells of the end of its calls.

        Raises:
            HellokitError: if it cannot be called at all.
        """

    @abstractmethod
    async def close(self) -> None:
        """Let go of what calls needed."""


def failure(error: BaseException) -> Failure:
    """Return the kind of an error, and what it says, in one line."""
    try:
        told = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  # anyone's __str__
        told = ""
    return type(error).__name__, told[:LONGEST_MESSAGE]
