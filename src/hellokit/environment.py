"""The values of settings: which are allowed, and how a variable spells them.

Surrounding space in a variable is dropped, and a variable with nothing else in it counts as
not set. Where a setting may be None, a variable says so with the word `none`.
"""

from __future__ import annotations

import os

from hellokit.errors import HellokitError, SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Final, TypeAlias

    from hellokit.resolution import SettingRow

    Found: TypeAlias = dict[str, tuple[Any, str]]

ENVIRONMENTS: Final = ("development", "staging", "production")

FLAG_WORDS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
# `testing` is in neither: hellokit has no profile for it, and any guess would change settings.
LENIENT_ENVIRONMENT_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("development", "develop", "devel", "dev"), "development"),
    **dict.fromkeys(("staging", "stage", "stg"), "staging"),
    **dict.fromkeys(("production", "prod", "prd"), "production"),
}
LENIENT_FLAG_WORDS: Final[Mapping[str, bool]] = {
    **FLAG_WORDS,
    **dict.fromkeys(("t", "y", "enabled", "enable"), True),
    **dict.fromkeys(("f", "n", "disabled", "disable"), False),
}
WORDS: Final[Mapping[str, Mapping[str, object]]] = {
    "ENVIRONMENT": LENIENT_ENVIRONMENT_WORDS,
    "DEBUG": LENIENT_FLAG_WORDS,
    "VERBOSE_LOGGING": LENIENT_FLAG_WORDS,
}
"""The variables that belong to the whole application, and what is understood in them."""


class Kind:
    """A kind of value: what is allowed, checked as an argument and read from a variable.

    Args:
        check: returns the value as it is kept, or raises `ValueError`, `TypeError` or
            `OverflowError`.
        allowed: what is allowed as an argument, in words.
        parse: turns a variable's text into something for `check`.
        spelled: what is allowed in a variable, in words; as `allowed` if left out.
        optional: whether None is allowed too.
    """

    __slots__ = ("_check", "_parse", "allowed", "optional", "spelled")

    def __init__(
        self,
        check: Callable[[Any], Any],
        allowed: str,
        *,
        parse: Callable[[str], Any] = str,
        spelled: str | None = None,
        optional: bool = False,
    ) -> None:
        self._check = check
        self._parse = parse
        self.optional = optional
        self.allowed = f"{allowed}, or None" if optional else allowed
        self.spelled = f"{spelled or allowed}, or none" if optional else spelled or allowed

    def checked(self, name: str, value: object) -> Any:
        """Return an argument's value as it is kept.

        Raises:
            SettingsError: if the setting `name` does not allow `value`.
        """
        if value is None and self.optional:
            return None
        try:
            return self._check(value)
        except (ValueError, TypeError, OverflowError) as error:
            message = f"{name} is {shown(value)}: use {self.allowed}"
            raise SettingsError(message) from _cause(error)

    def read(self, variable: str, text: str) -> Any:
        """Return the value that a variable's stripped text spells.

        Raises:
            SettingsError: if `text` spells no value that is allowed.
        """
        if self.optional and text.lower() == "none":
            return None
        try:
            return self._check(self._parse(text))
        except (ValueError, TypeError, OverflowError) as error:
            message = f"{variable} is {shown(text)}: set it to {self.spelled}, or unset it"
            raise SettingsError(message) from _cause(error)


def checked(rows: Mapping[str, SettingRow], given: Mapping[str, Any]) -> Found:
    """Return arguments as they are kept, each with its origin.

    Args:
        rows: the settings there are, by name.
        given: the arguments.

    Raises:
        SettingsError: if there is no such setting, or it does not allow the value.
    """
    for name in given:
        if name not in rows:
            raise _unknown(name, rows)
    return {
        name: (rows[name].kind.checked(name, value), "argument") for name, value in given.items()
    }


PER_CALL = ("formality", "at", "extra")
"""What belongs to a call, and may have a default for a block of code only."""


def _unknown(name: str, rows: Mapping[str, SettingRow]) -> SettingsError:
    from difflib import get_close_matches

    if name in PER_CALL:
        return SettingsError(f"{name} is no setting but an option of a call: use({name}=...)")
    near = " or ".join(get_close_matches(name[:60].lower(), rows))
    hint = f"did you mean {near}? The settings are" if near else "use one of"
    return SettingsError(f"there is no setting {shown(name)}: {hint} {', '.join(rows)}")


def read(rows: Iterable[SettingRow], environ: Mapping[str, str]) -> Found:
    """Return what variables say about these settings, each value with its origin.

    Raises:
        SettingsError: if a variable has a value that is not allowed; a variable of the whole
            application is ignored instead, with a warning.
    """
    values = {row.name: _read_row(row, environ) for row in rows}
    return {name: value for name, value in values.items() if value is not None}


def _read_row(row: SettingRow, environ: Mapping[str, str]) -> tuple[Any, str] | None:
    for variable in row.variables:
        text = _variable_text(environ, variable)
        if not text:
            continue
        words = WORDS.get(variable)
        if words is None:
            return row.kind.read(variable, text), f"variable {variable}"
        if text.lower() in words:
            return words[text.lower()], f"variable {variable}"
        _warn_ignored(row, text, words)
    return None


