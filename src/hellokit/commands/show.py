"""`hellokit backends`, `plugins` and `config`: what is there, and where it comes from."""

from __future__ import annotations

import os

from hellokit.commands.inventory import SOUND, inventory
from hellokit.commands.options import add_json, add_timeout
from hellokit.commands.table import table
from hellokit.discovery import GROUPS, scan
from hellokit.precedence import OWN
from hellokit.resolution import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace, _SubParsersAction
    from collections.abc import Sequence
    from typing import Any

    from hellokit.commands.inventory import Finding

    Row = dict[str, Any]


def add(subparsers: _SubParsersAction[Any]) -> None:
    """Add the three subcommands."""
    for name, run, told in (
        ("backends", backends, "list the backends; none is imported"),
        ("plugins", plugins, "list the plugins, and what became of each"),
        ("config", config, "list the settings, and where each value came from"),
    ):
        parser = subparsers.add_parser(name, help=told, description=f"{told.capitalize()}.")
        if run is plugins:
            add_timeout(parser)
        add_json(parser)
        parser.set_defaults(run=run)


def backends(arguments: Namespace) -> None:
    """List the backends from their metadata alone: nobody's code is run for it.

    Raises:
        SettingsError: if the environment holds a bad value.
    """
    found = (finding for each, finding in inventory(scan(), _disabled()) if each.group == GROUPS[0])
    rows = [_row(each) | {"builtin": each["distribution"] == OWN} for each in found]
    rows.sort(key=lambda row: str(row["name"]))
    _show(arguments, ["name", "distribution", "version", "builtin", "status", "error"], rows)


def plugins(arguments: Namespace) -> None:
    """List the plugins after loading them, in another process, as a kit does when it starts.

    Raises:
        SettingsError: if the environment holds a bad value.
    """
    from hellokit.commands.examination import examine

    found = [each for each in inventory(scan(), _disabled()) if each[0].group == GROUPS[1]]
    examined = examine(found, arguments.timeout, mode="load", together=True)
    rows = [_row(each) | {"hooks": each.get("hooks", [])} for _, each in examined]
    if rows or arguments.json:
        _show(arguments, ["name", "distribution", "version", "status", "hooks", "error"], rows)
    else:
        arguments.console.say("no plugins are installed")


def config(arguments: Namespace) -> int:
    """List the settings in force; return 1 if the environment holds a bad value."""
    from hellokit.commands.variables import readable, suspicious
    from hellokit.configuration import setting_rows
    from hellokit.environment import written

    settings, wrong = readable(os.environ)
    rows = []
    for row in setting_rows():
        value = getattr(settings, row.name)
        told: Row = {"name": row.name, "value": value, "origin": settings.origins[row.name]}
        told |= {"variables": row.variables, "error": wrong.get(row.name)}
        if row.name in wrong:
            told |= {"value": None, "origin": "bad value"}
        elif not arguments.json:
            told["value"] = written(value)
        rows.append(told)
    if not arguments.json:
        rows = [row | {"variables": ", ".join(row["variables"])} for row in rows]
    _show(arguments, ["name", "value", "origin", "variables"], rows)
    arguments.console.flush()
    for note in suspicious(os.environ, settings.disable_plugins, scan()):
        arguments.console.complain(f"note: {note}")
    for complaint in wrong.values():
        arguments.console.complain(complaint)
    return int(bool(wrong))


def _disabled() -> tuple[str, ...]:
    disabled: tuple[str, ...] = resolve(os.environ, {}).disable_plugins
    return disabled


def _row(finding: Finding) -> Row:
    row = {name: finding[name] for name in _COLUMNS if name in finding}
    if finding["status"] not in SOUND:
        row["status"] = f"failed ({finding['phase']})"
    elif "hooks" in finding:
        row["status"] = "registered"
    return row


_COLUMNS = ("name", "distribution", "version", "value", "status", "error", "remedy")


def _show(arguments: Namespace, columns: Sequence[str], rows: Sequence[Row]) -> None:
    console = arguments.console
    if arguments.json:
        for row in rows:
            console.say_json(row)
        return
    plain = [{key: _word(value) for key, value in row.items()} for row in rows]
    shown = [each for each in columns if each != "error" or any(row.get("error") for row in rows)]
    for line in table(shown, plain):
        console.say(line)


def _word(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else value
