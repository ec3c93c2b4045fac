"""A trial: a backend in a kit of its own, in front of an inner one that does what it is told."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from hellokit import BackendMetrics, ChainError, ContractError, Kit, Settings
from hellokit.testing.scripted import ScriptedBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import Any, Self

    from hellokit.testing.contract import BackendContract

    T = TypeVar("T")

INNER = "contract-inner"
"""The name of the backend behind a wrapping one."""

VERBS = ("greet", "greet_async")
"""The ways to greet; each is a method of a trial."""

REASONS = {
    "leaf": "it wraps another backend, whose text it is",
    "wrapping": "it is a leaf, and calls no other backend",
    "installed": "the test registers it, it is not installed",
    "fork": "this platform has no fork",
    "foretold": "what it says cannot be foretold, as it declares of agreement",
}


class Trial:
    """A backend in a kit of its own, with default settings, whatever the environment says.

    It is a context manager, which closes its kit and those of the trials that it made.

    Args:
        contract: says which backend.
        inner: what stands behind it if it is a wrapping one; a `ScriptedBackend` if None.
        **settings: of the kit.

    Attributes:
        kit: the kit.
        chain: what to greet through.
        name: the name under which the backend itself is counted.
        inner: what stands behind it; a leaf never calls it.
        wraps: whether it is a wrapping backend.
        patience_s: how long what might hang is waited for, in seconds.
        cost: the cost of a greeting over that of `plain`, if a check has measured it.
    """

    def __init__(self, contract: BackendContract, inner: object = None, **settings: Any) -> None:
        if not getattr(contract, "backend", None):
            raise ContractError(
                f"{type(contract).__qualname__} names no backend: set backend to the name "
                "of an installed one, or to one for its plugin"
            )
        self.contract = contract
        self.patience_s = contract.patience_s
        self.cost: float | None = None
        self.name = contract.backend.split("+")[0].strip()
        self.inner: Any = ScriptedBackend() if inner is None else inner
        self._others: list[Trial] = []
        self.kit = Kit(Settings(**settings), discover=contract.plugin is None)
        try:
            if contract.plugin is not None:
                self.kit.register_backend(self.name, contract.plugin)
            self.wraps = _wraps(self.kit, contract.backend)
            if self.wraps:
                self.kit.register_backend(INNER, self.inner)
        except BaseException:
            self.kit.close()
            raise
        self.chain = f"{contract.backend}+{INNER}" if self.wraps else contract.backend

    def __enter__(self) -> Self:
        """Return the trial."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all of its kits."""
        for each in (*self._others, self):
            each.kit.close()

    def another(self, inner: object = None, **settings: Any) -> Trial:
        """Return a trial of the same backend in another kit."""
        other = Trial(self.contract, inner, **settings)
        self._others.append(other)
        return other

    # What is known of the backend

    def promises(self, *capabilities: str) -> bool:
        """Tell whether the backend declares nothing against any of these."""
        declared = {*self.contract.unsupported, *self.contract.not_yet}
        return declared.isdisjoint(capabilities)

    @property
    def foretold(self) -> bool:
        """Whether a greeting's text follows from its request alone."""
        return self.promises("agreement", "repetition")

    @property
    def composes(self) -> bool:
        """Whether its text, or that of what is behind it, is the one that the kit composes."""
        kept = "transparency" if self.wraps else "composition"
        return self.foretold and self.promises(kept)

    def lacks(self, need: str | None) -> str | None:
        """Return why a check that needs something does not apply, if it does not."""
        import os

        has = {
            None: True,
            "leaf": not self.wraps,
            "wrapping": self.wraps,
            "installed": self.contract.plugin is None,
            "fork": hasattr(os, "fork"),
            "foretold": self.promises("agreement"),
        }
        return None if need is None or has[need] else REASONS[need]

    # Greeting through it

    def greet(self, *names: str | None, **options: Any) -> str:
        """Greet through the backend."""
        return self.kit.greet(*names, backend=self.chain, **options)

    def greet_async(self, *names: str | None, **options: Any) -> str:
        """Greet through the backend in an event loop of its own; what hangs is a TimeoutError."""

        async def main() -> str:
            async with asyncio.timeout(self.patience_s):
                return await self.kit.greet_async(*names, backend=self.chain, **options)

        return asyncio.run(main())

    def by(self, verb: str, *names: str | None, **options: Any) -> str:
        """Greet by one of the `VERBS`."""
        text: str = getattr(self, verb)(*names, **options)
        return text

    def outcome(self, verb: str, *names: str) -> BaseException | None:
        """Greet by one of the `VERBS`; return what was raised, or None."""
        try:
            self.by(verb, *names)
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is the outcome
            return error
        return None

    def counted(self) -> BackendMetrics:
        """Return what the kit has counted for the backend itself."""
        return self.kit.metrics().backends.get(self.name, BackendMetrics())

    # Waiting for it

    def until(self, happened: Callable[[], bool]) -> bool:
        """Wait for what other threads do; return whether it happened."""
        end = time.monotonic() + self.patience_s
        while not (done := happened()) and time.monotonic() < end:
            time.sleep(0.002)
        return done

    def aside(self, main: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on a loop and a thread of its own, which is left behind if it hangs.

        Raises:
            TimeoutError: if it does.
        """
        results: list[T] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                results.append(asyncio.run(main))
            except BaseException as error:  # noqa: BLE001  # raised again in the test's thread
                errors.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(2 * self.patience_s)
        if errors:
            raise errors[0]
        if not results:
            raise TimeoutError(f"its event loop did not end within {2 * self.patience_s:g} s")
        return results[0]


def _wraps(kit: Kit, backend: str) -> bool:
    """Tell whether a backend takes another one behind it. It is bound for that, and not called."""
    list(kit.greet_many((), backend=backend))  # what is wrong with its own name is told first
    try:
        list(kit.greet_many((), backend=f"{backend}+plain"))
    except ChainError:
        return False
    return True
