from __future__ import annotations

import logging
from typing import Any

import pytest
from expected_settings import AMOUNTS, COUNTS, FLAGS, LENIENT, PROFILES, TABLE, VARIABLES
from hypothesis import given
from hypothesis import strategies as st

from hellokit.configuration import Settings, setting_rows
from hellokit.environment import shown, written
from hellokit.errors import HellokitError, LocaleError, SettingsError

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
