"""A run: what is asked for is measured, and all that came of it is returned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from psutil import cpu_count, getloadavg

from hellokit_bench.measuring import calls, processes
from hellokit_bench.measuring.measured import Measured
from hellokit_bench.measuring.rounds import in_turn
from hellokit_bench.suite import Suite, this_machine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hellokit_bench.measuring.programs import Program
    from hellokit_bench.subject import Subject
    from hellokit_bench.suite import Result


def measure(
    backends: Sequence[Subject],
    peers: Sequence[Subject],
    programs: Sequence[Program],
    plan: calls.Plan,
    step: Callable[[str], None],
) -> Measured:
    """Measure calls, then whole processes, each in rounds; an interrupt ends it.

    Args:
        backends: what is called.
        peers: what is called beside it.
        programs: what is run as whole processes.
        plan: how.
        step: is told the label of what is next.
    """
    load = getloadavg()[0]
    called = in_turn(
        backends,
        plan.processes,
        partial(calls.sample, plan=plan),
        lambda subject: step(subject.label),
        beside=peers,
    )
    started = in_turn(
        () if called.missing else programs,
        plan.processes,
        partial(processes.sample, time_limit_s=plan.time_limit_s),
        lambda program: step(program.name),
    )
    results: list[Result] = []
    for subject, taken in called.taken.items():
        results += calls.time(subject, taken), calls.memory(subject, taken)
    for program, spent in started.taken.items():
        results += processes.time(program, spent), processes.memory(program, spent)
    failed = {subject.label: told for subject, told in called.failures.items()}
    failed |= {program.name: told for program, told in started.failures.items()}
    return Measured(
        Suite(tuple(results), this_machine()),
        subjects=(*backends, *peers) if called.taken or called.failures else (),
        programs=tuple(programs) if started.taken or started.failures else (),
        failures=failed,
        interrupted=_missing("calls", called.missing, plan)
        + _missing("whole processes", plan.processes if called.missing else started.missing, plan)
        * bool(programs),
        load=load,
        processors=cpu_count() or 1,
    )


def _missing(what: str, rounds: int, plan: calls.Plan) -> tuple[str, ...]:
    if not rounds:
        return ()
    return (f"interrupted: {rounds} of {plan.processes} rounds of {what} are missing",)
