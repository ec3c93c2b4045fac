"""Flame graphs: the stacks as rectangles, as wide as they were long, the callers on top."""

from __future__ import annotations

from colorsys import hls_to_rgb
from html import escape
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

import attrs

from hellokit_bench.profiling.function import short
from hellokit_bench.reporting import amounts
from hellokit_bench.reporting.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hellokit_bench.profiling.function import Function

    Stacks: TypeAlias = Mapping[tuple[Function, ...], float]

WIDTH, ROW = 1000.0, 18
NARROWEST = 1.0
LETTER = 6.7
"""How wide a letter is at most, in the units of the picture."""
FEWEST_LETTERS = 3

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img" '
    'font-family="ui-monospace, monospace" font-size="11">\n<title>Flame graph</title>'
)
BOX = (
    '<g><title>{tip}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{row}" '
    'fill="{colour}" stroke="#fff" stroke-width=".5"/>'
    "{text}</g>"
)
TEXT = '<text x="{x:.1f}" y="{y}" fill="#1b1f24">{text}</text>'


@attrs.define
class Branch:
    """What was below a function in one place of the stacks.

    Attributes:
        seconds: how long it was.
        callees: what it called.
    """

    seconds: float = 0.0
    callees: dict[Function, Branch] = attrs.field(factory=dict)


@attrs.frozen
class Box:
    """A rectangle: its function, None for all calls; its place, and its time in seconds."""

    function: Function | None
    x: float
    depth: int
    width: float
    seconds: float


def svg(stacks: Stacks) -> str:
    """Return the picture, as an `<svg>` element in which every name is escaped.

    Args:
        stacks: the seconds of each stack of functions, outermost first.
    """
    boxes = list(_boxes(_tree(stacks)))
    height = ROW * (1 + max((box.depth for box in boxes), default=0))
    total_s = boxes[0].seconds if boxes else 0.0
    drawn = (_drawn(box, total_s) for box in boxes)
    return "\n".join([HEAD.format(width=WIDTH, height=height), *drawn, "</svg>"])


def _tree(stacks: Stacks) -> Branch:
    root = Branch()
    for stack, seconds in stacks.items():
        branch = root
        branch.seconds += seconds
        for function in stack:
            branch = branch.callees.setdefault(function, Branch())
            branch.seconds += seconds
    return root


def _boxes(root: Branch) -> Iterator[Box]:
    """Yield what is wide enough to be seen."""
    if not root.seconds:
        return
    scale = WIDTH / root.seconds
    waiting: list[tuple[Function | None, Branch, float, int]] = [(None, root, 0.0, 0)]
    while waiting:
        function, branch, x, depth = waiting.pop()
        if (width := branch.seconds * scale) < NARROWEST:
            continue
        yield Box(function, x, depth, width, branch.seconds)
        for callee in sorted(branch.callees):
            waiting.append((callee, branch.callees[callee], x, depth + 1))
            x += branch.callees[callee].seconds * scale


def _colour(file: str) -> str:
    """Return a light colour, the same for the same file."""
    hue = crc32(file.encode(errors="replace")) % 360 / 360
    return "#" + "".join(f"{round(255 * each):02x}" for each in hls_to_rgb(hue, 0.8, 0.7))


def _drawn(box: Box, total_s: float) -> str:
    name, label, file = "all calls", "all calls", ""
    if box.function is not None:
        name, label = printable(box.function.name), box.function.label
        file = short(box.function.path)
    return BOX.format(
        tip=escape(f"{label}: {box.seconds / total_s:.1%}, {amounts.duration(box.seconds)}"),
        x=box.x,
        y=box.depth * ROW,
        width=box.width,
        row=ROW,
        colour=_colour(file),
        text=_text(name, box),
    )


def _text(name: str, box: Box) -> str:
    """Return as much of a name as there is room for."""
    letters = int((box.width - 4) / LETTER)
    if letters < FEWEST_LETTERS:
        return ""
    shown = name if len(name) <= letters else f"{name[: letters - 1]}~"
    return TEXT.format(x=box.x + 3, y=box.depth * ROW + 13, text=escape(shown))
