"""`hellokit backends`, `plugins` and `config`: what is there, and where it comes from."""

from __future__ import annotations

from hellokit.commands.options import add_json
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
    conflicts = catalogue.discover(each for each in scan() if each.group == GROUPS[0])
    rows = [_backend(info) for info in catalogue.infos()] + [
        _failed(told) | {"builtin": False, "value": told.source} for told in conflicts
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
    _show(arguments, ["name", "distribution", "version", "status", "hooks", "error"], rows)


def config(arguments: Namespace) -> None:
    """List the settings in force.

    Raises:
        SettingsError: if the environment holds a bad value.
    """
    from hellokit.configuration import setting_rows
    from hellokit.environment import written

    settings = default.settings()
    rows = []
    for row in setting_rows():
        value = getattr(settings, row.name)
        shown = {"value": value} if arguments.json else {"value": written(value)}
        origin = settings.origins[row.name]
        rows.append({"name": row.name, **shown, "origin": origin, "variables": row.variables})
    if not arguments.json:
        rows = [row | {"variables": ", ".join(row["variables"])} for row in rows]
    _show(arguments, ["name", "value", "origin", "variables"], rows)


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
    status = "ready" if info.error is None else info.error
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

    manager = kit.plugins
    failures = {told.source: told for told in kit.failures()}
    for entry_point in scan():
        if entry_point.group != GROUPS[1]:
            continue
        told = failures.pop(str(entry_point), None)
        if told is not None:
            yield _failed(told) | {"value": entry_point.value, "hooks": []}
            continue
        plugin = manager.get_plugin(f"hellokit.plugins:{entry_point.name}")
        hooks = [] if plugin is None else [c.name for c in manager.get_hookcallers(plugin) or ()]
        yield _plugin(entry_point, "disabled" if plugin is None else "registered", hooks)
    for told in failures.values():
        yield _failed(told) | {"value": told.source, "hooks": []}


def _plugin(entry_point: EntryPoint, status: str, hooks: Sequence[str]) -> Row:
    return {
        "name": entry_point.name,
        "distribution": entry_point.distribution,
        "version": entry_point.version,
        "value": entry_point.value,
        "status": status,
        "hooks": list(hooks),
    }
