"""The children: processes that try entry points, so that what hangs or crashes harms nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress

from hellokit.commands.inventory import wrong
from hellokit.errors import HellokitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO, Literal, TypeAlias

    from hellokit.commands.inventory import Finding
    from hellokit.entrypoints import EntryPoint

    Mode: TypeAlias = Literal["load", "greet", "cost"]

PATIENCE_S = 2.0
"""How long to wait for a process that was killed to be gone."""
POLL_S = 0.05
"""How often to see how far a process has come."""

# The path of this process is the child's too: what is found here must be found there.
_PATH = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
_PROBE = "from hellokit.commands.probe import main; main(sys.argv[2], json.loads(sys.argv[3]))"


def tried(entry_points: Iterable[EntryPoint], time_limit_s: float, mode: Mode) -> Iterator[Finding]:
    """Try entry points one after another, in as few processes as live through it.

    Args:
        entry_points: what to try.
        time_limit_s: seconds that each may take.
        mode: how far to go: `load` it, have it `greet` too, or measure its `cost`.

    Yields:
        For each, its status, what is wrong if anything is, and what was learnt of it.

    Raises:
        HellokitError: if Python does not know its own executable.
    """
    waiting = list(entry_points)
    while waiting:
        child = start(_PROBE, mode, json.dumps(waiting), stdout=subprocess.PIPE)
        output, end = _outcome(child, time_limit_s)
        done, begun = _findings(output)
        for finding in done:
            del waiting[0]
            yield finding
        if waiting:  # the process ended while it tried the first of these
            yield begun | wrong(waiting.pop(0), begun["phase"], end)


def start(
    program: str,
    *arguments: str,
    options: Iterable[str] = (),
    stdout: int = subprocess.DEVNULL,
    stderr: int | IO[bytes] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a child that finds the same modules as this process.

    Args:
        program: what it runs; `sys.argv[2:]` are the arguments.
        *arguments: the arguments.
        options: what else Python is told.
        stdout: where its output goes.
        stderr: where its errors go.

    Raises:
        HellokitError: if Python does not know its own executable.
    """
    if not sys.executable:
        raise HellokitError("Python does not know its executable: run hellokit with its full path")
    path = json.dumps([each for each in sys.path if isinstance(each, str)])
    return subprocess.Popen(  # noqa: S603  # our own module, by our own Python
        [sys.executable, "-P", *options, "-c", _PATH + program, path, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,  # so that what it starts can be ended with it
    )


def kill(child: subprocess.Popen[bytes]) -> None:
    """Kill a child with what it started; gone already is fine."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            from signal import SIGKILL

            os.killpg(child.pid, SIGKILL)
        else:
            child.kill()


def _outcome(child: subprocess.Popen[bytes], time_limit_s: float) -> tuple[bytes, str]:
    """Return what a child said, and how it ended: killed, if one took it longer than it may."""
    finished, began = 0, time.monotonic()
    try:
        while True:
            try:
                output, _ = child.communicate(timeout=min(POLL_S, time_limit_s))
                return output, _end(child.returncode)
            except subprocess.TimeoutExpired as error:
                now, count = time.monotonic(), len(_findings(error.output or b"")[0])
            if count > finished:
                finished, began = count, now
            elif now - began >= time_limit_s:
                return _killed(child), f"it took longer than {time_limit_s:g} s"
    finally:
        kill(child)


def _killed(child: subprocess.Popen[bytes]) -> bytes:
    """Kill a child, and return what it had said."""
    kill(child)
    try:
        return child.communicate(timeout=PATIENCE_S)[0]
    except subprocess.TimeoutExpired as error:  # a process that left its session holds the pipe
        return error.output or b""


def _findings(output: bytes) -> tuple[list[Finding], Finding]:
    """Return what was found of those that were tried, and of the one that was begun."""
    done: list[Finding] = []
    begun: Finding = {"phase": "import"}
    for line in output.splitlines():
        with suppress(ValueError, TypeError):  # half a line, or what a plugin wrote there
            begun |= json.loads(line)
        if "status" in begun:
            done.append(begun)
            begun = {"phase": "import"}
    return done, begun


def _end(code: int) -> str:
    if code >= 0:
        return f"it ended the process with exit code {code}"
    from signal import Signals

    with suppress(ValueError):
        return f"it crashed the process with {Signals(-code).name}"
    return f"it crashed the process with signal {-code}"
