"""Work: what a call does, counted in what neither the machine nor its load can change."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import attrs

from hellokit_bench.errors import SubjectError
from hellokit_bench.gating import clocks
from hellokit_bench.gating.tally import tally, watch_threads
from hellokit_bench.subject import Opened, Subject
from hellokit_bench.worker import TIME_LIMIT_S, Worker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    Counts: TypeAlias = dict[str, int]
    Window: TypeAlias = Callable[[], None]

T = TypeVar("T")

CALLS = 64
"""How many calls are counted together: what hellokit does at one call in so many is in it once."""

COUNTS = {
    "bytecodes": "bytecodes",
    "python_calls": "Python calls",
    "c_calls": "C calls",
    "blocks": "blocks kept",
    "peak_bytes": "peak bytes",
}
"""What is counted, and what people call it."""

PEAK = "peak_bytes"
"""Of all the calls; the other counts are sums over them."""

PROCESSES = 2
"""So many processes must agree: what differs between them is not counted."""

WARM_UPS, ALIKE, MOST = 4, 3, 12
"""Windows that run uncounted; how many must come out alike in a row; and how many are tried."""

SUSPENDS = "suspends"
THREADS = "works on other threads"
VARIES = "varies from call to call"
FAILED = "failed"

ENVIRONMENT = {"PYTHONHASHSEED": "0"} | dict.fromkeys(
    ("PYTHONOPTIMIZE", "PYTHONDEVMODE", "PYTHONASYNCIODEBUG", "PYTHONMALLOC", "PYTHONTRACEMALLOC"),
    "",
)
"""What would change the counts, and is set alike everywhere."""


@attrs.frozen
class Work:
    """What `CALLS` calls of a subject do.

    Attributes:
        label: the subject's.
        counts: each of `COUNTS`; those that vary are left out, and without bytecodes, all are.
        reason: why nothing could be counted; empty if it was.
        error: what failed, if anything did.
    """

    label: str
    counts: Mapping[str, int] = attrs.field(factory=dict)
    reason: str = ""
    error: str = ""


def counted(
    subject: Subject, *, path: Sequence[str] | None = None, time_limit_s: float = TIME_LIMIT_S
) -> Work:
    """Count the work of a subject, in fresh processes.

    Args:
        subject: a backend, called in one way; no peer.
        path: where to find modules; as this process does, if None.
        time_limit_s: how long a process may take to count, in seconds.
    """
    start = partial(Worker, subject, environment=ENVIRONMENT, time_limit_s=time_limit_s)
    found: list[dict[str, Any]] = []
    try:
        for _ in range(PROCESSES):
            with start(path=path) as worker:
                found.append(worker.call(count))
    except SubjectError as error:
        return Work(subject.label, reason=FAILED, error=str(error))
    reasons = [each["reason"] for each in found if "reason" in each]
    counts: Counts = {} if reasons else dict(set.intersection(*(set(i.items()) for i in found)))
    if "bytecodes" not in counts:
        return Work(subject.label, reason=reasons[0] if reasons else VARIES)
    return Work(subject.label, {name: counts[name] for name in COUNTS if name in counts})


def count(opened: Opened) -> dict[str, Any]:
    """Return the counts of `CALLS` calls, or the `reason` why there are none: an order.

    It changes the process for good.

    Args:
        opened: what to count; another of the same kind is opened for it.
    """
    gc.disable()
    watch_threads()
    try:
        # By the real clocks first: with even ones, a backend that waits could wait for ever.
        if reason := _with_window(opened.subject, _obstacle):
            return {"reason": reason}
        clocks.even_out()
        return _with_window(opened.subject, _counts)
    except _SuspendedError:
        return {"reason": SUSPENDS}


def _with_window(subject: Subject, use: Callable[[Window], T]) -> T:
    """Open a subject and warm it up, and return what `use` makes of `CALLS` calls of it."""
    with Opened(subject) as opened:
        assert opened.kit is not None  # noqa: S101  # it is no peer
        if subject.way == "async":
            greet = partial(opened.kit.greet_async, subject.greeted, backend=subject.name)
            return asyncio.run(_inside_loop(use, greet))
        if subject.way == "bulk":
            names = [subject.greeted] * CALLS
            window = partial(_bulk, opened.kit.greet_many, names, subject.name)
        else:
            window = partial(_sync, opened.kit.greet, subject.greeted, subject.name)
        for _ in range(WARM_UPS):
            window()
        return use(window)


async def _inside_loop(use: Callable[[Window], T], greet: Callable[[], Awaitable[str]]) -> T:
    for _ in range(WARM_UPS * CALLS):
        await greet()  # the first ones may suspend
    # Backends ask for the loop that runs, so `use` is called inside; it has no turn meanwhile.
    return use(partial(_async, greet))


def _sync(greet: Callable[..., str], name: str, backend: str) -> None:
    for _ in repeat(None, CALLS):
        greet(name, backend=backend)


def _async(greet: Callable[[], Any]) -> None:
    for _ in repeat(None, CALLS):
        coroutine = greet()
        try:
            coroutine.send(None)
        except StopIteration:
            continue
        coroutine.close()
        raise _SuspendedError


def _bulk(greet_many: Callable[..., Any], names: list[str], backend: str) -> None:
    for _ in greet_many(names, backend=backend):
        pass


class _SuspendedError(Exception):
    """A coroutine gave its turn away: what comes in between is not its own."""


def _obstacle(window: Window) -> str:
    """Return why a window cannot be counted; empty if it can."""
    return "" if any(_calls(window) for _ in range(ALIKE)) else THREADS


def _counts(window: Window) -> Counts:
    whole: Counts = {}
    for measure in (_calls, _blocks, _peak):
        whole |= _settled(measure, window)
    return whole


def _settled(measure: Callable[[Window], Counts], window: Window) -> Counts:
    """Return what is measured `ALIKE` times in a row; nothing if it never settles."""
    row = 0
    last: Counts = {}
    for _ in range(MOST):
        now = measure(window)
        row = row + 1 if now and now == last else bool(now)
        if row == ALIKE:
            return now
        last = now
    return {}


def _calls(window: Window) -> Counts:
    """Return what a window executes and calls; nothing if other threads were at work too."""
    with tally(_HERE) as told:
        window()
    if told.elsewhere:
        return {}
    return {name: getattr(told, name) for name in ("bytecodes", "python_calls", "c_calls")}


def _blocks(window: Window) -> Counts:
    """Return how many blocks of memory a window leaves behind."""
    return {"blocks": _kept(window) - _kept(_nothing)}


def _kept(window: Window) -> int:
    before = sys.getallocatedblocks()
    window()
    return sys.getallocatedblocks() - before


def _peak(window: Window) -> Counts:
    """Return how many bytes more than before it a window needs at some moment."""
    tracemalloc.start()
    try:
        return {PEAK: _risen(window) - _risen(_nothing)}
    finally:
        tracemalloc.stop()


def _risen(window: Window) -> int:
    window()  # what it frees of the time before was never traced
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    window()
    return tracemalloc.get_traced_memory()[1] - before


def _nothing() -> None:
    """Call nobody: what it takes to measure."""


_HERE = (_nothing.__code__.co_filename, tally.__code__.co_filename)
