"""Pages: one HTML file that needs no other, with tables and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hellokit import HellokitError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hellokit_bench.reporting.table import Table


@attrs.frozen
class Section:
    """A part of a page.

    Attributes:
        heading: its heading.
        text: a paragraph; may be empty.
        table: a table, if any.
        picture: an `<svg>` element, or other HTML of ours, that goes in as it is; may be empty.
    """

    heading: str
    text: str = ""
    table: Table | None = None
    picture: str = ""


def html(title: str, sections: Sequence[Section]) -> str:
    """Return a page; whatever is not a picture is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("hellokit_bench.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(title=title, sections=sections)


def write(path: Path, title: str, sections: Sequence[Section]) -> None:
    """Write a page.

    Raises:
        HellokitError: if the file cannot be written.
    """
    try:
        # Half a surrogate pair, which a backend may be named by, has no UTF-8.
        path.write_text(html(title, sections), encoding="utf-8", errors="xmlcharrefreplace")
    except OSError as error:
        raise HellokitError(
            f"the page cannot be written to {str(path)!r}: {error.strerror or error}"
        ) from error
