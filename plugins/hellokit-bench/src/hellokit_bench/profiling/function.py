"""Functions, and what calls spent in them."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from hellokit_bench.reporting.printable import printable


@attrs.frozen(order=True)
class Function:
    """A function that was seen.

    Attributes:
        name: its name, with that of its class if that is known.
        path: its file; a name in angle brackets, or `~`, if it has none.
        line: where it begins; 0 if it has no file.
    """

    name: str
    path: str
    line: int

    @property
    def label(self) -> str:
        """Its name and its place, as people read them."""
        place = f" ({short(self.path)}:{self.line})" if self.line else ""
        return printable(self.name + place)


@attrs.frozen
class Cost:
    """What calls of the subject spent in a function.

    Attributes:
        function: the function.
        own_s: in its own lines, and in what is no function of Python's, in seconds.
        cumulative_s: in these and in all that it called, in seconds.
        calls: how often it was called; None if nobody counted.
    """

    function: Function
    own_s: float
    cumulative_s: float
    calls: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        counted = {} if self.calls is None else {"calls": self.calls}
        spent = {"own_s": self.own_s, "cumulative_s": self.cumulative_s}
        return {**attrs.asdict(self.function), **spent, **counted}


@cache
def short(path: str) -> str:
    """Return a path without the folder that modules are found in."""
    file = Path(path)
    found = [each for each in sys.path if each and file.is_relative_to(each)]
    return file.relative_to(max(found, key=len)).as_posix() if found else path
