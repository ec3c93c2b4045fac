"""The log sink: one structured line per call, or per so many calls. Names never enter a line."""

from __future__ import annotations

import os
from itertools import count

from hellokit.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hellokit.metering.record import Record


def log_sink(path: str | None) -> LogSink:
    """Return the sink that appends to the file at `path`, or logs if there is none."""
    return LogSink(_Appender(path), extra=_moment) if path else LogSink()


class LogSink:
    """Writes each record as one JSON object on one line.

    Args:
        write: takes a line; None logs it to the logger `hellokit.calls` at level INFO.
        emit: takes the fields of a line as keyword arguments, for a logger that makes lines of
            its own, such as structlog's; then none is made here.
        every: of each backend, the first call is written, and then every so many-th one. Calls
            that fail are all written.
        extra: takes a record and returns more fields, such as the ids of a trace. It runs in the
            thread and the context of the call.

    Raises:
        SettingsError: if `every` is not a whole number, at least 1.

    >>> from hellokit import Kit
    >>> lines = []
    >>> with Kit(plugins=[LogSink(lines.append)]) as kit:
    ...     text = kit.greet("Ada")
    >>> lines[0].startswith('{"backend": "plain", "outcome": "ok", "duration_ns": ')
    True
    """

    def __init__(
        self,
        write: Callable[[str], object] | None = None,
        *,
        emit: Callable[..., object] | None = None,
        every: int = 1,
        extra: Callable[[Record], Mapping[str, Any]] | None = None,
    ) -> None:
        if type(every) is not int or every < 1:
            raise SettingsError(f"every is {every!r}: use a whole number, at least 1")
        self._write = write or _logger()
        self._emit = emit
        self._every = every
        self._extra = extra
        self._counts: dict[str, count[int]] = {}

    def hellokit_record(self, record: Record) -> None:
        """Write `record`, if it is one of those to be written."""
        # Threads share this, and what counts must not be interrupted: next() is one step.
        turn = next(self._counts.setdefault(record.backend, count()))
        if record.error is None and turn % self._every:
            return
        fields = {**_fields(record), **(self._extra(record) if self._extra else {})}
        if self._emit is not None:
            self._emit(**fields)
        else:
            self._write(_line(fields))

    def hellokit_closing(self) -> None:
        """Close the file, if it writes one."""
        close = getattr(self._write, "close", None)
        if close is not None:
            close()


def _fields(record: Record) -> dict[str, Any]:
    error = record.error
    return {
        "backend": record.backend,
        "outcome": "ok" if error is None else "error",
        "duration_ns": record.duration_ns,
        "names": len(record.request.names),
        "locale": record.request.locale,
        **({} if error is None else {"error_type": type(error).__name__}),
        "attributes": dict(record.attributes),
    }


def _line(fields: Mapping[str, Any]) -> str:
    """Return the fields as one line: JSON escapes whatever else could break it."""
    import json

    return json.dumps(fields, ensure_ascii=True, default=str)


def _moment(record: Record) -> dict[str, float]:  # noqa: ARG001  # as `extra` is called
    import time

    return {"time": time.time()}


def _logger() -> Callable[[str], object]:
    import logging

    return logging.getLogger("hellokit.calls").info


class _Appender:
    """Appends lines to a file, each in one write, so that processes can share the file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._opened: list[int] = []

    def __call__(self, line: str) -> None:
        os.write(self._file(), f"{line}\n".encode())

    def _file(self) -> int:
        if not self._opened:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._opened.append(os.open(self._path, flags, 0o644))
        return self._opened[0]

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        while self._opened:
            os.close(self._opened.pop())
