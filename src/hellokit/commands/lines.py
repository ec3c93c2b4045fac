"""Lines of any length from input of any size, in bounded memory."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import cast

from hellokit.errors import HellokitError
from hellokit.names import MAX_LENGTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader

CHUNK = 64 * 1024
"""Bytes read at once, at most."""

LOOKED_AT = 4 * 4 * MAX_LENGTH
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


def batches(read: Callable[[int], bytes], path: str) -> Iterator[tuple[list[bytes], int]]:
    r"""Yield the lines that each read completes, and how many bytes it gave.

    Args:
        read: returns at most so many bytes, as soon as there are any; none at the end.
        path: what is read, for messages.

    Yields:
        The lines without their ends and cut to the bytes that matter, and the bytes read.

    Raises:
        HellokitError: if reading fails.

    >>> import io
    >>> [lines for lines, size in batches(io.BytesIO(b"Ada\r\n\nGrace").read1, "-")]
    [[b'Ada', b''], [b'Grace']]
    """
    begun = b""
    while chunk := _read(read, path):
        *ended, rest = chunk.split(b"\n")
        if ended:
            ended[0] = begun + ended[0]
            begun = b""
        begun = (begun + rest)[:LOOKED_AT]
        yield [line.removesuffix(b"\r")[:LOOKED_AT] for line in ended], len(chunk)
    if begun:
        yield [begun.removesuffix(b"\r")], 0


def _read(read: Callable[[int], bytes], path: str) -> bytes:
    try:
        return read(CHUNK)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: OSError | ValueError) -> HellokitError:
    from hellokit.environment import shown

    what = "standard input" if path == "-" else shown(path)
    told = getattr(error, "strerror", None) or error
    return HellokitError(f"{what} cannot be read: {told}; give a readable file, or - for a pipe")
