"""Everything that can be broken, installed at once: each is told of, and the rest works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from installed import Installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Outcome = tuple[str, str, int]

GOOD = """
import sys
sys.stderr.write("good was imported\\n")

def hellokit_greet(request): return f"Good day, {request.names[0]}"

class Wave:
    def hellokit_commands(self, subparsers): subparsers.add_parser("wave", help="wave a hand")
"""
NOISY = """
import os
os.write(1, b'\\xff{"status": "ok"}\\n' * 9999)

def hellokit_greet(): return ""
"""


def hook(name: str, body: str, arguments: str = "") -> str:
    """Return the source of a module with one hook."""
    return f"def {name}({arguments}):\n    {body}\n"


def command(call: str) -> str:
    """Return the source of a module that adds a subcommand."""
    return hook("hellokit_commands", f"subparsers.{call}", "subparsers")


class Kind(NamedTuple):
    """A way of being broken, and what is told of it."""

    source: str
    phase: str
    error: str
    rest: str = ""


KILLERS = {
    "leaves": Kind("import os; os._exit(0)", "import", "ended the process with exit code 0"),
    "hangs": Kind("import time; time.sleep(600)", "import", "it took longer than"),
    "crashes": Kind("import faulthandler; faulthandler._sigsegv()", "import", "SIGSEGV"),
    "closes": Kind("import os; os.closerange(0, 99)", "import", "ended the process with"),
}
"""These cannot be contained by a process that imports them."""

PLUGINS = {
    "raises": Kind("raise RuntimeError('boom\\x1b[31m')", "import", "RuntimeError: boom\x1b[31m"),
    "unparsable": Kind("def hellokit_record(", "import", "SyntaxError"),
    "dependent": Kind("import no_such_module", "import", "No module named 'no_such_module'"),
    "exits": Kind("raise SystemExit('no')", "import", "SystemExit: no"),
    "recent": Kind("from hellokit import Later", "import", "cannot import name 'Later'"),
    "absent": Kind("", "import", "AttributeError", ":nothing"),
    "moved": Kind("", "import", "No module named", ".nowhere"),
    "valueless": Kind("", "import", "is not of the form module:attribute", ":"),
    "unbuilt": Kind("class A:\n    def __init__(self): 1 / 0", "import", "ZeroDivision", ":A"),
    "unhashable": Kind("a = {}", "register", "cannot be hashed", ":a"),
    "misnamed": Kind(hook("hellokit_recrod", "pass"), "register", "may mean hellokit_record"),
    "demanding": Kind(hook("hellokit_record", "pass", "log"), "register", "takes log, which is"),
    "coloured": Kind(f"async {hook('hellokit_record', 'pass')}", "register", "coroutine function"),
    "backend": Kind(hook("hellokit_greet", "return ''"), "register", "makes it a backend"),
    "words": Kind(hook("hellokit_wordings", "return [1]"), "wordings", "with a int in it"),
    "starts": Kind(hook("hellokit_started", "1 / 0"), "start", "ZeroDivisionError"),
    "records": Kind(hook("hellokit_record", "1 / 0"), "record", "ZeroDivisionError"),
    "closing": Kind(hook("hellokit_closing", "1 / 0"), "close", "ZeroDivisionError"),
    "taken": Kind(command("add_parser('greet')"), "command", "greet"),
    "unnamed": Kind(command("add_parser('\\x1b')"), "command", "cannot be named"),
    "unhelpful": Kind(
        command("add_parser('b').add_argument('c', help='%(no)s')"), "command", "KeyError: 'no'"
    ),
}
BACKENDS = {
    "number": Kind(hook("hellokit_greet", "return 42"), "call", "returned int, not a str"),
    "fails": Kind(hook("hellokit_greet", "1 / 0"), "call", "ZeroDivisionError"),
    "two+words": Kind(hook("hellokit_greet", "return ''"), "register", "no call can select"),
}
UNREADABLE = {"latin": b"[hellokit.plugins]\nx = caf\xe9\n", "torn": b"[hellokit.plugins]\nx\n"}

METADATA = {
    "recent": b"Requires-Dist: hellokit-x\nRequires-Dist: hellokit>=99\n",
    "raises": b"Author: caf\xe9\n",
}


def distribution(name: str) -> str:
    """Return the distribution of one kind."""
    return f"acme-{name.replace('+', '-')}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which everything broken is installed, with something good."""
    folder = tmp_path_factory.mktemp("site")
    installed = Installed(folder)
    installed.add("acme-good", GOOD, backends={"good": ""}, plugins={"good": ":Wave"})
    installed.add("good-twin", "1 / 0", backends={"good": ""}, plugins={"good": ":x"})
    installed.add("acme-noisy", NOISY, backends={"noisy": ""})
    for name, kind in (KILLERS | PLUGINS).items():
        installed.add(distribution(name), kind.source, plugins={name: kind.rest})
    for name, kind in (KILLERS | BACKENDS).items():
        module = f"{distribution(name)}-backend"
        installed.add(module, kind.source, backends={name: kind.rest})
    for name, content in UNREADABLE.items():
        module = installed.add(f"acme-{name}", "")
        (folder / f"{module}-1.0.dist-info" / "entry_points.txt").write_bytes(content)
    for name, line in METADATA.items():
        with (folder / f"acme_{name}-1.0.dist-info" / "METADATA").open("ab") as file:
            file.write(line)
    return folder


