"""The contract of backends, as a class of tests."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from hellokit.testing.checks.counting import CountingChecks
from hellokit.testing.checks.lifetime import LifetimeChecks
from hellokit.testing.checks.running import RunningChecks
from hellokit.testing.checks.surroundings import SurroundingsChecks
from hellokit.testing.checks.texts import TextChecks
from hellokit.testing.checks.wrapping import WrappingChecks
from hellokit.testing.declarations import CONTRACT_VERSION, verify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hellokit.testing.check import Check


class BackendContract(
    LifetimeChecks, RunningChecks, CountingChecks, WrappingChecks, TextChecks, SurroundingsChecks
):
    """What every backend keeps to: subclass it, name a backend, and pytest tries all of it.

    Each check is a test by the name of a capability. A subclass adds tests of its own, and
    declares what its backend does not do; it cannot redefine a check.

    Attributes:
        backend: the name of an installed backend, or a chain; with `plugin`, any name for it.
        plugin: a class, an object or a module to register by that name; None for an installed
            backend. A fixture may set it and `backend` on `self`, and nothing else.
        contract: the version of the contract that the backend was written for. Checks of a later
            one are tried and reported, and fail no test.
        unsupported: by capability, why the backend does without it by design: its check is
            skipped, or tried without harm, and the summary tells if it is kept.
        not_yet: by capability, why the backend does not have it today: its check is expected to
            fail, and to pass is an error, which says to remove the entry.
        patience_s: how long a check waits for what might hang, in seconds; twice as long for
            a check. Raise it while you debug: what waits at a breakpoint hangs, too.

    Raises:
        ContractError: if a subclass redefines a check, or declares what there is not.
    """

    backend: str = ""
    plugin: Any = None
    contract: ClassVar[int] = CONTRACT_VERSION
    unsupported: ClassVar[Mapping[str, str]] = MappingProxyType({})
    not_yet: ClassVar[Mapping[str, str]] = MappingProxyType({})
    patience_s: ClassVar[float] = 10.0

    def __init_subclass__(cls, **options: Any) -> None:
        """Refuse a subclass that changes the contract, or declares what makes no sense."""
        super().__init_subclass__(**options)
        verify(cls, BackendContract, CHECKS)


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        name.removeprefix("test_"): test.check
        for mixin in reversed(BackendContract.__bases__)  # as pytest does
        for name, test in vars(mixin).items()
        if name.startswith("test_")
    }
)
"""The checks by the capabilities that they try, in the order in which they run."""
