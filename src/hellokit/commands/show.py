"""`hellokit backends`, `plugins` and `config`: what is there, and where it comes from."""

from __future__ import annotations

import os

from hellokit.commands.options import add_json
from hellokit.commands.selection import unusable
from hellokit.commands.table import table
from hellokit.kit import Kit, default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace, _SubParsersAction
    from collections.abc import Iterator, Sequence
    from typing import Any

    from hellokit.discovery import EntryPoint
    from hellokit.failures import PluginFailure
    from hellokit.info import BackendInfo

    Row = dict[str, Any]


def add(subparsers: _SubParsersAction[Any]) -> None:
    """Add the three subcommands."""
    for name, run, told in (
        ("backends", backends, "list the backends; none is imported"),
        ("plugins", plugins, "list the plugins, and what became of each"),
        ("config", config, "list the settings, and where each value came from"),
    ):
        parser = subparsers.add_parser(name, help=told, description=f"{told.capitalize()}.")
        add_json(parser)
        parser.set_defaults(run=run)


def backends(arguments: Namespace) -> None:
    """List the backends from their metadata alone: nobody's code is run for it.

    Raises:
        SettingsError: if the environment holds a bad value.
    """
    from hellokit.catalogue import Catalogue
    from hellokit.discovery import GROUPS, scan
    from hellokit.plugins import Plugins

    catalogue = Catalogue(Plugins(lambda: None), default.settings().disable_plugins)
    found = {str(each): each for each in scan() if each.group == GROUPS[0]}
    conflicts = catalogue.discover(found.values())
    rows = [_backend(info) for info in catalogue.infos()] + [
        _failed(told) | {"builtin": False, "value": found[told.source].value} for told in conflicts
    ]
    _show(arguments, ["name", "distribution", "version", "builtin", "status"], rows)


def plugins(arguments: Namespace) -> None:
    """List the plugins after loading them, as every run that greets does.

    Raises:
        SettingsError: if the environment holds a bad value.
    """
    from hellokit.commands import logs

    logs.quiet()
    settings = default.settings().evolve(strict=False)
    with Kit(settings) as kit:
        rows = list(_plugins(kit))
    if rows or arguments.json:
        _show(arguments, ["name", "distribution", "version", "status", "hooks", "error"], rows)
    else:
        arguments.console.say("no plugins are installed")


def config(arguments: Namespace) -> int:
    """List the settings in force; return 1 if the environment holds a bad value."""
    from hellokit.commands.variables import readable
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
    for complaint in wrong.values():
        arguments.console.complain(complaint)
    return int(bool(wrong))


def _show(arguments: Namespace, columns: Sequence[str], rows: Sequence[Row]) -> None:
    console = arguments.console
    if arguments.json:
        for row in rows:
            console.say_json(row)
        return
    plain = [{key: _word(value) for key, value in row.items()} for row in rows]
    for line in table(columns, plain):
        console.say(line)


def _word(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _backend(info: BackendInfo) -> Row:
    status = info.error or unusable(info.name) or "ready"
    return {
        "name": info.name,
        "distribution": info.distribution,
        "version": info.version,
        "value": info.value,
        "builtin": info.builtin,
        "status": status,
    }


def _failed(told: PluginFailure) -> Row:
    return {
        "name": told.plugin,
        "distribution": told.distribution,
        "version": told.version,
        "status": f"failed ({told.phase})",
        "error": told.error,
        "remedy": told.remedy,
    }


def _plugins(kit: Kit) -> Iterator[Row]:
    from hellokit.discovery import GROUPS, scan

    catalogue = kit._started().catalogue  # noqa: SLF001  # the command and the kit are one package
    failures = {told.source: told for told in kit.failures()}
    for entry_point in scan():
        if entry_point.group != GROUPS[1]:
            continue
        if told := failures.get(str(entry_point)):
            yield _failed(told) | {"value": entry_point.value, "hooks": []}
        elif catalogue.disables(entry_point):
            yield _plugin(entry_point, "disabled")
        elif not catalogue.admits(entry_point):
            yield _plugin(entry_point, "left out: its backend of this name is not used")
        else:
            twin = catalogue.twin(entry_point)
            name = f"hellokit.plugins:{entry_point.name}"
            plugin = catalogue.load(twin) if twin else kit.plugins.get_plugin(name)
            hooks = [caller.name for caller in kit.plugins.get_hookcallers(plugin) or ()]
            yield _plugin(entry_point, "registered", sorted(hooks))


def _plugin(entry_point: EntryPoint, status: str, hooks: Sequence[str] = ()) -> Row:
    return {
        "name": entry_point.name,
        "distribution": entry_point.distribution,
        "version": entry_point.version,
        "value": entry_point.value,
        "status": status,
        "hooks": list(hooks),
    }
