"""The meter: counts and times the calls of one backend, in the mode the settings ask for."""

from __future__ import annotations

from _contextvars import ContextVar
from time import perf_counter_ns
from types import CoroutineType, MappingProxyType

from hellokit.errors import BackendResultError
from hellokit.metering.buckets import INDEX, SHORT, bucket_of
from hellokit.metering.shards import Shards

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import Any

    from hellokit.metering.record import Record
    from hellokit.metering.shards import Counters
    from hellokit.metering.snapshot import BackendMetrics
    from hellokit.request import Request

    Call = Callable[[Request], Any]
    AsyncCall = Callable[[Request], Awaitable[Any]]
    Deliver = Callable[[Record], None]
    Make = Callable[[Any], Request]
    Batch = Callable[[Make, Iterable[Any], list[str]], None]

MASKS = {"full": 0, "sampled": 63, "count": -1}
"""The n-th call is timed when `n & mask` is 0: every call, one in 64, none (n starts at 1)."""

_noted: ContextVar[tuple[Meter, dict[str, int]] | None] = ContextVar("noted", default=None)


class Meter:
    """Counts one backend's calls.

    Args:
        backend: the backend's name.
    """

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self._kept: dict[str | None, Shards] = {}
        self.keep_in(None)

    def keep_in(self, folder: str | None) -> None:
        """Have what is bound from now on counted in a folder too, or in this process alone."""
        if folder not in self._kept:
            self._kept[folder] = _shards(self.backend, folder)
        self.shards = self._kept[folder]
        self._local = self.shards.local

    def note(self, attribute: str, value: int = 1) -> None:
        """Add `value` to an attribute of the backend, and to the record of the running call."""
        try:
            # As in a shard's own `note`, nothing comes in between reading and writing.
            self._local.shard.attributes[attribute] += value
        except (AttributeError, KeyError):  # a thread's first
            self.shards.shard().note(attribute, value)
        if (running := _noted.get()) is not None and running[0] is self:
            running[1][attribute] = running[1].get(attribute, 0) + value

    def read(self) -> BackendMetrics:
        """Return what was counted."""
        whole, *more = [each.read() for each in list(self._kept.values())]
        return sum(more, whole)

    def forget(self) -> None:
        """Start from zero, in a child after a fork."""
        for shards in self._kept.values():
            shards.forget()

    def checked(self, text: object) -> str:
        """Return `text` if it is a string.

        Raises:
            BackendResultError: if it is not.
        """
        if isinstance(text, str):
            return text
        kind = type(text).__name__
        remedy = "fix its hellokit_greet or hellokit_greet_async, or choose another backend"
        if text is None:
            kind, remedy = "None", "does a branch lack a `return`? (None means: declined)"
        raise BackendResultError(f"backend {self.backend!r} returned {kind}, not a str: {remedy}")

    def metered(self, call: Call, mode: str) -> Call:
        """Return `call`, counted in a `mode` of "full", "sampled", "count" or "off".

        This is on the way of every greeting, so the counting stands here, not in calls. All
        that can be interrupted by a signal is inside the `try`; what follows is straight-line
        code, so a call is counted exactly once.
        """
        checked = self.checked
        if mode == "off":
            return lambda request: checked(call(request))
        shards, local, clock = self.shards, self.shards.local, perf_counter_ns

        def timed(request: Request) -> str:
            try:
                shard = local.shard
            except AttributeError:
                shard = shards.shard()
            shard.started += 1
            start = None
            try:
                start = clock()
                text = call(request)
                if type(text) is not str:
                    text = checked(text)
                spent = clock() - start
                index = INDEX[spent] if spent < SHORT else bucket_of(spent)
            except BaseException as error:
                shard.fail(error)
                shard.finish(start and clock() - start)
                raise
            shard.buckets[index] += 1
            shard.sum_ns += spent
            if spent > shard.max_ns:  # noqa: PLR1730  # max() is a call, and may be interrupted
                shard.max_ns = spent
            return text

        return timed if mode == "full" else self._untimed(call, timed, MASKS[mode])

    def _untimed(self, call: Call, timed: Call, mask: int) -> Call:
        """Return `call`, counted; where the mask says so, it is `timed` that runs instead."""
        checked, shards = self.checked, self.shards

        def untimed(request: Request) -> str:
            shard = shards.shard()
            if not (shard.started + 1) & mask:
                return timed(request)  # type: ignore[no-any-return]  # metered() made it
            shard.started += 1
            try:
                text = call(request)
                if type(text) is not str:
                    text = checked(text)
                shard.untimed += 1
            except BaseException as error:
                shard.fail(error)
                shard.finish(None)
                raise
            return text

        return untimed

    def batched(self, call: Call, mode: str) -> Batch:
        """Return a function that greets items into a list, counted as a whole.

        Each item is a call; the time of all of them is shared out evenly. It stops at the first
        item that raises, which is counted too; one whose request is refused is no call.
        """
        checked, shards, clock = self.checked, self.shards, perf_counter_ns

        def batch(make: Make, items: Iterable[Any], texts: list[str]) -> None:
            append = texts.append
            shard = shards.shard()
            calls = index = mean = 0
            shard.started += 1
            start = clock()
            try:
                for request in map(make, items):
                    before = calls
                    try:
                        text = call(request)
                        calls += 1
                        if type(text) is not str:
                            text = checked(text)
                        append(text)
                    except BaseException as error:
                        calls = before + 1
                        shard.fail(error)
                        raise
                mean, index = _shared(clock() - start, calls)
            except BaseException:
                mean, index = _shared(clock() - start, calls)
                shard.add(calls, mean, index, MASKS[mode])
                raise
            shard.add(calls, mean, index, MASKS[mode])

        def unmetered(make: Make, items: Iterable[Any], texts: list[str]) -> None:
            for request in map(make, items):
                texts.append(checked(call(request)))  # noqa: PERF401  # those before an error stay

        return unmetered if mode == "off" else batch

    def metered_async(self, call: AsyncCall, mode: str) -> AsyncCall:
        """Return the coroutine function `call`, counted in `mode` when it completes."""
        checked = self.checked
        shards, clock = self.shards, perf_counter_ns
        if mode == "off":

            async def unmetered(request: Request) -> str:
                return checked(await self._awaitable(call(request)))

            return unmetered
        mask = MASKS[mode]
        local, awaitable = self.shards.local, self._awaitable

        async def metered(request: Request) -> str:
            try:
                shard = local.shard
            except AttributeError:
                shard = shards.shard()
            shard.started = n = shard.started + 1
            start = None
            try:
                if n & mask:
                    text = checked(await awaitable(call(request)))
                    shard.untimed += 1
                    return text
                start = clock()
                coroutine = call(request)
                if type(coroutine) is not CoroutineType:
                    coroutine = awaitable(coroutine)
                text = await coroutine
                if type(text) is not str:
                    text = checked(text)
                spent = clock() - start
                index = INDEX[spent] if spent < SHORT else bucket_of(spent)
            except BaseException as error:
                shard.fail(error)
                shard.finish(start and clock() - start)
                raise
            shard.buckets[index] += 1
            shard.sum_ns += spent
            if spent > shard.max_ns:  # noqa: PLR1730  # max() is a call, and may be interrupted
                shard.max_ns = spent
            return text

        return metered

    def recorded(self, call: Call, deliver: Deliver) -> Call:
        """Return `call`, timed, with a record of it delivered to the sinks."""

        def recorded(request: Request) -> str:
            run = _Run(self, request)
            run.shard.started += 1
            try:
                text = self.checked(call(request))
                record = run.end(None)
            except BaseException as error:
                deliver(run.end(error))
                raise
            deliver(record)
            return text

        return recorded

    def recorded_async(self, call: AsyncCall, deliver: Deliver) -> AsyncCall:
        """Return the coroutine function `call`, timed, with a record of it delivered."""

        async def recorded(request: Request) -> str:
            run = _Run(self, request)
            run.shard.started += 1
            try:
                text = self.checked(await self._awaitable(call(request)))
                record = run.end(None)
            except BaseException as error:
                deliver(run.end(error))
                raise
            deliver(record)
            return text

        return recorded

    def _awaitable(self, result: Any) -> Awaitable[Any]:
        if not hasattr(result, "__await__"):
            self.checked(None if result is None else result)
            raise BackendResultError(
                f"backend {self.backend!r} returned a str from hellokit_greet_async, "
                "not an awaitable: make it an `async def`, or name it hellokit_greet"
            )
        return result  # type: ignore[no-any-return]  # it has __await__


def _shards(backend: str, folder: str | None) -> Shards:
    if folder is None:
        return Shards()
    from hellokit.metering.sharing import SharedShards

    return SharedShards(backend, folder)


def _shared(spent: int, calls: int) -> tuple[int, int]:
    mean = spent // calls if calls else 0
    return mean, bucket_of(mean)


class _Run:
    """One running call that sinks want a record of."""

    __slots__ = ("counted", "meter", "noted", "outer", "request", "shard", "start")

    def __init__(self, meter: Meter, request: Request) -> None:
        self.counted = False
        self.meter = meter
        self.request = request
        self.noted: dict[str, int] = {}
        self.outer = _noted.get()
        _noted.set((meter, self.noted))
        self.shard: Counters = meter.shards.shard()
        self.start = perf_counter_ns()

    def end(self, error: BaseException | None) -> Record:
        """Count the call, once, and return its record."""
        spent = perf_counter_ns() - self.start
        from hellokit.metering.record import Record

        _noted.set(self.outer)
        if not self.counted:
            if error is not None:
                self.shard.fail(error)
            self.shard.finish(spent)
            self.counted = True
        attributes = MappingProxyType(self.noted)
        return Record(self.meter.backend, spent, error, attributes, self.request)
