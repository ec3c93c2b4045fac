from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from installed import Installed

COMMANDS = "hellokit_commands"
LOAD_LATE = """
import time, sys
print("imported", file=sys.stderr)
class Plugin:
    def hellokit_commands(self, subparsers):
        print("asked", file=sys.stderr)
        parser = subparsers.add_parser("wave", help="100% sure\\x1b[31m")
        parser.add_argument("--code", type=int)
        parser.set_defaults(run=wave)
def wave(arguments):
    import hellokit
    print("wave", hellokit.greet("Ada"))
    return arguments.code
"""

WRITE_EVERYWHERE = """
import os
from contextlib import suppress
for file in range(3, 20):
    with suppress(OSError):
        os.write(file, b'1\\n{}\\n[2]\\n')
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory in which distributions can be installed."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def install(site: Path, name: str, code: str, group: str = "plugins", entry: str = "") -> None:
    """Install the distribution `acme-name`, whose entry point is called `name` or `entry`."""
    metadata = site / f"acme_{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: acme-{name}\nVersion: 1.0\n")
    value = f"acme_{name}:Plugin" if "class Plugin" in code else f"acme_{name}"
    (metadata / "entry_points.txt").write_text(f"[hellokit.{group}]\n{entry or name} = {value}\n")
    (site / f"acme_{name}.py").write_text(code)


def adding(statement: str) -> str:
    """Return the code of a plugin that runs `statement` when asked for its commands."""
    return f"class Plugin:\n    def hellokit_commands(self, subparsers):\n        {statement}\n"


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "hellokit", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **environ},
    )


def rows(*arguments: str, **environ: str) -> dict[str, dict[str, Any]]:
    """Run a subcommand with --json, and return what it lists by name."""
    lines = run(*arguments, "--json", **environ).stdout.splitlines()
    return {row["name"]: row for row in map(json.loads, lines)}


def test_a_plugin_adds_a_subcommand(site: Path) -> None:
    """What a plugin adds is in the help, runs, and says how the process exits."""
    install(site, "wave", LOAD_LATE)
    shown = run("--help").stdout
    assert ["wave", "100%", "sure\\x1b[31m"] in [line.split() for line in shown.splitlines()]
    done = run("wave", "--code", "3")
    assert (done.stdout, done.returncode) == ("wave Hello, Ada!\n", 3)
    assert run("wave").returncode == 0
    assert run("wave", "--code", "x").returncode == 2


def test_built_in_subcommands_ask_no_plugin_for_its_own(site: Path) -> None:
    """A greeting pays for no subcommand, and what lists or names does not even import plugins."""
    install(site, "wave", LOAD_LATE)
    assert run("greet", "Ada").stderr == "imported\n"
    for arguments in (["backends"], ["doctor"], ["greet", "--help"], ["--version"]):
        assert run(*arguments).stderr == ""


def test_a_subcommand_is_not_denied_where_plugins_were_not_asked(site: Path) -> None:
    """Where the kit cannot start, that is told, and not that there is no such command."""
    install(site, "wave", LOAD_LATE)
    done = run("wave", "Ada", PERF_TIME_THRESHOLD="abc")
    assert done.returncode == 1
    assert "PERF_TIME_THRESHOLD is 'abc'" in done.stderr
    assert "no command" not in done.stderr


def test_help_is_there_in_strict_mode(site: Path) -> None:
    """Where a broken plugin is an error, it is told and help is printed all the same."""
    install(site, "bad", "raise RuntimeError('boom')")
    done = run("--help", HELLOKIT_STRICT="1")
    assert "greet people" in done.stdout
    assert done.stderr.startswith("hellokit: warning: plugin ")
    assert done.returncode == 0
    assert run("greet", "Ada", HELLOKIT_STRICT="1").returncode == 1


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        (
            "raise ValueError('it is\\x1b bad')",
            1,
            "unexpected ValueError: it is\\x1b bad: set DEBUG",
        ),
        ("raise SystemExit('so\\x1b there')", 1, "so\\x1b there\n"),
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(7)", 7, ""),
        ("raise KeyboardInterrupt", 130, ""),
        ("import os; os.close(1); print('x' * 99999)", 1, "unexpected OSError: "),
        ("return 'three'", 1, "unexpected ValueError: "),
        ("class E(Exception): __str__ = None\n    raise E", 1, "unexpected E: set DEBUG=1"),
    ],
)
def test_no_traceback_comes_out_of_a_subcommand(
    site: Path, body: str, code: int, told: str
) -> None:
    """However a plugin's subcommand ends, the user gets a line and a code."""
    run_it = f"def run(arguments):\n    {body}\n"
    added = "subparsers.add_parser('end').set_defaults(run=run)"
    install(site, "end", run_it + adding(added))
    done = run("end")
    assert done.returncode == code
    assert done.stderr.startswith(f"hellokit: {told}" if told else "")
    assert done.stderr.count("\n") == bool(told)