def _variable_text(environ: Mapping[str, str], variable: str) -> str:
    raw = environ.get(variable, "")
    if isinstance(raw, str):
        return raw.strip()
    raise SettingsError(f"{variable} is {shown(raw)}: variables hold text, pass a str")


def _warn_ignored(row: SettingRow, text: str, words: Iterable[str]) -> None:
    import logging

    logging.getLogger("hellokit").warning(
        "%s is %s, which is none of %s: ignored; %s is read before it",
        row.plain,
        shown(text),
        ", ".join(words),
        row.variable,
    )


def shown(value: object) -> str:
    r"""Return a value as an error may show it: bounded, with whatever cannot be seen escaped.

    >>> print(shown("\x1b[2J" + "x" * 1000))
    '\x1b[2Jxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxx'
    """
    from reprlib import Repr

    bounded = Repr()
    bounded.maxstring = bounded.maxother = 60
    try:
        text = bounded.repr(value)
    except ValueError:  # an int too long for the interpreter to write down
        text = f"<{type(value).__name__}>"
    if not text.isprintable():
        text = text.encode("unicode_escape").decode("ascii")
    return text if len(text) <= 200 else f"{text[:200]}..."  # noqa: PLR2004  # two lines or so


def written(value: object) -> str:
    """Return a setting's value as a variable spells it.

    >>> written(True), written(None), written(("redis", "log"))
    ('true', 'none', 'redis,log')
    """
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _cause(error: Exception) -> Exception | None:
    return error if isinstance(error, HellokitError) else None


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return int(value)
    raise ValueError


def _amount(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
        if 0 < number < float("inf"):
            return number
    raise ValueError


def _ratio(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise ValueError


def _text(value: object) -> str:
    if isinstance(value, str) and value.strip():
        return str(value)
    raise ValueError


def _path(value: object) -> str:
    path = os.fspath(value)  # type: ignore[call-overload]  # raises TypeError for the rest
    if isinstance(path, str) and path.strip() and "\0" not in path:
        return path
    raise ValueError


def _folder(value: object) -> str:
    # Processes meet there, and one that changes its working directory must not miss the others.
    return os.path.abspath(_path(value))  # noqa: PTH100  # no path is followed before it is used


def _tag(value: object) -> str:
    from hellokit.wordings.tags import canonical

    if isinstance(value, str):
        return canonical(value)
    raise TypeError


def _plugins(value: object) -> tuple[str, ...]:
    if not isinstance(value, tuple | list | set | frozenset):
        raise TypeError
    names = [_text(name).strip() for name in value]
    # "ALL" must not pass for the name of one plugin and leave the rest running.
    names = ["all" if name.lower() == "all" else name for name in names]
    return tuple(dict.fromkeys(sorted(names) if isinstance(value, set | frozenset) else names))


def _read_flag(text: str) -> bool | str:
    return FLAG_WORDS.get(text.lower(), text)


def _read_count(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() else text


def _read_amount(text: str) -> float | str:
    # float() also takes 1_000 and the digits of other scripts: more often a slip than meant.
    return float(text) if text.isascii() and "_" not in text else text


def _read_plugins(text: str) -> tuple[str, ...]:
    return tuple(part for part in map(str.strip, text.split(",")) if part)


def one_of(choices: tuple[str, ...], *, optional: bool = False) -> Kind:
    """Return the kind whose values are these words, spelled exactly so."""

    def check(value: object) -> str:
        if isinstance(value, str) and value in choices:
            return choices[choices.index(value)]
        raise ValueError

    listed = ", ".join(choices)
    return Kind(check, f"one of {listed}", optional=optional)


def amount(unit: str, *, optional: bool = False) -> Kind:
    """Return the kind of a finite number above zero, in this unit."""
    allowed = f"a finite number of {unit} above 0"
    return Kind(_amount, allowed, parse=_read_amount, optional=optional)


KINDS: Final[Mapping[str, Kind]] = {
    "flag": Kind(
        _flag,
        "True or False",
        parse=_read_flag,
        spelled="1, true, yes or on, or to 0, false, no or off",
    ),
    "count": Kind(_count, "a whole number, at least 1", parse=_read_count),
    "seconds": amount("seconds"),
    "optional seconds": amount("seconds", optional=True),
    "megabytes": amount("megabytes"),
    "ratio": Kind(_ratio, "a number from 0 to 1", parse=_read_amount),
    "environment": one_of(ENVIRONMENTS, optional=True),
    "metrics": one_of(("full", "sampled", "count", "off")),
    "confidence": one_of(("medium", "high")),
    "isolate": one_of(("auto", "always", "never")),
    "backend": Kind(_text, "a backend's name or a chain such as cached+plain"),
    "locale": Kind(_tag, "a language tag such as en, fr or pt-BR"),
    "path": Kind(_path, "the path of a file", optional=True),
    "folder": Kind(_folder, "the path of a folder", optional=True),
    "plugins": Kind(
        _plugins,
        "a tuple of plugins' names, or ('all',)",
        parse=_read_plugins,
        spelled="plugins' names with commas between them, or all",
    ),
}
"""The kinds of values that the table of settings names."""
