"""The async backend: how many calls run at once, for how long, and on which loop."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest
from colours import PATIENCE_S
from hypothesis import given, settings
from hypothesis import strategies as st

from hellokit import BackendMetrics, BackendTimeoutError, HellokitError, Kit, Request, Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from hellokit.builtin.aio import Async

NEW_LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
if sys.platform != "win32":
    import uvloop

    NEW_LOOPS["uvloop"] = uvloop.new_event_loop

loops = pytest.mark.parametrize("loop", list(NEW_LOOPS))
SHORT_S = 0.02


def run(main: Coroutine[Any, Any, Any], loop: str = "asyncio") -> Any:
    """Run on a new loop; what hangs is an error, and so is a task that is left."""

    async def bounded() -> Any:
        result = await asyncio.wait_for(main, PATIENCE_S)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    with asyncio.Runner(loop_factory=NEW_LOOPS[loop]) as runner:
        return runner.run(bounded())


class Leaf:
    """An async leaf that does what the name says, and keeps account."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.ended: list[str] = []
        self.most = 0
        self.go = asyncio.Event()

    async def hellokit_greet_async(self, request: Request) -> str:
        """Do it."""
        (told,) = request.names
        self.began.append(told)
        self.most = max(self.most, len(self.began) - len(self.ended))
        try:
            return await self.do(*told.split())
        finally:
            self.ended.append(told)

    async def do(self, verb: str, turns: str = "0") -> str:
        """Wait some turns of the loop, then greet, fail or hang."""
        for _ in range(int(turns)):
            await asyncio.sleep(0)
        if verb == "fail":
            raise ValueError("no")
        if verb == "wait":
            await self.go.wait()
        while verb in ("hang", "late"):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if verb == "hang":
                    raise
                await asyncio.sleep(SHORT_S)
                return "late"
        return "Hi"


def kit(leaf: object, **given: Any) -> Kit:
    """Return a kit with this leaf."""
    made = Kit(Settings(**given), discover=False)
    made.register_backend("leaf", leaf)
    return made


def greet(made: Kit, told: str = "greet") -> asyncio.Task[str]:
    """Return the task of a greeting."""
    return asyncio.create_task(made.greet_async(told, backend="async+leaf"))


def counted(made: Kit, backend: str = "async") -> BackendMetrics:
    """Return what a backend counted."""
    return made.metrics().backends[backend]


def cancelling() -> int:
    """Return how many cancellations of the running task are open."""
    task = asyncio.current_task()
    return -1 if task is None else task.cancelling()


async def turns(number: int = 20) -> None:
    """Let the others run."""
    for _ in range(number):
        await asyncio.sleep(0)


@loops
def test_no_more_than_the_setting_run_at_once_and_in_turn(loop: str) -> None:
    """Those that wait are let in in the order of their coming."""
    leaf = Leaf()

    async def main() -> None:
        names = [f"greet {turn % 4 + 1}" for turn in range(40)]
        texts = await asyncio.gather(*(greet(made, name) for name in names))
        assert texts == ["Hi"] * 40
        assert leaf.began == names

    with kit(leaf, max_concurrent=3) as made:
        run(main(), loop)
        assert leaf.most == 3
        assert counted(made).attributes["waited"] == 37


def test_nobody_waits_where_there_are_slots() -> None:
    """One call after the other, or all at once within the bound."""

    async def main() -> None:
        for _ in range(5):
            await made.greet_async("greet 1", backend="async+leaf")
        await asyncio.gather(*(greet(made, "greet 1") for _ in range(5)))

    with kit(Leaf(), max_concurrent=5) as made:
        run(main())
        assert (counted(made).calls, dict(counted(made).attributes)) == (10, {})


@loops
def test_a_call_that_never_returns_is_given_up(loop: str) -> None:
    """The error is a TimeoutError that names the backend, the seconds and the setting."""

    async def main() -> None:
        with pytest.raises(BackendTimeoutError, match=r"'async'.*0\.02 s.*async_timeout_s") as told:
            await made.greet_async("hang", backend="async+leaf")
        assert isinstance(told.value, TimeoutError)
        assert isinstance(told.value, HellokitError)
        assert isinstance(told.value.__cause__, asyncio.CancelledError)
        assert cancelling() == 0
        assert await made.greet_async("greet 1", backend="async+leaf") == "Hi"

    with kit(Leaf(), async_timeout_s=SHORT_S, max_concurrent=1) as made:
        run(main(), loop)
        assert counted(made).errors == {"BackendTimeoutError": 1}
        assert counted(made, "leaf").errors == {"CancelledError": 1}


