"""The settings of a kit: one table, from which reading, checking and documentation derive."""

from __future__ import annotations

import os
from types import MappingProxyType

import attrs

from hellokit.environment import (
    BACKEND,
    COUNT,
    ENVIRONMENTS,
    FLAG,
    ISOLATES,
    LENIENT_ENVIRONMENT_WORDS,
    LENIENT_FLAG_WORDS,
    LOCALE,
    METRICS,
    PATH,
    PLUGINS,
    SettingRow,
    amount,
    one_of,
    read,
    shown,
)
from hellokit.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, Self

    from hellokit.environment import Found, Kind


def _setting(  # noqa: PLR0913  # the columns of the table
    kind: Kind,
    default: object,
    doc: str,
    *,
    profiles: tuple[object, ...] = (),
    variable: str | None = None,
    plain: str | None = None,
    words: Mapping[str, object] | None = None,
) -> Any:
    return attrs.field(
        metadata={
            "kind": kind,
            "default": default,
            "doc": doc,
            "profiles": profiles,
            "variable": variable,
            "plain": plain,
            "words": words,
        }
    )


@attrs.frozen(kw_only=True)
class Settings:
    """What a kit goes by. Frozen; `evolve` returns a changed one.

    `Settings(...)` reads no variable: it takes what is given and, for the rest, the profile
    of its `environment`, then the defaults. `Settings.from_environ()` reads the variables too.

    Args:
        **given: settings by name; `setting_rows()` lists them.

    Raises:
        SettingsError: if there is no such setting, or it does not allow the value.

    >>> Settings(environment="production").max_concurrent
    100
    >>> Settings(environment="production", max_concurrent=7).max_concurrent
    7
    """

    environment: Literal["development", "staging", "production"] | None = _setting(
        one_of(ENVIRONMENTS, optional=True),
        None,
        "Where the application runs: chooses the profile. None: no profile.",
        plain="ENVIRONMENT",
        words=LENIENT_ENVIRONMENT_WORDS,
    )
    backend: str = _setting(BACKEND, "plain", "The backend, or chain of them, of a call.")
    locale: str = _setting(LOCALE, "en", "The language of a greeting that asks for none.")
    isolate: Literal["auto", "always", "never"] = _setting(
        one_of(ISOLATES), "auto", "When names are put between Unicode bidi isolates."
    )
    metrics: Literal["full", "sampled", "count", "off"] = _setting(
        one_of(METRICS),
        "full",
        "How much is counted: calls and durations, a sample of the durations, calls, nothing.",
        profiles=("full", "full", "sampled"),
    )
    enable_profiling: bool = _setting(
        FLAG,
        default=False,
        doc="Whether the monitored backend runs cProfile.",
        profiles=(True, True, False),
        plain="PERF_ENABLE_PROFILING",
    )
    enable_memory_tracking: bool = _setting(
        FLAG,
        default=True,
        doc="Whether the monitored backend measures memory.",
        plain="PERF_ENABLE_MEMORY",
    )
    log_performance_metrics: bool = _setting(
        FLAG,
        default=True,
        doc="Whether the monitored backend logs what it measures.",
        plain="PERF_LOG_METRICS",
    )
    performance_log_file: str | None = _setting(
        PATH, None, "The file for these measurements. None: no file.", plain="PERF_LOG_FILE"
    )
    max_concurrent: int = _setting(
        COUNT,
        50,
        "How many greetings run at once.",
        profiles=(25, 75, 100),
        plain="PERF_MAX_CONCURRENT",
    )
    batch_size: int = _setting(
        COUNT,
        100,
        "How many greetings make a batch.",
        profiles=(50, 250, 500),
        plain="PERF_BATCH_SIZE",
    )
    async_timeout_s: float | None = _setting(
        amount("seconds", optional=True),
        30.0,
        "Seconds after which the async backend gives up. None: it waits.",
        plain="PERF_ASYNC_TIMEOUT",
    )
    time_threshold_s: float = _setting(
        amount("seconds"),
        1.0,
        "Seconds above which a monitored call raises an alert.",
        plain="PERF_TIME_THRESHOLD",
    )
    memory_threshold_mb: float = _setting(
        amount("megabytes"),
        100.0,
        "Megabytes above which a monitored call raises an alert.",
        plain="PERF_MEMORY_THRESHOLD",
    )
    cache_enabled: bool = _setting(
        FLAG, default=True, doc="Whether the cached backend caches.", plain="PERF_CACHE_ENABLED"
    )
    cache_max_entries: int = _setting(COUNT, 4096, "How many greetings the cache holds.")
    cache_ttl_s: float = _setting(
        amount("seconds"),
        86400.0,
        "Seconds for which a cached greeting is good.",
        variable="HELLOKIT_CACHE_TTL",
    )
    lazy_loading: bool = _setting(
        FLAG,
        default=True,
        doc="Whether backends and wordings load at first use. False: all at start.",
        plain="PERF_LAZY_LOADING",
    )
    debug: bool = _setting(
        FLAG,
        default=False,
        doc="Whether hellokit says more about what goes wrong.",
        profiles=(True, True, False),
        plain="DEBUG",
        words=LENIENT_FLAG_WORDS,
    )
    verbose_logging: bool = _setting(
        FLAG,
        default=False,
        doc="Whether hellokit logs every step.",
        profiles=(True, False, False),
        plain="VERBOSE_LOGGING",
        words=LENIENT_FLAG_WORDS,
    )
    strict: bool = _setting(
        FLAG, default=False, doc="Whether the failure of a plugin is an error, not a warning."
    )
    disable_plugins: tuple[str, ...] = _setting(
        PLUGINS, (), "Plugins that are never imported; `all` for every one."
    )
    _origins: dict[str, str] = attrs.field(init=False, eq=False, repr=False)

    if not TYPE_CHECKING:  # type checkers take the signature from the fields

        def __init__(self, /, **given: Any) -> None:
            _fill(self, _checked(given))

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None, **given: Any) -> Self:
        """Return settings from arguments, variables, the environment's profile, and defaults.

        The first of these that says something wins: an argument, the `HELLOKIT_` variable,
        the plain variable, the profile, the default. What is overridden is not looked at.

        Args:
            environ: the variables; those of the process if left out.
            **given: settings by name, as for `Settings`.

        Raises:
            SettingsError: if an argument or a variable has a value that is not allowed. An
                unknown value of `ENVIRONMENT`, `DEBUG` or `VERBOSE_LOGGING` is logged instead.

        >>> Settings.from_environ({"ENVIRONMENT": "prod", "PERF_BATCH_SIZE": "8"}).batch_size
        8
        """
        found = _checked(given)
        environ = os.environ if environ is None else environ
        # With the usual few dozen names, one pass costs less than look-ups that all miss.
        if not _VARIABLES.isdisjoint(environ):
            found |= read([row for row in _ROWS.values() if row.name not in found], environ)
        settings = cls.__new__(cls)
        _fill(settings, found)
        return settings

    @property
    def origins(self) -> Mapping[str, str]:
        """Where each value came from.

        `"argument"`, `"variable ..."`, `"profile ..."` or `"default"`.
        """
        return MappingProxyType(self._origins)

    def evolve(self, **changes: Any) -> Self:
        """Return these settings with some changed.

        Where `environment` changes, what came from the old profile or the defaults follows
        the new one; arguments and variables stay.

        Args:
            **changes: settings by name, as for `Settings`.

        Raises:
            SettingsError: as for `Settings`.

        >>> Settings(batch_size=8).evolve(environment="staging").max_concurrent
        75
        """
        changed = _checked(changes)
        kept: Found = {
            name: (getattr(self, name), origin)
            for name, origin in self._origins.items()
            if origin.startswith(("argument", "variable"))
        }
        settings = type(self).__new__(type(self))
        _fill(settings, kept | changed)
        return settings


