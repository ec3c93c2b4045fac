"""`hellokit doctor`: tries every backend and plugin, each in a process of its own."""

from __future__ import annotations

import os
import sys

from hellokit.commands.console import escaped
from hellokit.commands.inventory import SOUND, inventory
from hellokit.commands.options import add_json, add_timeout
from hellokit.commands.table import table
from hellokit.discovery import GROUPS, scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace, _SubParsersAction
    from collections.abc import Iterable, Iterator
    from typing import Any

    from hellokit.commands.children import Mode
    from hellokit.commands.console import Console
    from hellokit.commands.inventory import Finding


def add(subparsers: _SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "doctor",
        help="try every backend and plugin, and say what is broken",
        description="Try every backend and plugin that is installed, each in a process of its "
        "own: import it, register it, have a kit start with it, and have that greet once. One "
        "that hangs, exits or crashes is found out, and harms nothing.",
    )
    add_timeout(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--list", action="store_true", help="only list what is installed; try nothing")
    how.add_argument("--no-trial", action="store_true", help="greet nobody")
    how.add_argument("--cost", action="store_true", help="measure what each costs a greeting")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Try what is installed, tell what was found, and return 1 if anything is broken.

    Raises:
        HellokitError: if Python does not know its own executable.
        SettingsError: if only a list is wanted, and the environment holds a bad value.
    """
    return _list(arguments) if arguments.list else _examine(arguments)


def _list(arguments: Namespace) -> int:
    """List what is installed: from metadata alone, and importing as little as that takes."""
    from hellokit.resolution import resolve

    disabled = resolve(os.environ, {}).disable_plugins
    findings = [finding for _, finding in inventory(scan(), disabled)]
    if arguments.json:
        arguments.console.say_json({"entry_points": findings})
    else:
        columns = ["kind", "name", "distribution", "version", "value", "status"]
        rows = [finding | {"kind": _kind(finding)} for finding in findings]
        for line in table(columns, rows):
            arguments.console.say(line)
    return 0


def _examine(arguments: Namespace) -> int:
    import hellokit
    from hellokit.commands import logs
    from hellokit.commands.examination import examine
    from hellokit.commands.variables import readable, suspicious

    settings, wrong = readable(os.environ)
    with logs.collected() as unreadable:
        entry_points = scan()
    about: dict[str, Any] = {
        "hellokit": hellokit.__version__,
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "platform": sys.platform,
        "settings": list(wrong.values()),
        "metadata": unreadable,
        "notes": list(suspicious(os.environ, settings.disable_plugins, entry_points)),
    }
    report = Report(arguments.console, about, cost=arguments.cost, quiet=arguments.json)
    mode: Mode = "cost" if arguments.cost else "load" if arguments.no_trial else "greet"
    found = inventory(entry_points, settings.disable_plugins)
    for _, finding in examine(found, arguments.timeout, mode=mode):
        report.add(finding)
    return report.end()


class Report:
    """Tells what is found, as it is found, or as JSON at the end.

    Args:
        console: where to.
        about: what is known before anything is tried.
        cost: whether what each costs is to be told in a table.
        quiet: whether only JSON is to be written.
    """

    def __init__(self, console: Console, about: dict[str, Any], *, cost: bool, quiet: bool) -> None:
        self._console = console
        self._about = about
        self._findings: list[Finding] = []
        self._cost = cost
        self._quiet = quiet
        if not quiet:
            self._say(_heading(about))

    def add(self, finding: Finding) -> None:
        """Take a finding in."""
        self._findings.append(finding)
        if not self._quiet and not (self._cost and finding["status"] in SOUND):
            self._say(_told(finding, self._about["hellokit"]))

    def end(self) -> int:
        """Tell the rest, and return 1 if anything is broken."""
        bad = sum(each["status"] not in SOUND for each in self._findings)
        broken = bad + len(self._about["settings"]) + len(self._about["metadata"])
        if self._quiet:
            told = {"entry_points": self._findings, "broken": broken}
            self._console.say_json(self._about | told)
        else:
            if self._cost:
                self._say(_costs(self._findings))
            self._say([f"{broken} broken" if broken else "nothing is broken"])
        return int(broken > 0)

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._console.say(line)
        self._console.flush()


def _heading(about: dict[str, Any]) -> Iterator[str]:
    yield escaped("hellokit {hellokit}, Python {python} ({executable})".format(**about))
    for complaint in about["settings"]:
        yield f"broken    settings: {escaped(complaint)}"
    if not about["settings"]:
        yield "ok        settings"
    for complaint in about["metadata"]:
        yield f"broken    metadata: {escaped(complaint)}"
    for note in about["notes"]:
        yield f"note      {escaped(note)}"


def _told(finding: Finding, version: str) -> Iterator[str]:
    origin = f"{finding['distribution']} {finding['version']}".strip()
    what = f"{_kind(finding)} {finding['name']} = {finding['value']} (from {origin or 'unknown'})"
    took = f", imported in {finding['import_ms']:.1f} ms" if "import_ms" in finding else ""
    yield f"{finding['status']:<8}  {escaped(what)}{took}"
    details = {
        "phase": finding.get("phase"),
        "cause": finding.get("error"),
        "where": finding.get("where"),
        "asks for": _asked(finding, version),
        "remedy": finding.get("remedy"),
        "slowest": _slowest(finding),
    }
    for key, text in details.items():
        if text:
            yield f"{'':10}{key}: {escaped(text)}"


def _kind(finding: Finding) -> str:
    return "backend" if finding["group"] == GROUPS[0] else "plugin"


def _asked(finding: Finding, version: str) -> str | None:
    asked = finding.get("asks_for")
    return f"{asked}; this is hellokit {version}" if asked else None


def _slowest(finding: Finding) -> str:
    packages = finding.get("slowest", {})
    return ", ".join(f"{name} {ms:.1f} ms" for name, ms in packages.items())


COSTS = ("import", "call", "added", "ratio")


def _costs(findings: Iterable[Finding]) -> list[str]:
    """Return the table of what each costs; of what is broken there is none."""
    rows = [finding | {"kind": _kind(finding)} | _cells(finding) for finding in findings]
    return table(["kind", "name", "distribution", *COSTS, "status"], rows, right=COSTS)


def _cells(finding: Finding) -> dict[str, str]:
    from hellokit.commands.measure import duration

    cells = {}
    if "import_ms" in finding:
        cells["import"] = f"{finding['import_ms']:.1f} ms"
    if "call_ns" in finding:
        cells["call"] = duration(finding["call_ns"])
        cells["added"] = f"{finding['added_ns']:+,.0f} ns"
        cells["ratio"] = f"{finding['ratio']:.2f}x"
    return cells
