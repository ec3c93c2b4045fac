"""An attempt: a check that is tried on a backend, and watched while it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hellokit.testing.trial import VERBS, Trial
from hellokit.testing.watch import HangError, watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit.testing.contract import BackendContract
    from hellokit.testing.trial import Need

__tracebackhide__ = True
"""pytest shows a failure without the frames of this module."""

PATIENCES = 2
"""How many times its patience a check may go on without a call: longer than what it waits for."""


@attrs.define
class Attempt:
    """What came of trying something.

    Attributes:
        trial: the trial, if one could be made.
        missing: why it does not apply, if it does not.
        error: what it raised, if it did.
    """

    trial: Trial | None = None
    missing: str | None = None
    error: BaseException | None = None

    def signs(self) -> object:
        """Return what changes whenever a call begins or ends."""
        return None if self.trial is None else self.trial.signs()


def attempted(
    function: Callable[[BackendContract, Trial], None],
    contract: BackendContract,
    needs: Need | None = None,
) -> Attempt:
    """Try something on a backend, on a thread that is watched.

    A backend that does not promise `threads` is tried on this thread, and unwatched.

    Args:
        function: takes the contract's test class and a trial, and raises if it fails.
        contract: says which backend.
        needs: what it takes for this to make sense.
    """
    made = Attempt()

    def work() -> None:
        with Trial(contract) as made.trial:
            made.missing = made.trial.lacks(needs)
            if made.missing is None:
                function(contract, made.trial)

    try:
        if "threads" in {*contract.unsupported, *contract.not_yet}:
            work()
        else:
            watched(work, made.signs, PATIENCES * contract.patience_s)
    except BaseException as error:  # noqa: BLE001  # of whatever kind, it is told
        made.error = error
    return made


def inability(contract: BackendContract) -> BaseException | None:
    """Return what the first greeting of a new kit raises, if it does."""
    return attempted(_greet_first, contract).error


def _greet_first(_: BackendContract, trial: Trial) -> None:
    for verb in VERBS:
        trial.another().by(verb, "Ada")


def is_own(error: BaseException) -> bool:
    """Tell whether it is a check that complains, and not the backend that raises."""
    if isinstance(error, HangError):
        return True
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    place = "" if last is None else last.tb_frame.f_globals.get("__name__", "")
    return isinstance(error, AssertionError) and place.startswith("hellokit.testing.")