def setting_rows() -> tuple[SettingRow, ...]:
    """Return the table of settings, in the order of the class.

    >>> [row.name for row in setting_rows() if row.plain is None][:2]
    ['backend', 'locale']
    """
    return tuple(_ROWS.values())


def _row(field: attrs.Attribute[Any]) -> SettingRow:
    columns = dict(field.metadata)
    columns["variable"] = columns["variable"] or f"HELLOKIT_{field.name.upper()}"
    return SettingRow(name=field.name, **columns)


_ROWS = {field.name: _row(field) for field in attrs.fields(Settings) if field.init}
_VARIABLES = frozenset(variable for row in _ROWS.values() for variable in row.variables)


def _checked(given: dict[str, Any]) -> Found:
    for name in given:
        if name not in _ROWS:
            raise _unknown(name)
    return {
        name: (_ROWS[name].kind.checked(name, value), "argument") for name, value in given.items()
    }


def _unknown(name: str) -> SettingsError:
    from difflib import get_close_matches

    near = " or ".join(get_close_matches(name[:60].lower(), _ROWS))
    hint = f"did you mean {near}? The settings are" if near else "use one of"
    return SettingsError(f"there is no setting {shown(name)}: {hint} {', '.join(_ROWS)}")


def _fill(settings: Settings, found: Found) -> None:
    environment = found["environment"][0] if "environment" in found else None
    assign = object.__setattr__  # the class is frozen
    origins = {}
    for name, row in _ROWS.items():
        value, origins[name] = found.get(name) or _unsaid(row, environment)
        assign(settings, name, value)
    assign(settings, "_origins", origins)


def _unsaid(row: SettingRow, environment: str | None) -> tuple[Any, str]:
    if environment is None or not row.profiles:
        return row.default, "default"
    return row.profiles[ENVIRONMENTS.index(environment)], f"profile {environment}"
