"""The plugin `journal`: a sink that keeps which backend took each call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hellokit import Record


class Journal:
    """Keeps the calls of all kits."""

    lines: list[str] = []  # noqa: RUF012  # shared by its objects, so that it can be read

    def hellokit_record(self, record: Record) -> None:
        """Keep one line."""
        outcome = "ok" if record.error is None else type(record.error).__name__
        self.lines.append(f"{record.backend} {outcome}")
