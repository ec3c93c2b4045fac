"""What starting costs beside a bare interpreter and beside the imports of the dependencies.

Run it with `python benchmarks/startup.py`, with hellokit installed (not from a source tree whose
bytecode is not kept). Each round starts every process once, in turn; CPU time is the operating
system's own account of the child, wall time is what a user waits, and the medians of the rounds
are printed. Commands are started by the script that pip installed beside this Python.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

DISTRIBUTIONS = 300
SCRIPTS = {
    "bare": "pass",
    "import hellokit": "import hellokit",
    "import pluggy, attrs": "import pluggy, attrs",
    "import and greet": "import hellokit; hellokit.greet('Ada')",
    "import, greet, Zoë": "import hellokit; hellokit.greet('Zo\\u00eb')",
}
COMMANDS = ["backends", "doctor --list", "plugins", "--help", "greet Ada"]


def furnish(site: Path) -> None:
    """Make a site directory of 300 distributions, of which 5 have entry points of ours."""
    for number in range(DISTRIBUTIONS):
        info = site / f"filler_{number}-1.{number}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: filler-{number}\nVersion: 1\n"
        )
        (info / "RECORD").write_text("")
        if number % 3 == 0:
            (info / "entry_points.txt").write_text(f"[console_scripts]\nf{number} = f:main\n")
        if number % 60 == 0:
            (info / "entry_points.txt").write_text(f"[hellokit.backends]\nb{number} = f:backend\n")


def processes() -> dict[str, list[str]]:
    """Return what to start, by what it is."""
    script = str(Path(sysconfig.get_path("scripts")) / "hellokit")
    started = {what: [sys.executable, "-c", source] for what, source in SCRIPTS.items()}
    return started | {f"hellokit {line}": [script, *line.split()] for line in COMMANDS}


def cost(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the CPU time and the wall time of one process, in ms."""
    began = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command!r} failed")
    return (usage.ru_utime + usage.ru_stime) * 1e3, wall * 1e3


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=41)
    rounds = parser.parse_args().rounds
    commands = processes()
    times: dict[str, list[tuple[float, float]]] = {what: [] for what in commands}
    with tempfile.TemporaryDirectory() as site:
        furnish(Path(site))
        environment = {**os.environ, "PYTHONPATH": site}
        for command in commands.values():
            cost(command, environment)
        for _ in range(rounds):
            for what, command in commands.items():
                times[what].append(cost(command, environment))
    report(times)


def report(times: dict[str, list[tuple[float, float]]]) -> None:
    """Print the table of CPU and wall times."""
    cpu, wall = (
        {what: statistics.median(both[n] for both in each) for what, each in times.items()}
        for n in range(2)
    )
    bare, peer = cpu["bare"], cpu["import pluggy, attrs"]
    print(
        f"| process, {DISTRIBUTIONS} distributions | CPU ms | over bare | to pluggy and attrs "
        "| wall ms | to bare |"
    )
    print("|---|---|---|---|---|---|")
    for what, ms in cpu.items():
        waited = f"{wall[what]:.1f} | {wall[what] / wall['bare']:.2f}"
        print(f"| {what} | {ms:.1f} | {ms - bare:+.1f} | {ms / peer:.2f} | {waited} |")


if __name__ == "__main__":
    main()
