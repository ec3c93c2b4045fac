"""The subcommand `bench gate`: counts the work of calls, and holds it against a baseline."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hellokit
from hellokit import HellokitError
from hellokit_bench.commands import codes
from hellokit_bench.commands.codes import INTERRUPTED
from hellokit_bench.commands.options import add_time_limit, refuse_unknown, refuse_unwritable
from hellokit_bench.errors import ResultsError, UsageError
from hellokit_bench.gating import baseline
from hellokit_bench.gating.baseline import Baseline
from hellokit_bench.gating.verdict import (
    REMEDIES,
    Verdict,
    a_call,
    causes,
    difference,
    errors,
    remarks,
)
from hellokit_bench.gating.work import CALLS, COUNTS, FAILED, Work, counted
from hellokit_bench.reporting.printable import printable
from hellokit_bench.reporting.progress import progress
from hellokit_bench.reporting.table import Table, output
from hellokit_bench.subject import WAYS, Subject

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence

TOLD = (
    "Count what a call does: bytecodes, calls and memory, which are the same in each run on any "
    "machine; and tell by a baseline that is checked in whether it does more than it did."
)


def add(parser: ArgumentParser) -> None:
    """Add what the subcommand takes."""
    parser.add_argument(
        "backends",
        nargs="*",
        metavar="BACKEND",
        help="a backend, or a chain such as cached+plain; if left out, what the baseline has, "
        "and every installed one if it has nothing",
    )
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="what to go by; counts are shown without it"
    )
    parser.add_argument(
        "--update", action="store_true", help="accept what is counted: write it to the baseline"
    )
    parser.add_argument(
        "--way", action="append", choices=WAYS, help="call them in this way; repeat it for more"
    )
    add_time_limit(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(arguments: Namespace) -> int:
    """Count, and compare or update.

    Returns:
        0; 1 if anything differs from the baseline or fails; 130 if interrupted.

    Raises:
        HellokitError: if this Python cannot count, or there is no baseline to go by.
        UsageError: if there is no file to update.
    """
    if sys.implementation.name != "cpython":
        raise HellokitError(f"{sys.implementation.name} does not count bytecodes: use CPython")
    refuse_unwritable(arguments.baseline if arguments.update else None)
    refuse_unknown(arguments.backends)
    known = _known(arguments)
    subjects = _subjects(arguments, known)
    works, interrupted = _counted(subjects, arguments.time_limit)
    accepted = known.get(baseline.this_python(), Baseline())
    judged = arguments.baseline is not None
    verdicts = [Verdict(work, accepted.work.get(work.label), judged) for work in works]
    if arguments.update:
        updated = {**known, baseline.this_python(): accepted.updated(works)}
        baseline.save(arguments.baseline, updated)
    if arguments.json:
        sys.stdout.write(f"{json.dumps(_as_dict(verdicts, accepted.made_with), indent=2)}\n")
    else:
        _show(verdicts, accepted.made_with, arguments.baseline if arguments.update else None)
    if interrupted:
        missing = f"{len(subjects) - len(works)} of {len(subjects)} were not counted"
        sys.stderr.write(f"hellokit bench gate: interrupted: {missing}\n")
        return INTERRUPTED
    failing = {FAILED} if arguments.update else REMEDIES
    return codes.FAILED if any(each.told in failing for each in verdicts) else 0


def _known(arguments: Namespace) -> dict[str, Baseline]:
    """Return the baselines to go by."""
    file: Path | None = arguments.baseline
    if file is None:
        if arguments.update:
            raise UsageError("--update has no file to write to: name one with --baseline")
        return {}
    known = baseline.load(file)
    if baseline.this_python() not in known and not arguments.update:
        raise ResultsError(
            f"there is no baseline of {baseline.this_python()} in {str(file)!r}: make it with "
            f"`{_updating(arguments)}`, and check it in"
        )
    return known


def _updating(arguments: Namespace) -> str:
    """Return the command that makes the baseline that the given one went by."""
    ways = [word for way in arguments.way or () for word in ("--way", way)]
    given = [*arguments.backends, *ways, "--baseline", str(arguments.baseline), "--update"]
    return f"hellokit bench gate {shlex.join(given)}"


def _subjects(arguments: Namespace, known: Mapping[str, Baseline]) -> list[Subject]:
    ways = arguments.way or WAYS
    names = arguments.backends
    if not names:
        labels = sorted({label for each in known.values() for label in each.work})
        split = [label.rpartition(" ") for label in labels]
        if kept := [Subject(name, way) for name, _, way in split if way in ways]:  # type: ignore[arg-type]  # load() saw to it
            return kept
        names = [each.name for each in hellokit.backends()]
    return [Subject(name, way) for name in dict.fromkeys(names) for way in dict.fromkeys(ways)]


def _counted(subjects: Sequence[Subject], time_limit_s: float) -> tuple[list[Work], bool]:
    """Return the work of each subject, and whether that was interrupted."""
    works: list[Work] = []
    try:
        with progress(len(subjects)) as step:
            for subject in subjects:
                step(subject.label)
                works.append(counted(subject, time_limit_s=time_limit_s))
    except KeyboardInterrupt:
        return works, True
    return works, False


def _show(verdicts: Sequence[Verdict], made_with: Mapping[str, str], written: Path | None) -> None:
    headings = ["", *COUNTS.values(), "baseline", "difference"]
    title = f"a call's work on {baseline.this_python()}; the peak is of {CALLS} calls"
    Table(headings, [_row(each) for each in verdicts], title).show()
    lines = remarks(verdicts) if written is None else [f"this is in {str(written)!r} now"]
    if written is None and any(each.changes for each in verdicts):
        lines += causes(made_with, baseline.this_making())
    console = output()
    for line in [*lines, *errors(verdicts)]:
        console.print(printable(line), markup=False, soft_wrap=True)


def _row(verdict: Verdict) -> list[str]:
    counts, accepted = verdict.work.counts, verdict.accepted or {}
    return [
        printable(verdict.work.label),
        *(a_call(name, counts[name]) if name in counts else "-" for name in COUNTS),
        a_call("bytecodes", accepted["bytecodes"]) if accepted else "-",
        difference(verdict),
    ]


def _as_dict(verdicts: Sequence[Verdict], made_with: Mapping[str, str]) -> dict[str, Any]:
    return {
        "python": baseline.this_python(),
        "calls": CALLS,
        "made_with": baseline.this_making(),
        "baseline_made_with": dict(made_with),
        "subjects": [
            {
                "subject": each.work.label,
                "counts": dict(each.work.counts),
                "baseline": None if each.accepted is None else dict(each.accepted),
                "difference": each.changes,
                "verdict": each.told,
                "reason": each.work.error or each.work.reason,
            }
            for each in verdicts
        ],
    }
