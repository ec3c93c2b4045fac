"""A forked child, and what it tells its parent."""

from __future__ import annotations

import json
import os
import selectors
import signal
import time
import warnings
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

MUCH = 1 << 16
"""The most bytes that are read at once."""


@attrs.frozen
class Told:
    """What a child told before it ended.

    Attributes:
        texts: what it returned.
        error: what it raised, or what became of it if it told nothing, or "".
    """

    texts: list[str] = attrs.field(factory=list)
    error: str = ""


def told_by_child(make: Callable[[], list[str]], patience_s: float) -> Told:
    """Fork, and let the child make texts; one that does not end is killed.

    Args:
        make: what the child does.
        patience_s: how long it may take, in seconds.

    Returns:
        What it told, or what is told of it.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # to fork beside threads is the trial
        child = os.fork()
    if not child:
        _tell(make, writing)
    os.close(writing)
    try:
        written = _read(reading, patience_s)
        if written is None:
            os.kill(child, signal.SIGKILL)
    finally:
        os.close(reading)
        _, status = os.waitpid(child, 0)
    if written:
        return Told(**json.loads(written))
    if written is None:
        return Told(error=f"it did not end within {patience_s:g} s, and was killed")
    code = os.waitstatus_to_exitcode(status)
    end = f"died of {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"
    return Told(error=f"it {end}")


def _read(reading: int, patience_s: float) -> bytes | None:
    """Return all that is written until the other end is closed, or None if it is not in time."""
    end = time.monotonic() + patience_s
    written = b""
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        while selector.select(max(0.0, end - time.monotonic())):
            if not (more := os.read(reading, MUCH)):
                return written
            written += more
    return None


def _tell(make: Callable[[], list[str]], writing: int) -> NoReturn:
    """Write what `make` returns or raises, and end the process without anything else."""
    try:
        try:
            told: dict[str, object] = {"texts": make()}
        except BaseException as error:  # noqa: BLE001  # of whatever kind, it is told
            told = {"error": f"{type(error).__name__}: {error}"}
        os.write(writing, json.dumps(told).encode())
    finally:
        os._exit(0)
