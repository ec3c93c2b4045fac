"""Catches the records of a kit while a test looks."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import hellokit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hellokit import Kit, Record


class Catcher:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def hellokit_record(self, record: Record) -> None:
        """Keep a record."""
        self.records.append(record)


@contextmanager
def capture_records(kit: Kit | None = None) -> Iterator[list[Record]]:
    """Catch the records of a kit, in the order in which its calls end.

    Args:
        kit: whose; None for the default kit, which is behind `hellokit.greet`.

    Returns:
        A context manager of the list, which grows while it is open.

    Raises:
        KitClosedError: if the kit was closed.

    >>> with capture_records() as records:
    ...     text = hellokit.greet("Ada")
    >>> [(record.backend, record.error) for record in records]
    [('plain', None)]
    """
    catcher = Catcher()
    undo = (hellokit.default if kit is None else kit).register(catcher)
    try:
        yield catcher.records
    finally:
        undo()
