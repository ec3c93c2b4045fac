"""What starting costs beside a bare interpreter and beside the imports of the dependencies.

Run it with `python benchmarks/startup.py`, with hellokit installed (not from a source tree whose
bytecode is not kept). Each round starts every process once, in turn; CPU time is the operating
system's own account of the child, and the medians of the rounds are printed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

DISTRIBUTIONS = 300
SCRIPTS = {
    "bare": "pass",
    "import hellokit": "import hellokit",
    "import pluggy, attrs": "import pluggy, attrs",
    "import and greet": "import hellokit; hellokit.greet('Ada')",
    "import, greet, Zoë": "import hellokit; hellokit.greet('Zo\\u00eb')",
}


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


def cpu_ms(script: str, environment: dict[str, str]) -> float:
    """Return the CPU time of one process, in ms."""
    child = subprocess.Popen([sys.executable, "-c", script], env=environment)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{script!r} failed")
    return (usage.ru_utime + usage.ru_stime) * 1e3


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=41)
    rounds = parser.parse_args().rounds
    times: dict[str, list[float]] = {what: [] for what in SCRIPTS}
    with tempfile.TemporaryDirectory() as site:
        furnish(Path(site))
        environment = {**os.environ, "PYTHONPATH": site}
        for script in SCRIPTS.values():
            cpu_ms(script, environment)
        for _ in range(rounds):
            for what, script in SCRIPTS.items():
                times[what].append(cpu_ms(script, environment))
    medians = {what: statistics.median(each) for what, each in times.items()}
    bare, peer = medians["bare"], medians["import pluggy, attrs"]
    print(f"| process, {DISTRIBUTIONS} distributions | CPU ms | over bare | to pluggy and attrs |")
    print("|---|---|---|---|")
    for what, median in medians.items():
        print(f"| {what} | {median:.1f} | {median - bare:+.1f} | {median / peer:.2f} |")


if __name__ == "__main__":
    main()
