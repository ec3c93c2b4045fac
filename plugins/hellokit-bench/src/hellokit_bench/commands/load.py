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
from hellokit_bench.commands.options import add_fail_over, add_outputs, whole
from hellokit_bench.errors import PlanError
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
DURATION_S = 10.0
FAILED, INTERRUPTED = 1, 130
PRESETS: dict[str, tuple[dict[str, str], dict[str, str | int]]] = {
    "web": (
        {"HELLOKIT_SIMULATED_LATENCY": "uniform:1ms-1.9ms"},
        {"target": "simulated", "concurrency": 1000},
    )
}
"""What each preset sets, unless something else is said: variables and arguments."""

_TIME = re.compile(r"(\d+\.?\d*|\.\d+)(ms|s|m|h)?")
_UNITS_S = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*")


def seconds(text: str) -> float:
    """Return a time above 0 in seconds.

    Raises:
        ArgumentTypeError: if it is none.

    >>> seconds("500ms"), seconds("2m"), seconds("1.5")
    (0.5, 120.0, 1.5)
    """
    found = _TIME.fullmatch(text.strip())
    time_s = float(found[1]) * _UNITS_S[found[2] or "s"] if found else 0.0
    if not 0 < time_s < inf:
        raise ArgumentTypeError("use a time above 0 such as 500ms, 10s, 2m or 1h")
    return time_s


def calls_a_second(text: str) -> float:
    """Return a rate.

    Raises:
        ArgumentTypeError: if it is none.
    """
    rate = _rate(text)
    if not rate:
        raise ArgumentTypeError(
            f"use a number of calls a second above 0, up to {FASTEST:,.0f}; without --rate, "
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
        "'http://127.0.0.1:8000/greet?name={name}'",
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
    given("--seed", type=whole(0), default=0, metavar="N", help="decides on chance (0)")
    given("--concurrency", type=whole(1), metavar="N", help="calls in flight at most (50)")
    given("--duration", type=seconds, metavar="TIME", help="for how long calls begin (10s)")
    given("--count", type=whole(1), metavar="N", help="how many calls begin at most")
    given("--timeout", type=seconds, default=10.0, metavar="TIME", help="for one call (10s)")
    given(
        "--max-late",
        type=seconds,
        default=10.0,
        metavar="TIME",
        help="a call that waits longer for its beginning is dropped (10s)",
    )
    given("--name", action="append", metavar="NAME", help="whom to greet (Ada); in turn if more")
    given("--header", type=header, action="append", metavar="LINE", help="goes with HTTP requests")
    given("--allow-remote", action="store_true", help="allow an address on another machine")
    given("--preset", choices=sorted(PRESETS), help="web: 1000 users of a backend far away")
    add_outputs(parser)
    add_fail_over(parser)


def run(arguments: Namespace) -> int:
    """Put the load on, and show what became of it."""
    _fill(arguments)
    plan, target = _plan(arguments), _target(arguments)
    outcome = _carried_out(plan, target)
    exceeded = _exceeded(outcome) if arguments.fail_over else []
    _show(arguments, outcome, exceeded)
    code = FAILED if exceeded or outcome.has_failed else 0
    code = INTERRUPTED if outcome.interrupted else code
    if outcome.unfinished or outcome.held:
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
        raise PlanError("there is nothing to put load on: name a backend, an address or --preset")


def _plan(arguments: Namespace) -> Plan:
    if arguments.stage and arguments.duration:
        raise PlanError("--duration does not go with --stage: the stages have their own")
    if arguments.poisson and not (arguments.rate or arguments.stage):
        raise PlanError("--poisson needs a rate: give --rate or --stage")
    duration_s = arguments.duration or (inf if arguments.count else DURATION_S)
    stages: tuple[Stage, ...] = ()
    if arguments.stage:
        stages = ramp(arguments.rate or 0.0, arguments.stage)
        duration_s = sum(each.duration_s for each in stages)
    elif arguments.rate:
        stages = steady(arguments.rate, duration_s)
    return Plan(
        concurrency=arguments.concurrency or Plan().concurrency,
        stages=stages,
        duration_s=duration_s,
        count=arguments.count,
        poisson=arguments.poisson,
        seed=arguments.seed,
        timeout_s=arguments.timeout,
        max_late_s=arguments.max_late,
    )


def _target(arguments: Namespace) -> Target:
    from hellokit_bench.loading.address import find, is_address

    names = arguments.name or ["Ada"]
    if is_address(arguments.target):
        from hellokit_bench.loading.http import Http

        address = find(arguments.target, allow_remote=arguments.allow_remote)
        return Http(address, names, arguments.header or ())
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
        output().print(Text(told))


def _leave(code: int) -> None:
    """End the process although calls run that nobody can end."""
    sys.stdout.flush()
    os._exit(code)
