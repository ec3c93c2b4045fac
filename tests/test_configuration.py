from __future__ import annotations

import copy
import json
import logging
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit.environment import shown, written
from hellokit.errors import HellokitError, LocaleError, SettingsError
from hellokit.configuration import Settings, setting_rows

PROFILES = ("development", "staging", "production")


class Expected(NamedTuple):
    """One row of the design's table, written by hand."""

    variables: tuple[str, ...]
    default: Any
    profiles: tuple[Any, ...]
    text: str  # what a variable says ...
    value: Any  # ... and what it means: neither the default nor a profile's value


ROWS: dict[str, tuple[tuple[str, ...], Any, tuple[Any, ...], str, Any]] = {
    "environment": (("HELLOKIT_ENVIRONMENT", "ENVIRONMENT"), None, (), "staging", "staging"),
    "backend": (("HELLOKIT_BACKEND",), "plain", (), "cached+plain", "cached+plain"),
    "locale": (("HELLOKIT_LOCALE",), "en", (), "pt_BR.UTF-8", "pt-BR"),
    "isolate": (("HELLOKIT_ISOLATE",), "auto", (), "never", "never"),
    "metrics": (("HELLOKIT_METRICS",), "full", ("full", "full", "sampled"), "count", "count"),
    "enable_profiling": (
        ("HELLOKIT_ENABLE_PROFILING", "PERF_ENABLE_PROFILING"),
        False,
        (True, True, False),
        "yes",
        True,
    ),
    "enable_memory_tracking": (
        ("HELLOKIT_ENABLE_MEMORY_TRACKING", "PERF_ENABLE_MEMORY"),
        True,
        (),
        "off",
        False,
    ),
    "log_performance_metrics": (
        ("HELLOKIT_LOG_PERFORMANCE_METRICS", "PERF_LOG_METRICS"),
        True,
        (),
        "0",
        False,
    ),
    "performance_log_file": (
        ("HELLOKIT_PERFORMANCE_LOG_FILE", "PERF_LOG_FILE"),
        None,
        (),
        "logs/h.log",
        "logs/h.log",
    ),
    "max_concurrent": (
        ("HELLOKIT_MAX_CONCURRENT", "PERF_MAX_CONCURRENT"),
        50,
        (25, 75, 100),
        "7",
        7,
    ),
    "batch_size": (("HELLOKIT_BATCH_SIZE", "PERF_BATCH_SIZE"), 100, (50, 250, 500), "1", 1),
    "async_timeout_s": (("HELLOKIT_ASYNC_TIMEOUT_S", "PERF_ASYNC_TIMEOUT"), 30.0, (), "0.5", 0.5),
    "time_threshold_s": (
        ("HELLOKIT_TIME_THRESHOLD_S", "PERF_TIME_THRESHOLD"),
        1.0,
        (),
        "1e-3",
        0.001,
    ),
    "memory_threshold_mb": (
        ("HELLOKIT_MEMORY_THRESHOLD_MB", "PERF_MEMORY_THRESHOLD"),
        100.0,
        (),
        "64",
        64.0,
    ),
    "cache_enabled": (("HELLOKIT_CACHE_ENABLED", "PERF_CACHE_ENABLED"), True, (), "no", False),
    "cache_max_entries": (("HELLOKIT_CACHE_MAX_ENTRIES",), 4096, (), "10", 10),
    "cache_ttl_s": (("HELLOKIT_CACHE_TTL",), 86400.0, (), "60", 60.0),
    "lazy_loading": (("HELLOKIT_LAZY_LOADING", "PERF_LAZY_LOADING"), True, (), "FALSE", False),
    "debug": (("HELLOKIT_DEBUG", "DEBUG"), False, (True, True, False), "1", True),
    "verbose_logging": (
        ("HELLOKIT_VERBOSE_LOGGING", "VERBOSE_LOGGING"),
        False,
        (True, False, False),
        "On",
        True,
    ),
    "strict": (("HELLOKIT_STRICT",), False, (), "1", True),
    "disable_plugins": (
        ("HELLOKIT_DISABLE_PLUGINS",),
        (),
        (),
        " redis, log,,redis ",
        ("redis", "log"),
    ),
}
TABLE = {name: Expected(*row) for name, row in ROWS.items()}
PROFILED = {name: row for name, row in TABLE.items() if row.profiles}
VARIABLES = [(name, variable) for name, row in TABLE.items() for variable in row.variables]
FLAGS = [name for name, row in TABLE.items() if isinstance(row.default, bool)]
COUNTS = ["max_concurrent", "batch_size", "cache_max_entries"]
AMOUNTS = ["async_timeout_s", "time_threshold_s", "memory_threshold_mb", "cache_ttl_s"]
LENIENT = {"environment": "ENVIRONMENT", "debug": "DEBUG", "verbose_logging": "VERBOSE_LOGGING"}