def test_a_subcommand_without_anything_to_run_is_told(site: Path) -> None:
    """A plugin that forgot to say what runs is told how to say it."""
    install(site, "idle", adding("subparsers.add_parser('idle')"))
    done = run("idle")
    assert "command 'idle' has nothing to run: its plugin must call set_defaults" in done.stderr
    assert done.returncode == 1


def test_plugins_are_listed_with_what_became_of_them(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is registered, disabled or failed, and nothing is said twice."""
    install(site, "wave", LOAD_LATE)
    install(site, "off", "raise RuntimeError('never imported')")
    install(site, "bad", "raise RuntimeError('boom\\x1b[31m')")
    install(site, "again", LOAD_LATE, entry="wave")
    monkeypatch.setenv("HELLOKIT_DISABLE_PLUGINS", "off")
    listed = rows("plugins")
    done = run("plugins", HELLOKIT_STRICT="1")
    assert listed["off"]["status"] == "disabled"
    assert listed["bad"]["status"] == "failed (import)"
    assert listed["bad"]["error"] == "RuntimeError: boom\x1b[31m"
    assert done.returncode == 0
    assert "hellokit: " not in done.stderr
    assert "acme-wave" in done.stdout
    assert "failed (conflict)" in done.stdout
    assert "RuntimeError: boom\\x1b[31m" in done.stdout
    assert COMMANDS in done.stdout


def test_backends_of_one_name_are_both_listed(site: Path) -> None:
    """The one that lost is shown as a conflict, and neither is imported."""
    install(site, "plain", "raise RuntimeError('never imported')", group="backends")
    done = run("backends")
    assert done.returncode == 0
    status = {line.split()[1]: line for line in done.stdout.splitlines()}
    assert status["hellokit"].split()[-2:] == ["ready", "-"]
    assert "failed (conflict)" in status["acme-plain"]
    told = [json.loads(line) for line in run("backends", "--json").stdout.splitlines()]
    assert [each["value"] for each in told if each["name"] == "plain"][1:] == ["acme_plain"]
    assert run("plugins").stdout == "no plugins are installed\n"
    assert run("plugins", "--json").stdout == ""


@pytest.mark.usefixtures("site")
def test_a_plugin_that_is_a_backend_too_is_registered(installed: Installed) -> None:
    """Published in both groups it is one thing, and its hooks are listed; so is what it lost."""
    source = "def hellokit_greet(request): return 'me'\ndef hellokit_record(record): pass\n"
    installed.add("acme-me", source, plugins={"me": ""}, backends={"self": ""})
    installed.add("acme-other", source, plugins={"other": ""}, backends={"self": ""})
    installed.add("acme-off", source, plugins={"off": ""}, backends={"on": ""})
    listed = rows("plugins", HELLOKIT_DISABLE_PLUGINS="off")
    assert set(listed) == {"me", "other", "off"}
    assert (listed["me"]["status"], listed["me"]["distribution"]) == ("registered", "acme-me")
    assert listed["me"]["hooks"] == ["hellokit_greet", "hellokit_record"]
    assert listed["other"]["status"] == "left out"
    assert listed["other"]["error"] == "its backend of this name is not used"
    assert listed["off"]["status"] == "disabled"


def test_a_backend_whose_name_is_a_chain_is_unusable(site: Path) -> None:
    """What no call can select is not ready, nor sound."""
    install(site, "bad", "def hellokit_greet(request): return ''", "backends", entry="bad+name")
    reason = "no call can select 'bad+name': a backend's name is a word without +"
    assert rows("backends")["bad+name"]["error"].startswith(reason)


def test_doctor_ends_what_hangs(site: Path) -> None:
    """A plugin that never finishes is ended, with the processes that it started."""
    pids = site / "pids"
    hangs = (
        "import os, time\n"
        "child = os.fork()\n"
        f"with open({str(pids)!r}, 'a') as file: print(os.getpid(), file=file, flush=True)\n"
        "time.sleep(600)\n"
    )
    install(site, "hang", hangs)
    done = run("doctor", "--timeout", "2")
    assert done.returncode == 1
    assert "broken    plugin hang = acme_hang (from acme-hang 1.0)\n" in done.stdout
    assert "cause: it took longer than 2 s\n" in done.stdout
    numbers = pids.read_text().split()
    assert len(numbers) == 2
    assert not any(running(int(number)) for number in numbers)


@pytest.mark.parametrize(
    "code",
    [
        "import os, time\nif not os.fork(): time.sleep(0.1)\n",
        WRITE_EVERYWHERE,
    ],
    ids=["forks", "writes to everybody's files"],
)
def test_what_is_found_of_one_is_not_told_of_the_next(site: Path, code: str) -> None:
    """Although they share a process, into whose findings the first one meddles."""
    install(site, "a", f"{code}def hellokit_record(record): pass\n")
    install(site, "b", "import time; time.sleep(0.3); raise OSError('disk full')")
    install(site, "c", "def hellokit_alert(alert): pass\n")
    found = {name: (row["status"], row["hooks"]) for name, row in rows("plugins").items()}
    assert found == {
        "a": ("registered", ["hellokit_record"]),
        "b": ("failed (import)", []),
        "c": ("registered", ["hellokit_alert"]),
    }


def running(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for yet does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def test_doctor_leaves_alone_what_is_disabled(site: Path) -> None:
    """What must never be imported is not tried, whatever else is bad."""
    install(site, "off", "import os, time; time.sleep(600)")
    environ = {"HELLOKIT_DISABLE_PLUGINS": "off", "HELLOKIT_METRICS": "bad"}
    assert "disabled  plugin off" in run("doctor", **environ).stdout


def test_doctor_reports_a_name_that_two_have(site: Path) -> None:
    """Two distributions with one name are a conflict, with both named."""
    install(site, "one", "def hellokit_greet(request): return 'one'", "backends", entry="same")
    install(site, "two", "def hellokit_greet(request): return 'two'", "backends", entry="same")
    done = run("doctor")
    assert "  backend same = acme_one (from acme-one 1.0), imported in " in done.stdout
    assert "conflict  backend same = acme_two (from acme-two 1.0)\n" in done.stdout
    assert (done.stdout.splitlines()[-1], done.returncode) == ("1 broken", 1)


@pytest.mark.parametrize("arguments", ["backends", "doctor --list"])
def test_lists_import_next_to_nothing(
    site: Path, run_script: Callable[[str], str], arguments: str
) -> None:
    """No plugin, and nothing that would take longer to import than the list takes."""
    install(site, "wave", LOAD_LATE)
    install(site, "on", LOAD_LATE, "backends")
    printed = run_script(f"""
        import sys
        from hellokit.cli import main
        main({arguments.split()})
        heavy = "attr pluggy inspect typing json logging shutil subprocess importlib.metadata"
        print("imported:", *sorted(sys.modules.keys() & {{"acme_wave", "acme_on", *heavy.split()}}))
    """)
    assert "acme-on" in printed
    assert printed.splitlines()[-1] == "imported:"
