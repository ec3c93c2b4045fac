"""The commands: their words come through as they are, and a kit that greets pays for none."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser, ArgumentTypeError
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit_bench.commands import dispatch
from hellokit_bench.commands.options import LONGEST_S, above_zero, add_backends, add_outputs, whole
from hellokit_bench.plugin import COMMANDS

HEAVY = {
    "asyncio",
    "jinja2",
    "matplotlib",
    "numpy",
    "psutil",
    "pyinstrument",
    "pyperf",
    "rich",
    "statistics",
    "subprocess",
}
VERBS = [(name, verb) for name, verbs in dispatch.VERBS.items() for verb in verbs]


def hellokit(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    command = [sys.executable, "-m", "hellokit", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def imported(source: str) -> set[str]:
    """Return the modules that a fresh process has imported after running `source`."""
    program = f"import json, sys\n{source}\nprint(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_kit_that_greets_imports_one_small_module() -> None:
    """Of this package it has the plugin alone, and nothing that is slow to import."""
    bare = imported("from pluggy import PluginManager; import argparse, attrs, pstats")
    modules = imported("import hellokit; hellokit.greet('Ada')")
    ours = {name for name in modules if name.startswith("hellokit_bench")}
    assert ours == {"hellokit_bench", "hellokit_bench.plugin"}
    assert (modules - bare) & HEAVY == set()


def test_help_names_the_commands_without_importing_them() -> None:
    """Each has a line, and none of their modules is imported for it."""
    modules = imported(
        "import argparse\n"
        "from hellokit_bench import plugin\n"
        "parser = argparse.ArgumentParser()\n"
        "plugin.hellokit_commands(parser.add_subparsers())\n"
        "told = parser.format_help()\n"
        "assert all(name in told for name in plugin.COMMANDS), told"
    )
    assert {name for name in modules if name.startswith("hellokit_bench")} == {
        "hellokit_bench",
        "hellokit_bench.plugin",
    }
    assert modules & HEAVY == set()


def test_the_help_of_hellokit_has_them() -> None:
    """A user finds them where all commands are."""
    done = hellokit("--help")
    assert done.returncode == 0
    told = " ".join(done.stdout.split())
    assert [name for name, line in COMMANDS.items() if f"{name} {line}" not in told] == []


@pytest.mark.parametrize("words", [[name] for name in COMMANDS] + [list(each) for each in VERBS])
def test_each_command_has_its_own_help(words: list[str]) -> None:
    """It is that of the words, with the options of that command."""
    done = hellokit(*words, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: hellokit {' '.join(words)} [-h]")


@pytest.mark.parametrize("name", [*COMMANDS, *(verb for _, verb in VERBS)])
def test_each_command_says_what_its_options_are_for(name: str) -> None:
    """Its module has a description, and every option has a line of help."""
    module = import_module(f"hellokit_bench.commands.{name}")
    parser = ArgumentParser()
    module.add(parser)
    assert module.TOLD.endswith(".")
    assert [action.dest for action in parser._actions if not action.help] == []


def test_what_is_no_option_is_refused_by_its_name() -> None:
    """The usage is that of the command, and the exit code that of wrong usage."""
    done = hellokit("profile", "plain", "--fast")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: hellokit profile [-h]")
    assert "unrecognized arguments: --fast" in done.stderr


def test_options_may_stand_anywhere() -> None:
    """Before and after the backend they mean the same."""
    orders = ("plain --calls 5 --json", "--json --calls=5 plain", "--calls 5 --json -- plain")
    for words in map(str.split, orders):
        done = hellokit("profile", *words)
        assert (done.returncode, json.loads(done.stdout)["calls"]) == (0, 5)


@given(st.integers(), st.integers())
def test_a_whole_number_is_at_least_what_was_asked_for(number: int, least: int) -> None:
    """What is below is refused, and the message says from where on."""
    if number >= least:
        assert whole(least)(str(number)) == number
    else:
        with pytest.raises(ArgumentTypeError, match=f"use a whole number, at least {least}"):
            whole(least)(str(number))


@pytest.mark.parametrize("text", ["", "1.5", "many", "1e3", "9" * 5000, "0x10"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    """However it is written."""
    with pytest.raises(ArgumentTypeError, match="at least 0"):
        whole(0)(text)


@given(st.floats(min_value=0, max_value=LONGEST_S, exclude_min=True))
def test_a_number_above_zero_is_read(number: float) -> None:
    """It is the very number that was written."""
    assert above_zero(repr(number)) == number


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "1e9", "1e999", "soon", "-0.0"])
def test_what_is_not_above_zero_is_refused(text: str) -> None:
    """Neither nothing nor no end is a limit, nor what no clock of a system can wait for."""
    with pytest.raises(ArgumentTypeError, match="use a number above 0, at most 1000000"):
        above_zero(text)


def test_shared_options_read_names_and_files() -> None:
    """Backends may be many or none; results may be told as JSON, and on a page."""
    parser = ArgumentParser()
    add_backends(parser)
    add_outputs(parser)
    assert vars(parser.parse_args([])) == {"backends": [], "json": False, "html": None}
    given = parser.parse_args(["cached+plain", "--json", "--html", "x/page.html"])
    assert (given.backends, given.json, given.html.name) == (["cached+plain"], True, "page.html")
