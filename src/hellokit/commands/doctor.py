"""`hellokit doctor`: tries every backend and plugin, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress

from hellokit.catalogue import Catalogue, precedence
from hellokit.commands.console import escaped
from hellokit.commands.numbers import positive
from hellokit.commands.options import add_json
from hellokit.commands.selection import unusable
from hellokit.commands.variables import readable
from hellokit.discovery import GROUPS, scan
from hellokit.errors import HellokitError
from hellokit.failures import failure
from hellokit.plugins import Plugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace, _SubParsersAction
    from collections.abc import Iterable, Iterator
    from typing import Any

    from hellokit.configuration import Settings
    from hellokit.entrypoints import EntryPoint

    Finding = dict[str, Any]

TIME_LIMIT_S = 10.0
PATIENCE_S = 2.0
"""How long to wait for a process that was killed to be gone."""

# The path of this process is the child's too: what is found here must be found there.
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from hellokit.commands.probe import main; main(sys.argv[3:], greets=sys.argv[2] == 'greet')"
)
_GOOD = ("ok", "disabled")


def add(subparsers: _SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "doctor",
        help="try every backend and plugin, and say what is broken",
        description="Try every backend and plugin that is installed, each in a process of its "
        "own: import it, register it, and have it greet once. One that hangs, exits or crashes is "
        "found out, and harms nothing.",
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=positive,
        default=TIME_LIMIT_S,
        help=f"how long each may take; {TIME_LIMIT_S:g} if not said",
    )
    parser.add_argument(
        "--no-trial", action="store_true", help="import and register only, and greet nobody"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Try what is installed, tell what was found, and return 1 if anything is broken.

    Raises:
        HellokitError: if Python does not know its own executable.
    """
    console = arguments.console
    import hellokit

    settings, wrong = readable(os.environ)
    about = {
        "hellokit": hellokit.__version__,
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "platform": sys.platform,
        "settings": list(wrong.values()),
    }
    if not arguments.json:
        console.say(escaped("hellokit {hellokit}, Python {python} ({executable})".format(**about)))
        for complaint in wrong.values():
            console.say(f"broken    settings: {escaped(complaint)}")
        if not wrong:
            console.say("ok        settings")
    findings = []
    for finding in examine(scan(), settings, arguments.timeout, greets=not arguments.no_trial):
        findings.append(finding)
        if not arguments.json:
            for line in _told(finding):
                console.say(line)
            console.flush()
    broken = sum(each["status"] not in _GOOD for each in findings) + len(wrong)
    if arguments.json:
        console.say_json({**about, "entry_points": findings, "broken": broken})
    else:
        console.say(f"{broken} broken" if broken else "nothing is broken")
    return int(broken > 0)


def examine(
    entry_points: Iterable[EntryPoint], settings: Settings, time_limit_s: float, *, greets: bool
) -> Iterator[Finding]:
    """Yield what is found of each entry point: `ok`, `disabled`, `broken` or `conflict`.

    Args:
        entry_points: what is installed.
        settings: say what is disabled.
        time_limit_s: seconds that each may take.
        greets: whether each is to greet once.
    """
    catalogue = Catalogue(Plugins(lambda: None), settings.disable_plugins)
    owners: dict[tuple[str, str], EntryPoint] = {}
    for each in sorted(entry_points, key=lambda each: (each.group, *precedence(each))):
        finding: Finding = {
            "group": each.group,
            "name": each.name,
            "value": each.value,
            "distribution": each.distribution,
            "version": each.version,
        }
        if catalogue.disables(each):
            yield finding | {"status": "disabled"}
            continue
        owner = owners.setdefault((each.group, each.name), each)
        if owner is not each:
            wrong = _wrong(each, "conflict", f"{owner} has the name already")
            yield finding | wrong | {"status": "conflict"}
        elif each.group == GROUPS[0] and (problem := unusable(each.name)):
            yield finding | _wrong(each, "register", problem)
        else:
            finding |= probe(each, time_limit_s, greets=greets)
            commands = finding.pop("commands", ())
            taken = [name for name in commands if ("", name) in owners]
            owners.update({("", name): each for name in commands if name not in taken})
            if finding["status"] == "ok" and taken:
                told = f"{owners['', taken[0]]} has the command {taken[0]!r} already"
                finding |= _wrong(each, "command", told)
            yield finding


def _wrong(entry_point: EntryPoint, phase: str, error: str) -> Finding:
    told = failure(entry_point, entry_point.name, phase, error)
    return {"phase": phase, "status": "broken", "error": told.error, "remedy": told.remedy}


def probe(entry_point: EntryPoint, time_limit_s: float, *, greets: bool) -> Finding:
    """Try one entry point in a process of its own.

    Args:
        entry_point: what to try.
        time_limit_s: seconds that it may take.
        greets: whether it is to greet once.

    Returns:
        The status, what is wrong if anything is, and the commands that it adds.

    Raises:
        HellokitError: if Python does not know its own executable.
    """
    if not sys.executable:
        raise HellokitError("Python does not know its executable: run hellokit with its full path")
    path = json.dumps([each for each in sys.path if isinstance(each, str)])
    fields = [entry_point.group, entry_point.name, entry_point.value]
    fields += [entry_point.distribution, entry_point.version]
    child = subprocess.Popen(  # noqa: S603  # our own module, by our own Python
        [sys.executable, "-P", "-c", _CHILD, path, "greet" if greets else "load", *fields],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that what it starts can be ended with it
    )
    try:
        output, _ = child.communicate(timeout=time_limit_s)
        end = _end(child.returncode)
    except subprocess.TimeoutExpired:
        output = _killed(child)
        end = f"it took longer than {time_limit_s:g} s"
    finally:
        _kill(child)
    return _finding(entry_point, output, end)


def _finding(entry_point: EntryPoint, output: bytes, end: str) -> Finding:
    finding: Finding = {"phase": "import"}
    for line in output.splitlines():
        with suppress(ValueError):
            finding.update(json.loads(line))
    if "status" not in finding:
        finding |= _wrong(entry_point, finding["phase"], end)
    if finding["status"] == "ok":
        del finding["phase"]
    return finding


def _killed(child: subprocess.Popen[bytes]) -> bytes:
    """Kill a child with what it started, and return what it had said."""
    _kill(child)
    try:
        return child.communicate(timeout=PATIENCE_S)[0]
    except subprocess.TimeoutExpired as error:  # a process that left its session holds the pipe
        return error.output or b""


def _kill(child: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):  # gone already
        if hasattr(os, "killpg"):
            from signal import SIGKILL

            os.killpg(child.pid, SIGKILL)
        else:
            child.kill()


def _end(code: int) -> str:
    if code >= 0:
        return f"it ended the process with exit code {code}"
    from signal import Signals

    with suppress(ValueError):
        return f"it crashed the process with {Signals(-code).name}"
    return f"it crashed the process with signal {-code}"


def _told(finding: Finding) -> list[str]:
    kind = "backend" if finding["group"] == GROUPS[0] else "plugin"
    origin = f"{finding['distribution']} {finding['version']}".strip()
    what = f"{kind} {finding['name']} = {finding['value']} (from {origin or 'unknown'})"
    lines = [f"{finding['status']:<8}  {escaped(what)}"]
    if finding["status"] not in _GOOD:
        details = ("phase", finding["phase"]), ("cause", finding["error"])
        for key, text in (*details, ("remedy", finding["remedy"])):
            lines.append(f"{'':10}{key}: {escaped(text)}")
    return lines
