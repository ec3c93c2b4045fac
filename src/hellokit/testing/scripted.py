"""A backend that does what a test tells it to."""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, TypeAlias

from hellokit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit import Request

    Error: TypeAlias = BaseException | type[BaseException]


class ScriptedBackend:
    """A leaf that does what a test tells it to: takes its time, fails, says what it should.

    Calls are numbered from 0 in the order in which they begin. A sequence holds for call after
    call, and begins anew at its end. It has both colours, and declares to block if it takes time.

    Args:
        latency_s: how long a call takes, in seconds: one number, or one for each call.
        failures: what calls raise: exceptions (or their classes) by the number of the call, or a
            sequence of them, with None for a call that goes well.
        text: what it says: a text, one for each call, or a function of the request; None for
            the words that the kit composes.

    Attributes:
        requests: the request of each call, in their order.
        blocking: whether a call takes time, so that the kit keeps the sync one off event loops.

    Raises:
        SettingsError: if `latency_s` is no number of seconds, `failures` has something else
            than exceptions, or `text` than texts.

    >>> from hellokit import Kit
    >>> scripted = ScriptedBackend(failures={1: TimeoutError("too late")})
    >>> with Kit(discover=False) as kit:
    ...     undo = kit.register_backend("scripted", scripted)
    ...     list(kit.greet_many(["Ada", "Grace", "Alan"], backend="scripted", on_error="skip"))
    ['Hello, Ada!', 'Hello, Alan!']
    >>> scripted.requests
    [Request('Ada', locale='en', isolate='auto'), Request('Grace', ...), Request('Alan', ...)]
    """

    def __init__(
        self,
        *,
        latency_s: float | Sequence[float] = 0.0,
        failures: Mapping[int, Error] | Sequence[Error | None] = (),
        text: str | Sequence[str] | Callable[[Request], str] | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self._latencies = _latencies(latency_s)
        self.blocking = any(self._latencies)
        self._failures = _failures(failures)
        self._text = _texts(text)
        self._lock = allocate_lock()

    def hellokit_greet(self, request: Request, words: Callable[[Request], str]) -> str:
        """Wait in this thread, then fail or return the text."""
        number = self._begin(request)
        if latency := self._latency(number):
            from time import sleep

            sleep(latency)
        return self._end(number, request, words)

    async def hellokit_greet_async(self, request: Request, words: Callable[[Request], str]) -> str:
        """Wait without blocking the loop, then fail or return the text."""
        number = self._begin(request)
        if latency := self._latency(number):
            from asyncio import sleep

            await sleep(latency)
        return self._end(number, request, words)

    def _begin(self, request: Request) -> int:
        """Note the request; return the number of its call."""
        with self._lock:
            self.requests.append(request)
            return len(self.requests) - 1

    def _latency(self, number: int) -> float:
        return self._latencies[number % len(self._latencies)]

    def _failure(self, number: int) -> Error | None:
        failures = self._failures
        if isinstance(failures, Mapping):
            return failures.get(number)
        return failures[number % len(failures)] if failures else None

    def _end(self, number: int, request: Request, words: Callable[[Request], str]) -> str:
        failure = self._failure(number)
        if failure is not None:
            raise failure
        if self._text is None:
            return words(request)
        if callable(self._text):
            return self._text(request)
        return self._text[number % len(self._text)]


def _latencies(given: object) -> tuple[float, ...]:
    """Return the latency of each call, in seconds.

    Raises:
        SettingsError: if one is not a number from 0 on, or there is none.
    """
    found = tuple(given) if isinstance(given, Iterable) else (given,)
    if not found or not all(_is_duration(each) for each in found):
        raise SettingsError(
            f"latency_s is {given!r}: pass a number of seconds from 0 on, or a sequence of them"
        )
    return found


def _failures(
    given: Mapping[int, Error] | Sequence[Error | None],
) -> Mapping[int, Error] | Sequence[Error | None]:
    """Return what calls raise.

    Raises:
        SettingsError: if it is neither a mapping of numbers to exceptions nor a sequence.
    """
    if isinstance(given, Mapping):
        right = all(type(number) is int and number >= 0 for number in given)
        errors = list(given.values())
    else:
        right = isinstance(given, Sequence) and not isinstance(given, str | bytes)
        errors = [error for error in given if error is not None] if right else []
    if not right or not all(map(_is_error, errors)):
        raise SettingsError(
            f"failures is {given!r}: pass exceptions by the number of the call, as in "
            "{0: TimeoutError()}, or a sequence of them, with None for a call that goes well"
        )
    return given


def _is_error(value: object) -> bool:
    kind = value if isinstance(value, type) else type(value)
    return issubclass(kind, BaseException)


def _texts(
    given: str | Sequence[str] | Callable[[Request], str] | None,
) -> Sequence[str] | Callable[[Request], str] | None:
    """Return the texts of the calls, or the function that makes them.

    Raises:
        SettingsError: if it is none of these.
    """
    if given is None or callable(given):
        return given
    texts = (given,) if isinstance(given, str) else given
    if (
        not isinstance(texts, Sequence)
        or not texts
        or not all(isinstance(each, str) for each in texts)
    ):
        raise SettingsError(
            f"text is {given!r}: pass a text, one for each call, a function of the request, "
            "or None for the words of the kit"
        )
    return texts


def _is_duration(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf
