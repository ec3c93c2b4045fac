"""`hellokit load`: puts load on a backend or an HTTP address, and tells how it bears it."""

from __future__ import annotations

import json
import os
import re
import sys
from argparse import ArgumentTypeError
from contextlib import ExitStack
from math import inf
from typing import TYPE_CHECKING

from hellokit import Settings
from hellokit_bench.commands.codes import FAILED, INTERRUPTED
from hellokit_bench.commands.options import (
    add_fail_over,
    add_outputs,
    refuse_unknown,
    refuse_unwritable,
    whole,
)
from hellokit_bench.commands.times import seconds
from hellokit_bench.errors import UsageError
from hellokit_bench.loading.arrivals import Stage, ramp, steady
from hellokit_bench.loading.plan import Plan

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from hellokit_bench.loading.outcome import Outcome
    from hellokit_bench.loading.slot import Target

TOLD = (
    "Put load on a backend or an HTTP address, and tell how it bears it. With --rate or --stage "
    "calls begin when they are to, whatever the target does (open model); otherwise so many "
    "users each wait for their answer (closed model)."
)
FASTEST = 1_000_000.0
"""The highest rate: no Python program begins as many calls a second."""
SLOWEST = 0.001
"""The lowest rate: a call in a quarter of an hour."""
DURATION_S = 10.0
PRESETS: dict[str, tuple[dict[str, str], dict[str, str | int]]] = {
    "web": (
        {"HELLOKIT_SIMULATED_LATENCY": "uniform:1ms-1.9ms"},
        {"target": "simulated", "concurrency": 1000},
    )
}
"""What each preset sets, unless something else is said: variables and arguments."""

_NO_NAME = re.compile("[:/]")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*")


def calls_a_second(text: str) -> float:
    """Return a rate.

    Raises:
        ArgumentTypeError: if it is none.
    """
    rate = _rate(text)
    if not rate or rate < SLOWEST:
        raise ArgumentTypeError(
            f"use a number of calls a second from {SLOWEST} to {FASTEST:,.0f}; without --rate, "
            "each call begins when the one before has ended"
        )
    return rate


def stage(text: str) -> tuple[float, float]:
    """Return the duration of a stage in seconds, and the rate at its end.

    Raises:
        ArgumentTypeError: if it is no stage.

    >>> stage("10s:100")
    (10.0, 100.0)
    """
    time, colon, rate = text.rpartition(":")
    target = _rate(rate)
    if not colon or target is None:
        raise ArgumentTypeError("use a time and a rate such as 10s:100: over 10 s to 100 a second")
    return seconds(time), target


def header(text: str) -> str:
    """Return the line of a header.

    Raises:
        ArgumentTypeError: if it is none.
    """
    if not _HEADER.fullmatch(text):
        raise ArgumentTypeError("use a line of ASCII such as 'Accept: text/plain'")
    return text


def _rate(text: str) -> float | None:
    try:
        rate = float(text)
    except ValueError:
        return None
    return rate if 0 <= rate <= FASTEST else None


def add(parser: ArgumentParser) -> None:
    """Add what the subcommand takes."""
    given = parser.add_argument
    given(
        "target",
        nargs="?",
        metavar="TARGET",
        help="a backend, a chain such as cached+plain, or an address such as "
        "'http://127.0.0.1:8000/greet?name={name}'; the backend of the settings if left out",
    )
    given("--rate", type=calls_a_second, metavar="N", help="calls that begin in a second")
    given(
        "--stage",
        type=stage,
        action="append",
        metavar="TIME:RATE",
        help="go evenly to this rate in this time, from --rate or the stage before; repeatable",
    )
    given("--poisson", action="store_true", help="calls come by chance rather than evenly")
    given("--seed", type=whole(0), metavar="N", help="decides on the chance of --poisson (0)")
    given("--concurrency", type=whole(1), metavar="N", help="calls in flight at most (50)")
    given("--duration", type=seconds, metavar="TIME", help="for how long calls begin (10s)")
    given("--count", type=whole(1), metavar="N", help="how many calls begin at most")
    given("--timeout", type=seconds, default=10.0, metavar="TIME", help="for one call (10s)")
    given(
        "--max-late",
        type=seconds,
        metavar="TIME",
        help="with a rate: a call that waits longer for its beginning is dropped (10s)",
    )
    given("--name", action="append", metavar="NAME", help="whom to greet (Ada); in turn if more")
    given(
        "--header", type=header, action="append", metavar="LINE", help="goes with each HTTP request"
    )
    given("--allow-remote", action="store_true", help="allow an address on another machine")
    given("--preset", choices=sorted(PRESETS), help="web: 1000 users of a backend far away")
    add_outputs(parser)
    add_fail_over(parser)


