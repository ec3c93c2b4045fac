"""The live view: what a load does, on standard error while that is a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hellokit_bench.reporting.amounts import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hellokit_bench.loading.generator import Generator

RECENT_S = 1.0


@contextmanager
def live() -> Iterator[Callable[[Generator], None]]:
    """Show a load.

    Yields:
        A function that shows what a generator does at the moment.
    """
    if not sys.stderr.isatty():  # Rich takes all for one where colours are asked for
        yield lambda _: None
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    view = Live(
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with view:
        yield lambda generator: view.update(Text(line(generator)), refresh=True)


def line(generator: Generator) -> str:
    """Return what a generator does at the moment."""
    tally = generator.tally
    elapsed_s = (generator.beat_ns - generator.began_ns) / 1e9 if generator.began_ns else 0.0
    rows = tally.rows[-1 - max(1, round(RECENT_S / tally.row_s)) : -1]
    recent_s = len(rows) * tally.row_s
    ended = sum(row.response.count for row in rows)
    response = tally.response.histogram
    parts = [
        f"{elapsed_s:5.1f} s",
        f"{ended / recent_s if recent_s else 0:,.0f}/s",
        f"in flight {generator.in_flight}",
        f"p50 {duration(response.quantile(0.5) / 1e9)}",
        f"p99 {duration(response.quantile(0.99) / 1e9)}",
        f"failed {tally.failed:,}",
    ]
    if generator.plan.stages:
        late = tally.late_for_a_slot + tally.late_by_generator
        parts += [f"waiting {generator.waiting:,}", f"late {late:,}", f"dropped {tally.dropped:,}"]
    return "   ".join(parts)
