"""The backend `simulated`: what becomes of its calls, and how it is told."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from random import Random
from statistics import fmean, median
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hellokit_bench
from hellokit import Kit, Request, Settings, SettingsError
from hellokit_bench import Simulated, SimulatedError
from hellokit_bench.latency import latency

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit that has nothing but what is built in."""
    with Kit(Settings(), discover=False) as kit:
        yield kit


def fates(backend: Simulated, kit: Kit, calls: int = 40) -> list[bool]:
    """Return which of so many calls fail, one after the other."""
    undo = kit.register_backend("far", backend)
    items = ["Ada"] * calls
    greeted = kit.greet_many(items, backend="far", concurrency=1, on_error="return")
    failed = [not isinstance(each, str) for each in greeted]
    undo()
    return failed


def drawn(text: str, count: int = 4000) -> list[float]:
    """Return so many latencies, in seconds."""
    found = latency(text)
    return [found.draw(Random(number)) for number in range(count)]  # noqa: S311  # not secret


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1ms", 0.001), ("250 us", 0.00025), ("0.5", 0.5), ("0s", 0), (".5ns", 5e-10)],
)
def test_a_time_is_what_each_call_takes(text: str, seconds: float) -> None:
    """It has a unit, or is in seconds."""
    assert drawn(text, 3) == [pytest.approx(seconds)] * 3


def test_distributions_are_what_they_are_called() -> None:
    """Their least, most, mean and median are as they were asked for."""
    uniform = drawn("uniform:1ms-3ms")
    assert min(uniform) >= 0.001
    assert max(uniform) <= 0.003
    assert fmean(uniform) == pytest.approx(0.002, rel=0.05)
    assert fmean(drawn("exponential: 2ms")) == pytest.approx(0.002, rel=0.1)
    assert median(drawn("lognormal:2ms, 0.5")) == pytest.approx(0.002, rel=0.1)


@given(st.text(max_size=30))
def test_whatever_a_latency_says_is_understood_or_refused(text: str) -> None:
    """No text makes it fail in another way, or gives a call less than no time."""
    try:
        found = latency(text)
    except ValueError:
        return
    assert found.draw(Random(1)) >= 0  # noqa: S311  # not secret


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("HELLOKIT_SIMULATED_LATENCY", "soon", "'1ms', 'uniform:1ms-2ms'"),
        ("HELLOKIT_SIMULATED_LATENCY", "uniform:2ms-1ms", "'1ms', 'uniform:1ms-2ms'"),
        ("HELLOKIT_SIMULATED_LATENCY", "uniform:2ms", "'1ms', 'uniform:1ms-2ms'"),
        ("HELLOKIT_SIMULATED_LATENCY", "exponential:0ms", "'1ms', 'uniform:1ms-2ms'"),
        ("HELLOKIT_SIMULATED_LATENCY", "lognormal:1ms,wide", "'1ms', 'uniform:1ms-2ms'"),
        ("HELLOKIT_SIMULATED_LATENCY", "lognormal:1ms,-1", "'1ms', 'uniform:1ms-2ms'"),
        ("HELLOKIT_SIMULATED_LATENCY", "normal:1ms", "'1ms', 'uniform:1ms-2ms'"),
        ("HELLOKIT_SIMULATED_ERROR_RATIO", "5 %", "a number from 0 to 1"),
        ("HELLOKIT_SIMULATED_ERROR_RATIO", "nan", "a number from 0 to 1"),
        ("HELLOKIT_SIMULATED_SEED", "1.5", "a whole number"),
    ],
)
def test_a_bad_variable_is_named(
    variable: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message has the value, and what is allowed."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=rf"{variable} is '{value}': use .*{told}"):
        Simulated()


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("latency", -1.0),
        ("latency", float("nan")),
        ("latency", True),
        ("error_ratio", 1.1),
        ("error_ratio", [0.5]),
        ("seed", 1.5),
        ("seed", True),
    ],
)
def test_a_bad_argument_is_named(argument: str, value: object) -> None:
    """It is refused when the backend is made."""
    with pytest.raises(SettingsError, match=f"^{argument} is "):
        Simulated(**{argument: value})  # type: ignore[arg-type]  # that is the point


def test_an_argument_goes_before_its_variable(monkeypatch: pytest.MonkeyPatch, kit: Kit) -> None:
    """A variable says what no argument says; a blank one says nothing."""
    monkeypatch.setenv("HELLOKIT_SIMULATED_LATENCY", "0")
    monkeypatch.setenv("HELLOKIT_SIMULATED_ERROR_RATIO", "1")
    monkeypatch.setenv("HELLOKIT_SIMULATED_SEED", " ")
    assert all(fates(Simulated(), kit))
    assert not any(fates(Simulated(error_ratio=0), kit))
    assert not Simulated().blocking
    assert Simulated(latency="1us").blocking


def test_a_seed_makes_the_same_calls_fail(kit: Kit) -> None:
    """Without one, others fail each time."""
    twice = [fates(Simulated(0, 0.5, seed=7), kit) for _ in range(2)]
    assert twice[0] == twice[1]
    assert 5 < sum(twice[0]) < 35
    assert fates(Simulated(0, 0.5), kit) != fates(Simulated(0, 0.5), kit)


def test_threads_and_tasks_change_nothing_about_a_seed(kit: Kit) -> None:
    """As many calls fail in threads, in tasks and one after the other."""
    one_by_one = sum(fates(Simulated("10us", 0.3, seed=3), kit, 200))

    kit.register_backend("threads", Simulated("10us", 0.3, seed=3))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: failed(kit, "threads"), range(200)))
    kit.register_backend("tasks", Simulated("10us", 0.3, seed=3))
    asyncio.run(drain(kit, "tasks", 200))
    errors = {name: dict(each.errors) for name, each in kit.metrics().backends.items()}
    assert errors["threads"] == errors["tasks"] == {"SimulatedError": one_by_one}


def failed(kit: Kit, backend: str) -> bool:
    """Tell whether one greeting fails."""
    try:
        kit.greet("Ada", backend=backend)
    except SimulatedError:
        return True
    return False


async def drain(kit: Kit, backend: str, calls: int) -> None:
    """Greet so many, twenty at once."""
    items = ["Ada"] * calls
    async for _ in kit.greet_many_async(items, backend=backend, concurrency=20, on_error="skip"):
        pass


def test_the_installed_backend_is_found_by_its_name() -> None:
    """The message of a failure says what it is for, and how it ends."""
    command = [sys.executable, "-m", "hellokit", "greet", "Ada", "--backend", "simulated"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Hello, Ada!\n")
    told = "call 0 was to fail, as error_ratio is 1: set HELLOKIT_SIMULATED_ERROR_RATIO=0"
    with pytest.raises(SimulatedError, match=told):
        asyncio.run(Simulated(0, 1).hellokit_greet_async(Request("Ada"), lambda _: "Hello"))


def test_the_package_imports_what_is_asked_for() -> None:
    """What there is not is told as Python tells it."""
    assert hellokit_bench.Simulated is Simulated
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        hellokit_bench.nothing  # noqa: B018  # it is the access that raises
