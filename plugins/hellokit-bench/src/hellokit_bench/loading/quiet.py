"""Quiet: what a backend prints meanwhile goes nowhere, so that it spoils no result."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def quiet() -> Iterator[None]:
    """Send nowhere what Python code, and what it calls, writes to standard output."""
    if sys.stdout is None:  # it was closed before this process began
        yield
        return
    sys.stdout.flush()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        kept = os.dup(1)
        os.dup2(nowhere.fileno(), 1)
        try:
            with redirect_stdout(nowhere):
                yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)
