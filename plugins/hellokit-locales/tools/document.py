"""Writes docs/reference/locales.md: what every locale says, with a name and without.

Run it with `python tools/document.py` after a wording has changed. A test runs it, too, and
compares.
"""

from __future__ import annotations

import sys
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from hellokit_locales.coverage import Coverage, coverage
from hellokit_locales.samples import Sample, Samples
from hellokit_locales.shelf import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hellokit import Greeting

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "locales.md"
DAY = 24
LEGEND = Path(__file__).with_name("locales-page.txt").read_text("utf-8")
HEADS = (
    *("tag", "language", "confidence", "script", "direction", "times of day"),
    *("formal", "informal", "plural", "occasions", "name case"),
)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


def page() -> str:
    """Return the page as Markdown."""
    found = list(coverage())
    samples = Samples()
    overview = table(HEADS, map(overview_row, found))
    sections = [line for each in found for line in section(each, samples)]
    intro = [LEGEND, "## Overview", "", *overview, "", "## Every greeting", ""]
    return "\n".join([*intro, *sections])


def overview_row(each: Coverage) -> tuple[str, ...]:
    """Return the cells of a locale in the table of all."""
    link = f"[{each.tag}](#{label(each)})"
    counts = (str(len(group) or "") for group in (each.formal, each.informal, each.plural))
    lists = (", ".join(each.slots), *counts, ", ".join(each.occasions))
    return link, each.language, each.confidence, each.script, each.dir, *lists, each.name_case


def section(each: Coverage, samples: Samples) -> list[str]:
    """Return the lines about one locale."""
    hours = hours_of(each.tag)
    rows = [row(each, sample, hours) for sample in samples.of(each.tag)]
    lines = table(("when", "to somebody", "to nobody"), rows)
    return [f"({label(each)})=", f"### {each.tag}: {each.language}", "", *lines, ""]


def label(each: Coverage) -> str:
    """Return what links to the section about a locale."""
    return f"locale-{each.tag.lower()}"


def row(each: Coverage, sample: Sample, hours: dict[str, str]) -> tuple[str, str, str]:
    """Return the cells of one pattern."""
    group = "" if sample.group == "slots" else f"{sample.group.removesuffix('s')}: "
    when = f"{group}{sample.slot}{hours.get(sample.slot, '')}"
    return when, shown(each, sample.named), shown(each, sample.nameless)


def shown(each: Coverage, greeting: Greeting) -> str:
    """Return a greeting so that Markdown and a browser show it as the language is written."""
    if each.script == "Latn":
        return cell(escape(greeting.text, quote=False))
    way = ' dir="rtl"' if greeting.direction == "rtl" else ""
    return f'<span lang="{each.tag}"{way}>{cell(greeting.__html__())}</span>'


def hours_of(tag: str) -> dict[str, str]:
    """Return the hours of each time of day, as in ` (5–12, 18–24)`."""
    pairs = [*read(tag).get("hours", ()), (DAY, "")]
    spans: dict[str, list[str]] = {}
    for (start, slot), (end, _) in pairwise(pairs):
        spans.setdefault(slot, []).append(f"{start}–{end}")
    return {slot: f" ({', '.join(found)})" for slot, found in spans.items()}


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return a table of Markdown."""
    cells = list(heads)
    return [line(cells), line(["---"] * len(cells)), *map(line, rows)]


def line(cells: Iterable[str]) -> str:
    """Return one line of a table."""
    return f"| {' | '.join(cells)} |"


def cell(text: str) -> str:
    """Return HTML in which Markdown finds nothing of its own."""
    return "".join(escaped(text))


def escaped(text: str) -> Iterator[str]:
    """Yield the characters, those that Markdown may understand as references."""
    for character in text:
        yield f"&#{ord(character)};" if character in "|*_`[]\\~" else character


if __name__ == "__main__":
    main()
