"""The `monitored` backend: measures the calls of the one behind it, and tells of excesses."""

from __future__ import annotations

from _tracemalloc import is_tracing
from time import perf_counter_ns, thread_time_ns

from hellokit.monitoring.lookout import Lookout
from hellokit.monitoring.memory import Memory, growth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from hellokit.configuration import Settings
    from hellokit.kit import Kit
    from hellokit.monitoring.memory import Reading
    from hellokit.monitoring.profiler import Profiler
    from hellokit.request import Request

    Note: TypeAlias = Callable[..., None]
    Readings: TypeAlias = tuple[Reading | None, int, int]

SLOW_NS = 50_000
"""From this duration on every call is measured; of shorter ones so few that measuring takes a
small part of their time."""

MOST_SKIPPED = 63
SECOND_NS = 1e9
MEGABYTE = 1e6


class Monitored:
    """Wraps a backend: notes CPU time and memory, counts what exceeds a threshold, and profiles.

    The duration is timed for every backend, by the route. What stands here beside it, noted as
    attributes: `measured` calls, their `measured_ns`, their `cpu_ns` in this thread, the
    `memory_bytes` that came and the `memory_freed_bytes` that went meanwhile, and how often a
    threshold was exceeded. As it listens to alerts, a thread looks after them while it is in
    use; it looks soon after a threshold was exceeded, and while an alert fires, every call is
    measured.
    """

    def __init__(self) -> None:
        self._memory = Memory()
        self._profilers: dict[str, Profiler] = {}
        self._settings: Settings | None = None
        self._skip = 0
        self._limit_ns = 0.0
        self._lookout = Lookout()

    def hellokit_started(self, kit: Kit) -> None:
        """Look out for the alerts of `kit`."""
        self._lookout = Lookout(kit)

    def hellokit_alert(self) -> None:
        """Measure the next call, and decide anew about those after it."""
        self._settings = None

    def hellokit_greet(
        self,
        request: Request,
        inner: Callable[[Request], str],
        note: Note,
        settings: Settings,
        backend: str,
    ) -> str:
        """Return the inner backend's text, measured."""
        if self._skip > 0 and settings is self._settings:
            self._skip -= 1
            start = perf_counter_ns()
            try:
                return inner(request)
            finally:
                if (spent := perf_counter_ns() - start) > self._limit_ns:
                    self._look(spent, note, settings)
        before = self._read(settings)
        try:
            if settings.enable_profiling:
                return self.profiler(backend).run(inner, request, note)
            return inner(request)
        finally:
            self._measure(before, note, settings, backend)

    async def hellokit_greet_async(
        self,
        request: Request,
        inner: Callable[[Request], Awaitable[str]],
        note: Note,
        settings: Settings,
        backend: str,
    ) -> str:
        """Return the inner backend's text, measured; what other tasks do meanwhile counts too."""
        if self._skip > 0 and settings is self._settings:
            self._skip -= 1
            start = perf_counter_ns()
            try:
                return await inner(request)
            finally:
                if (spent := perf_counter_ns() - start) > self._limit_ns:
                    self._look(spent, note, settings)
        before = self._read(settings)
        try:
            if settings.enable_profiling:
                return await self.profiler(backend).steps(inner(request), note)
            return await inner(request)
        finally:
            self._measure(before, note, settings, backend)

    def hellokit_closing(self) -> None:
        """Close the file that memory is read from."""
        self._memory.close()

    def profiler(self, backend: str) -> Profiler:
        """Return the profiler of what runs under the name `backend`."""
        if backend in self._profilers:
            return self._profilers[backend]
        from hellokit.monitoring.profiler import Profiler

        return self._profilers.setdefault(backend, Profiler())

    def _read(self, settings: Settings) -> Readings:
        """Read all there is: the dearest first, as what reading takes is not the call's."""
        memory = self._memory.read() if settings.enable_memory_tracking else None
        return memory, perf_counter_ns(), thread_time_ns()

    def _measure(self, before: Readings, note: Note, settings: Settings, backend: str) -> None:
        """Note what was measured since `before`."""
        cpu, now = thread_time_ns(), perf_counter_ns()
        spent = now - before[1]
        note("measured")
        note("measured_ns", spent)
        note("cpu_ns", max(0, cpu - before[2]))
        grown = growth(before[0], self._memory.read()) if before[0] else None
        if grown is not None:
            note("memory_bytes", max(0, grown))
            if grown < 0:
                note("memory_freed_bytes", -grown)
            if grown > settings.memory_threshold_mb * MEGABYTE:
                note("memory_threshold_exceeded")
                self._lookout.wake()
        self._look(spent, note, settings)
        self._plan(spent, settings, backend)

    def _look(self, spent: int, note: Note, settings: Settings) -> None:
        """Count a call that took too long, and have the next one measured after a slow one."""
        if spent > settings.time_threshold_s * SECOND_NS:
            note("time_threshold_exceeded")
            self._lookout.wake()
        if spent > SLOW_NS:
            self._skip = 0

    def _plan(self, spent: int, settings: Settings, backend: str) -> None:
        """Decide how many calls go unmeasured until the next one that is measured."""
        logged = settings.log_performance_metrics and (
            settings.verbose_logging or settings.performance_log_file
        )
        asked = logged or settings.enable_profiling or is_tracing()
        every = asked or self._lookout.fires(backend)
        self._skip = 0 if every else min(MOST_SKIPPED, SLOW_NS // max(1, spent))
        if settings is not self._settings:
            self._limit_ns = min(SLOW_NS, settings.time_threshold_s * SECOND_NS)
            self._settings = settings
