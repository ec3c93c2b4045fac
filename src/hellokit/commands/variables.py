"""The variables of the environment: what can be read of them, and what is wrong with the rest."""

from __future__ import annotations

from hellokit.configuration import Settings, setting_rows
from hellokit.environment import WORDS
from hellokit.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


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
