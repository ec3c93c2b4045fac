"""The log sink: one structured line per call. Names never enter a line."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit.metering.record import Record


def log_sink(path: str | None) -> LogSink:
    """Return the sink that appends to the file at `path`, or logs if there is none."""
    return LogSink(_Appender(path) if path else None)


class LogSink:
    """Writes each record as one JSON object on one line.

    Args:
        write: takes a line; None logs it to the logger `hellokit.calls` at level INFO.

    >>> from hellokit import Kit
    >>> lines = []
    >>> with Kit(plugins=[LogSink(lines.append)]) as kit:
    ...     text = kit.greet("Ada")
    >>> lines[0].startswith('{"backend": "plain", "outcome": "ok", "duration_ns": ')
    True
    """

    def __init__(self, write: Callable[[str], object] | None = None) -> None:
        self._write = write or _logger()

    def hellokit_record(self, record: Record) -> None:
        """Write `record`."""
        import json

        error = record.error
        line = {
            "backend": record.backend,
            "outcome": "ok" if error is None else "error",
            "duration_ns": record.duration_ns,
            "names": len(record.request.names),
            "locale": record.request.locale,
        }
        if error is not None:
            line["error_type"] = type(error).__name__
        self._write(json.dumps({**line, "attributes": dict(record.attributes)}))

    def hellokit_closing(self) -> None:
        """Close the file, if it writes one."""
        close = getattr(self._write, "close", None)
        if close is not None:
            close()


def _logger() -> Callable[[str], object]:
    import logging

    return logging.getLogger("hellokit.calls").info


class _Appender:
    """Appends lines to a file, each in one write, so that processes can share the file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None

    def __call__(self, line: str) -> None:
        if self._file is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._file = os.open(self._path, flags, 0o644)
        os.write(self._file, f"{line}\n".encode())

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
