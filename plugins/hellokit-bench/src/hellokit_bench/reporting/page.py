"""Pages: one HTML file that needs no other, with tables and pictures."""

from __future__ import annotations

import sys
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
    """Return a page, which says at its end how it was measured; all but pictures is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("hellokit_bench.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        title=title, sections=[*sections, _measured()]
    )


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


def _measured() -> Section:
    """Return by which command, when, where and with what was measured."""
    import shlex

    from hellokit_bench.reporting.table import Table
    from hellokit_bench.suite import this_machine

    command = f"hellokit {shlex.join(sys.argv[1:])}"
    rows = [(name.replace("_", " "), str(told)) for name, told in this_machine().items()]
    table = Table(("what", "it is"), [("command", command), *rows])
    return Section("How it was measured", table=table)
