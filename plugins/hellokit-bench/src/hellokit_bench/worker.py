"""Workers: fresh processes that hold a subject and do with it what they are told.

Whatever a subject does to its process, the one that measures stays whole: what it prints goes
nowhere, what it raises comes back as an error, and one that hangs is killed with its process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

import attrs

from hellokit_bench.errors import SubjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hellokit_bench.subject import Opened, Subject

P = ParamSpec("P")
R = TypeVar("R")

TIME_LIMIT_S = 60.0
"""How long one order may take, if nothing else is said."""
PATIENCE_S = 2.0
"""How long to wait for a process that was told to end."""

UNSHARED = {"HELLOKIT_METRICS_DIR": ""}
"""What is measured is not to be counted among what the application counts."""

_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from hellokit_bench.orders import serve
serve(json.loads(sys.argv[2]), tried=json.loads(sys.argv[3]))
"""


class Worker:
    """A fresh process with one subject: a context, whose end is the end of the process.

    Args:
        subject: what it holds.
        path: where it finds modules; as this process does, if None.
        environment: variables to set on top of those of this process.
        options: what else Python is told, such as `("-X", "tracemalloc")`.
        time_limit_s: how long one order may take, in seconds.
        tried: whether the subject is called once when it is opened, and must not fail then.

    Raises:
        SubjectError: if the subject cannot be opened.
    """

    def __init__(  # noqa: PLR0913  # what a process can be started with
        self,
        subject: Subject,
        *,
        path: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        time_limit_s: float = TIME_LIMIT_S,
        tried: bool = True,
    ) -> None:
        self.subject = subject
        self._limit_s = time_limit_s
        found = [str(each) for each in (sys.path if path is None else path)]
        arguments = map(json.dumps, (found, attrs.asdict(subject), tried))
        command = [sys.executable, "-P", *options, "-c", _START, *arguments]
        self._process = subprocess.Popen(  # noqa: S603  # our own module, by our own Python
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **UNSHARED, **(environment or {})},
            start_new_session=True,  # an interrupt is for the one that measures
        )
        self._replies: SimpleQueue[bytes] = SimpleQueue()
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()
        Thread(target=self._watch, daemon=True).start()
        try:
            self._reply("open")
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return the worker, which runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    def call(
        self, order: Callable[Concatenate[Opened, P], R], *given: P.args, **options: P.kwargs
    ) -> R:
        """Have the worker carry out a function of a module.

        Args:
            order: what to do; it is given the opened subject first.
            *given: what else it is given: numbers, texts, and lists of them.
            **options: the same, by name.

        Returns:
            What it returned, as JSON carries it.

        Raises:
            SubjectError: if it raised, took too long, or the process ended.
        """
        message = {"order": f"{order.__module__}:{order.__qualname__}"}
        line = json.dumps(message | {"given": given, "options": options})
        with suppress(OSError):  # it has ended: there is no reply either
            self._stdin.write(f"{line}\n".encode())
            self._stdin.flush()
        result: R = self._reply(order.__name__)
        return result

    def close(self) -> None:
        """End the process, and what it started."""
        with suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._kill()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101  # it was asked for
        return self._process.stdin

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101  # it was asked for
        with self._process.stdout as replies:
            for line in replies:
                self._replies.put(line)

    def _watch(self) -> None:
        """Put an empty reply last, once the process has ended."""
        self._process.wait()
        # What it started may hold the stream open: that is waited for a little only.
        self._listener.join(PATIENCE_S)
        self._replies.put(b"")

    def _reply(self, order: str) -> Any:
        try:
            line = self._replies.get(timeout=self._limit_s)
        except Empty:
            self._kill()
            raise SubjectError(
                f"{self.subject.label} took longer than {self._limit_s:g} s for {order!r}: "
                "give it more time, or see why it hangs"
            ) from None
        if not line:
            code = self._process.wait()
            raise SubjectError(f"{self.subject.label} ended its process with exit code {code}")
        reply = json.loads(line)
        if "error" in reply:
            raise SubjectError(f"{self.subject.label} failed: {reply['error']}")
        return reply["result"]

    def _kill(self) -> None:
        with suppress(OSError):
            if hasattr(os, "killpg"):
                from signal import SIGKILL

                os.killpg(self._process.pid, SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
