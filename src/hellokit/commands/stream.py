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
    it ahead: what a slow pipe has brought is greeted and written before more is waited for.

    Args:
        source: the items.
        console: is flushed before the source is waited for.
        writer: writes the outcomes.
        tally: counts them.
        options: those of a greeting.
    """

    def __init__(
        self,
        source: Source,
        console: Console,
        writer: Writer,
        tally: Tally,
        options: dict[str, Any],
    ) -> None:
        self._source = source
        self._console = console
        self._writer = writer
        self._tally = tally
        self._options = options
        self._requests: deque[Request] | None = deque() if writer.as_json else None

    def run(self, on_error: OnError, progress: Progress | None, **options: Any) -> None:
        """Greet to the end of the source, or to the first failure if `on_error` is `"raise"`.

        Args:
            on_error: what becomes of a failure: it is reported with `"return"`, and left out
                with `"skip"`.
            progress: is told of each outcome.
            **options: those of `greet_many`.

        Raises:
            HellokitError: if the source cannot be read, or the output not be written.
        """
        interval = 1 / options["rate"] if options.get("rate") else 0.0
        due = 0.0
        self._console.flush()
        while self._source.wait():
            time.sleep(max(0.0, due - time.monotonic()))
            if not self._greet(on_error, progress, options):
                return
            due = time.monotonic() + interval  # a stretch keeps the rate; so does the next one
            self._console.flush()

    def _greet(
        self, on_error: OnError, progress: Progress | None, options: dict[str, Any]
    ) -> bool:
        """Greet one stretch; tell whether to go on."""
        before, tally, requests = self._source.taken, self._tally, self._requests
        begun = tally.done
        given: dict[str, Any] = options if requests is not None else self._options | options
        with closing(default.greet_many(self._items(), on_error="return", **given)) as outcomes:
            try:
                for outcome in outcomes:
                    if isinstance(outcome, Failure):
                        tally.failed += 1
                        self._failed(outcome.error, before + outcome.index + 1, on_error)
                        if on_error == "raise":
                            return False
                    else:
                        tally.greeted += 1
                        self._greeted(outcome)
                    if progress is not None:
                        progress.update(tally.done)
            except (KeyboardInterrupt, Exception):
                raise
            except BaseException as error:  # noqa: BLE001  # a backend may raise SystemExit as well
                return self._broken(error, before + tally.done - begun + 1, on_error)
        return True
