"""The directive `settings-table`: one section for each setting, from hellokit's own table.

Run as a script, it prints the short table that stands in `docs/reference/settings.md` as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hellokit.configuration import setting_rows
from hellokit.environment import ENVIRONMENTS, written

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

    from hellokit.resolution import SettingRow


def section(row: SettingRow) -> str:
    """Return what the reference says about one setting, as Markdown."""
    lines = [
        f"## `{row.name}`",
        "",
        row.doc,
        "",
        f"- **Variables**, the first that is set wins: {', '.join(map(code, row.variables))}",
        f"- **Default**: {code(written(row.default) or 'empty')}",
        *profiles(row),
        f"- **As an argument**: {row.kind.allowed}",
        f"- **In a variable**: {row.kind.spelled}",
    ]
    return "\n".join(lines)


def profiles(row: SettingRow) -> list[str]:
    """Return the line about the profiles, where one of them sets the value."""
    if not row.profiles:
        return []
    pairs = zip(ENVIRONMENTS, row.profiles, strict=True)
    return [f"- **Profiles**: {', '.join(f'{name} {code(written(v))}' for name, v in pairs)}"]


def short() -> str:
    """Return the table of all settings, as Markdown that is read without Sphinx."""
    heads = ("setting", "variables", "default", " / ".join(ENVIRONMENTS), "")
    lines = [heads, ("---",) * len(heads), *map(cells, setting_rows())]
    return "\n".join(f"| {' | '.join(line).rstrip()} |" for line in lines)


def cells(row: SettingRow) -> tuple[str, ...]:
    """Return the cells of one setting in the short table."""
    profiles = " / ".join(code(written(value)) for value in row.profiles)
    default = code(written(row.default) or "empty")
    return code(row.name), ", ".join(map(code, row.variables)), default, profiles, row.doc


def code(text: str) -> str:
    """Return `text` as Markdown shows code."""
    return f"`{text}`"


def page() -> str:
    """Return the sections of all settings, as Markdown."""
    return "\n\n".join(map(section, setting_rows()))


def setup(app: Sphinx) -> dict[str, Any]:
    """Make the directive known to Sphinx."""
    from sphinx.util.docutils import SphinxDirective

    class SettingsTable(SphinxDirective):
        """Stands where the sections of the settings go."""

        def run(self) -> list[nodes.Node]:
            """Parse the generated Markdown in the place of the directive."""
            return self.parse_text_to_nodes(page(), allow_section_headings=True)

    app.add_directive("settings-table", SettingsTable)
    return {"parallel_read_safe": True}


if __name__ == "__main__":
    print(short())  # noqa: T201  # for the page
