"""`hellokit profile`: where a backend spends its time, and which lines hold its memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
from rich.text import Text

from hellokit_bench.commands.codes import INTERRUPTED
from hellokit_bench.commands.options import (
    add_outputs,
    add_time_limit,
    refuse_unknown,
    refuse_unwritable,
    whole,
)
from hellokit_bench.commands.times import seconds
from hellokit_bench.errors import UsageError
from hellokit_bench.profiling.exact import Calls
from hellokit_bench.profiling.memory import Held
from hellokit_bench.profiling.sampling import Samples
from hellokit_bench.profiling.slices import HIDDEN, Extent, Spent, Warmed, taken, visible
from hellokit_bench.reporting import amounts, page
from hellokit_bench.reporting.page import Section
from hellokit_bench.reporting.printable import printable
from hellokit_bench.reporting.table import output
from hellokit_bench.subject import WAYS, Subject
from hellokit_bench.suite import this_machine

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

Findings: TypeAlias = Samples | Calls | Held

TOLD = (
    "See where a backend spends its time, by samples (the default) or by every call, "
    "or which lines hold the memory that calls did not give back."
)
DURATION_S = 2.0
MEMORY_CALLS = 1000
FLAME = (
    "Callers are above what they call; a rectangle is as wide as its share of the time. "
    "Point at one to read it."
)


def add(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument(
        "backend",
        nargs="?",
        metavar="BACKEND",
        help="a backend, or a chain such as cached+plain; that of the settings if left out",
    )
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--exact", action="store_true", help="count and time every call (cProfile)")
    kinds.add_argument("--memory", action="store_true", help="trace the memory (tracemalloc)")
    parser.add_argument(
        "--way",
        choices=WAYS,
        help="how it is called; the one in which the work is seen if left out",
    )
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--calls", type=whole(1), metavar="N", help="how many calls are profiled")
    extent.add_argument(
        "--duration",
        type=seconds,
        metavar="TIME",
        help=f"for how long, such as 500ms or 10s ({DURATION_S:g}s; with --memory {MEMORY_CALLS} "
        "calls)",
    )
    parser.add_argument(
        "--limit", type=whole(1), default=20, metavar="N", help="rows of the table (default: 20)"
    )
    add_time_limit(parser)
    parser.add_argument(
        "--pstats", type=Path, metavar="FILE", help="with --exact: write a file that pstats reads"
    )
    add_outputs(parser)


def run(arguments: Namespace) -> int:
    """Profile the backend, and show what was found.

    Returns:
        0, or 130 if it was interrupted.

    Raises:
        SubjectError: if the backend fails.
        UsageError: if options do not go together.
        HellokitError: if a file cannot be written.
    """
    if arguments.pstats and not arguments.exact:
        raise UsageError("--pstats needs --exact")
    if arguments.memory and arguments.duration:
        raise UsageError("--memory takes --calls, not --duration")
    refuse_unwritable(arguments.html, arguments.pstats)
    calls = arguments.calls or (MEMORY_CALLS if arguments.memory else None)
    extent = Extent(arguments.duration or DURATION_S, calls)
    with _warmed(arguments) as warmed:
        kind = Held if arguments.memory else Calls if arguments.exact else Samples
        findings = kind(warmed)
        spent, complete = _taken(extent, warmed, findings)
    result = Result(warmed, findings, spent, chosen=not arguments.way, complete=complete)
    _show(result, arguments)
    if arguments.pstats and isinstance(findings, Calls):
        findings.keep(arguments.pstats)
    if complete:
        return 0
    sys.stderr.write(f"hellokit profile: {result.cut_off}\n")
    return INTERRUPTED


def _warmed(arguments: Namespace) -> Warmed:
    import hellokit

    name = arguments.backend or hellokit.settings().backend
    refuse_unknown([name])
    if arguments.way is None:
        return visible(name, arguments.time_limit)
    return Warmed(Subject(name, arguments.way), arguments.time_limit)


def _taken(extent: Extent, warmed: Warmed, findings: Findings) -> tuple[Spent, bool]:
    from hellokit_bench.reporting.progress import progress

    # Memory is compared from the first call to the last; a time can be added up from slices.
    most = extent.calls or 1 if isinstance(findings, Held) else warmed.calls
    with progress(100) as step:
        shown = 0

        def told(done: float) -> None:
            nonlocal shown
            for _ in range(shown, int(done * 100)):
                step(warmed.subject.label)
            shown = int(done * 100)

        return taken(extent, most, findings.take, told)


@attrs.frozen
class Result:
    """What a run found.

    Attributes:
        warmed: what was profiled.
        findings: what was found.
        spent: what the profiled calls took.
        chosen: whether the way was chosen here, and not by the user.
        complete: whether it was not interrupted.
    """

    warmed: Warmed
    findings: Findings
    spent: Spent
    chosen: bool
    complete: bool

    @property
    def cut_off(self) -> str:
        """What an interrupt left; empty if there was none."""
        calls = f"{self.spent.calls:,} calls"
        return "" if self.complete else f"interrupted: only {calls} were profiled"

    def notes(self) -> list[str]:
        """Return what one must know to read it."""
        usual, subject = self.warmed.usual, self.warmed.subject
        slower = self.spent.per_call_s / usual.per_call_s
        cost = (
            f"{self.spent.calls:,} calls, {amounts.duration(self.spent.per_call_s)} each: "
            f"{amounts.ratio(slower)} the {amounts.duration(usual.per_call_s)} without a profiler"
        )
        told = [cost]
        if self.chosen and subject.way == "async":
            told.append("called with await: in sync code another thread would do the work, unseen")
        elsewhere = max(usual.elsewhere, self.spent.elsewhere)
        if elsewhere > HIDDEN and not self.findings.sees_all_threads:
            advice = "" if self.chosen or subject.way == "async" else "; try --way async"
            told.append(
                f"{elsewhere:.0%} of the processor time was on other threads, "
                f"of which nothing is seen{advice}"
            )
        return told + self.findings.notes()

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        subject = self.warmed.subject
        return {
            "machine": this_machine(),
            "backend": subject.name,
            "way": subject.way,
            "profile": self.findings.title,
            "calls": self.spent.calls,
            "complete": self.complete,
            "seconds_a_call": self.spent.per_call_s,
            "usual_seconds_a_call": self.warmed.usual.per_call_s,
            "elsewhere": self.spent.elsewhere,
            **self.findings.as_dict(),
        }


def _show(result: Result, arguments: Namespace) -> None:
    title = f"{result.warmed.subject.label}: {result.findings.title}"
    tells = result.findings.tells
    table = attrs.evolve(result.findings.table(arguments.limit), title=title) if tells else None
    if arguments.json:
        sys.stdout.write(f"{json.dumps(result.as_dict(), indent=2)}\n")
    else:
        if table:
            table.show()
        else:
            output().print(Text(printable(title), style="bold"))
        for note in result.notes():
            output().print(Text(note))
    if arguments.html:
        picture = result.findings.picture() if tells else ""
        graph = [Section("Flame graph", FLAME, picture=picture)] if picture else []
        text = "; ".join(filter(None, [result.cut_off, *result.notes()])) + "."
        page.write(arguments.html, f"Profile of {title}", [Section("Table", text, table), *graph])
