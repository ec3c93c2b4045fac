"""Runs the code blocks of README.md, of the documentation and of the plugins' READMEs."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sybil import Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

if TYPE_CHECKING:
    from sybil import Example

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def run_console(example: Example) -> str | None:
    """Run each `$ command` of a console block and compare what it prints."""
    commands = example.parsed.split("$ ")[1:]
    complaints = filter(None, map(run_command, commands))
    return "\n".join(complaints) or None


def run_command(block: str) -> str | None:
    """Run the first line of `block` in a shell; return how its output differs, if it does."""
    command, _, expected = block.partition("\n")
    scripts = Path(sys.executable).parent
    done = subprocess.run(  # noqa: S602  # the commands are those of our own documentation
        command,
        shell=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
    )
    got = done.stdout + done.stderr
    if doctest.OutputChecker().check_output(expected.rstrip() + "\n", got, FLAGS):
        return None
    return f"$ {command}\nexpected:\n{expected}\ngot:\n{got}"


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=FLAGS),
        CodeBlockParser(language="console", evaluator=run_console),
    ],
    patterns=["*.md"],
).pytest()
