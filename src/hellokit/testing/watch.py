"""Work on a thread that is watched: what hangs there is told, and left behind."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    T = TypeVar("T")

__tracebackhide__ = True
"""pytest shows a failure without the frames of this module."""

LOOKS = 20
"""So many times within its patience a watch looks for signs of life."""

OURS = {*sys.stdlib_module_names, "hellokit"}
"""What waits for something else, when a backend hangs."""


class HangError(AssertionError):
    """Something did not end in time."""


def watched(work: Callable[[], T], signs: Callable[[], object], patience_s: float) -> T:
    """Work on a daemon thread; return what comes of it.

    Args:
        work: what to do.
        signs: returns something else whenever the work has come further.
        patience_s: how long to wait without a sign, in seconds.

    Raises:
        HangError: if there was none for so long.
        BaseException: what the work raises.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    last, since = signs(), time.monotonic()
    while thread.is_alive():
        thread.join(patience_s / LOOKS)
        if (now := signs()) != last:
            last, since = now, time.monotonic()
        elif thread.is_alive() and time.monotonic() - since > patience_s:
            raise HangError(
                f"it hangs: no call began or ended for {patience_s:g} s{_place(thread)}"
            )
    if errors:
        raise errors[0]
    return results[0]


def _place(thread: threading.Thread) -> str:
    """Return what to say of where a thread stands: in code that is neither Python's nor ours."""
    frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001  # there is no other way
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in OURS:
            code = frame.f_code
            return f"; it waits in {code.co_qualname} ({code.co_filename}:{frame.f_lineno})"
        frame = frame.f_back
    return ""