def values(settings: Settings) -> dict[str, Any]:
    """Return all settings but the origins."""
    return {name: getattr(settings, name) for name in TABLE}


# The table


def test_the_table_in_code_is_the_one_of_the_design() -> None:
    """The rows in code are those written here by hand, variables and profiles included."""
    rows = {row.name: (row.variables, row.default, row.profiles) for row in setting_rows()}
    assert rows == {name: (row.variables, row.default, row.profiles) for name, row in TABLE.items()}


def test_each_row_says_what_it_is_and_what_it_allows() -> None:
    """Documentation and the command can be made from the rows alone."""
    for row in setting_rows():
        assert row.doc.endswith(".")
        assert row.kind.allowed
        assert row.kind.spelled


def test_no_variable_belongs_to_two_settings() -> None:
    """A variable sets one setting."""
    names = [variable for _, variable in VARIABLES]
    assert len(names) == len(set(names))


def test_the_fields_of_the_class_are_the_rows() -> None:
    """No field escapes the table."""
    public = [field.name for field in attrs.fields(Settings) if not field.name.startswith("_")]
    assert public == [row.name for row in setting_rows()]


@pytest.mark.parametrize("row", setting_rows(), ids=lambda row: row.name)
def test_every_value_of_the_table_passes_its_own_check(row: Any) -> None:
    """Defaults and profiles are values that may also be given, and are kept unchanged."""
    for value in (row.default, *row.profiles):
        kept = row.kind.checked(row.name, value)
        assert (kept, type(kept)) == (value, type(value))


# Where values come from


@pytest.mark.parametrize("name", TABLE)
def test_default_where_nothing_is_said(name: str) -> None:
    """Without argument, variable and environment the default counts."""
    for settings in (Settings(), Settings.from_environ({})):
        assert getattr(settings, name) == TABLE[name].default
        assert settings.origins[name] == "default"


@pytest.mark.parametrize("environment", PROFILES)
@pytest.mark.parametrize("name", [name for name in TABLE if name != "environment"])
def test_profile_of_the_environment(name: str, environment: Any) -> None:
    """A profile's value counts where it has one, and the default elsewhere."""
    row = TABLE[name]
    expected, origin = row.default, "default"
    if row.profiles:
        expected, origin = row.profiles[PROFILES.index(environment)], f"profile {environment}"
    for settings in (
        Settings(environment=environment),
        Settings.from_environ({"HELLOKIT_ENVIRONMENT": environment}),
        Settings.from_environ({"ENVIRONMENT": environment}),
        Settings.from_environ({}, environment=environment),
    ):
        assert getattr(settings, name) == expected
        assert settings.origins[name] == origin


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_each_variable_sets_its_setting_and_no_other(name: str, variable: str) -> None:
    """A variable's text is read, and its name kept as the origin."""
    settings = Settings.from_environ({variable: TABLE[name].text})
    assert getattr(settings, name) == TABLE[name].value
    assert settings.origins[name] == f"variable {variable}"
    others = {other for other, origin in settings.origins.items() if origin.startswith("variable")}
    assert others == {name}


