"""How wide the help of the command is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty")


@pytest.mark.parametrize(("columns", "width"), [("", 78), ("0", 78), ("x", 78), ("120", 118)])
def test_help_is_as_wide_as_the_terminal(columns: str, width: int) -> None:
    """The variable COLUMNS goes first; a terminal that does not know, as a new one, is usual."""
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "hellokit", "doctor", "--help"],
        stdout=terminal,
        env={**os.environ, "COLUMNS": columns},
    )
    os.close(terminal)
    lines = read(screen).splitlines()
    os.close(screen)
    assert process.wait() == 0
    assert width - 12 < max(map(len, lines)) <= width


def read(screen: int) -> str:
    """Return all that comes until nobody writes there any more."""
    told = b""
    try:
        while more := os.read(screen, 4096):
            told += more
    except OSError:  # how Linux tells of the end
        return told.decode()
    return told.decode()
