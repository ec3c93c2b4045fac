"""Lines of any length from input of any size, in bounded memory."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager, suppress
from operator import length_hint
from typing import cast

from hellokit.commands.unreadable import LOST, has_bytes
from hellokit.errors import HellokitError
from hellokit.names import MAX_LENGTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader

CHUNK = 64 * 1024
"""Bytes read at once, at most."""

CHARACTERS = 4 * MAX_LENGTH
LOOKED_AT = 4 * CHARACTERS
"""Bytes kept of a line: the cleaning looks at 4 * 128 code points, each of at most 4 bytes."""


@contextmanager
def opened(path: str) -> Iterator[BufferedReader]:
    """Open a file, or standard input for `-`, which is left open.

    Raises:
        HellokitError: if it cannot be opened.
    """
    if path == "-":
        if sys.stdin is None:
            raise HellokitError("standard input is closed: give a file, or pipe names in")
        yield cast("BufferedReader", sys.stdin.buffer)
        return
    try:
        source = open(path, "rb")  # noqa: PTH123, SIM115  # an OSError of the block is not ours
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    with source:
        yield source


class Lines:
    r"""The lines of a file or pipe, in stretches: a stretch is what comes without waiting.

    Only newlines end lines. Of a line only the part that the cleaning looks at is kept.

    Args:
        source: the file or pipe.
        path: what it is called in messages.
        complain: takes a message; of the first line that is not UTF-8.

    >>> import io
    >>> lines = Lines(io.BytesIO(b"Ada\r\n\nGrace"), "-")
    >>> lines.wait(), list(lines.stretch()), lines.wait()
    (True, ['Ada', '', 'Grace'], False)
    """

    unit = "line"

    def __init__(
        self, source: BufferedReader, path: str, complain: Callable[[str], object] = id
    ) -> None:
        self._source = source
        self._path = path
        self._complain: Callable[[str], object] | None = complain
        self._descriptor, self._size = _of_the_system(source)
        self._lines: Iterator[str] = iter(())
        self._held = self._before = 0
        self._bytes = self._bytes_before = 0
        self._begun = b""
        self._ended = False

    @property
    def taken(self) -> int:
        """How many lines were taken."""
        return self._before + self._held - length_hint(self._lines)

    def share(self) -> float | None:
        """Return how much of the input was taken, from 0 to 1, or None when that is unknown."""
        if not self._size:
            return None
        share = (self.taken - self._before) / self._held if self._held else 1.0
        return min(1.0, (self._bytes_before + self._bytes * share) / self._size)

    def wait(self) -> bool:
        """Wait until there is a line to take; tell whether there will be one.

        Raises:
            HellokitError: if reading fails.
        """
        while not length_hint(self._lines):
            if self._ended:
                return False
            self._read()
        return True

    def stretch(self) -> Iterator[str]:
        """Yield lines until the next one would have to be waited for.

        Raises:
            HellokitError: if reading fails.
        """
        while True:
            yield from self._lines
            if self._ended or not self._is_ready():
                return
            self._read()

    def _is_ready(self) -> bool:
        """Tell whether reading would return at once."""
        if self._descriptor is None or self._size is not None:
            return True
        from select import select

        with suppress(OSError, ValueError):  # not every system can tell, nor of every descriptor
            return bool(select([self._descriptor], [], [], 0)[0])
        return False

    def _read(self) -> None:
        """Take in what there is; it may complete no line."""
        chunk = self._chunk()
        self._before += self._held
        self._bytes_before += self._bytes
        self._bytes = len(chunk)
        whole, newline, rest = chunk.rpartition(b"\n")
        if not chunk:
            self._ended = True
            ended = [self._begun] if self._begun else []
        else:
            ended = [self._begun + whole] if newline else []
            self._begun = (rest if newline else self._begun + rest)[:LOOKED_AT]
        lines = _split(ended[0], self._undecodable) if ended else []
        self._held = len(lines)
        self._lines = iter(lines)

    def _undecodable(self, lines: list[str]) -> None:
        """Tell of the first of these lines that has bytes which are no text, once in a run."""
        if self._complain is None:
            return
        # What was cut off behind the part that is looked at may have cut a character in two.
        bad = (number for number, line in enumerate(lines, 1) if has_bytes(line[:CHARACTERS]))
        if number := next(bad, 0):
            self._complain(f"warning: line {self._before + number} is not UTF-8{LOST}")
            self._complain = None

    def _chunk(self) -> bytes:
        try:
            # read1 returns what there is: what a slow pipe has brought is greeted at once.
            return self._source.read1(CHUNK)
        except OSError as error:
            raise _unreadable(self._path, error) from error


def _split(ended: bytes, undecodable: Callable[[list[str]], None]) -> list[str]:
    """Return the lines in `ended`, which lacks the last newline."""
    try:
        lines = ended.decode().split("\n")
    except UnicodeDecodeError:
        lines = ended.decode(errors="surrogateescape").split("\n")
        undecodable(lines)
    if b"\r" in ended:
        lines = [line.removesuffix("\r") for line in lines]
    return lines if len(max(lines, key=len)) <= LOOKED_AT else [line[:LOOKED_AT] for line in lines]


def _of_the_system(source: BufferedReader) -> tuple[int | None, int | None]:
    """Return the descriptor, and the size if it is a regular file; None for what there is not."""
    with suppress(OSError):  # not every stream is a file of the system's
        descriptor = source.fileno()
        status = os.fstat(descriptor)
        return descriptor, status.st_size if stat.S_ISREG(status.st_mode) else None
    return None, None


def _unreadable(path: str, error: OSError | ValueError) -> HellokitError:
    from hellokit.environment import shown

    what = "standard input" if path == "-" else shown(path)
    told = getattr(error, "strerror", None) or error
    return HellokitError(f"{what} cannot be read: {told}; give a readable file, or - for a pipe")
