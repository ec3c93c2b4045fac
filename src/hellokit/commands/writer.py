"""The writer: what becomes of a greeting, as text or as JSON."""

from __future__ import annotations

from hellokit.commands.console import message, one_line
from hellokit.errors import HellokitError
from hellokit.kit import default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hellokit.commands.console import Console
    from hellokit.request import Request


class Writer:
    """Writes greetings and failures, each in its place.

    Args:
        console: where to.
        backend: the backend or chain that greets, for messages.
        as_json: whether to write JSON.
    """

    def __init__(self, console: Console, backend: str, *, as_json: bool) -> None:
        self.as_json = as_json
        self._console = console
        self._backend = backend
        self._locales: dict[str | None, str] = {}

    def greeted(self, text: str) -> None:
        """Write a greeting as text."""
        self._console.say(text if text.isprintable() else one_line(text))

    def greeted_json(self, text: str, request: Request, unit: str = "", number: int = 0) -> None:
        """Write a greeting as JSON.

        Args:
            text: the greeting.
            request: who was greeted.
            unit: what the input is counted in.
            number: the greeting's place in the input, from 1; 0 if it has none.
        """
        told = {"text": text, "names": list(request.names), "locale": self._locale(request.locale)}
        self._console.say_json(_placed(told, unit, number))

    def failed(
        self, error: BaseException, unit: str = "", number: int = 0, *, silent: bool = False
    ) -> None:
        """Report an error, after everything that was greeted before it.

        Args:
            error: what went wrong.
            unit: what the input is counted in.
            number: the failure's place in the input, from 1; 0 if it has none.
            silent: whether the exit code alone is to tell of it.
        """
        if silent:
            self._console.failed = True
            return
        self._console.flush()
        where = f"{unit} {number}" if number else f"backend {self._backend!r}"
        self._console.report(error, where if number or not isinstance(error, HellokitError) else "")
        if self.as_json:
            kind = type(error).__name__
            told = {"type": kind, "message": message(error).removeprefix(f"{kind}: ")}
            self._console.say_json(_placed({"error": told}, unit, number))

    def _locale(self, asked: str | None) -> str:
        """Return the tag of the wording that answers for what was asked."""
        if asked not in self._locales:
            self._locales[asked] = default.compose(locale=asked).locale
        return self._locales[asked]


def _placed(told: dict[str, Any], unit: str, number: int) -> dict[str, Any]:
    return {unit: number, **told} if number else told
