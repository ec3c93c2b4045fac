from __future__ import annotations

import copy
import pickle
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import pytest
from expected_settings import PROFILES, TABLE
from hypothesis import given
from hypothesis import strategies as st

from hellokit import Kit
from hellokit.configuration import Settings, setting_rows


def values(settings: Settings) -> dict[str, Any]:
    """Return all settings but the origins."""
    return {name: getattr(settings, name) for name in TABLE}


# The class


def test_the_fields_of_the_class_are_the_rows() -> None:
    """No field escapes the table."""
    public = [field.name for field in attrs.fields(Settings) if not field.name.startswith("_")]
    assert public == [row.name for row in setting_rows()]


@pytest.mark.parametrize("row", setting_rows(), ids=lambda row: row.name)
def test_the_type_of_a_field_is_that_of_its_row(row: Any) -> None:
    """What a type checker allows is what the table allows: words, None, the defaults' types."""
    hint = get_type_hints(Settings, localns={"Literal": Literal})[row.name]
    union = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    kinds = [get_origin(each) or each for each in union]
    words = [word for each in union if get_origin(each) is Literal for word in get_args(each)]
    assert (NoneType in kinds) == row.kind.optional
    assert not words or row.kind.allowed.startswith(f"one of {', '.join(words)}")
    for value in (row.default, *row.profiles):
        assert value in words or type(value) in kinds


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


# The settings of a kit


def test_a_kit_keeps_the_settings_it_started_with(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A kit reads the environment once, warnings included, at its first greeting."""
    monkeypatch.setenv("ENVIRONMENT", "prod")
    monkeypatch.setenv("PERF_BATCH_SIZE", "8")
    monkeypatch.setenv("DEBUG", "app:*")
    expected = Settings.from_environ()
    caplog.clear()
    with Kit(discover=False) as kit:
        kit.greet("Ada")
        monkeypatch.setenv("PERF_BATCH_SIZE", "9")
        assert kit.settings() == expected
        assert kit.settings().origins == expected.origins
        assert kit.settings() is kit.settings()
    assert kit.settings().batch_size == 8
    assert len(caplog.records) == 1


def test_asking_for_the_settings_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read then holds when the kit starts."""
    monkeypatch.setenv("HELLOKIT_ISOLATE", "always")
    with Kit(discover=False) as kit:
        assert kit.settings().isolate == "always"
        assert kit._engine is None
        monkeypatch.delenv("HELLOKIT_ISOLATE")
        assert kit.greet("Ada") == "Hello, \u2068Ada\u2069!"


def test_a_kit_hands_out_the_settings_it_was_given() -> None:
    """The very object, before and after the start."""
    settings = Settings(batch_size=8)
    with Kit(settings, discover=False) as kit:
        assert kit.settings() is settings
        kit.greet("Ada")
        assert kit.settings() is settings


def test_configuring_a_started_kit_keeps_what_its_variables_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`configure` changes what it names; the variables of the start still count."""
    monkeypatch.setenv("PERF_BATCH_SIZE", "8")
    with Kit(discover=False) as kit:
        kit.greet("Ada")
        monkeypatch.delenv("PERF_BATCH_SIZE")
        kit.configure(isolate="always")
        assert kit.settings() == Settings(batch_size=8, isolate="always")
        assert kit.settings().origins["batch_size"] == "variable PERF_BATCH_SIZE"
        assert kit.greet("Ada") == "Hello, \u2068Ada\u2069!"
