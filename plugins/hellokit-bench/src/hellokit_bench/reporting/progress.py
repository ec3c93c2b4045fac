"""Progress, on standard error while it is a terminal; otherwise nothing is shown."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hellokit_bench.reporting.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress(total: int) -> Iterator[Callable[[str], None]]:
    """Show how far a run is.

    Args:
        total: how many steps it has.

    Yields:
        A function that is told what the next step is, when the one before is done.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeRemainingColumn())
    shown = Progress(
        *columns,
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),  # Rich takes all for one where colours are asked for
    )
    with shown:
        task = shown.add_task("", total=total)
        begun = False

        def step(what: str) -> None:
            nonlocal begun
            shown.update(task, description=escape(printable(what)), advance=int(begun))
            begun = True

        yield step