def run(arguments: Namespace) -> int:
    """Put the load on, and show what became of it.

    Returns:
        0; 1 if no call ended well, or a threshold is exceeded that is to fail; 130 if interrupted.

    Raises:
        UsageError: if options do not go together.
        HellokitError: if the target cannot be called at all.
    """
    refuse_unwritable(arguments.html)
    _fill(arguments)
    plan, target = _plan(arguments), _target(arguments)
    outcome = _carried_out(plan, target)
    from hellokit_bench.loading.verdict import interruption

    exceeded = _exceeded(outcome) if arguments.fail_over else []
    _show(arguments, outcome, exceeded)
    code = FAILED if exceeded or outcome.has_failed else 0
    code = INTERRUPTED if outcome.interrupted else code
    for told in interruption(outcome):
        sys.stderr.write(f"hellokit load: {told}\n")
    if outcome.in_flight or outcome.held:
        _leave(code)
    return code


def _fill(arguments: Namespace) -> None:
    """Set what the preset says and nobody else."""
    variables, given = PRESETS.get(arguments.preset, ({}, {}))
    for name, value in variables.items():
        os.environ.setdefault(name, value)
    for name, argument in given.items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, argument)
    if arguments.target is None:
        arguments.target = Settings.from_environ().backend


def _refuse_what_does_not_apply(arguments: Namespace) -> None:
    """Refuse options that would be ignored otherwise.

    Raises:
        UsageError: if there is one.
    """
    if arguments.stage and arguments.duration:
        raise UsageError("--duration does not go with --stage: the stages have their own")
    if arguments.seed is not None and not arguments.poisson:
        raise UsageError("--seed goes with --poisson: nothing else comes by chance")
    if not (arguments.rate or arguments.stage):
        for option, given in (("--poisson", arguments.poisson), ("--max-late", arguments.max_late)):
            if given:
                raise UsageError(f"{option} needs a rate: give --rate or --stage")


def _plan(arguments: Namespace) -> Plan:
    _refuse_what_does_not_apply(arguments)
    duration_s = arguments.duration or (inf if arguments.count else DURATION_S)
    stages: tuple[Stage, ...] = ()
    if arguments.stage:
        stages = ramp(arguments.rate or 0.0, arguments.stage)
        duration_s = sum(each.duration_s for each in stages)
    elif arguments.rate:
        stages = steady(arguments.rate, duration_s)
    usual = Plan()
    plan = Plan(
        concurrency=arguments.concurrency or usual.concurrency,
        stages=stages,
        duration_s=duration_s,
        count=arguments.count,
        poisson=arguments.poisson,
        seed=arguments.seed or 0,
        timeout_s=arguments.timeout,
        max_late_s=arguments.max_late or usual.max_late_s,
    )
    if stages and next(plan.starts_ns(), None) is None:
        raise UsageError("no call falls due in these stages: make them longer, or the rate higher")
    return plan


def _target(arguments: Namespace) -> Target:
    from hellokit_bench.loading.address import find, is_address

    names = arguments.name or ["Ada"]
    if is_address(arguments.target):
        from hellokit_bench.loading.http import Http

        address = find(arguments.target, allow_remote=arguments.allow_remote)
        return Http(address, names, arguments.header or ())
    for option, given in (
        ("--header", arguments.header),
        ("--allow-remote", arguments.allow_remote),
    ):
        if given:
            raise UsageError(f"{option} goes with an address such as http://127.0.0.1:8000/")
    if _NO_NAME.search(arguments.target):
        raise UsageError(
            f"{arguments.target!r} is no backend: if it is an address, an address begins with "
            "http://"
        )
    refuse_unknown([arguments.target])
    from hellokit_bench.loading.backend import Backend

    return Backend(arguments.target, names)


def _carried_out(plan: Plan, target: Target) -> Outcome:
    from hellokit_bench.loading.live import live
    from hellokit_bench.loading.quiet import quiet
    from hellokit_bench.loading.run import carry_out

    with ExitStack() as around:
        watch = around.enter_context(live())
        if target.in_process:
            around.enter_context(quiet())
        return carry_out(plan, target, watch)


def _exceeded(outcome: Outcome) -> list[str]:
    from hellokit_bench.thresholds import exceeded

    tally = outcome.tally
    response = tally.response.histogram
    settings = Settings.from_environ()
    return exceeded(settings, response, calls=tally.ended, failed=tally.failed)


def _show(arguments: Namespace, outcome: Outcome, exceeded: list[str]) -> None:
    from hellokit_bench.loading import report

    if arguments.json:
        from hellokit_bench.loading.document import document

        sys.stdout.write(f"{json.dumps(document(outcome, exceeded))}\n")
    else:
        _print(outcome, exceeded)
    if arguments.html:
        from hellokit_bench.reporting.page import write

        write(arguments.html, report.title(outcome), report.sections(outcome, exceeded))


def _print(outcome: Outcome, exceeded: list[str]) -> None:
    from rich.text import Text

    from hellokit_bench.loading.report import tables
    from hellokit_bench.loading.verdict import verdict
    from hellokit_bench.reporting.table import output

    for table in tables(outcome):
        table.show()
    for told in [*verdict(outcome), *exceeded]:
        output().print(Text(told), soft_wrap=True)


def _leave(code: int) -> None:
    """End the process although calls run that nobody can end."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