def test_none_waits_for_ever() -> None:
    """Without a timeout nothing is timed."""

    async def main() -> None:
        call = greet(made, "wait")
        await turns()
        leaf.go.set()
        assert await call == "Hi"

    leaf = Leaf()
    with kit(leaf, async_timeout_s=None) as made:
        run(main())


@loops
def test_the_time_in_which_a_call_waits_for_its_slot_does_not_count(loop: str) -> None:
    """However many stand in front of it."""

    async def main() -> None:
        slow = [greet(made, "hang") for _ in range(4)]
        last = greet(made, "greet 1")
        outcomes = await asyncio.gather(*slow, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {BackendTimeoutError}
        assert await last == "Hi"

    with kit(Leaf(), async_timeout_s=SHORT_S, max_concurrent=1) as made:
        run(main(), loop)


@loops
@pytest.mark.parametrize("ended_by", ["timeout", "caller"])
def test_a_late_result_is_dropped_and_its_slot_is_free_only_then(loop: str, ended_by: str) -> None:
    """A leaf that does not heed its cancellation holds its slot until it has ended."""
    leaf = Leaf()

    async def main() -> None:
        late, after = greet(made, "late"), greet(made, "greet")
        await turns()
        if ended_by == "caller":
            late.cancel()
        (outcome,) = await asyncio.gather(late, return_exceptions=True)
        expected = {"timeout": BackendTimeoutError, "caller": asyncio.CancelledError}
        assert type(outcome) is expected[ended_by]
        assert await after == "Hi"

    patience = SHORT_S if ended_by == "timeout" else 3600.0
    with kit(leaf, async_timeout_s=patience, max_concurrent=1) as made:
        run(main(), loop)
    assert (leaf.began, leaf.ended, leaf.most) == (["late", "greet"], ["late", "greet"], 1)


@loops
def test_a_cancellation_reaches_the_inner_backend_and_the_caller(loop: str) -> None:
    """It stays a cancellation, and frees the slot."""
    leaf = Leaf()

    async def main() -> None:
        call = greet(made, "hang")
        await turns()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        assert leaf.ended == ["hang"]
        assert await greet(made) == "Hi"

    with kit(leaf, max_concurrent=1) as made:
        run(main(), loop)
        assert counted(made).errors == {"CancelledError": 1}


def test_a_cancellation_in_the_moment_of_the_timeout_is_one() -> None:
    """The caller asked for it; that the time was up as well is nothing to it."""

    async def main() -> None:
        call = greet(made, "hang")
        await turns()
        watch = made._engine.catalogue.load("async")._of(asyncio.get_running_loop())[1]  # type: ignore[union-attr]  # white-box
        (watched,) = watch._calls
        watched.deadline = 0
        watch._expire(watch._due)
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()

    with kit(Leaf()) as made:
        run(main())


class After:
    """A wrapping backend that does something in the moment in which the inner call ends."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.do = do

    async def hellokit_greet_async(
        self, request: Request, inner: Callable[[Request], Awaitable[str]]
    ) -> str:
        """Do it then."""
        text = await inner(request)
        self.do()
        return text


@loops
def test_one_who_is_cancelled_while_it_waits_takes_no_slot(loop: str) -> None:
    """Not even if its turn had come in the same moment."""
    leaf = Leaf()
    waiting: list[asyncio.Task[str]] = []

    async def main() -> None:
        first = asyncio.create_task(made.greet_async("wait", backend="after+async+leaf"))
        await turns()
        waiting.extend(greet(made, f"greet {turn}") for turn in range(4))
        await turns()
        waiting[0].cancel()
        await turns()
        leaf.go.set()
        outcomes = await asyncio.gather(first, *waiting, return_exceptions=True)
        assert [str(outcome) for outcome in outcomes] == ["Hi", "", "", "Hi", "Hi"]

    with kit(leaf, max_concurrent=1) as made:
        # The slot is given to the next one and not taken yet when that one is cancelled.
        made.register_backend("after", After(lambda: waiting[1].cancel(None)))
        run(main(), loop)
    assert leaf.began == ["wait", "greet 2", "greet 3"]


def test_a_new_bound_holds_for_those_who_wait_already() -> None:
    """It is known from the next call on; those that run go on."""
    leaf = Leaf()

    async def main() -> None:
        calls = [greet(made, "wait") for _ in range(6)]
        await turns()
        assert len(leaf.began) == 1
        made.configure(max_concurrent=4)
        calls.append(greet(made, "wait"))
        await turns()
        assert len(leaf.began) == 4
        made.configure(max_concurrent=2)
        calls.append(greet(made, "wait"))
        leaf.go.set()
        assert await asyncio.gather(*calls) == ["Hi"] * 8

    with kit(leaf, max_concurrent=1) as made:
        run(main())


def test_a_shorter_timeout_holds_beside_longer_ones() -> None:
    """Each call has the time that the settings gave when it began."""

    async def main() -> None:
        endless = greet(made, "wait")
        await turns()
        calls = []
        for seconds in (2 * SHORT_S, SHORT_S):
            made.configure(async_timeout_s=seconds)
            calls.append(greet(made, "hang"))
            await turns()
        for seconds, call in reversed(list(zip((2 * SHORT_S, SHORT_S), calls, strict=True))):
            with pytest.raises(BackendTimeoutError, match=f" {seconds} s"):
                await call
        await asyncio.sleep(2 * SHORT_S)
        leaf.go.set()
        assert await endless == "Hi"

    leaf = Leaf()
    with kit(leaf, async_timeout_s=1e300) as made:
        run(main())


plans = st.lists(
    st.tuples(
        st.sampled_from(["greet", "fail", "hang", "late"]), st.integers(0, 3), st.integers(0, 6)
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(plans=plans, bound=st.integers(1, 4), loop=st.sampled_from(list(NEW_LOOPS)))
def test_every_call_ends_once_and_leaves_nothing(
    plans: list[tuple[str, int, int]], bound: int, loop: str
) -> None:
    """Whatever is slow, fails, hangs or is cancelled: the slots are all free in the end."""
    leaf = Leaf()

    async def main() -> None:
        calls = []
        for verb, wait, cancel_after in plans:
            calls.append(greet(made, f"{verb} {wait}"))
            if cancel_after < 6:
                asyncio.get_running_loop().call_later(cancel_after / 5_000, calls[-1].cancel)
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        for (verb, _, cancel_after), outcome in zip(plans, outcomes, strict=True):
            kinds = {{"greet": "str", "fail": "ValueError"}.get(verb), "BackendTimeoutError"}
            kinds |= {"CancelledError"} if cancel_after < 6 else set()
            assert type(outcome).__name__ in kinds
        backend: Async = made._engine.catalogue.load("async")  # type: ignore[union-attr, assignment]  # white-box
        gate, watch = backend._of(asyncio.get_running_loop())
        assert (gate.running, len(gate.waiting), watch._calls) == (0, 0, set())

    with kit(leaf, async_timeout_s=0.005, max_concurrent=bound) as made:
        if plans:
            run(main(), loop)
            entered = counted(made)
            assert (entered.calls <= len(plans), entered.in_flight) == (True, 0)
    assert leaf.most <= bound
    assert sorted(leaf.began) == sorted(leaf.ended)


@loops
def test_a_call_makes_no_task_and_many_share_one_timer(
    loop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not wait costs the loop nothing."""
    tasks: list[object] = []
    timers: list[float] = []

    def make(loop: asyncio.AbstractEventLoop, coroutine: Any, **given: Any) -> asyncio.Task[Any]:
        tasks.append(coroutine)
        return asyncio.Task(coroutine, loop=loop, **given)

    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(make)
        watch = backend._of(asyncio.get_running_loop())[1]
        arm = watch._arm

        def counted_arm(due: float) -> None:
            timers.append(due)
            arm(due)

        monkeypatch.setattr(watch, "_arm", counted_arm)
        for _ in range(1_000):
            await made.greet_async("greet", backend="async+leaf")
        assert (tasks, len(timers)) == ([], 1)

    with kit(Leaf()) as made:
        made.selected("async")
        backend: Async = made._engine.catalogue.load("async")  # type: ignore[union-attr, assignment]  # white-box
        run(main(), loop)
