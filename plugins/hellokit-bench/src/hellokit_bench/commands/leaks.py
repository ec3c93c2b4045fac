"""The subcommand that finds what calls leave behind."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

import hellokit
from hellokit_bench.commands.codes import FAILED, INTERRUPTED
from hellokit_bench.commands.options import (
    above_zero,
    add_backends,
    add_outputs,
    refuse_unknown,
    refuse_unwritable,
    whole,
)
from hellokit_bench.leaking.growth import LEAST_CALLS, LEAST_ROUNDS, MOST_ROUNDS
from hellokit_bench.subject import WAYS, Subject

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from hellokit_bench.leaking.survey import Finding, Plan

TOLD = (
    "Call backends over and over in processes of their own, and see what each call leaves behind: "
    "objects, blocks and bytes that Python allocated, open files, threads, asyncio tasks, child "
    "processes, and memory of the process. What leaks is told with the lines that allocated it."
)


def add(parser: ArgumentParser) -> None:
    """Add what the subcommand takes."""
    add_backends(parser)
    parser.add_argument(
        "--way",
        action="append",
        choices=WAYS,
        help="how to call them; may be repeated; every way if left out",
    )
    parser.add_argument(
        "--calls",
        type=whole(LEAST_CALLS),
        default=50_000,
        metavar="N",
        help="how many calls each; the first quarter warms up; 50,000 if not said",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        choices=range(LEAST_ROUNDS, MOST_ROUNDS + 1),
        default=6,
        metavar="N",
        help=f"rounds that the other calls make up, {LEAST_ROUNDS} to {MOST_ROUNDS}; 6 if not said",
    )
    parser.add_argument(
        "--different",
        action="store_true",
        help="greet another name with each call, as what leaks often hangs on the name",
    )
    parser.add_argument(
        "--settle",
        type=_not_negative,
        default=0.01,
        metavar="SECONDS",
        help="how long to wait after each round for what ends by itself; 0.01 if not said",
    )
    parser.add_argument(
        "--time-limit",
        type=above_zero,
        default=30.0,
        metavar="SECONDS",
        help="how long a process may call, about: it makes fewer calls then, and is ended if it is "
        "silent for so long; 30 if not said",
    )
    add_outputs(parser)


def run(arguments: Namespace) -> int:
    """Survey each backend in each way, and tell what was found.

    Returns:
        1 if any leaks or fails, 130 if it was interrupted, else 0.
    """
    from hellokit_bench.leaking.survey import Plan

    refuse_unwritable(arguments.html)
    refuse_unknown(arguments.backends)
    plan = Plan(
        calls=arguments.calls,
        rounds=arguments.rounds,
        different=arguments.different,
        settle_s=arguments.settle,
        time_limit_s=arguments.time_limit,
    )
    subjects = _subjects(arguments)
    findings: list[Finding] = []
    try:
        _survey(subjects, plan, findings)
    except KeyboardInterrupt:
        _tell(findings, arguments)
        missing = ", ".join(each.label for each in subjects[len(findings) :])
        sys.stderr.write(f"hellokit leaks: interrupted: not measured: {missing}\n")
        return INTERRUPTED
    _tell(findings, arguments)
    return FAILED if any(each.verdict != "no leak seen" for each in findings) else 0


def _not_negative(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < sys.maxsize:
        raise ArgumentTypeError("use a number of seconds, 0 or more")
    return number


def _subjects(arguments: Namespace) -> list[Subject]:
    names = dict.fromkeys(arguments.backends or [each.name for each in hellokit.backends()])
    ways = dict.fromkeys(arguments.way or WAYS)
    return [Subject(name, way) for name in names for way in ways]


def _survey(subjects: list[Subject], plan: Plan, findings: list[Finding]) -> None:
    from hellokit_bench.leaking.survey import steps, survey
    from hellokit_bench.reporting.progress import progress

    with progress(len(subjects) * steps(plan)) as step:
        for subject in subjects:
            findings.append(survey(subject, plan, step))  # noqa: PERF401  # an interrupt keeps them


def _tell(findings: list[Finding], arguments: Namespace) -> None:
    from hellokit_bench.leaking import account

    if arguments.json:
        from hellokit_bench.suite import this_machine

        about = {name: getattr(arguments, name) for name in ("calls", "rounds", "different")}
        found = [account.as_dict(each) for each in findings]
        told = about | {"machine": this_machine(), "findings": found}
        sys.stdout.write(f"{json.dumps(told)}\n")
    else:
        _show(findings)
    if arguments.html:
        from hellokit_bench.reporting import page

        page.write(arguments.html, "Leaks", list(account.sections(findings)))


def _show(findings: list[Finding]) -> None:
    """Print the table, and below it what each leak comes from."""
    from rich.text import Text

    from hellokit_bench.leaking import account
    from hellokit_bench.reporting.printable import printable
    from hellokit_bench.reporting.table import output

    account.table(findings).show()
    console = output()
    for sentence in account.sentences(findings):
        console.print(Text(printable(sentence)), soft_wrap=True)
