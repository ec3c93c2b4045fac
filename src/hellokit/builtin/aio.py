"""The `async` backend: so many calls at once on an event loop, and each for so long."""

from __future__ import annotations

from _thread import _local
from asyncio import get_running_loop
from weakref import WeakKeyDictionary, ref

from hellokit.errors import BackendTimeoutError
from hellokit.limits.gate import Gate
from hellokit.limits.watch import OverdueError, Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable

    from hellokit.configuration import Settings
    from hellokit.request import Request


class Async:
    """Wraps a backend: bounds how many of its calls run on a loop at once, and for how long.

    The time that a call waits for its slot does not count. Each event loop has slots of its
    own; sync code shares those of the kit's loop.
    """

    def __init__(self) -> None:
        self._bounds: WeakKeyDictionary[AbstractEventLoop, tuple[Gate, Watch]] = WeakKeyDictionary()
        self._here = _local()

    async def hellokit_greet_async(
        self,
        request: Request,
        inner: Callable[[Request], Awaitable[str]],
        note: Callable[[str], None],
        settings: Settings,
        backend: str,
    ) -> str:
        """Return the inner backend's text.

        Raises:
            BackendTimeoutError: if it took longer than the setting `async_timeout_s`.
        """
        gate, watch = self._of(get_running_loop())
        gate.limit = settings.max_concurrent
        if gate.running < gate.limit and not gate.waiting:
            gate.running += 1
        else:
            note("waited")
            await gate.wait()
        seconds = settings.async_timeout_s
        try:
            if seconds is None:
                return await inner(request)
            return await watch.within(seconds, inner, request)
        except OverdueError as overdue:
            raise _late(backend, seconds) from overdue.__cause__
        finally:
            gate.leave()

    def _of(self, loop: AbstractEventLoop) -> tuple[Gate, Watch]:
        """Return what bounds the calls of `loop`; a thread's latest is found at once."""
        here = self._here
        try:
            if here.loop() is loop:
                return here.bounds  # type: ignore[no-any-return]  # thread-local attributes are untyped
        except AttributeError:
            pass
        for other in list(self._bounds):
            if other.is_closed():  # what its tasks left behind would keep it alive
                del self._bounds[other]
        here.bounds = bounds = self._bounds.setdefault(loop, (Gate(), Watch()))
        here.loop = ref(loop)
        return bounds


def _late(backend: str, seconds: float | None) -> BackendTimeoutError:
    return BackendTimeoutError(
        f"backend {backend!r} gave the backend behind it up after {seconds} s: raise the setting "
        "async_timeout_s (PERF_ASYNC_TIMEOUT; None waits for ever), or find out what it waits for"
    )
