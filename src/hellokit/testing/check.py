"""A check: one thing that the contract demands of a backend, and what comes of trying it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import attrs
import pytest

from hellokit import ContractError
from hellokit.testing.advice import advice
from hellokit.testing.attempt import attempted, inability, is_own
from hellokit.testing.declarations import verify_unchanged
from hellokit.testing.watch import HangError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeAlias

    from hellokit.testing.attempt import Attempt
    from hellokit.testing.contract import BackendContract
    from hellokit.testing.trial import Need, Trial

    Tell: TypeAlias = Callable[[str, Any], None]

OUTCOME = "hellokit-contract"
COST = "hellokit-cost"
"""The names of the properties of a test report from which the summary is made."""

_unable: WeakSet[type[BackendContract]] = WeakSet()
"""The classes of which it was told that the backend cannot greet at all."""


@attrs.frozen
class Check:
    """One thing that the contract demands of a backend.

    Attributes:
        name: the capability that it tries; its test is called `test_` and this.
        demand: what is demanded, in one sentence.
        remedy: how a backend that does otherwise is mended.
        since: the version of the contract that it came with.
        needs: what it takes for the demand to make sense, or None.
        required: whether no backend may declare this unsupported.
        certain: whether one that is declared unsupported is tried all the same, as it harms
            nothing, and to pass says that the declaration is not needed.
        function: takes the contract's test class and a `Trial`, and raises if the demand is
            not met.
    """

    name: str
    demand: str
    remedy: str
    since: int
    needs: Need | None
    required: bool
    certain: bool
    function: Callable[[Any, Trial], None]

    def run(self, contract: BackendContract, tell: Tell) -> None:
        """Try it: pass, or skip, xfail or fail with what is to be known about it.

        Args:
            contract: an instance of the contract's test class.
            tell: takes the name and the value of a property of the test's report.

        Raises:
            AssertionError: if the demand is not met.
        """
        __tracebackhide__ = True

        def conclude(state: str, detail: str = "", explanation: str = "") -> None:
            tell(OUTCOME, [contract.backend, self.name, state, detail])
            if explanation:
                pytest.skip(explanation)

        verify_unchanged(contract)
        if type(contract) in _unable:
            conclude("not tried", "", "not tried: its first greeting fails, as was told before")
        reason = contract.unsupported.get(self.name)
        if reason and not self._is_kept(contract):
            conclude("not supported", reason, f"not supported: {reason}")
        if reason:
            conclude("declared unsupported, yet kept", "", f"declared unsupported: {reason}")
        attempt = attempted(self.function, contract, self.needs)
        if attempt.missing:
            conclude("does not apply", attempt.missing, f"does not apply: {attempt.missing}")
        if attempt.error is not None:
            if excuse := self._excuse(contract, attempt.error):
                conclude(*excuse)
                pytest.xfail(": ".join(excuse))
            conclude("broken")
            self._complain(contract, attempt.error)
        if reason := contract.not_yet.get(self.name):
            conclude("broken", "it works now")
            self._complain_of_working(contract, reason)
        conclude("kept")
        _tell_cost(attempt, contract, tell)

    def _is_kept(self, contract: BackendContract) -> bool:
        """Tell whether a demand is met that need not be, as far as it can be tried."""
        if not self.certain:
            return False
        attempt = attempted(self.function, contract, self.needs)
        return attempt.error is None and not attempt.missing

    def _excuse(self, contract: BackendContract, error: BaseException) -> tuple[str, str] | None:
        """Return why the demand need not be met today, if it need not."""
        if not isinstance(error, Exception | SystemExit):
            return None
        if reason := contract.not_yet.get(self.name):
            return "not yet", reason
        if self.since > contract.contract:
            return "of a later contract", f"version {self.since} demands: {self.demand}"
        return None

    def _complain(self, contract: BackendContract, error: BaseException) -> NoReturn:
        """Raise the error with what is demanded and how to mend it; ours is kept as it is."""
        __tracebackhide__ = True
        first = None
        if not is_own(error) or isinstance(error, HangError):
            first = inability(contract)
        error = error if first is None else first
        if first is not None:
            _unable.add(type(contract))
        if isinstance(error, ContractError) or not isinstance(error, Exception | SystemExit):
            raise error
        told, _, compared = _told(error).partition("\n")  # the rest is pytest's
        broken, demand = f"does not keep {self.name!r}", self.demand
        if first is not None:
            broken, demand = "cannot greet", "The first greeting of a kit gets a text."
        message = (
            f"backend {contract.backend!r} {broken}: {told}\n"
            f"Demanded: {demand}\n"
            f"To mend it: {advice(told, error, self.remedy)}\n{compared}"
        )
        if isinstance(error, HangError):
            pytest.fail(message.rstrip(), pytrace=False)  # the place is in the message
        if isinstance(error, AssertionError):
            error.args = (message,)
            raise error
        raise AssertionError(message).with_traceback(error.__traceback__) from error.__cause__

    def _complain_of_working(self, contract: BackendContract, reason: str) -> NoReturn:
        __tracebackhide__ = True
        pytest.fail(
            f"backend {contract.backend!r} keeps {self.name!r} now, which not_yet says it does "
            f"not ({reason}): remove {self.name!r} from not_yet of {type(contract).__qualname__}",
            pytrace=False,
        )


def _hidden(info: pytest.ExceptionInfo[BaseException]) -> bool:
    """Tell whether pytest hides the first frame: it tells so itself where it shows none at all."""
    return not info.errisinstance(pytest.fail.Exception)


def _told(error: BaseException) -> str:
    """Return what an error says in a complaint."""
    if isinstance(error, AssertionError) and is_own(error):
        return str(error)
    return f"it raised {type(error).__name__}: {error}"


def _tell_cost(attempt: Attempt, contract: BackendContract, tell: Tell) -> None:
    if attempt.trial is not None and attempt.trial.cost is not None:
        cost = attempt.trial.cost
        tell(COST, [contract.backend, cost.times_plain, cost.holds_up])


def check(
    remedy: str,
    *,
    since: int = 1,
    needs: Need | None = None,
    required: bool = False,
    certain: bool = False,
) -> Callable[[Callable[[Any, Trial], None]], Callable[..., None]]:
    """Make a test of a check: a method that takes a `Trial`; its docstring is the demand.

    Args:
        remedy: how a backend that does otherwise is mended.
        since: the version of the contract that it comes with.
        needs: what it takes for the demand to make sense.
        required: whether no backend may declare this unsupported.
        certain: whether it is tried even if it is declared unsupported.
    """

    def made(function: Callable[[Any, Trial], None]) -> Callable[..., None]:
        name = function.__name__.removeprefix("test_")
        demand = " ".join((function.__doc__ or "").split())
        the = Check(name, demand, remedy, since, needs, required, certain, function)

        def test(self: BackendContract, record_property: Tell) -> None:
            __tracebackhide__ = _hidden
            the.run(self, record_property)

        test.__name__, test.__qualname__ = function.__name__, function.__qualname__
        test.__module__, test.__doc__ = function.__module__, function.__doc__
        vars(test)["check"] = the
        return test

    return made
