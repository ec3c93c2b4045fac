"""Tables for people: columns of words, in which nothing can move the cursor."""

from __future__ import annotations

from hellokit.commands.console import escaped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def table(
    columns: Iterable[str], rows: Iterable[Mapping[str, object]], right: Iterable[str] = ()
) -> list[str]:
    r"""Return the lines of a table with a heading.

    Args:
        columns: the keys to show, in their order.
        rows: what to show; None and "" leave a cell empty, shown as `-`.
        right: the columns of numbers, which are set to the right.

    >>> table(["name", "calls"], [{"name": "plain", "calls": 12}], right=["calls"])
    ['name   calls', 'plain     12']
    """
    heads, numbers = list(columns), set(right)
    cells = [heads, *([_cell(row.get(head)) for head in heads] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for line in cells:
        aligned = [
            cell.rjust(width) if head in numbers else cell.ljust(width)
            for head, cell, width in zip(heads, line, widths, strict=True)
        ]
        lines.append("  ".join(aligned).rstrip())
    return lines


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else escaped(str(value))