@pytest.mark.parametrize("name", TABLE)
def test_an_argument_sets_its_setting(name: str) -> None:
    """A given value is kept, and said to be an argument."""
    settings = Settings(**{name: TABLE[name].value})
    assert getattr(settings, name) == TABLE[name].value
    assert settings.origins[name] == "argument"


def test_the_constructor_reads_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Settings()` is the same whatever the process's variables say."""
    monkeypatch.setenv("HELLOKIT_BATCH_SIZE", "3")
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert Settings() == Settings.from_environ({})


def test_the_variables_of_the_process_are_read_unless_others_are_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`from_environ()` reads `os.environ` as it is at the call."""
    monkeypatch.setenv("HELLOKIT_BATCH_SIZE", "3")
    assert Settings.from_environ().batch_size == 3
    assert Settings.from_environ(environ={}).batch_size == 100


# Precedence

LEVELS: dict[str, tuple[dict[str, str], dict[str, Any], int]] = {
    # level: the variables, the arguments, and the max_concurrent that comes of it
    "argument": ({}, {"max_concurrent": 1}, 1),
    "variable HELLOKIT_MAX_CONCURRENT": ({"HELLOKIT_MAX_CONCURRENT": "2"}, {}, 2),
    "variable PERF_MAX_CONCURRENT": ({"PERF_MAX_CONCURRENT": "3"}, {}, 3),
    "profile staging": ({"ENVIRONMENT": "staging"}, {}, 75),
    "default": ({}, {}, 50),
}
PAIRS = [
    (higher, lower) for index, higher in enumerate(LEVELS) for lower in list(LEVELS)[index + 1 :]
]


@pytest.mark.parametrize(("higher", "lower"), PAIRS)
def test_the_higher_level_wins(higher: str, lower: str) -> None:
    """Of two levels that both say something, the higher one counts."""
    environ = LEVELS[lower][0] | LEVELS[higher][0]
    settings = Settings.from_environ(environ, **(LEVELS[lower][1] | LEVELS[higher][1]))
    assert settings.max_concurrent == LEVELS[higher][2]
    assert settings.origins["max_concurrent"] == higher


@given(st.sets(st.sampled_from(list(LEVELS))))
def test_the_highest_level_present_wins(present: set[str]) -> None:
    """Whatever levels say something, the first of the documented order counts."""
    environ: dict[str, str] = {}
    arguments: dict[str, Any] = {}
    for level in present:
        environ |= LEVELS[level][0]
        arguments |= LEVELS[level][1]
    winner = next(level for level in LEVELS if level in present or level == "default")
    settings = Settings.from_environ(environ, **arguments)
    assert settings.max_concurrent == LEVELS[winner][2]
    assert settings.origins["max_concurrent"] == winner


@pytest.mark.parametrize("environment", PROFILES)
@pytest.mark.parametrize("name", PROFILED)
def test_no_profile_overrides_a_variable(name: str, environment: str) -> None:
    """An explicit variable beats the environment's profile, for each profiled setting."""
    row = TABLE[name]
    for variable in row.variables:
        settings = Settings.from_environ({"ENVIRONMENT": environment, variable: row.text})
        assert getattr(settings, name) == row.value
        assert settings.origins[name] == f"variable {variable}"


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if len(row.variables) > 1])
def test_the_twin_wins_over_the_plain_variable(name: str) -> None:
    """Each HELLOKIT_ variable is read before the plain one."""
    row = TABLE[name]
    other = written(row.default) if name != "environment" else "production"
    settings = Settings.from_environ({row.variables[0]: row.text, row.variables[1]: other})
    assert getattr(settings, name) == row.value
    assert settings.origins[name] == f"variable {row.variables[0]}"


def test_the_environment_that_wins_chooses_the_profile() -> None:
    """The profile follows the environment's own precedence."""
    environ = {"HELLOKIT_ENVIRONMENT": "staging", "ENVIRONMENT": "production"}
    assert Settings.from_environ(environ).max_concurrent == 75
    assert Settings.from_environ(environ, environment="development").max_concurrent == 25


def test_no_environment_can_be_asked_for() -> None:
    """None, or `none` in the strict variable, keeps the application's environment out."""
    environ = {"ENVIRONMENT": "production"}
    assert Settings.from_environ(environ, environment=None).max_concurrent == 50
    settings = Settings.from_environ(environ | {"HELLOKIT_ENVIRONMENT": "None"})
    assert (settings.environment, settings.max_concurrent) == (None, 50)


def test_what_is_overridden_is_not_looked_at(caplog: pytest.LogCaptureFixture) -> None:
    """A bad value that cannot matter is neither an error nor a warning."""
    environ = {
        "HELLOKIT_BATCH_SIZE": "nine",
        "HELLOKIT_DEBUG": "1",
        "DEBUG": "nine",
        "HELLOKIT_MAX_CONCURRENT": "4",
        "PERF_MAX_CONCURRENT": "nine",
    }
    settings = Settings.from_environ(environ, batch_size=9)
    assert (settings.batch_size, settings.debug, settings.max_concurrent) == (9, True, 4)
    assert caplog.records == []


# How variables are written


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_an_empty_variable_counts_as_not_set(
    name: str, variable: str, blank: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A variable that holds nothing, or space alone, says nothing."""
    settings = Settings.from_environ({variable: blank})
    assert settings == Settings()
    assert settings.origins[name] == "default"
    assert caplog.records == []


def test_an_empty_variable_lets_the_next_one_speak() -> None:
    """The plain variable is read where the twin is empty."""
    environ = {"HELLOKIT_BATCH_SIZE": "", "PERF_BATCH_SIZE": " 8 "}
    assert Settings.from_environ(environ).batch_size == 8


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, True) for text in ("1", "TRUE", "Yes", " on ")],
        *[(text, False) for text in ("0", "False", "no", "oFF")],
    ],
)
def test_flags_are_written_in_four_ways_in_any_case(name: str, text: str, value: object) -> None:
    """1/0, true/false, yes/no and on/off are understood by every flag's variables."""
    for variable in TABLE[name].variables:
        assert getattr(Settings.from_environ({variable: text}), name) is value


@pytest.mark.parametrize("name", ["environment", "performance_log_file", "async_timeout_s"])
def test_none_is_written_none(name: str) -> None:
    """A variable says None, in any case, where the setting may be None."""
    environ = {TABLE[name].variables[0]: "None", TABLE[name].variables[1]: TABLE[name].text}
    settings = Settings.from_environ(environ)
    assert getattr(settings, name) is None
    assert settings.origins[name] == f"variable {TABLE[name].variables[0]}"


@pytest.mark.parametrize("text", ["all", "ALL", " All ,"])
def test_all_plugins_are_disabled_in_any_case(text: str) -> None:
    """`ALL` is not taken for the name of a plugin."""
    assert Settings.from_environ({"HELLOKIT_DISABLE_PLUGINS": text}).disable_plugins == ("all",)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "environment": st.sampled_from([None, *PROFILES]),
            "metrics": st.sampled_from(["full", "sampled", "count", "off"]),
            "isolate": st.sampled_from(["auto", "always", "never"]),
            **dict.fromkeys(FLAGS, st.booleans()),
            **dict.fromkeys(COUNTS, st.integers(min_value=1)),
            **dict.fromkeys(AMOUNTS, st.floats(0, exclude_min=True, allow_infinity=False)),
            "async_timeout_s": st.none() | st.floats(0, 1e9, exclude_min=True),
            "disable_plugins": st.lists(
                st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True), min_size=1, unique=True
            ).map(tuple),
        },
    )
)
def test_what_is_written_reads_back(given: dict[str, Any]) -> None:
    """Each value, written as `hellokit config` writes it, is read back as itself."""
    settings = Settings(**given)
    environ = {
        row.variable: written(getattr(settings, row.name))
        for row in setting_rows()
        if row.name in given
    }
    assert Settings.from_environ(environ) == settings


# Bad values

BAD_ARGUMENTS = [
    *[(name, value) for name in FLAGS for value in (1, 0, None, "true", "")],
    *[(name, value) for name in COUNTS for value in (0, -1, True, False, 1.0, "5", None)],
    *[(name, float(value)) for name in AMOUNTS for value in ("0", "-1", "nan", "inf", "-inf")],
    *[(name, value) for name in AMOUNTS for value in (True, "5", 10**400, b"5")],
    *[(name, None) for name in AMOUNTS if name != "async_timeout_s"],
    ("environment", "prod"),
    ("environment", "Production"),
    ("environment", 1),
    ("metrics", "some"),
    ("metrics", None),
    ("metrics", True),
    ("isolate", "sometimes"),
    ("isolate", True),
    ("backend", ""),
    ("backend", " "),
    ("backend", None),
    ("backend", b"plain"),
    ("locale", "not a tag"),
    ("locale", ""),
    ("locale", None),
    ("locale", 5),
    ("performance_log_file", ""),
    ("performance_log_file", "a\0b"),
    ("performance_log_file", b"a"),
    ("performance_log_file", 5),
    ("performance_log_file", True),
    ("disable_plugins", "redis"),
    ("disable_plugins", None),
    ("disable_plugins", ("redis", "")),
    ("disable_plugins", ("redis", 5)),
]


@pytest.mark.parametrize(("name", "value"), BAD_ARGUMENTS, ids=repr)
def test_a_bad_argument_is_named_with_its_value_and_what_is_allowed(name: str, value: Any) -> None:
    """Construction, `from_environ` and `evolve` refuse the same values with the same message."""
    allowed = next(row.kind.allowed for row in setting_rows() if row.name == name)
    for make in (
        Settings,
        Settings().evolve,
        lambda **changes: Settings.from_environ({}, **changes),
    ):
        with pytest.raises(SettingsError) as caught:
            make(**{name: value})
        assert str(caught.value) == f"{name} is {shown(value)}: use {allowed}"


BAD_TEXTS = [
    *[(name, text) for name in FLAGS for text in ("2", "maybe", "t", "none", "tru e", "١")],
    *[(name, text) for name in COUNTS for text in ("0", "-1", "+5", "5.0", "1_000", "٣", "many")],
    *[(name, text) for name in AMOUNTS for text in ("0", "-1", "nan", "inf", "1e400", "5s")],
    *[(name, text) for name in AMOUNTS for text in ("1_0", "٣", "1,5", "1e-400", "")],
    *[(name, "none") for name in [*AMOUNTS, *COUNTS] if name != "async_timeout_s"],
    *[(name, "9" * 5000) for name in COUNTS],
    ("environment", "prod"),
    ("environment", "PRODUCTION"),
    ("environment", "testing"),
    ("metrics", "Full"),
    ("metrics", "on"),
    ("isolate", "1"),
    ("locale", "not a tag"),
    ("performance_log_file", "a\0b"),
]


@pytest.mark.parametrize(
    ("name", "text"), [bad for bad in BAD_TEXTS if bad[1]], ids=lambda text: text[:20]
)
def test_a_bad_variable_is_named_with_its_value_and_what_is_allowed(name: str, text: str) -> None:
    """Each strict variable refuses what it does not know."""
    spelled = next(row.kind.spelled for row in setting_rows() if row.name == name)
    for variable in TABLE[name].variables:
        if variable in LENIENT.values():
            continue
        with pytest.raises(SettingsError) as caught:
            Settings.from_environ({variable: text})
        expected = f"{variable} is {shown(text)}: set it to {spelled}, or unset it"
        assert str(caught.value) == expected


def test_the_messages_read_well() -> None:
    """The messages, spelled out once."""
    with pytest.raises(SettingsError) as argument:
        Settings(max_concurrent=0)
    assert str(argument.value) == "max_concurrent is 0: use a whole number, at least 1"
    with pytest.raises(SettingsError) as variable:
        Settings.from_environ({"PERF_ASYNC_TIMEOUT": "soon"})
    assert str(variable.value) == (
        "PERF_ASYNC_TIMEOUT is 'soon': "
        "set it to a finite number of seconds above 0, or none, or unset it"
    )
    with pytest.raises(SettingsError) as flag:
        Settings.from_environ({"HELLOKIT_DEBUG": "maybe"})
    assert str(flag.value) == (
        "HELLOKIT_DEBUG is 'maybe': "
        "set it to 1, true, yes or on, or to 0, false, no or off, or unset it"
    )


def test_a_bad_locale_keeps_its_cause() -> None:
    """The settings error carries the locale error as its cause."""
    with pytest.raises(SettingsError) as caught:
        Settings(locale="not a tag")
    assert isinstance(caught.value.__cause__, LocaleError)


def test_a_settings_error_is_a_value_error() -> None:
    """Callers that know nothing of hellokit's errors can catch it."""
    assert issubclass(SettingsError, ValueError)
    assert issubclass(SettingsError, HellokitError)


@given(
    st.text()
    | st.binary()
    | st.integers()
    | st.lists(st.text())
    | st.dictionaries(st.text(), st.text())
)
def test_a_value_in_a_message_is_bounded_and_escaped(value: Any) -> None:
    """Whatever a value holds, what is shown of it is short and can be printed."""
    text = shown(value)
    assert len(text) <= 203
    assert text.isprintable()


def test_hostile_values_are_shown_harmlessly() -> None:
    """Escape sequences, bidi overrides, broken reprs and huge values do no harm in a message."""

    class Hostile:
        def __repr__(self) -> str:
            return "\x1b[2J\u202e" * 1000

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    for value in (Hostile(), Broken(), -(10**5000), "\x1b]0;x\x07\u202e" * 999, "\udc80"):
        with pytest.raises(SettingsError) as caught:
            Settings(batch_size=value)  # type: ignore[arg-type]  # the point of the test
        message = str(caught.value)
        assert message.isprintable()
        assert message.isascii()
        assert len(message) < 300


def test_a_mapping_of_something_else_than_text_is_refused() -> None:
    """Variables are text: a number in the mapping is a mistake of the caller."""
    with pytest.raises(SettingsError, match="PERF_BATCH_SIZE is 5: variables hold text"):
        Settings.from_environ({"PERF_BATCH_SIZE": 5})  # type: ignore[dict-item]  # the point


@pytest.mark.parametrize(
    "make", [Settings, Settings.from_environ, Settings().evolve], ids=["new", "environ", "evolve"]
)
def test_an_unknown_setting_lists_near_misses_and_all_names(make: Any) -> None:
    """A misspelt setting is answered with what was meant."""
    with pytest.raises(SettingsError) as caught:
        make(max_concurent=3)
    message = str(caught.value)
    assert message.startswith(
        "there is no setting 'max_concurent': did you mean max_concurrent? The settings are "
    )
    assert all(name in message for name in TABLE)


def test_an_unknown_setting_without_near_miss_lists_all_names() -> None:
    """Where nothing is near, the names there are remain."""
    nameless: dict[str, Any] = {"zzz\x1b": 1}
    with pytest.raises(SettingsError) as caught:
        Settings(**nameless)
    assert str(caught.value) == (f"there is no setting 'zzz\\x1b': use one of {', '.join(TABLE)}")


# The three variables of the whole application


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        *[(text, "development") for text in ("dev", "Develop", "devel", " DEVELOPMENT")],
        *[(text, "staging") for text in ("stage", "STG", " Staging ")],
        *[(text, "production") for text in ("prod", "PRD", "\tProduction\n")],
    ],
)
def test_short_forms_of_the_environment(
    text: str, environment: str, caplog: pytest.LogCaptureFixture
) -> None:
    """ENVIRONMENT is understood in the usual short forms, in any case, with space around."""
    settings = Settings.from_environ({"ENVIRONMENT": text})
    assert settings.environment == environment
    assert settings.origins["environment"] == "variable ENVIRONMENT"
    assert caplog.records == []


@pytest.mark.parametrize("name", ["debug", "verbose_logging"])
@pytest.mark.parametrize(
    ("text", "value"), [("t", True), ("Y", True), ("enabled", True), ("f", False), ("N", False)]
)
def test_short_forms_of_the_application_wide_flags(name: str, text: str, value: object) -> None:
    """DEBUG and VERBOSE_LOGGING also take short forms that the strict flags refuse."""
    assert getattr(Settings.from_environ({LENIENT[name]: f" {text} "}), name) is value


@pytest.mark.parametrize("name", LENIENT)
@pytest.mark.parametrize("text", ["testing", "app:*", "none", "2", "\x1b[2J" * 100])
def test_an_unknown_value_of_the_application_is_ignored_with_one_warning(
    name: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The value counts as not said, and each read warns once, by the logger `hellokit`."""
    settings = Settings.from_environ({LENIENT[name]: text})
    assert settings == Settings()
    assert settings.origins[name] == "default"
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("hellokit", logging.WARNING)
    message = record.getMessage()
    assert message.startswith(f"{LENIENT[name]} is {shown(text)}, which is none of ")
    assert f"HELLOKIT_{LENIENT[name]}" in message
    assert message.isprintable()
    Settings.from_environ({LENIENT[name]: text})
    assert len(caplog.records) == 2


def test_an_ignored_value_leaves_the_profile_in_force() -> None:
    """What DEBUG does not say, the profile says."""
    settings = Settings.from_environ({"DEBUG": "app:*", "ENVIRONMENT": "dev"})
    assert (settings.debug, settings.origins["debug"]) == (True, "profile development")


# The object


def test_locale_is_kept_in_canonical_form() -> None:
    """However it is written, the tag is stored in one form."""
    assert Settings(locale="zh_hant_tw").locale == "zh-Hant-TW"


def test_numbers_are_kept_as_the_type_of_the_setting() -> None:
    """An int for an amount becomes a float."""
    assert isinstance(Settings(time_threshold_s=2).time_threshold_s, float)


def test_a_path_is_kept_as_text() -> None:
    """A `Path` is as good as a string."""
    settings = Settings(performance_log_file=Path("a.log"))  # type: ignore[arg-type]  # kept as str
    assert settings.performance_log_file == "a.log"


@pytest.mark.parametrize("plugins", [["b", "a", "b"], ("b", "a"), ["b ", "a"]])
def test_disabled_plugins_are_kept_once_each_in_order(plugins: Any) -> None:
    """Any sequence is taken, and stored as a tuple without repetition."""
    assert Settings(disable_plugins=plugins).disable_plugins == ("b", "a")


def test_a_set_of_disabled_plugins_is_kept_in_a_fixed_order() -> None:
    """A set gives the same settings in every process."""
    plugins: Any = {"c", "a", "b"}
    assert Settings(disable_plugins=plugins).disable_plugins == ("a", "b", "c")


def test_settings_are_frozen() -> None:
    """No value and no origin can be changed in place."""
    settings = Settings()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        settings.batch_size = 3  # type: ignore[misc]  # the point of the test
    with pytest.raises(TypeError):
        settings.origins["batch_size"] = "x"  # type: ignore[index]  # the point of the test


def test_settings_are_given_by_name_only() -> None:
    """A positional argument is refused by Python itself."""
    with pytest.raises(TypeError):
        Settings("production")  # type: ignore[call-arg]  # the point of the test


def test_equality_and_hash_go_by_values_not_by_origins() -> None:
    """Two settings that say the same are the same, wherever it came from."""
    left, right = Settings(batch_size=100), Settings()
    assert left == right
    assert hash(left) == hash(right)
    assert left.origins != right.origins
    assert "origin" not in repr(left)


def test_origins_cover_every_setting_in_order() -> None:
    """The command can walk settings and origins side by side."""
    assert list(Settings().origins) == list(TABLE)


def pickled(settings: Settings) -> Settings:
    """Return what comes back from a pickle."""
    again: Settings = pickle.loads(pickle.dumps(settings))  # noqa: S301  # our own bytes
    return again


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, pickled])
def test_settings_travel(twin: Any) -> None:
    """Copies and pickles keep values and origins."""
    settings = Settings.from_environ({"PERF_BATCH_SIZE": "8", "ENVIRONMENT": "dev"})
    assert twin(settings) == settings
    assert twin(settings).origins == settings.origins


def test_attrs_evolve_keeps_every_value() -> None:
    """The function of attrs works too, though it makes arguments of everything."""
    settings = Settings(batch_size=8, environment="production")
    assert attrs.evolve(settings, strict=True) == settings.evolve(strict=True)


# evolve


def test_evolve_changes_what_is_said_and_leaves_the_original() -> None:
    """The change is an argument; the rest keeps value and origin."""
    settings = Settings.from_environ({"PERF_BATCH_SIZE": "8", "ENVIRONMENT": "dev"})
    changed = settings.evolve(max_concurrent=3)
    assert values(changed) == values(settings) | {"max_concurrent": 3}
    assert changed.origins == dict(settings.origins) | {"max_concurrent": "argument"}
    assert settings.max_concurrent == 25


def test_evolve_without_changes_is_equal() -> None:
    """Nothing said, nothing changed."""
    settings = Settings.from_environ({"PERF_BATCH_SIZE": "8", "ENVIRONMENT": "dev"})
    assert settings.evolve() == settings
    assert settings.evolve().origins == settings.origins


def test_evolve_follows_a_new_environment_but_keeps_what_was_said() -> None:
    """Profile values and defaults follow; arguments and variables of both sorts stay."""
    environ = {"PERF_BATCH_SIZE": "8", "HELLOKIT_DEBUG": "1", "ENVIRONMENT": "dev"}
    settings = Settings.from_environ(environ, metrics="count").evolve(environment="production")
    assert (settings.batch_size, settings.debug, settings.metrics) == (8, True, "count")
    assert settings.origins["batch_size"] == "variable PERF_BATCH_SIZE"
    assert settings.origins["debug"] == "variable HELLOKIT_DEBUG"
    assert settings.origins["metrics"] == "argument"
    assert (settings.max_concurrent, settings.verbose_logging) == (100, False)
    assert settings.origins["max_concurrent"] == "profile production"
    assert settings.origins["environment"] == "argument"


def test_evolve_follows_from_defaults_to_a_profile_and_back() -> None:
    """Without an environment the defaults return."""
    settings = Settings().evolve(environment="staging")
    assert settings == Settings(environment="staging")
    assert settings.evolve(environment=None) == Settings()


@given(
    st.sampled_from([None, *PROFILES]),
    st.sampled_from([None, *PROFILES]),
    st.sets(st.sampled_from([name for name in TABLE if name != "environment"])),
)
def test_evolving_is_the_same_as_having_said_it_at_once(
    before: Any, after: Any, said: set[str]
) -> None:
    """`Settings(a).evolve(b)` equals `Settings(a, b)`, origins included."""
    given = {name: TABLE[name].value for name in said}
    stepwise = Settings(environment=before, **given).evolve(environment=after)
    at_once = Settings(environment=after, **given)
    assert stepwise == at_once
    assert stepwise.origins == at_once.origins


# Start-up


def test_reading_settings_loads_nothing_it_does_not_need() -> None:
    """With nothing bad in the environment, neither logging nor difflib is imported."""
    program = (
        "import json, sys; from hellokit.configuration import Settings; Settings.from_environ();"
        "print(json.dumps([m for m in ('logging', 'difflib', 'asyncio', 'hellokit.wordings.tags')"
        " if m in sys.modules]))"
    )
    environ = {**os.environ, "ENVIRONMENT": "prod", "PERF_BATCH_SIZE": "8"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environ
    )
    assert json.loads(done.stdout) == []
