"""What the contract demands of calls that run beside others, or are cancelled."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from typing import TYPE_CHECKING

from hellokit.testing.check import check
from hellokit.testing.forking import told_by_child
from hellokit.testing.scripted import ScriptedBackend
from hellokit.testing.trial import VERBS

if TYPE_CHECKING:
    from typing import Any

    from hellokit.testing.trial import Trial

THREADS = 8
EACH = 25
"""Calls of a thread, at most."""

SWITCH_S = 1e-5
LATENCY_S = 0.001
TOGETHER = 8
STEPS = 12
STREAM = 60
NAMES = ("Grace", "Alan")


class Waiting:
    """A backend that is told to wait until it is cancelled, or released on its thread."""

    blocking = True

    def __init__(self) -> None:
        self.waits = False
        self.began = threading.Event()
        self.released = threading.Event()
        self.awaited = False

    def hellokit_greet(self) -> str:
        """Wait to be released."""
        if self.waits:
            self.began.set()
            self.released.wait()
        return "released"

    async def hellokit_greet_async(self) -> str:
        """Wait to be cancelled."""
        if self.waits:
            self.awaited = True
            self.began.set()
            await asyncio.Event().wait()
        return "at once"


class RunningChecks:
    """The checks of cancellation, threads, forks and streams."""

    @check(
        "let CancelledError pass, and cancel or await every task that the call has started "
        "in a finally"
    )
    def test_cancellation(self, trial: Trial) -> None:
        """A cancelled call ends as cancelled, is counted so, and leaves nothing running."""
        waiting = Waiting()
        trial = trial.another(waiting)
        try:
            waits, complaint = trial.aside(cancelled(trial, waiting))
        finally:
            waiting.released.set()
        assert not complaint, complaint
        assert trial.until(lambda: trial.counted().in_flight == 0), "it is still in flight"
        if waiting.awaited and waits:
            errors = trial.counted().errors
            assert errors == {"CancelledError": 1}, "it is not counted once, as cancelled"

    @check(
        "close a connection that a cancelled call leaves between a request and its answer "
        "(except BaseException: close it; raise), and cancel or await the tasks of the call",
        needs="foretold",
    )
    def test_leftovers(self, trial: Trial) -> None:
        """A call that is cancelled, at whatever step, leaves no answer to the next, and no task."""
        other = trial.another()
        expected = other.aside(one_by_one(other, [f"Grace{steps}" for steps in range(STEPS)]))
        slow = trial.another(ScriptedBackend(latency_s=LATENCY_S))
        texts, left = slow.aside(cancelled_at_each_step(slow))
        wrong = [pair for pair in zip(texts, expected, strict=True) if pair[0] != pair[1]]
        assert not wrong, f"after a cancelled call, it said {wrong[0][0]!r} for {wrong[0][1]!r}"
        assert not left, left

    @check(
        "keep a call's request in local variables, not on self: at each await, other calls go on",
        needs="foretold",
    )
    def test_overlap(self, trial: Trial) -> None:
        """Calls that overlap on one event loop get each its own text."""
        names = [f"Ada{number}" for number in range(TOGETHER)]
        other = trial.another()
        expected = other.aside(one_by_one(other, names))
        slow = trial.another(ScriptedBackend(latency_s=LATENCY_S))
        texts = slow.aside(gathered(slow, names))
        assert texts == expected, f"of {TOGETHER} calls at once, some got the texts of others"

    @check("keep nothing of a call on the backend without a lock: use local variables")
    def test_threads(self, trial: Trial) -> None:
        """Eight threads greet at once, and each gets its own greetings, all of them counted."""
        each = calls_in_time(trial)
        names = [[f"T{one}N{number}" for number in range(each)] for one in range(THREADS)]
        texts, errors = greeted_at_once(trial, names)
        assert not errors, f"of {THREADS} threads, {len(errors)} failed: {errors[:3]}"
        if trial.foretold:
            other = trial.another()
            assert texts == [[other.greet(name) for name in each] for each in names], (
                "threads got other texts than one thread gets"
            )
        counted = trial.counted()
        assert (counted.calls, counted.in_flight) == (THREADS * each, 0), "calls were miscounted"

    @check(
        "make threads, locks and connections anew in a child: os.register_at_fork, or compare "
        "os.getpid() with that of the process that made them",
        needs="fork",
    )
    def test_fork(self, trial: Trial) -> None:
        """A child that is forked after the first greeting greets in time; the parent goes on."""
        for verb in VERBS:
            trial.by(verb, f"Ada by {verb}")
        told = told_by_child(
            lambda: [trial.by(verb, f"Grace by {verb}") for verb in VERBS], trial.patience_s
        )
        assert not told.error, f"the child could not greet: {told.error}"
        texts = [trial.by(verb, f"Alan by {verb}") for verb in VERBS]
        if trial.foretold:
            other = trial.another()
            expected = [other.by(verb, f"{name} by {verb}") for name in NAMES for verb in VERBS]
            assert [*told.texts, *texts] == expected, "the child or the parent say other texts"

    @check("hold one call's state for that call only, and raise for nobody else's", required=True)
    def test_streams(self, trial: Trial) -> None:
        """`greet_many` and `greet_many_async` give each item its greeting, in order."""
        names = [f"Ada{number}" for number in range(STREAM)]
        more = [f"Grace{number}" for number in range(STREAM)]
        texts = list(trial.kit.greet_many(names, backend=trial.chain))
        awaited = trial.aside(streamed(trial, more))
        assert (len(texts), len(awaited)) == (STREAM, STREAM), "items got lost"
        if trial.foretold:
            other = trial.another()
            expected = [other.greet(name) for name in names]
            assert texts == expected, "greet_many says other texts than greet"
            either = zip(other.aside(one_by_one(other, more)), map(other.greet, more), strict=True)
            assert all(text in texts for text, texts in zip(awaited, either, strict=True)), (
                f"greet_many_async says other texts than greet_async and greet: {awaited[:3]} ..."
            )
        counted = trial.counted()
        assert (counted.calls, counted.in_flight) == (2 * STREAM, 0), "items were miscounted"


async def streamed(trial: Trial, names: list[str]) -> list[str]:
    """Greet a stream."""
    stream = trial.kit.greet_many_async(names, backend=trial.chain)
    return [text async for text in stream]


async def one_by_one(trial: Trial, names: list[str]) -> list[str]:
    """Greet the same, one after the other."""
    return [await trial.kit.greet_async(name, backend=trial.chain) for name in names]


async def gathered(trial: Trial, names: list[str]) -> list[str]:
    """Greet all of them at once."""
    calls = (trial.kit.greet_async(name, backend=trial.chain) for name in names)
    return await asyncio.gather(*calls)


async def cancelled(trial: Trial, waiting: Waiting) -> tuple[bool, str]:
    """Cancel a call in its midst; return whether there was anything to cancel, and a complaint."""
    await trial.kit.greet_async("Grace", backend=trial.chain)  # a worker of the loop begins
    before = asyncio.all_tasks()
    waiting.waits = True
    task = asyncio.create_task(trial.kit.greet_async("Ada", backend=trial.chain))
    if trial.wraps:
        while not (task.done() or waiting.began.is_set()):  # noqa: ASYNC110  # a thread may set it
            await asyncio.sleep(0.001)
    await asyncio.sleep(0)  # a leaf has begun now
    if not task.cancel():
        return False, ""
    await asyncio.wait([task], timeout=trial.patience_s)
    waiting.released.set()
    if not task.done():
        return True, f"it was cancelled and still runs after {trial.patience_s:g} s"
    if not task.cancelled():
        return True, f"it was cancelled and went on to {task.exception() or task.result()!r}"
    return True, await left_over(trial, asyncio.all_tasks() - before)


async def cancelled_at_each_step(trial: Trial) -> tuple[list[str], str]:
    """Cancel calls, each a step later; return the texts of those after them, and a complaint."""
    texts = [await trial.kit.greet_async("Ada", backend=trial.chain)]
    left: set[asyncio.Task[Any]] = set()
    for steps in range(STEPS):
        before = asyncio.all_tasks()
        task = asyncio.create_task(trial.kit.greet_async(f"Ada{steps}", backend=trial.chain))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=trial.patience_s)
        if task.cancelled():
            left |= asyncio.all_tasks() - before
        texts.append(await trial.kit.greet_async(f"Grace{steps}", backend=trial.chain))
    return texts[1:], await left_over(trial, left)


async def left_over(trial: Trial, tasks: set[asyncio.Task[Any]]) -> str:
    """Return a complaint of the tasks that do not end, although they have time to."""
    if tasks:
        _, tasks = await asyncio.wait(tasks, timeout=trial.patience_s)
    return f"it was cancelled and left tasks running: {tasks}" if tasks else ""


def calls_in_time(trial: Trial) -> int:
    """Return how many calls a thread makes, so that all of them end in half the patience."""
    other = trial.another()
    other.greet("Ada")
    start = time.perf_counter()
    other.greet("Grace")
    one = time.perf_counter() - start
    return max(1, min(EACH, int(trial.patience_s / 2 / THREADS / one)))


def greeted_at_once(
    trial: Trial, names: list[list[str]]
) -> tuple[list[list[str]], list[BaseException | str]]:
    """Greet lists of names, each in a thread, all at once; return the texts, and what failed."""
    texts: list[list[str]] = [[] for _ in names]
    errors: list[BaseException | str] = []
    together = threading.Barrier(len(names))

    def work(number: int) -> None:
        try:
            together.wait(trial.patience_s)
            for name in names[number]:
                texts[number].append(trial.greet(name))
        except BaseException as error:  # noqa: BLE001  # of whatever kind, it is told
            errors.append(error)

    switch_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        threads = [
            threading.Thread(target=work, args=(number,), daemon=True)
            for number in range(len(names))
        ]
        for thread in threads:
            thread.start()
        if not trial.until(lambda: not any(thread.is_alive() for thread in threads)):
            errors.append(f"threads still greet after {trial.patience_s:g} s")
    finally:
        sys.setswitchinterval(switch_s)
    return texts, errors
