"""Ctrl-C keeps what was measured: the finished rounds of `scale` and of `overhead`."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from site_folder import install

if TYPE_CHECKING:
    from pathlib import Path

PRESSER = """
import os, signal
from pathlib import Path
started = Path(os.environ["STARTED"])
def hellokit_greet(request, words):
    return words(request)
with started.open("a") as file:
    file.write(".")
if started.stat().st_size == int(os.environ["AT"]):
    os.kill(os.getppid(), signal.SIGINT)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="its interrupts go to whole consoles")
@pytest.mark.parametrize(
    ("words", "at", "missing", "shown"),
    [
        (("scale", "--levels", "1", "--sizes", "5"), 1, 3, ""),
        (("scale", "--levels", "1", "--sizes", "5"), 3, 2, "presser async over concurrency"),
        (("overhead", "--blocks", "1"), 8, 2, "presser sync: what metrics cost"),
    ],
)
def test_an_interrupt_keeps_the_finished_rounds(
    words: tuple[str, ...], at: int, missing: int, shown: str, tmp_path: Path
) -> None:
    """It says what is missing, and shows nothing if there is no finished round."""
    install(tmp_path, {"presser": PRESSER})
    where = {"PYTHONPATH": str(tmp_path), "STARTED": str(tmp_path / "started"), "AT": str(at)}
    done = subprocess.run(
        [sys.executable, "-m", "hellokit", *words, "presser", "--rounds", "3"],
        env={**os.environ, **where},
        capture_output=True,
        text=True,
        check=False,
    )
    told = f"hellokit {words[0]}: interrupted: {missing} of 3 rounds are missing\n"
    assert (done.returncode, done.stderr) == (130, told)
    assert shown in done.stdout
    assert bool(done.stdout) == bool(shown)
