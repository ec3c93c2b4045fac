"""Pictures, as SVG to be put into a page: no file, no display, no state of matplotlib's."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

SIZE_IN = (7.5, 4.2)


def svg(draw: Callable[[Axes], object], size_in: tuple[float, float] = SIZE_IN) -> str:
    """Return a picture, the same for the same drawing.

    Args:
        draw: draws on the axes it is given.
        size_in: width and height, in inches.

    Returns:
        An `<svg>` element.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # Text stays text, and no date or random number goes in: a page in Git changes if it does.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "hellokit"}):
        figure = Figure(figsize=size_in, layout="constrained")
        axes = figure.subplots()
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    picture = text.getvalue()
    return picture[picture.index("<svg") :]