@pytest.fixture(scope="module")
def outcomes(site: Path) -> dict[str, Outcome]:
    """Run every command that has to work, all at once; return what each printed."""
    killers = ",".join(f"ACME.{name}" for name in KILLERS)
    runs = {
        "greet Ada --backend good": {"HELLOKIT_DISABLE_PLUGINS": killers},
        "greet Ada": {"HELLOKIT_DISABLE_PLUGINS": killers, "HELLOKIT_STRICT": "1"},
        "backends": {},
        "plugins --json --timeout 2": {},
        "--help": {},
        "doctor --list": {},
        "doctor --json --timeout 2": {"HELLOKIT_METRIC": "off"},
    }
    bare = {each: os.environ[each] for each in os.environ if not each.startswith("HELLOKIT_")}
    children = {
        line: subprocess.Popen(
            [sys.executable, "-m", "hellokit", *line.split()],
            env={**bare, **environ, "PYTHONPATH": str(site)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for line, environ in runs.items()
    }
    return {
        line.partition(" --")[0] if line.endswith("2") else line: (
            *child.communicate(timeout=100),
            child.returncode,
        )
        for line, child in children.items()
    }


def told(kinds: dict[str, Kind], text: str, skipped: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the kinds of which `text` does not tell all, in one line."""
    lines = text.splitlines()
    for name, kind in kinds.items():
        error = kind.error.encode("unicode_escape").decode()
        parts = f"(from acme-{name} 1.0) failed ({kind.phase}): ", error, "Update or uninstall"
        if kind.phase not in skipped and not any(all(p in line for p in parts) for line in lines):
            yield name


def test_another_backend_greets(outcomes: dict[str, Outcome]) -> None:
    """Whatever is broken, it is told with distribution, version and remedy, and passes."""
    output, errors, code = outcomes["greet Ada --backend good"]
    assert (output, code) == ("Good day, Ada\n", 0)
    assert list(told(PLUGINS, errors, skipped=("command",))) == []
    assert "(from good-twin 1.0) failed (conflict)" in errors
    assert "Traceback" not in errors


def test_strict_mode_greets_nobody(outcomes: dict[str, Outcome]) -> None:
    """There, the first that is broken is an error of one line."""
    output, errors, code = outcomes["greet Ada"]
    assert (output, code) == ("", 1)
    assert " failed (" in errors.splitlines()[-1]


def test_backends_are_listed_and_not_imported(outcomes: dict[str, Outcome]) -> None:
    """Of those that are broken, only what metadata tell is told."""
    output, errors, code = outcomes["backends"]
    assert code == 0
    lines = {tuple(line.split()[:2]): line for line in output.splitlines()}
    assert "ready" in lines["good", "acme-good"]
    assert "failed (conflict)" in lines["good", "good-twin"]
    assert "no call can select" in lines["two+words", "acme-two-words-backend"]
    assert {name for name, _ in lines} >= set(KILLERS) | set(BACKENDS)
    assert "imported" not in errors


def test_the_doctor_lists_without_importing(outcomes: dict[str, Outcome]) -> None:
    """Backends and plugins, whatever they would do."""
    output, errors, code = outcomes["doctor --list"]
    assert code == 0
    found = {tuple(line.split()[:2]) for line in output.splitlines()}
    assert found >= {("plugin", name) for name in KILLERS | PLUGINS}
    assert found >= {("backend", name) for name in KILLERS | BACKENDS}
    assert "imported" not in errors


def test_help_is_printed(outcomes: dict[str, Outcome]) -> None:
    """The subcommands of what is sound are in it, and what is not is told of."""
    output, errors, code = outcomes["--help"]
    assert code == 0
    assert "wave a hand" in output
    assert list(told(KILLERS | PLUGINS, errors, skipped=("record",))) == []
    assert "\x1b" not in output + errors


def test_plugins_are_listed(outcomes: dict[str, Outcome]) -> None:
    """Each with what became of it, and what to do about that."""
    output, errors, code = outcomes["plugins"]
    assert code == 0
    rows = {row["distribution"]: row for row in map(json.loads, output.splitlines())}
    for name, kind in (KILLERS | PLUGINS).items():
        row = rows[f"acme-{name}"]
        if kind.phase != "record":  # which needs a greeting
            assert (name, row["status"]) == (name, f"failed ({kind.phase})")
            assert kind.error in row["error"]
            assert f"Update or uninstall acme-{name}" in row["remedy"]
        assert row["version"] == "1.0"
    assert rows["good-twin"]["status"] == "failed (conflict)"
    assert rows["acme-good"]["hooks"] == ["hellokit_commands"]
    assert "Traceback" not in errors


def test_the_doctor_finds_everything(outcomes: dict[str, Outcome]) -> None:
    """The phase, the cause and a remedy of each; what is sound is sound."""
    output, errors, code = outcomes["doctor"]
    assert (code, errors) == (1, "")
    report = json.loads(output)
    found = {(row["distribution"], row["group"]): row for row in report["entry_points"]}
    expected = {(f"acme-{name}", "plugins"): kind for name, kind in (KILLERS | PLUGINS).items()}
    for name, kind in (KILLERS | BACKENDS).items():
        expected[f"{distribution(name)}-backend", "backends"] = kind
    for (owner, group), kind in expected.items():
        row = found[owner, f"hellokit.{group}"]
        assert (owner, row["status"], row["phase"]) == (owner, "broken", kind.phase)
        assert kind.error in row["error"]
        assert f"Update or uninstall {owner}" in row["remedy"]
        assert row["version"] == "1.0"
    for sound in ("acme-good", "acme-noisy"):
        assert found[sound, "hellokit.backends"]["status"] in {"ok", "slow"}
    assert found["acme-recent", "hellokit.plugins"]["asks_for"] == "hellokit>=99"
    assert [name for name in UNREADABLE if f"acme_{name}-1.0" in str(report["metadata"])] == [
        *UNREADABLE
    ]
    assert report["notes"] == [
        "there is no variable HELLOKIT_METRIC: did you mean HELLOKIT_METRICS?"
    ]
    assert report["broken"] == len(expected) + 2 + len(UNREADABLE)
