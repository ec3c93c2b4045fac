"""The contract on installed backends without a test file: what `--hellokit-backend` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hellokit import ContractError, HellokitError
from hellokit.testing.contract import CHECKS, BackendContract
from hellokit.testing.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hellokit.testing.check import Check


class InstalledBackend(pytest.Collector):
    """One backend, as a node of pytest's tree."""

    contract: BackendContract

    def collect(self) -> Iterator[InstalledCheck]:
        """Yield its checks."""
        for check in CHECKS.values():
            item = InstalledCheck.from_parent(self, name=check.name)
            item.contract, item.check = self.contract, check
            yield item


class InstalledCheck(pytest.Item):
    """One check of one backend, as a test."""

    contract: BackendContract
    check: Check

    def runtest(self) -> None:
        """Try it."""
        self.check.run(
            self.contract, lambda name, value: self.user_properties.append((name, value))
        )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: object) -> Any:
        """Return what pytest shows of a failure: the check, and what it has called."""
        excinfo.traceback = excinfo.traceback.cut(path=self.check.function.__code__.co_filename)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[str, None, str]:
        """Return what pytest calls it."""
        return "hellokit", None, f"{self.contract.backend}: {self.check.name}"


def prepare(config: pytest.Config) -> None:
    """Check the options; without paths, let pytest collect nothing else.

    Raises:
        pytest.UsageError: if a backend or a capability is not known, or cannot be used.
    """
    if not config.option.hellokit_backend:
        raise pytest.UsageError("--hellokit-unsupported goes with --hellokit-backend NAME")
    try:
        for contract in contracts(config):
            Trial(contract).kit.close()
    except HellokitError as error:
        raise pytest.UsageError(str(error)) from error
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args[:] = []


def contracts(config: pytest.Config) -> list[BackendContract]:
    """Return a contract for each backend that the options name.

    Raises:
        ContractError: if a capability is not known, or demanded of every backend.
    """
    unsupported = dict.fromkeys(config.option.hellokit_unsupported, "by --hellokit-unsupported")
    for name in unsupported:
        if name in CHECKS and CHECKS[name].required:
            raise ContractError(
                f"--hellokit-unsupported {name} cannot be: {name!r} is demanded of every backend"
            )
    return [
        type(
            "--hellokit-backend", (BackendContract,), {"backend": name, "unsupported": unsupported}
        )()
        for name in dict.fromkeys(config.option.hellokit_backend)
    ]


def collect(session: pytest.Session) -> Iterator[pytest.Item]:
    """Yield the checks of the backends that the options name."""
    for contract in contracts(session.config):
        backend = InstalledBackend.from_parent(
            session, name=contract.backend, nodeid=f"hellokit::{contract.backend}"
        )
        backend.contract = contract
        yield from backend.collect()
