"""The stream of the command: greets a source of any length, and writes what comes of it."""

from __future__ import annotations

import time
from collections import deque
from contextlib import closing

from hellokit.bulk.failure import Failure
from hellokit.kit import default
from hellokit.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Protocol

    from hellokit.bulk.failure import OnError
    from hellokit.commands.console import Console
    from hellokit.commands.progress import Progress
    from hellokit.commands.tally import Tally
    from hellokit.commands.writer import Writer

    class Source(Protocol):
        """Where the items come from."""

        unit: str

        @property
        def taken(self) -> int:
            """How many items were taken."""

        def wait(self) -> bool:
            """Wait for the next item; tell whether there will be one."""

        def stretch(self) -> Iterable[str | Request]:
            """Return the items that come without waiting."""


class Stream:
    """Greets the items of a source.

    Each stretch of items that come without waiting is one call of `greet_many`, which may read
    ahead in it: what a slow pipe has brought is greeted and written before more is waited for.

    Args:
        source: the items.
        writer: writes what comes of them.
        tally: counts it.
        progress: is told of it, on a terminal.
    """

    def __init__(
        self, source: Source, writer: Writer, tally: Tally, progress: Progress | None
    ) -> None:
        self._source = source
        self._writer = writer
        self._tally = tally
        self._progress = progress
        self._requests: deque[Request] | None = deque() if writer.as_json else None

    def run(
        self, console: Console, on_error: OnError, greeting: dict[str, Any], **options: Any
    ) -> None:
        """Greet to the end of the source, or to the first failure if `on_error` is `"raise"`.

        Args:
            console: is flushed before the source is waited for.
            on_error: what becomes of a failure: `"return"` reports it, `"skip"` counts it only.
            greeting: the options of each greeting.
            **options: those of `greet_many`.

        Raises:
            HellokitError: if the source cannot be read, or the output not be written.
        """
        rate, due = options.get("rate"), 0.0
        while self._source.wait():
            if rate is not None:  # a stretch keeps to it by itself
                time.sleep(max(0.0, due - time.monotonic()))
            going_on = self._greet(on_error, greeting, options)
            console.flush()
            if not going_on:
                return
            if rate is not None:
                due = time.monotonic() + 1 / rate

    def _greet(self, on_error: OnError, greeting: dict[str, Any], options: dict[str, Any]) -> bool:
        """Greet one stretch; tell whether to go on."""
        tally, progress, requests = self._tally, self._progress, self._requests
        greeted, greeted_json = self._writer.greeted, self._writer.greeted_json
        unit, before, done = self._source.unit, self._source.taken, 0
        items = self._source.stretch()
        if requests is not None:
            items = self._kept(items, greeting, requests)
        with closing(default.greet_many(items, on_error="return", **greeting, **options)) as given:
            for outcome in given:
                done += 1
                if isinstance(outcome, Failure):
                    self._failed(outcome.error, before + outcome.index + 1, on_error)
                    if on_error == "raise":
                        return False
                else:
                    tally.greeted += 1
                    if requests is None:
                        greeted(outcome)
                    else:
                        greeted_json(outcome, requests.popleft(), unit, before + done)
                if progress is not None:
                    progress.update(tally.done)
        return True

    def _kept(
        self,
        items: Iterable[str | Request],
        greeting: dict[str, Any],
        requests: deque[Request],
    ) -> Iterator[Request]:
        """Yield the items as requests, and keep each until its outcome is there."""
        options = {name: value for name, value in greeting.items() if name != "backend"}
        for item in items:
            request = item if isinstance(item, Request) else Request(item, **options)
            requests.append(request)
            yield request

    def _failed(self, error: BaseException, number: int, on_error: OnError) -> None:
        self._tally.failed += 1
        if self._requests is not None:
            self._requests.popleft()
        self._writer.failed(error, self._source.unit, number, silent=on_error == "skip")
