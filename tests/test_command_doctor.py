from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from installed import Installed

SOUND = """
import asyncio, sys

class Backend:
    def hellokit_greet(self, request, words): return words(request)

class Async:
    async def hellokit_greet_async(self, request, inner): return await inner(request)

class Sink:
    def hellokit_record(self, record): assert record.backend == "plain"
    def hellokit_started(self, kit): self.kit = kit
    def hellokit_closing(self, kit): assert kit is self.kit
"""
GREETS = "def hellokit_greet(self): return 'Hi'"
BACKENDS = {
    "number": ("def hellokit_greet(self, request): return 42", "call", "BackendResultError: "),
    "nothing": ("def hellokit_greet(self, request): pass", "call", "BackendResultError: "),
    "raises": ("def hellokit_greet(self): raise ConnectionError('no')", "call", "ConnectionError"),
    "exits": ("def hellokit_greet(self): sys.exit(3)", "call", "SystemExit: 3"),
    "leaves": ("def hellokit_greet(self): os._exit(3)", "call", "it ended the process with exit"),
    "endless": ("def hellokit_greet(self): return self.hellokit_greet()", "call", "RecursionError"),
    "selfless": ("def hellokit_greet(request): return request.names[0]", "call", "AttributeError"),
    "plain_async": ("def hellokit_greet_async(self, request): return 'Hi'", "call", "Error: "),
    "async_number": ("async def hellokit_greet_async(self, request): return 42", "call", "Error: "),
    "unequal": (
        f"{GREETS}\n    async def hellokit_greet_async(self): raise OSError('no')",
        "call",
        "OSError: no",
    ),
    "unready": (
        f"{GREETS}\n    def hellokit_started(self): raise OSError('no')",
        "start",
        "OSError: no",
    ),
    "unending": (
        f"{GREETS}\n    def hellokit_closing(self): raise OSError('no')",
        "close",
        "OSError: no",
    ),
}
PLUGINS = {
    "sink": ("def hellokit_record(self, record): raise OSError('no')", "record", "OSError: no"),
    "closing": ("def hellokit_closing(self): sys.exit('no')", "close", "SystemExit: no"),
    "wrapper": (
        "@hookimpl(wrapper=True)\n    def hellokit_greet(self, request): return (yield) + 1",
        "call",
        "TypeError",
    ),
    "command": (
        "def hellokit_commands(self, subparsers): subparsers.add_parser('greet')",
        "command",
        "greet",
    ),
}


@pytest.fixture(autouse=True)
def path(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command find what a test installs."""
    monkeypatch.setenv("PYTHONPATH", str(installed.folder))


def examined(*arguments: str) -> tuple[dict[str, dict[str, Any]], int]:
    """Run the doctor; return what it finds of each name, and the exit code."""
    command = [sys.executable, "-m", "hellokit", "doctor", "--json", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    found = json.loads(done.stdout)["entry_points"]
    return {each["name"]: each for each in found}, done.returncode


def source(*bodies: str) -> str:
    """Return a module with a class of each body, named A, B and so on."""
    head = "import os, sys\nfrom hellokit import hookimpl\n"
    return head + "".join(f"class {chr(65 + n)}:\n    {body}\n" for n, body in enumerate(bodies))


def test_what_greets_records_and_closes_is_sound(installed: Installed) -> None:
    """Backends of either colour and sinks greet once, one published in both groups too."""
    backends = {"sync": ":Backend", "waits": ":Async"}
    installed.add("acme-sound", SOUND, backends=backends, plugins={"s": ":Sink", "t": ":Backend"})
    found, code = examined()
    assert {each["status"] for each in found.values()} == {"ok"}
    assert {"sync", "waits", "s", "t", "plain", "cached"} <= set(found)
    assert code == 0


@pytest.mark.parametrize(
    ("group", "cases"), [("backends", BACKENDS), ("plugins", PLUGINS)], ids=["backends", "plugins"]
)
def test_what_fails_at_its_first_greeting_is_found(
    installed: Installed, group: str, cases: dict[str, tuple[str, str, str]]
) -> None:
    """A trial finds what importing alone does not, and tells where it went wrong, and of whom."""
    names = {name: f":{chr(65 + number)}" for number, name in enumerate(cases)}
    backends, plugins = (names if group == each else None for each in ("backends", "plugins"))
    code_of_all = source(*(body for body, _, _ in cases.values()))
    installed.add("acme-bad", code_of_all, backends=backends, plugins=plugins)
    found, code = examined()
    for name, (_, phase, error) in cases.items():
        assert (name, found[name]["status"], found[name]["phase"]) == (name, "broken", phase)
        assert error in found[name]["error"]
        assert "Update or uninstall acme-bad" in found[name]["remedy"]
    assert code == 1


def test_a_trial_that_hangs_is_ended(installed: Installed) -> None:
    """The time limit holds for the greeting as for the import."""
    body = "def hellokit_greet(self): import time; time.sleep(600)"
    installed.add("acme-slow", source(body), backends={"slow": ":A"})
    found, _ = examined("--timeout", "2")
    assert (found["slow"]["phase"], found["slow"]["error"]) == ("call", "it took longer than 2 s")


def test_nobody_is_greeted_where_no_trial_is_wanted(installed: Installed) -> None:
    """A backend that needs a server which is away is sound as far as it was tried."""
    body = "def hellokit_greet(self): raise ConnectionError('no server')"
    installed.add("acme-far", source(body), backends={"far": ":A"})
    assert examined("--no-trial")[0]["far"]["status"] == "ok"
    assert examined()[0]["far"]["error"] == "ConnectionError: no server"


def test_two_plugins_with_one_command_are_found(installed: Installed) -> None:
    """The second is told of the first."""
    body = "def hellokit_commands(self, subparsers): subparsers.add_parser('wave')"
    installed.add("acme-one", source(body), plugins={"one": ":A"})
    installed.add("acme-two", source(body), plugins={"two": ":A"})
    found, code = examined()
    assert (found["one"]["status"], found["two"]["status"], code) == ("ok", "broken", 1)
    assert found["two"]["phase"] == "command"
    assert "(from acme-one 1.0) has the command 'wave' already" in found["two"]["error"]


def test_other_plugins_do_not_spoil_a_trial(installed: Installed) -> None:
    """A backend is tried by itself: what else is broken is told of nobody else."""
    installed.add("acme-bad", "raise OSError('no')", plugins={"bad": ""})
    installed.add("acme-good", SOUND, backends={"good": ":Backend"})
    found, _ = examined()
    assert (found["bad"]["status"], found["good"]["status"]) == ("broken", "ok")
