"""Progress, on standard error while it is a terminal; otherwise nothing is shown."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

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

    console = Console(stderr=True)
    columns = (BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeRemainingColumn())
    shown = Progress(
        *columns,
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with shown:
        task = shown.add_task("", total=total)
        begun = False

        def step(what: str) -> None:
            nonlocal begun
            shown.update(task, description=escape(what), advance=int(begun))
            begun = True

        yield step
