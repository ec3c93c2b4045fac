from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from hellokit.commands import doctor

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
    "selfless": ("def hellokit_greet(request): return 'Hi'", "import", "write (self, request)"),
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

FINE = {"ok", "slow"}
"""What is said where nothing is wrong: a machine with much else to do is slow to import."""


@pytest.fixture(autouse=True)
def path(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command find what a test installs."""
    monkeypatch.setenv("PYTHONPATH", str(installed.folder))


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, "-m", "hellokit", *arguments]
    env = {**os.environ, **environ}
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=env)


def examined(*arguments: str) -> tuple[dict[str, dict[str, Any]], int]:
    """Run the doctor; return what it finds of each name, and the exit code."""
    done = run("doctor", "--json", *arguments)
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
    assert {each["status"] for each in found.values()} <= FINE
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
    assert examined("--no-trial")[0]["far"]["status"] in FINE
    assert examined()[0]["far"]["error"] == "ConnectionError: no server"


def test_two_plugins_with_one_command_are_found(installed: Installed) -> None:
    """The second is told of the first."""
    body = "def hellokit_commands(self, subparsers): subparsers.add_parser('wave')"
    installed.add("acme-one", source(body), plugins={"one": ":A"})
    installed.add("acme-two", source(body), plugins={"two": ":A"})
    found, code = examined()
    assert found["one"]["status"] in FINE
    assert (found["two"]["status"], code) == ("broken", 1)
    assert found["two"]["phase"] == "command"
    assert "(from acme-one 1.0) has the command 'wave' already" in found["two"]["error"]


def test_other_plugins_do_not_spoil_a_trial(installed: Installed) -> None:
    """A backend is tried by itself: what else is broken is told of nobody else."""
    installed.add("acme-bad", "raise OSError('no')", plugins={"bad": ""})
    installed.add("acme-good", SOUND, backends={"good": ":Backend"})
    found, _ = examined()
    assert found["bad"]["status"] == "broken"
    assert found["good"]["status"] in FINE


def test_what_is_slow_to_import_is_told_and_sound(installed: Installed) -> None:
    """With what took so long; the others tell their time too, and nothing is broken."""
    heavy = installed.add("heavy-tables", "import time; time.sleep(0.15)")
    code = f"import {heavy}\ndef hellokit_greet(request): return 'Hi'"
    installed.add("acme-slow", code, backends={"slow": ""})
    found, exit_code = examined()
    assert (found["slow"]["status"], exit_code) == ("slow", 0)
    assert found["slow"]["import_ms"] > 100
    assert next(iter(found["slow"]["slowest"])) == heavy
    assert all(each["import_ms"] >= 0 for each in found.values())
    line, more = doctor._told(found["slow"], "0")
    assert line.startswith("slow      backend slow = acme_slow (from acme-slow 1.0), imported in ")
    assert more.startswith(f"          slowest: {heavy} ")


def test_what_each_costs_is_measured(installed: Installed) -> None:
    """A backend beside plain, a plugin with and without it; what is broken has no numbers."""
    code = source(
        "def hellokit_greet(self): import time; time.sleep(0.002); return 'Hi'",
        "@hookimpl(wrapper=True)\n"
        "    def hellokit_greet(self): import time; time.sleep(0.001); return (yield)",
        "def hellokit_record(self, record): os._exit(0)",
    )
    installed.add("acme-cost", code, backends={"far": ":A"}, plugins={"near": ":B", "bad": ":C"})
    found, exit_code = examined("--cost")
    assert exit_code == 1
    assert found["far"]["call_ns"] >= 2e6
    assert found["near"]["added_ns"] >= 1e6
    for name in ("plain", "far", "near"):
        each = found[name]
        assert each["ratio"] == pytest.approx(each["call_ns"] / each["plain_ns"], rel=0.01)
        assert each["added_ns"] == pytest.approx(each["call_ns"] - each["plain_ns"], abs=0.2)
    assert (found["bad"]["status"], "call_ns" in found["bad"]) == ("broken", False)


def test_what_is_installed_is_listed_from_metadata(installed: Installed) -> None:
    """As a table or as JSON, with how it stands."""
    for name in ("one", "two"):
        installed.add(f"acme-{name}", "1 / 0", backends={"same": ""}, plugins={name: ":x"})
    listed = json.loads(run("doctor", "--list", "--json", HELLOKIT_DISABLE_PLUGINS="two").stdout)
    found = {(each["group"], each["distribution"]): each for each in listed["entry_points"]}
    assert found["hellokit.backends", "acme-one"]["status"] == "ready"
    assert found["hellokit.backends", "acme-two"]["status"] == "conflict"
    assert "(from acme-one 1.0) has the name" in found["hellokit.backends", "acme-two"]["error"]
    assert found["hellokit.plugins", "acme-two"]["status"] == "disabled"
    assert "plugin   two" in run("doctor", "--list").stdout


@pytest.mark.parametrize("spelled", ["Acme_Loud.Voices", "ACME-LOUD-VOICES", "LOUD", "All"])
def test_what_is_disabled_may_be_spelled_in_any_way(installed: Installed, spelled: str) -> None:
    """As pip understands a distribution's name; and it is not imported by any command."""
    module = installed.add("acme-loud-voices", "raise SystemExit(9)", plugins={"loud": ""})
    environ = {"HELLOKIT_DISABLE_PLUGINS": spelled, "HELLOKIT_STRICT": "1"}
    assert run("greet", "Ada", **environ).stdout == "Hello, Ada!\n"
    row = json.loads(run("plugins", "--json", **environ).stdout)
    assert (row["value"], row["status"]) == (module, "disabled")


def test_costs_are_a_table() -> None:
    """A row for each; what has no numbers has none there either."""
    finding = {"group": "hellokit.plugins", "name": "one", "distribution": "acme-one"}
    numbers = {"import_ms": 1.23, "call_ns": 2500.0, "added_ns": 1500.0, "ratio": 2.5}
    lines = doctor._costs([finding | numbers | {"status": "ok"}, finding | {"status": "broken"}])
    assert [line.split() for line in lines] == [
        ["kind", "name", "distribution", "import", "call", "added", "ratio", "status"],
        ["plugin", "one", "acme-one", "1.2", "ms", "2.5", "us", "+1,500", "ns", "2.50x", "ok"],
        ["plugin", "one", "acme-one", "-", "-", "-", "-", "broken"],
    ]


def test_what_may_be_a_slip_is_noted(installed: Installed) -> None:
    """Names that nobody knows, and names of nothing to disable; those of plugins are theirs."""
    installed.add("hellokit-beacon", "", backends={"sound": ""})
    environ = {
        "HELLOKIT_METRIC": "off",
        "HELLOKIT_BEACON_PORT": "9100",
        "HELLOKIT_SOUND": "on",
        "HELLOKIT_DISABLE_PLUGINS": "hellokit-bacon,all,nobody",
    }
    done = run("config", **environ)
    missing = "disable_plugins names {!r}, which is not installed"
    assert done.stderr.splitlines() == [
        "hellokit: note: there is no variable HELLOKIT_METRIC: did you mean HELLOKIT_METRICS?",
        f"hellokit: note: {missing.format('hellokit-bacon')}: did you mean hellokit-beacon?",
        f"hellokit: note: {missing.format('nobody')}, nor anything like it",
    ]
    assert done.returncode == 0


def test_a_failure_is_told_with_its_line(installed: Installed) -> None:
    """That of the plugin's own code, wherever it went from there, and whoever contained it."""
    backend = "def hellokit_greet(self): return os.environ['PARROT']"
    sink = "def hellokit_record(self, record): int(record.backend)"
    installed.add("acme-bad", source(backend, sink), backends={"b": ":A"}, plugins={"s": ":B"})
    found, _ = examined()
    path = installed.folder / "acme_bad.py"
    assert found["b"]["error"] == "KeyError: 'PARROT'"
    assert (found["b"]["where"], found["s"]["where"]) == (f"{path}:4", f"{path}:6")
    assert f"          where: {path}:4\n" in run("doctor").stdout


def test_what_is_not_configured_is_not_to_be_uninstalled(installed: Installed) -> None:
    """Its `SettingsError` says what is lacking, when it is made, greets or is given a record."""
    fail = "raise __import__('hellokit').SettingsError('X_URL is not set')"
    made = f"def __init__(self): {fail}\n    def hellokit_greet(self): return ''"
    backend = f"def hellokit_greet(self): {fail}"
    sink = f"def hellokit_record(self): {fail}"
    installed.add(
        "acme-unset",
        source(made, backend, sink),
        backends={"a": ":A", "b": ":B"},
        plugins={"c": ":C"},
    )
    found, code = examined()
    for name in "abc":
        assert found[name]["error"] == "SettingsError: X_URL is not set"
        remedy = f"Set what it asks for, or set HELLOKIT_DISABLE_PLUGINS={name}"
        assert (found[name]["status"], found[name]["remedy"]) == ("broken", remedy)
    assert code == 1
