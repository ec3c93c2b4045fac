"""A trial: a backend in a kit of its own, in front of an inner one that does what it is told."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from hellokit import BackendMetrics, ChainError, ContractError, Kit, Settings
from hellokit.testing.scripted import ScriptedBackend
from hellokit.testing.watch import HangError, watched

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import Any, Self

    from hellokit.testing.contract import BackendContract
    from hellokit.testing.cost import Cost

    T = TypeVar("T")

Need: TypeAlias = Literal["leaf", "wrapping", "installed", "fork", "agreement", "foretold"]

__tracebackhide__ = True
"""pytest shows a failure without the frames of this module."""

INNER = "contract-inner"
"""The name of the backend behind a wrapping one."""

ASIDE = 1.5
"""How many times its patience a loop may go on without a call: a check waits for one thing."""

VERBS = ("greet", "greet_async")
"""The ways to greet; each is a method of a trial."""

REASONS: dict[Need, str] = {
    "leaf": "it wraps another backend, whose text it is",
    "wrapping": "it is a leaf, and calls no other backend",
    "installed": "the test registers it, it is not installed",
    "fork": "this platform has no fork",
    "agreement": "what it says cannot be foretold, as it declares of agreement",
    "foretold": "what it says cannot be foretold, as it declares of agreement or repetition",
}


class Trial:
    """A backend in a kit of its own, with default settings, whatever the environment says.

    It is a context manager, which closes its kit and those of the trials that it made.

    Args:
        contract: says which backend.
        inner: what stands behind it if it is a wrapping one; a `ScriptedBackend` if None.
        wraps: whether it is a wrapping one; None to find out.
        **settings: of the kit.

    Attributes:
        kit: the kit.
        chain: what to greet through.
        name: the name under which the backend itself is counted.
        inner: what stands behind it; a leaf never calls it.
        wraps: whether it is a wrapping backend.
        patience_s: how long what might hang is waited for, in seconds.
        watched: whether it hangs if it does not greet for long.
        cost: what a greeting costs, if a check has measured it.
    """

    def __init__(
        self,
        contract: BackendContract,
        inner: object = None,
        *,
        wraps: bool | None = None,
        **settings: Any,
    ) -> None:
        if not getattr(contract, "backend", None):
            raise ContractError(
                f"{type(contract).__qualname__} names no backend: set backend to the name "
                "of an installed one, or to one for its plugin"
            )
        self.contract = contract
        self.patience_s = contract.patience_s
        self.watched = True
        self.cost: Cost | None = None
        self.name = contract.backend.split("+")[0].strip()
        self.inner: Any = ScriptedBackend() if inner is None else inner
        self._others: list[Trial] = []
        self.kit = Kit(Settings(**settings), discover=contract.plugin is None)
        try:
            if contract.plugin is not None:
                self.kit.register_backend(self.name, contract.plugin)
            self.wraps = _wraps(self.kit, contract.backend) if wraps is None else wraps
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
        other = Trial(self.contract, inner, wraps=self.wraps, **settings)
        other._others = self._others
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

    def lacks(self, need: Need | None) -> str | None:
        """Return why a check that needs something does not apply, if it does not."""
        import os

        has: dict[Need, bool] = {
            "leaf": not self.wraps,
            "wrapping": self.wraps,
            "installed": self.contract.plugin is None,
            "fork": hasattr(os, "fork"),
            "agreement": self.promises("agreement"),
            "foretold": self.foretold,
        }
        return None if need is None or has[need] else REASONS[need]

    # Greeting through it

    def greet(self, *names: str | None, **options: Any) -> str:
        """Greet through the backend."""
        return self.kit.greet(*names, backend=self.chain, **options)

    def greet_async(self, *names: str | None, **options: Any) -> str:
        """Greet through the backend in an event loop of its own.

        Raises:
            HangError: if it does not end in time.
        """

        async def main() -> str:
            try:
                async with asyncio.timeout(self.patience_s) as limit:
                    return await self.kit.greet_async(*names, backend=self.chain, **options)
            except TimeoutError:
                if not limit.expired():
                    raise
                late = f"greet_async did not end within {self.patience_s:g} s"
                raise HangError(late) from None

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

    def signs(self) -> object:
        """Return what changes whenever a call begins or ends."""
        if not self.watched:
            return object()
        return [each.kit.metrics() for each in (self, *self._others)]

    def aside(self, main: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on a loop and a thread of its own.

        Raises:
            HangError: if it hangs.
        """
        return watched(lambda: asyncio.run(main), self.signs, ASIDE * self.patience_s)


def _wraps(kit: Kit, backend: str) -> bool:
    """Tell whether a backend takes another one behind it. It is bound for that, and not called."""
    list(kit.greet_many((), backend=backend))  # what is wrong with its own name is told first
    try:
        list(kit.greet_many((), backend=f"{backend}+plain"))
    except ChainError:
        return False
    return True
