"""A check: one thing that the contract demands of a backend, and what comes of trying it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs
import pytest

from hellokit.testing.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from hellokit.testing.contract import BackendContract

    Tell: TypeAlias = Callable[[str, Any], None]

Need: TypeAlias = Literal["leaf", "wrapping", "installed", "fork", "foretold"]

OUTCOME = "hellokit-contract"
COST = "hellokit-cost"
"""The names of the properties of a test report from which the summary is made."""


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
        function: takes the contract's test class and a `Trial`, and raises if the demand is
            not met.
    """

    name: str
    demand: str
    remedy: str
    since: int
    needs: Need | None
    required: bool
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

        def conclude(state: str, detail: str = "") -> None:
            tell(OUTCOME, [contract.backend, self.name, state, detail])

        if reason := contract.unsupported.get(self.name):
            conclude("not supported", reason)
            pytest.skip(f"not supported: {reason}")
        with Trial(contract) as trial:
            if reason := trial.lacks(self.needs):
                conclude("does not apply", reason)
                pytest.skip(f"does not apply: {reason}")
            try:
                self.function(contract, trial)
            except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it is, it is told
                if excuse := self._excuse(contract):
                    conclude(*excuse)
                    pytest.xfail(": ".join(excuse))
                conclude("broken")
                told = self._complaint(contract, error)
                raise told.with_traceback(error.__traceback__) from error.__cause__
        if reason := contract.not_yet.get(self.name):
            conclude("broken", "it works now")
            self._complain_of_working(contract, reason)
        conclude("kept")
        if trial.cost is not None:
            tell(COST, [contract.backend, trial.cost])

    def _excuse(self, contract: BackendContract) -> tuple[str, str] | None:
        """Return why the demand need not be met today, if it need not."""
        if reason := contract.not_yet.get(self.name):
            return "not yet", reason
        if self.since > contract.contract:
            return "of a later contract", f"version {self.since} demands: {self.demand}"
        return None

    def _complaint(self, contract: BackendContract, error: BaseException) -> BaseException:
        """Return the error with what is demanded and how to mend it; ours is kept as it is."""
        if isinstance(error, AssertionError):
            told, _, compared = str(error).partition("\n")  # the rest is pytest's
        else:
            told, compared = f"it raised {type(error).__name__}: {error}", ""
        message = (
            f"backend {contract.backend!r} does not keep {self.name!r}: {told}\n"
            f"Demanded: {self.demand}\n"
            f"To mend it: {self.remedy}\n{compared}"
        )
        if isinstance(error, AssertionError):
            error.args = (message,)
            return error
        return AssertionError(message)

    def _complain_of_working(self, contract: BackendContract, reason: str) -> NoReturn:
        pytest.fail(
            f"backend {contract.backend!r} keeps {self.name!r} now, which not_yet says it does "
            f"not ({reason}): remove {self.name!r} from not_yet of {type(contract).__qualname__}",
            pytrace=False,
        )


def check(
    remedy: str, *, since: int = 1, needs: Need | None = None, required: bool = False
) -> Callable[[Callable[[Any, Trial], None]], Callable[..., None]]:
    """Make a test of a check: a method that takes a `Trial`; its docstring is the demand.

    Args:
        remedy: how a backend that does otherwise is mended.
        since: the version of the contract that it comes with.
        needs: what it takes for the demand to make sense.
        required: whether no backend may declare this unsupported.
    """

    def made(function: Callable[[Any, Trial], None]) -> Callable[..., None]:
        name = function.__name__.removeprefix("test_")
        demand = " ".join((function.__doc__ or "").split())
        the = Check(name, demand, remedy, since, needs, required, function)

        def test(self: BackendContract, record_property: Tell) -> None:
            __tracebackhide__ = True
            the.run(self, record_property)

        test.__name__, test.__qualname__ = function.__name__, function.__qualname__
        test.__module__, test.__doc__ = function.__module__, function.__doc__
        vars(test)["check"] = the
        return test

    return made
