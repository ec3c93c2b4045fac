"""`hellokit scale`: what concurrency and size do to throughput, and the best concurrency."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

import hellokit
from hellokit_bench.commands.codes import FAILED, INTERRUPTED
from hellokit_bench.commands.options import (
    add_outputs,
    add_time_limit,
    refuse_unknown,
    refuse_unwritable,
    whole,
)
from hellokit_bench.measuring.rounds import in_turn
from hellokit_bench.reporting import page
from hellokit_bench.reporting.printable import printable
from hellokit_bench.reporting.progress import progress
from hellokit_bench.scaling import report
from hellokit_bench.scaling.steps import Plan, Scaling, take
from hellokit_bench.subject import WAYS, Subject

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from hellokit_bench.measuring.rounds import Rounds
    from hellokit_bench.scaling.crowd import Passage
    from hellokit_bench.scaling.steps import Step

TOLD = (
    "Measure throughput and latency over concurrency, fit the Universal Scalability Law, and "
    "predict the best concurrency; measure time and memory over the number of items. What does "
    "not wait gains nothing: try simulated, which does."
)
LEVELS = (1, 2, 4, 8, 16, 32, 64, 128)
SIZES = (100, 1_000, 10_000, 100_000)


def add(parser: ArgumentParser) -> None:
    """Add what the subcommand takes."""
    parser.add_argument(
        "backends",
        nargs="*",
        metavar="BACKEND",
        help="a backend, or a chain such as async+simulated; that of the settings if left out",
    )
    parser.add_argument(
        "--way",
        choices=WAYS,
        default="async",
        help="greet by greet_many_async (async), greet_many (bulk), or greet in threads (sync)",
    )
    parser.add_argument(
        "--levels",
        type=numbers,
        default=LEVELS,
        metavar="N,N,...",
        help=f"how many items run at once; {listed(LEVELS)} if left out",
    )
    parser.add_argument(
        "--items",
        type=whole(1),
        default=200,
        metavar="N",
        help="items for each of those that run at once, at each level; more if they are quick",
    )
    parser.add_argument(
        "--sizes",
        type=numbers,
        default=SIZES,
        metavar="N,N,...",
        help=f"how many items time and memory are measured of; {listed(SIZES)} if left out",
    )
    parser.add_argument(
        "--rounds", type=whole(1), default=3, metavar="N", help="how often all is measured"
    )
    add_time_limit(parser)
    add_outputs(parser)


def numbers(text: str) -> tuple[int, ...]:
    """Return whole numbers above 0, each once, in their order.

    Raises:
        ArgumentTypeError: if the text holds something else.
    """
    try:
        found = sorted({int(each) for each in text.split(",")})
    except ValueError:
        found = [0]
    if found[0] < 1:
        raise ArgumentTypeError("use whole numbers above 0 with commas between them, as in 1,2,4")
    return tuple(found)


def listed(values: Sequence[int]) -> str:
    """Return numbers as they are given to the command."""
    return ",".join(map(str, values))


def run(arguments: Namespace) -> int:
    """Measure, and show what there is.

    Returns:
        0; 1 if something failed; 130 if it was interrupted.
    """
    refuse_unwritable(arguments.html)
    settings = hellokit.settings()
    plan = Plan(arguments.levels, arguments.items, arguments.sizes, settings.max_concurrent)
    names = dict.fromkeys(arguments.backends or [settings.backend])
    refuse_unknown(names)
    subjects = [Subject(name, arguments.way) for name in names]
    rounds = _measured(plan, subjects, arguments)
    try:
        _tell(arguments, [Scaling.of(each, plan, rounds.taken) for each in subjects])
    finally:  # a page that cannot be written hides nothing
        # A backend that fails does so in many steps, mostly for one reason: that is told once.
        for told in dict.fromkeys(rounds.failures.values()):
            sys.stderr.write(f"hellokit scale: {printable(told)}\n")
        if rounds.missing:
            sys.stderr.write(
                f"hellokit scale: interrupted: {rounds.missing} of {arguments.rounds} rounds are "
                "missing\n"
            )
    return INTERRUPTED if rounds.missing else FAILED if rounds.failures else 0


def _measured(
    plan: Plan, subjects: Sequence[Subject], arguments: Namespace
) -> Rounds[Step, Passage]:
    steps = [step for each in subjects for step in plan.steps(each)]
    with progress(len(steps) * arguments.rounds) as done:
        return in_turn(
            steps,
            arguments.rounds,
            lambda step: take(step, arguments.time_limit),
            lambda step: done(step.label),
        )


def _tell(arguments: Namespace, scalings: Sequence[Scaling]) -> None:
    if arguments.json:
        report.write_json(scalings)
    else:
        report.show(scalings)
    if arguments.html:
        page.write(arguments.html, report.TITLE, report.sections(scalings))
