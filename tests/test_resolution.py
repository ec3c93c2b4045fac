from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from expected_settings import PROFILES, TABLE, VARIABLES
from hypothesis import given
from hypothesis import strategies as st

from hellokit.configuration import Settings, setting_rows
from hellokit.environment import written

PROFILED = {name: row for name, row in TABLE.items() if row.profiles}


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


def test_a_first_greeting_resolves_with_one_small_module() -> None:
    """Where nothing is said, values come from the table alone: no attrs, no class, no checks."""
    program = (
        "import json, os, sys, hellokit; before = set(sys.modules);"
        "from hellokit.resolution import resolve; resolve(os.environ, {});"
        "print(json.dumps(sorted(set(sys.modules) - before)));"
        "hellokit.greet('Ada'); assert 'hellokit.configuration' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == ["hellokit.resolution"]
