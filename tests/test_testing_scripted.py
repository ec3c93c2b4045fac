"""The helpers for the tests of applications do what they are told, in both colours."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import hellokit
from hellokit import Kit, Settings, SettingsError
from hellokit.testing import ScriptedBackend, capture_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hellokit import Record


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit."""
    with Kit(Settings(), discover=False) as made:
        yield made


def greetings(kit: Kit, scripted: ScriptedBackend, *names: str) -> list[Any]:
    """Greet each, sync and async in turns; return texts and exceptions."""
    kit.register_backend("scripted", scripted)
    found: list[Any] = []
    for number, name in enumerate(names):
        try:
            if number % 2:
                found.append(asyncio.run(kit.greet_async(name, backend="scripted")))
            else:
                found.append(kit.greet(name, backend="scripted"))
        except Exception as error:  # noqa: BLE001  # of whatever kind
            found.append(error)
    return found


def test_it_composes_by_default_and_remembers_requests(kit: Kit) -> None:
    """Without a script it says what the kit does."""
    scripted = ScriptedBackend()
    assert greetings(kit, scripted, "Ada", "Grace") == ["Hello, Ada!", "Hello, Grace!"]
    assert [request.names for request in scripted.requests] == [("Ada",), ("Grace",)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi", ["Hi", "Hi", "Hi"]),
        (["one", "two"], ["one", "two", "one"]),
        (lambda request: request.names[0].upper(), ["ADA", "GRACE", "ALAN"]),
    ],
)
def test_it_says_what_it_is_told(kit: Kit, text: Any, expected: list[str]) -> None:
    """A text, texts in turn, or what a function makes of the request."""
    assert greetings(kit, ScriptedBackend(text=text), "Ada", "Grace", "Alan") == expected


def test_it_fails_by_the_number_of_the_call(kit: Kit) -> None:
    """The exception is the very object; a class is made an object of."""
    late = TimeoutError("late")
    found = greetings(kit, ScriptedBackend(failures={1: late, 2: KeyError}), "Ada", "Ada", "Ada")
    assert found[0] == "Hello, Ada!"
    assert found[1] is late
    assert type(found[2]) is KeyError


def test_it_fails_in_turns(kit: Kit) -> None:
    """A sequence begins anew at its end."""
    error = ValueError("no")
    found = greetings(kit, ScriptedBackend(failures=[None, error]), *["Ada"] * 4)
    assert found == ["Hello, Ada!", error, "Hello, Ada!", error]


def test_it_waits_for_as_long_as_it_is_told(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """One latency for all calls, or one for each; without one it does not wait at all."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    greetings(kit, ScriptedBackend(latency_s=[0.5, 0, 0.25, 0]), *["Ada"] * 6)
    assert waits == [0.5, 0.25, 0.5]


def test_it_blocks_only_if_it_waits() -> None:
    """The kit keeps what waits off an event loop."""
    assert ScriptedBackend(latency_s=0.1).blocking
    assert ScriptedBackend(latency_s=[0, 0.1]).blocking
    assert not ScriptedBackend().blocking
    assert not ScriptedBackend(latency_s=0).blocking


def test_threads_share_the_script(kit: Kit) -> None:
    """Of many calls at once, as many fail as the script says."""
    scripted = ScriptedBackend(failures=[None, None, None, ValueError])
    kit.register_backend("scripted", scripted)
    failed = []

    def work() -> None:
        for _ in range(100):
            try:
                kit.greet("Ada", backend="scripted")
            except ValueError as error:
                failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(failed), len(scripted.requests)) == (100, 400)


@pytest.mark.parametrize(
    "bad",
    [TimeoutError, "no", ["no"], {0: "no"}, {"0": KeyError}, {-1: KeyError}, {True: KeyError}, 3],
)
def test_failures_are_exceptions(bad: Any) -> None:
    """Anything else is refused when it is made, not when it is called."""
    with pytest.raises(SettingsError, match=r"failures is .*: pass exceptions by the number"):
        ScriptedBackend(failures=bad)


@pytest.mark.parametrize("bad", [3, [1, 2], ["one", None], b"Hi", {}, {"Hi"}])
def test_texts_are_strings(bad: Any) -> None:
    """Anything else is refused when it is made, not when it is called."""
    with pytest.raises(SettingsError, match=r"text is .*: pass a text, one for each call"):
        ScriptedBackend(text=bad)


@pytest.mark.parametrize("bad", [-0.1, "1", [0.1, -1], [], None, float("nan"), True])
def test_a_latency_is_a_number_of_seconds(bad: Any) -> None:
    """Anything else is refused when it is made, not when it is called."""
    with pytest.raises(SettingsError, match="latency_s is"):
        ScriptedBackend(latency_s=bad)


def test_a_text_for_each_call_needs_one_at_least() -> None:
    """An empty sequence is refused when it is made."""
    with pytest.raises(SettingsError, match=r"text is \[\]: pass a text"):
        ScriptedBackend(text=[])


def test_records_are_captured_of_one_kit_while_it_is_open(kit: Kit) -> None:
    """Neither before nor after, nor of another kit; an error is in its record."""
    kit.register_backend("scripted", ScriptedBackend(failures=[error := ValueError("no")]))
    kit.greet("before")
    with capture_records(kit) as records:
        kit.greet("Ada")
        hellokit.greet("Grace")
        with pytest.raises(ValueError, match="no"):
            kit.greet("Alan", backend="scripted")
    kit.greet("after")
    assert told(records) == [("plain", ("Ada",), None), ("scripted", ("Alan",), error)]


def test_records_of_the_default_kit_are_captured() -> None:
    """Without a kit, it is the one behind the module's functions."""
    with capture_records() as records:
        hellokit.greet("Ada")
    assert told(records) == [("plain", ("Ada",), None)]


def told(records: list[Record]) -> list[tuple[str, tuple[str, ...], BaseException | None]]:
    """Return what records tell."""
    return [(each.backend, each.request.names, each.error) for each in records]


def test_without_pytest_the_helpers_work_and_the_contract_says_what_is_missing() -> None:
    """Only what runs on pytest asks for it."""
    script = """
import sys
sys.modules["pytest"] = None
from hellokit import Kit
from hellokit.testing import CONTRACT_VERSION, ScriptedBackend, capture_records
with Kit(discover=False) as kit, capture_records(kit) as records:
    kit.register_backend("scripted", ScriptedBackend(text="Hi"))
    print(CONTRACT_VERSION, kit.greet(backend="scripted"), len(records))
try:
    from hellokit.testing import BackendContract
except ImportError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "1 Hi 1",
        (
            "hellokit.testing.BackendContract runs on pytest, which is not installed: "
            "pip install pytest"
        ),
    ]


def test_an_unknown_name_is_no_attribute() -> None:
    """The package has its public names, and no others."""
    import hellokit.testing

    assert dir(hellokit.testing) == sorted(hellokit.testing.__all__)
    with pytest.raises(AttributeError, match="no attribute 'BackendContrat'"):
        hellokit.testing.BackendContrat  # noqa: B018  # asking is enough
