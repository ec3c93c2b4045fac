"""The resolution of settings: their table, and how each gets its value.

The first greeting of a process comes through here: what checks and reads values,
`hellokit.environment`, is imported when something is said.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

    from hellokit.environment import Found, Kind


class SettingRow:
    """One row of the table of settings.

    Args:
        name: the setting.
        kind: what values it takes: a name in `hellokit.environment.KINDS`.
        default: its value where nothing else says one.
        doc: one line about it, with the unit.
        profiles: its values in development, staging and production; empty without any.
        variable: its own variable; `HELLOKIT_` and the name if left out.
        plain: the variable read after that one, or None.
    """

    __slots__ = ("_kind", "default", "doc", "name", "plain", "profiles", "variable")

    def __init__(  # noqa: PLR0913  # the columns of the table
        self,
        name: str,
        kind: str,
        default: object,
        doc: str,
        *,
        profiles: tuple[object, ...] = (),
        variable: str | None = None,
        plain: str | None = None,
    ) -> None:
        self.name = name
        self._kind = kind
        self.default = default
        self.doc = doc
        self.profiles = profiles
        self.variable = variable or f"HELLOKIT_{name.upper()}"
        self.plain = plain

    @property
    def kind(self) -> Kind:
        """What values it takes: `kind.allowed` as an argument, `kind.spelled` in a variable."""
        from hellokit.environment import KINDS

        return KINDS[self._kind]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that are read, the one that wins first."""
        return (self.variable, self.plain) if self.plain else (self.variable,)


_TABLE = (
    SettingRow(
        "environment",
        "environment",
        None,
        "Where the application runs: chooses the profile. None: no profile.",
        plain="ENVIRONMENT",
    ),
    SettingRow("backend", "backend", "plain", "The backend, or chain of them, of a call."),
    SettingRow("locale", "locale", "en", "The language of a greeting that asks for none."),
    SettingRow(
        "strict_confidence",
        "confidence",
        "medium",
        "How sure their authors must be of the words: what is less sure is done without.",
    ),
    SettingRow("isolate", "isolate", "auto", "When names are put between Unicode bidi isolates."),
    SettingRow(
        "metrics",
        "metrics",
        "full",
        "How much is counted: calls and durations, a sample of the durations, calls, nothing.",
        profiles=("full", "full", "sampled"),
    ),
    SettingRow(
        "metrics_dir",
        "folder",
        None,
        "The folder where processes count together. None: each by itself.",
    ),
    SettingRow(
        "enable_profiling",
        "flag",
        default=False,
        doc="Whether the monitored backend runs cProfile.",
        profiles=(True, True, False),
        plain="PERF_ENABLE_PROFILING",
    ),
    SettingRow(
        "enable_memory_tracking",
        "flag",
        default=True,
        doc="Whether the monitored backend measures memory.",
        plain="PERF_ENABLE_MEMORY",
    ),
    SettingRow(
        "log_performance_metrics",
        "flag",
        default=True,
        doc="Whether the monitored backend logs what it measures.",
        plain="PERF_LOG_METRICS",
    ),
    SettingRow(
        "performance_log_file",
        "path",
        None,
        "The file for these measurements. None: no file.",
        plain="PERF_LOG_FILE",
    ),
    SettingRow(
        "max_concurrent",
        "count",
        50,
        "How many greetings run at once.",
        profiles=(25, 75, 100),
        plain="PERF_MAX_CONCURRENT",
    ),
    SettingRow(
        "batch_size",
        "count",
        100,
        "How many greetings make a batch.",
        profiles=(50, 250, 500),
        plain="PERF_BATCH_SIZE",
    ),
    SettingRow(
        "async_timeout_s",
        "optional seconds",
        30.0,
        "Seconds after which the async backend gives up. None: it waits.",
        plain="PERF_ASYNC_TIMEOUT",
    ),
    SettingRow(
        "time_threshold_s",
        "seconds",
        1.0,
        "Seconds: an alert fires if over 1 % of the calls take longer.",
        plain="PERF_TIME_THRESHOLD",
    ),
    SettingRow(
        "memory_threshold_mb",
        "megabytes",
        100.0,
        "Megabytes: an alert fires if over 1 % of the monitored calls take more memory.",
        plain="PERF_MEMORY_THRESHOLD",
    ),
    SettingRow(
        "error_ratio_threshold",
        "ratio",
        0.05,
        "The share of failing calls, 0 to 1, above which an alert fires.",
    ),
    SettingRow(
        "alert_window_s",
        "seconds",
        60.0,
        "Seconds over which calls are compared with the thresholds.",
        variable="HELLOKIT_ALERT_WINDOW",
    ),
    SettingRow(
        "cache_enabled",
        "flag",
        default=True,
        doc="Whether the cached backend caches.",
        plain="PERF_CACHE_ENABLED",
    ),
    SettingRow("cache_max_entries", "count", 4096, "How many greetings the cache holds."),
    SettingRow(
        "cache_ttl_s",
        "seconds",
        86400.0,
        "Seconds for which a cached greeting is good.",
        variable="HELLOKIT_CACHE_TTL",
    ),
    SettingRow(
        "lazy_loading",
        "flag",
        default=True,
        doc="Whether backends and wordings load at first use. False: all at start.",
        plain="PERF_LAZY_LOADING",
    ),
    SettingRow(
        "debug",
        "flag",
        default=False,
        doc="Whether hellokit says more about what goes wrong.",
        profiles=(True, True, False),
        plain="DEBUG",
    ),
    SettingRow(
        "verbose_logging",
        "flag",
        default=False,
        doc="Whether hellokit logs every step.",
        profiles=(True, False, False),
        plain="VERBOSE_LOGGING",
    ),
    SettingRow(
        "strict",
        "flag",
        default=False,
        doc="Whether the failure of a plugin is an error, not a warning.",
    ),
    SettingRow(
        "disable_plugins", "plugins", (), "Plugins that are never imported; `all` for every one."
    ),
)

