"""Runs: a load in a thread of its own, so that the main one can watch it, and end it."""

from __future__ import annotations

from threading import Thread
from time import perf_counter_ns
from typing import TYPE_CHECKING

from hellokit_bench.loading.generator import Generator
from hellokit_bench.loading.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit_bench.loading.plan import Plan
    from hellokit_bench.loading.slot import Target

LOOK_S = 0.25
PATIENCE_S = 1.0
"""How long to wait for the load to end that was told to."""


def carry_out(
    plan: Plan, target: Target, watch: Callable[[Generator], None] = lambda _: None
) -> Outcome:
    """Put a target under load.

    An interrupt ends the load, and not the measuring of what it was until then.

    Args:
        plan: what the load is to be.
        target: what is called.
        watch: is shown the generator four times a second.

    Returns:
        What became of it.

    Raises:
        HellokitError: if the target cannot be called at all.
    """
    run = _Run(Generator(plan, target))
    interrupted = held = False
    run.start()
    try:
        while not (run.generator.is_over.wait(LOOK_S) or held):
            watch(run.generator)
            held = run.is_held()
    except KeyboardInterrupt:
        interrupted = True
    run.end()
    return run.outcome(interrupted=interrupted, held=held)


class _Run(Thread):
    def __init__(self, generator: Generator) -> None:
        super().__init__(name="hellokit-load", daemon=True)
        self.generator = generator
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self.generator.run()
        except BaseException as error:  # noqa: BLE001  # the main thread raises it
            self._error = error
        finally:
            self.generator.is_over.set()

    def is_held(self) -> bool:
        """Tell whether the loop stands still for longer than a call may take."""
        patience_ns = (self.generator.plan.timeout_s + PATIENCE_S) * 1e9
        return perf_counter_ns() - self.generator.beat_ns > patience_ns

    def end(self) -> None:
        """End the load, if it has not."""
        if not self.generator.is_over.is_set():
            self.generator.stop()
        self.join(PATIENCE_S)  # calls that heed no end keep it, although the load is over
        if self._error is not None:
            raise self._error

    def outcome(self, *, interrupted: bool, held: bool) -> Outcome:
        """Return what is known now."""
        made, target = self.generator, self.generator.target
        now_ns = perf_counter_ns() if held else made.beat_ns
        elapsed_s = (now_ns - made.began_ns) / 1e9 if made.began_ns else 0.0
        made.tally.fold(elapsed_s)
        return Outcome(
            label=target.label,
            plan=made.plan,
            tally=made.tally,
            elapsed_s=elapsed_s,
            idle_s=made.idle_ns / 1e9,
            cpu_s=made.cpu_ns / 1e9,
            in_flight=made.in_flight,
            in_process=target.in_process,
            interrupted=interrupted,
            held=held,
            statuses=target.statuses,
            received_bytes=target.received_bytes,
        )
