"""What the contract demands so that every call is counted exactly once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hellokit.testing.capture import capture_records
from hellokit.testing.check import check
from hellokit.testing.checks.wrapping import Trouble
from hellokit.testing.cost import Cost, holds_up, race
from hellokit.testing.scripted import ScriptedBackend
from hellokit.testing.trial import VERBS

if TYPE_CHECKING:
    from hellokit.testing.trial import Trial

NAMES = ("Ada", "Grace", "Alan", "Edsger")


class CountingChecks:
    """The checks of counts and records."""

    @check(
        "do not greet through the kit under your own name: call inner or words; "
        "the kit counts, a backend need not",
        required=True,
    )
    def test_counting(self, trial: Trial) -> None:
        """Each call is counted once, as a call that went well, and none is left in flight."""
        made, times_plain = race(trial)
        trial.cost = Cost(times_plain, holds_up(trial))
        for name in NAMES:
            trial.greet_async(name)
        counted = trial.counted()
        assert counted.calls == made + len(NAMES), "the kit counted otherwise than was greeted"
        assert counted.errors == {}, "calls that went well were counted as failed"
        assert counted.in_flight == 0, "calls that have ended are counted as running"

    @check("do not call hellokit_record: the kit tells every sink of every call", required=True)
    def test_records(self, trial: Trial) -> None:
        """Each call gives every sink one record, without an error, with what was greeted."""
        with capture_records(trial.kit) as records:
            for name in NAMES:
                for verb in VERBS:
                    trial.by(verb, name)
        own = [record for record in records if record.backend == trial.name]
        expected = [(name,) for name in NAMES for _ in VERBS]
        assert [each.request.names for each in own] == expected, "the records are not the calls"
        assert [each.error for each in own] == [None] * len(own), "records tell of errors"

    @check(
        "let a call end as it ended, and greet no second time through the kit",
        needs="wrapping",
        required=True,
    )
    def test_outcomes(self, trial: Trial) -> None:
        """A call is counted as failed if and only if it failed, with the error of the caller."""
        for verb in VERBS:
            failing = trial.another(ScriptedBackend(failures=[None, Trouble("now and then")]))
            with capture_records(failing.kit) as records:
                seen = [failing.outcome(verb, name) for name in NAMES]
            counted = failing.counted()
            assert counted.calls == len(NAMES), f"the kit counted otherwise than {verb} was called"
            errors = Counter(type(error).__name__ for error in seen if error is not None)
            assert counted.errors == errors, "the errors counted are not those that were raised"
            told = [each.error for each in records if each.backend == trial.name]
            assert told == seen, "the errors in the records are not those that were raised"