ROWS: Final = {row.name: row for row in _TABLE}
"""The table: the rows by the name of their setting."""

_VARIABLES = frozenset(variable for row in _TABLE for variable in row.variables)


class Resolved:
    """Settings as `resolve` found them: each is an attribute, as it is of a `Settings`.

    Args:
        found: each setting's value and origin.
    """

    __slots__ = ("__dict__", "origins")

    def __init__(self, found: Found) -> None:
        self.__dict__.update({name: value for name, (value, _) in found.items()})
        self.origins = {name: origin for name, (_, origin) in found.items()}

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Return a setting."""


def resolve(
    environ: Mapping[str, str], given: Mapping[str, Any], kept: Found | None = None
) -> Resolved:
    """Return a value for every setting, from the first of these that says something.

    An argument, what is kept, the `HELLOKIT_` variable, the plain variable, the profile of the
    environment, the default. What is overridden is not looked at.

    Args:
        environ: the variables.
        given: the arguments.
        kept: values and origins from an earlier resolution, for `evolve`.

    Raises:
        SettingsError: if there is no such setting, or it does not allow an argument or
            variable; a variable of the whole application is ignored instead, with a warning.

    >>> resolve({"PERF_BATCH_SIZE": "8"}, {"environment": "production"}).batch_size
    8
    """
    found = dict(kept or {})
    if given:
        from hellokit.environment import checked

        found |= checked(ROWS, given)
    # With the usual few dozen names, one pass costs less than look-ups that all miss.
    if not _VARIABLES.isdisjoint(environ):
        from hellokit.environment import read

        found |= read([row for row in _TABLE if row.name not in found], environ)
    environment = found["environment"][0] if "environment" in found else None
    return Resolved({row.name: found.get(row.name) or _unsaid(row, environment) for row in _TABLE})


def _unsaid(row: SettingRow, environment: str | None) -> tuple[Any, str]:
    if environment is None or not row.profiles:
        return row.default, "default"
    from hellokit.environment import ENVIRONMENTS

    return row.profiles[ENVIRONMENTS.index(environment)], f"profile {environment}"
