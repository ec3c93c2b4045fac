"""The subcommand `bench`: measures backends side by side, and beside what else people greet by."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hellokit
from hellokit import HellokitError
from hellokit_bench.commands.codes import FAILED, INTERRUPTED
from hellokit_bench.commands.options import (
    above_zero,
    add_backends,
    add_fail_over,
    add_outputs,
    add_time_limit,
    refuse_unknown,
    refuse_unwritable,
    whole,
)
from hellokit_bench.errors import UsageError
from hellokit_bench.measuring import calls, processes, report
from hellokit_bench.measuring.programs import programs
from hellokit_bench.measuring.run import measure
from hellokit_bench.peers import available
from hellokit_bench.reporting import page
from hellokit_bench.reporting.printable import printable
from hellokit_bench.reporting.progress import progress
from hellokit_bench.subject import WAYS, Subject
from hellokit_bench.thresholds import exceeded

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from hellokit_bench.history.store import History
    from hellokit_bench.measuring.measured import Measured
    from hellokit_bench.suite import Suite

TOLD = (
    "Measure every installed backend, or those named, in fresh processes taken in rounds, beside "
    "an f-string, a raw call of pluggy and other peers; without names whole processes too. "
    "First words of their own: compare, history, gate."
)


def add(parser: ArgumentParser) -> None:
    """Add what the subcommand takes."""
    plan = calls.Plan()
    add_backends(parser)
    parser.add_argument(
        "--way", action="append", choices=WAYS, help="call them in this way; repeat it for more"
    )
    parser.add_argument(
        "--only", choices=("calls", "processes"), help="measure calls, or whole processes"
    )
    parser.add_argument("--name", default="Ada", help="whom to greet; Ada if not said")
    _add_plan(parser, plan)
    add_outputs(parser)
    parser.add_argument("--markdown", action="store_true", help="print a report in Markdown")
    parser.add_argument(
        "--save", type=Path, metavar="FILE", help="add the results to this history too"
    )
    add_fail_over(parser)


def _add_plan(parser: ArgumentParser, plan: calls.Plan) -> None:
    parser.add_argument(
        "--processes",
        type=whole(1),
        default=plan.processes,
        metavar="N",
        help=f"fresh processes for each, one a round; {plan.processes} if not said",
    )
    parser.add_argument(
        "--values",
        type=whole(1),
        default=plan.values,
        metavar="N",
        help=f"timed blocks of calls in each process; {plan.values} if not said",
    )
    parser.add_argument(
        "--min-time",
        type=above_zero,
        default=plan.shortest_s,
        metavar="SECONDS",
        help=f"how long a block takes at least; {plan.shortest_s:g} if not said",
    )
    add_time_limit(parser, plan.time_limit_s)


def run(arguments: Namespace) -> int:
    """Measure, and tell what came of it.

    Returns:
        The exit code: 0, 1 if something failed or exceeds a threshold, 130 if interrupted.
    """
    _check(arguments)
    measured = _measured(arguments)
    exceeding = _exceeding(measured.suite) if arguments.fail_over else []
    unsaid = measured.failures.values() if arguments.json or not measured.suite.results else ()
    try:
        if measured.suite.results:
            _tell(measured, arguments)
    finally:  # a page that cannot be written hides nothing, and loses nothing
        _complain(*unsaid, *exceeding, *measured.interrupted)
        _save(measured, arguments.save)
    if measured.interrupted:
        return INTERRUPTED
    return FAILED if measured.failures or exceeding else 0


def _check(arguments: Namespace) -> None:
    """Refuse, before anything is measured, what would be met after it."""
    if arguments.json and arguments.markdown:
        raise UsageError("--json and --markdown both print: give one of them")
    if arguments.only == "processes" and not processes.MEASURABLE:
        raise HellokitError("whole processes are not measured on this system: use --only calls")
    timed = hellokit.settings().metrics not in {"off", "count"}
    if arguments.fail_over and (arguments.only == "processes" or not timed):
        raise UsageError(
            "--fail-over goes by the p99 of calls, as the kit times them: "
            "measure calls, with HELLOKIT_METRICS=full or sampled"
        )
    refuse_unwritable(arguments.html, arguments.save)
    refuse_unknown(arguments.backends, command="bench")
    if arguments.save:
        with _history(arguments.save):  # it refuses what is no history
            pass


def _measured(arguments: Namespace) -> Measured:
    plan = calls.Plan(
        arguments.processes, arguments.values, arguments.min_time, arguments.time_limit
    )
    backends, peers = _subjects(arguments) if arguments.only != "processes" else ([], [])
    named = list(dict.fromkeys(arguments.backends))
    wanted = arguments.only == "processes" or not (named or arguments.only)
    started = programs(named) if wanted and processes.MEASURABLE else []
    with progress(plan.processes * len([*backends, *peers, *started])) as step:
        return measure(backends, peers, started, plan, step)


def _subjects(arguments: Namespace) -> tuple[list[Subject], list[Subject]]:
    """Return the backends, each in every way that is asked for, and the peers."""
    named = dict.fromkeys(arguments.backends or [each.name for each in hellokit.backends()])
    ways = dict.fromkeys(arguments.way or WAYS)
    backends = [Subject(name, way, arguments.name) for name in named for way in ways]
    return backends, [Subject(name, "peer", arguments.name) for name in available()]


def _tell(measured: Measured, arguments: Namespace) -> None:
    if arguments.json:
        sys.stdout.write(f"{measured.suite.dumps()}\n")
    elif arguments.markdown:
        sys.stdout.write(f"{report.markdown(measured)}\n")
    else:
        report.show(measured)
    if arguments.html:
        page.write(arguments.html, report.TITLE, report.sections(measured))


def _complain(*sentences: str) -> None:
    for each in map(printable, sentences):
        sys.stderr.write(f"hellokit bench: {each}\n")


def _save(measured: Measured, path: Path | None) -> None:
    """Add a run to the history, unless it was interrupted: it would pass for a whole one."""
    if path is None:
        return
    if measured.interrupted:
        _complain(f"nothing was added to {str(path)!r}, which keeps whole runs only")
    elif measured.suite.results:
        with _history(path) as history:
            history.add(measured.suite)


def _history(path: Path) -> History:
    from hellokit_bench.history.store import History

    return History(path)


def _exceeding(suite: Suite) -> list[str]:
    """Return a sentence for each threshold of the settings that a backend exceeds."""
    settings = hellokit.settings()
    return [
        f"{result.name}: {told}"
        for result in suite.results
        if result.duration is not None
        for told in exceeded(settings, result.duration)
    ]
