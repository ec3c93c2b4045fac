"""A backend as a target: called by `greet_async`, so that calls overlap where it waits."""

from __future__ import annotations

import asyncio
from itertools import cycle
from time import perf_counter_ns
from typing import TYPE_CHECKING

from hellokit import Kit, Settings
from hellokit_bench.loading.slot import Slot, Target, failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hellokit_bench.loading.slot import Ended


class Backend(Target):
    """A backend or a chain of them, in a kit with the settings of the environment.

    Args:
        name: the backend or chain.
        names: whom it greets, in turn.
    """

    in_process = True

    def __init__(self, name: str, names: Sequence[str]) -> None:
        self.label = name
        self.statuses: dict[int, int] = {}
        self.received_bytes = 0
        self.names: Iterator[str] = cycle(names)

    async def slots(self, concurrency: int, ended: Ended) -> Sequence[Slot]:
        """Make a kit, and find the backend in it.

        Raises:
            HellokitError: if there is none, or it cannot be loaded.
        """
        # What is measured is not to be counted among what the application counts.
        self.kit = Kit(Settings.from_environ(metrics_dir=None))
        self.kit.use(backend=self.label)
        return [_Call(self, ended) for _ in range(concurrency)]

    async def close(self) -> None:
        """Close the kit."""
        self.kit.close()


class _Call(Slot):
    """A slot whose call is a task."""

    def __init__(self, target: Backend, ended: Ended) -> None:
        super().__init__(ended)
        self._target = target
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._call())

    def abandon(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _call(self) -> None:
        target, failed = self._target, None
        self.started_ns = perf_counter_ns()
        try:
            text = await target.kit.greet_async(next(target.names), backend=target.label)
        except BaseException as error:  # noqa: BLE001  # whatever a backend raises is its failure
            failed = failure(error)
        else:
            target.received_bytes += len(text.encode())
        self.ended(self, failed)
