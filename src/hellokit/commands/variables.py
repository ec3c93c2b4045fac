"""The variables of the environment: what can be read of them, and what is wrong with the rest."""

from __future__ import annotations

from hellokit.configuration import Settings, setting_rows
from hellokit.entrypoints import normalised
from hellokit.environment import WORDS
from hellokit.errors import SettingsError
from hellokit.precedence import OWN, disables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from hellokit.entrypoints import EntryPoint


def readable(environ: Mapping[str, str]) -> tuple[Settings, dict[str, str]]:
    """Return the settings without those that have a bad value, and what is wrong with these.

    Args:
        environ: the variables.

    Returns:
        The settings, and a message for each that is bad, by its name.

    >>> settings, wrong = readable({"HELLOKIT_METRICS": "bad", "PERF_BATCH_SIZE": "8"})
    >>> settings.batch_size, list(wrong)
    (8, ['metrics'])
    """
    rows = setting_rows()
    # Those of the whole application are never bad: each is warned of once, when all are read.
    strict = {row.name: [each for each in row.variables if each not in WORDS] for row in rows}
    wrong: dict[str, str] = {}
    for name, variables in strict.items():
        try:
            Settings.from_environ({each: environ[each] for each in variables if each in environ})
        except SettingsError as error:
            wrong[name] = str(error)
    bad = {each for name in wrong for each in strict[name]}
    good = {name: value for name, value in environ.items() if name not in bad}
    return Settings.from_environ(good), wrong


def suspicious(
    environ: Iterable[str], disabled: Iterable[str], entry_points: Collection[EntryPoint]
) -> Iterator[str]:
    """Yield what may be a slip, and changes nothing: names that hellokit does not know.

    Args:
        environ: the names of the variables.
        disabled: what the settings disable.
        entry_points: what is installed: a variable may belong to a plugin, and is its affair.

    >>> list(suspicious(["HELLOKIT_METRIC"], [], []))
    ['there is no variable HELLOKIT_METRIC: did you mean HELLOKIT_METRICS?']
    """
    known = [each for row in setting_rows() for each in row.variables]
    theirs = tuple(_prefixes(entry_points))
    for name in sorted(environ):
        if name.startswith("HELLOKIT_") and name not in known and not name.startswith(theirs):
            yield _unknown(f"there is no variable {name}", name, known)
    for name in disabled:
        if normalised(name) != "all" and not any(disables([name], each) for each in entry_points):
            names = {each for found in entry_points for each in (found.name, found.distribution)}
            yield _unknown(f"disable_plugins names {name!r}, which is not installed", name, names)


def _prefixes(entry_points: Iterable[EntryPoint]) -> Iterator[str]:
    """Yield how the variables of plugins begin: `HELLOKIT_` and the plugin's name."""
    for each in entry_points:
        if each.distribution != OWN:
            for name in (each.name, each.distribution.lower().removeprefix("hellokit-")):
                yield f"HELLOKIT_{normalised(name).upper()}"


def _unknown(told: str, name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name[:60], known, 1)
    return f"{told}: did you mean {near[0]}?" if near else f"{told}, nor anything like it"
