"""Tallies: how much Python does on a thread, by its own count of it, which is always exact."""

from __future__ import annotations

import sys
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import CodeType, FrameType

MONITORING: Any = getattr(sys, "monitoring", None)
"""What Python has from 3.12 on."""


class Tally(ABC):
    """Counts while it is entered: a context.

    Args:
        unseen: files whose own code does not count, as that of the one who counts.

    Attributes:
        bytecodes: instructions that were executed, as they were compiled.
        python_calls: functions of Python that began, or generators that went on.
        c_calls: calls of anything else.
        elsewhere: what was seen of other threads, in events; 0 if there was nothing.
    """

    def __init__(self, unseen: Collection[str] = ()) -> None:
        self.bytecodes = self.python_calls = self.c_calls = self.elsewhere = 0
        self._unseen = frozenset(unseen)

    @abstractmethod
    def __enter__(self) -> Self:
        """Begin to count."""

    @abstractmethod
    def __exit__(self, *_: object) -> None:
        """Count no more."""


class MonitoredTally(Tally):
    """Counts by `sys.monitoring`, which sees all threads and disturbs no tracer."""

    def __enter__(self) -> Self:
        """Begin to count, on this thread."""
        events, register = MONITORING.events, MONITORING.register_callback
        tool = self._tool = next(each for each in range(6) if not MONITORING.get_tool(each))
        MONITORING.use_tool_id(tool, "hellokit-bench")
        self._thread = threading.get_ident()
        for event in (events.PY_START, events.PY_RESUME):
            register(tool, event, self._begun)
        for event in (events.C_RETURN, events.C_RAISE):
            register(tool, event, self._returned)
        register(tool, events.INSTRUCTION, self._executed)
        wanted = events.INSTRUCTION | events.PY_START | events.PY_RESUME
        # Of calls only the ends are looked at: they tell those of C apart, and come with CALL.
        MONITORING.set_events(tool, wanted | events.CALL)
        return self

    def __exit__(self, *_: object) -> None:
        """Count no more."""
        MONITORING.set_events(self._tool, 0)
        MONITORING.free_tool_id(self._tool)

    def _executed(self, code: CodeType, _: int) -> None:
        self.bytecodes += self._counts(code)

    def _begun(self, code: CodeType, _: int) -> None:
        self.python_calls += self._counts(code)

    def _returned(self, code: CodeType, *_: object) -> None:
        self.c_calls += self._counts(code)

    def _counts(self, code: CodeType) -> bool:
        if threading.get_ident() != self._thread:
            self.elsewhere += 1
            return False
        return code.co_filename not in self._unseen


class TracedTally(Tally):
    """Counts by tracing, as Python 3.11 has nothing else.

    Of other threads it sees those that were started after `watch_threads`.
    """

    of_others = 0

    def __enter__(self) -> Self:
        """Begin to count, on this thread."""
        self._before = sys.gettrace(), sys.getprofile(), TracedTally.of_others
        sys.setprofile(self._profile)
        sys.settrace(self._begun)
        return self

    def __exit__(self, *_: object) -> None:
        """Count no more."""
        trace, profile, of_others = self._before
        sys.settrace(trace)
        sys.setprofile(profile)
        self.elsewhere = TracedTally.of_others - of_others

    def _begun(self, frame: FrameType, *_: object) -> Any:
        if not self._counts(frame):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._executed

    def _executed(self, _: FrameType, event: str, *__: object) -> Any:
        self.bytecodes += event == "opcode"
        return self._executed

    def _profile(self, frame: FrameType, event: str, _: object) -> None:
        if self._counts(frame):
            self.python_calls += event == "call"
            self.c_calls += event == "c_call"

    def _counts(self, frame: FrameType) -> bool:
        return frame.f_code.co_filename not in self._unseen


def watch_threads() -> None:
    """Let tallies see the threads that are started from now on."""
    if MONITORING is None:
        threading.setprofile(_elsewhere)


def tally(unseen: Collection[str]) -> Tally:
    """Return a tally of the kind that this Python allows.

    Args:
        unseen: files whose own code does not count.
    """
    return TracedTally(unseen) if MONITORING is None else MonitoredTally(unseen)


def _elsewhere(*_: object) -> None:
    TracedTally.of_others += 1
