"""`hellokit profile`: where a backend spends its time, and which lines hold its memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
from rich.text import Text

from hellokit_bench.commands.options import above_zero, add_outputs, whole
from hellokit_bench.profiling.exact import Calls
from hellokit_bench.profiling.memory import Held
from hellokit_bench.profiling.sampling import Samples
from hellokit_bench.profiling.slices import HIDDEN, Extent, Spent, Warmed, taken, visible
from hellokit_bench.reporting import amounts, page
from hellokit_bench.reporting.page import Section
from hellokit_bench.reporting.table import output
from hellokit_bench.subject import WAYS, Subject
from hellokit_bench.worker import TIME_LIMIT_S

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

Findings: TypeAlias = Samples | Calls | Held

TOLD = (
    "See where a backend spends its time, by samples (the default) or by every call, "
    "or which lines hold the memory that calls did not give back."
)
DURATION_S = 2.0
MEMORY_CALLS = 1000
INTERRUPTED = 130
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
        type=above_zero,
        metavar="S",
        help=f"for how many seconds (default: {DURATION_S:g}; with --memory {MEMORY_CALLS} calls)",
    )
    parser.add_argument(
        "--limit", type=whole(1), default=20, metavar="N", help="rows of the table (default: 20)"
    )
    parser.add_argument(
        "--time-limit",
        type=above_zero,
        default=TIME_LIMIT_S,
        metavar="S",
        help="how long a slice of the calls may take before the backend counts as hung "
        f"(default: {TIME_LIMIT_S:g})",
    )
    parser.add_argument(
        "--pstats", type=Path, metavar="FILE", help="with --exact: write a file that pstats reads"
    )
    add_outputs(parser)
    parser.set_defaults(complain=parser.error)


def run(arguments: Namespace) -> int:
    """Profile the backend, and show what was found.

    Returns:
        0, or 130 if it was interrupted.

    Raises:
        SubjectError: if the backend fails.
        HellokitError: if a file cannot be written.
    """
    if arguments.pstats and not arguments.exact:
        arguments.complain("--pstats needs --exact")
    if arguments.memory and arguments.duration:
        arguments.complain("--memory takes --calls, not --duration")
    calls = arguments.calls or (MEMORY_CALLS if arguments.memory else None)
    extent = Extent(arguments.duration or DURATION_S, calls)
    with _warmed(arguments) as warmed:
        kind = Held if arguments.memory else Calls if arguments.exact else Samples
        findings = kind(warmed)
        spent, complete = _taken(extent, warmed, findings)
    result = Result(warmed, findings, spent, chosen=not arguments.way, complete=complete)
    if arguments.pstats and isinstance(findings, Calls):
        findings.keep(arguments.pstats)
    _show(result, arguments)
    return 0 if complete else INTERRUPTED


def _warmed(arguments: Namespace) -> Warmed:
    import hellokit

    name = arguments.backend or hellokit.settings().backend
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

    def notes(self) -> list[str]:
        """Return what one must know to read it."""
        usual, subject = self.warmed.usual, self.warmed.subject
        slower = self.spent.per_call_s / usual.per_call_s
        cost = (
            f"{self.spent.calls:,} calls, {amounts.duration(self.spent.per_call_s)} each: "
            f"{amounts.ratio(slower)} the {amounts.duration(usual.per_call_s)} without a profiler"
        )
        told = [cost]
        if not self.complete:
            told.insert(0, f"interrupted: only {self.spent.calls:,} calls were profiled")
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
    table = attrs.evolve(result.findings.table(arguments.limit), title=title)
    if arguments.html:
        picture = result.findings.picture()
        graph = [Section("Flame graph", FLAME, picture=picture)] if picture else []
        text = "; ".join(result.notes()) + "."
        page.write(arguments.html, f"Profile of {title}", [Section("Table", text, table), *graph])
    if arguments.json:
        sys.stdout.write(f"{json.dumps(result.as_dict(), indent=2)}\n")
        return
    table.show()
    for note in result.notes():
        output().print(Text(note))
