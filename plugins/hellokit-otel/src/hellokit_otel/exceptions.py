"""Exceptions as spans tell them: where and why, and none of their words."""

from __future__ import annotations

from traceback import format_tb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FOLLOWED = "\nwhich was followed by\n\n"


def told(error: BaseException) -> dict[str, str]:
    r"""Return the attributes of the event that tells of an exception.

    Messages are left out, as the name of a person may stand in one: whole or in part, escaped or
    in capitals, so that no filter would find it.

    Args:
        error: the exception.

    >>> told(LookupError("no customer Ada"))
    {'exception.type': 'LookupError', 'exception.stacktrace': 'LookupError\n'}
    """
    traces = [f"{''.join(format_tb(each.__traceback__))}{_type(each)}\n" for each in _chain(error)]
    return {
        "exception.type": _type(error),
        "exception.stacktrace": FOLLOWED.join(reversed(traces)),
    }


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, its cause or context, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        context = None if error.__suppress_context__ else error.__context__
        error = error.__cause__ or context


def _type(error: BaseException) -> str:
    kind = type(error)
    builtin = kind.__module__ == "builtins"
    return kind.__qualname__ if builtin else f"{kind.__module__}.{kind.__qualname__}"
