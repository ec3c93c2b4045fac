"""The settings of a kit, for those who hold them in their hands: a frozen class."""

from __future__ import annotations

import os
from types import MappingProxyType

import attrs

from hellokit.resolution import ROWS, Resolved, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal, Self, TypeVar

    from hellokit.environment import Found
    from hellokit.resolution import SettingRow

    AnySettings = TypeVar("AnySettings", bound="Settings")


def _in_table() -> Any:
    """Return a field: the table has its default and doc, and `resolve` gives its value."""
    return attrs.field()


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

    environment: Literal["development", "staging", "production"] | None = _in_table()
    backend: str = _in_table()
    locale: str = _in_table()
    strict_confidence: Literal["medium", "high"] = _in_table()
    isolate: Literal["auto", "always", "never"] = _in_table()
    metrics: Literal["full", "sampled", "count", "off"] = _in_table()
    metrics_dir: str | None = _in_table()
    enable_profiling: bool = _in_table()
    enable_memory_tracking: bool = _in_table()
    log_performance_metrics: bool = _in_table()
    performance_log_file: str | None = _in_table()
    max_concurrent: int = _in_table()
    batch_size: int = _in_table()
    async_timeout_s: float | None = _in_table()
    time_threshold_s: float = _in_table()
    memory_threshold_mb: float = _in_table()
    error_ratio_threshold: float = _in_table()
    alert_window_s: float = _in_table()
    cache_enabled: bool = _in_table()
    cache_max_entries: int = _in_table()
    cache_ttl_s: float = _in_table()
    lazy_loading: bool = _in_table()
    debug: bool = _in_table()
    verbose_logging: bool = _in_table()
    strict: bool = _in_table()
    disable_plugins: tuple[str, ...] = _in_table()
    _origins: dict[str, str] = attrs.field(init=False, eq=False, repr=False)

    if not TYPE_CHECKING:  # type checkers take the signature from the fields

        def __init__(self, /, **given: Any) -> None:
            _fill(self, resolve({}, given))

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
        return frozen(cls, resolve(os.environ if environ is None else environ, given))

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
        kept: Found = {
            name: (getattr(self, name), origin)
            for name, origin in self._origins.items()
            if origin.startswith(("argument", "variable"))
        }
        return frozen(type(self), resolve({}, changes, kept))


def setting_rows() -> tuple[SettingRow, ...]:
    """Return the table of settings, in the order of the class.

    >>> [row.name for row in setting_rows() if row.plain is None][:2]
    ['backend', 'locale']
    """
    return tuple(ROWS.values())


def frozen(kind: type[AnySettings], resolved: AnySettings | Resolved) -> AnySettings:
    """Return what was resolved as an object of the class `kind`; what is one is left alone."""
    if not isinstance(resolved, Resolved):
        return resolved
    settings = kind.__new__(kind)
    _fill(settings, resolved)
    return settings


def _fill(settings: Settings, resolved: Resolved) -> None:
    assign = object.__setattr__  # the class is frozen
    for name, value in vars(resolved).items():
        assign(settings, name, value)
    assign(settings, "_origins", resolved.origins)
