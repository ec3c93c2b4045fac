"""Tables: for a terminal, and in Markdown."""

from __future__ import annotations

import sys
from html import escape
from typing import TYPE_CHECKING

import attrs
from rich import box
from rich.console import Console
from rich.table import Table as Drawn
from rich.text import Text

from hellokit_bench.reporting.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH_OF_A_FILE = 200


@attrs.frozen
class Table:
    """Rows of cells under their headings; all columns but the first are numbers.

    Attributes:
        headings: a heading for each column.
        rows: the cells of each row.
        title: what it shows; may be empty.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""

    def markdown(self) -> str:
        """Return the table in Markdown."""
        rule = ["---", *["---:" for _ in self.headings[1:]]]
        lines = [map(_literal, self.headings), rule, *(map(_literal, row) for row in self.rows)]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def show(self) -> None:
        """Print the table on standard output, as wide as the terminal is."""
        console = output()
        if self.title:
            console.print(Text(printable(self.title), style="bold"))
        drawn = Drawn(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for number, heading in enumerate(self.headings):
            shown = Text(printable(heading))
            drawn.add_column(shown, justify="right" if number else "left", overflow="fold")
        for row in self.rows:
            # No markup, and no escape sequences: a backend may be called [red].
            drawn.add_row(*(Text(printable(cell)) for cell in row))
        console.print(drawn)


def _literal(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    marks = {ord(each): f"&#{ord(each)};" for each in "|\\`*_[]~"}
    return escape(printable(text), quote=False).translate(marks)


def output() -> Console:
    """Return the console of standard output; what is no terminal is wide, so that nothing wraps."""
    # Rich takes everything for a terminal where a build asks for colours.
    width = None if sys.stdout.isatty() else WIDTH_OF_A_FILE
    return Console(highlight=False, width=width)
