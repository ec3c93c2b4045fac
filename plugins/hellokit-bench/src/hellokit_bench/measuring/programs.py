"""Programs: whole processes that are measured, each of ours beside what it succeeds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from hellokit_bench import founding

if TYPE_CHECKING:
    from collections.abc import Sequence


@attrs.frozen
class Program:
    """Something that Python runs.

    Attributes:
        name: how tables and files call it.
        arguments: what follows the interpreter.
        succeeds: the name of the founding program it takes the place of; may be empty.
    """

    name: str
    arguments: tuple[str, ...]
    succeeds: str = ""


BARE = Program("bare Python", ("-c", "pass"))
IMPORT = Program("import hellokit", ("-c", "import hellokit"))


def programs(backends: Sequence[str]) -> list[Program]:
    """Return what is measured as a whole process.

    Args:
        backends: greets by the command through each of them; if there are none, the four
            programs that hellokit grew out of and their successors are measured.
    """
    greets = [_greets(f"hellokit greet --backend {each}", "--backend", each) for each in backends]
    return [BARE, IMPORT, *(greets or _founding())]


def _founding() -> list[Program]:
    monitored = ("--backend", "monitored", "--metrics")
    function = "from hellokit import greet; greet('World')"
    return [
        _script("original script", "original"),
        _greets("hellokit greet", succeeds="original script"),
        _script("optimized script", "optimized"),
        _greets("hellokit greet (monitored)", *monitored, succeeds="optimized script"),
        _script("async script", "concurrent"),
        _greets("hellokit greet (async)", "--backend", "async", succeeds="async script"),
        _script("simple function", "function"),
        Program("hellokit.greet", ("-c", function), succeeds="simple function"),
    ]


def _script(name: str, folder: str) -> Program:
    return Program(name, (str(Path(founding.__path__[0]) / folder / "__main__.py"),))


def _greets(name: str, *options: str, succeeds: str = "") -> Program:
    return Program(name, ("-m", "hellokit", "greet", "World", *options), succeeds)
