"""The report of a run: on a terminal, in Markdown, and as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hellokit_bench.measuring.tables import CALLS, F_STRING, tables
from hellokit_bench.measuring.verdict import doubts, recommendation
from hellokit_bench.reporting.page import Section
from hellokit_bench.reporting.printable import printable
from hellokit_bench.reporting.table import Table, output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hellokit_bench.measuring.measured import Measured

INSIDE = (
    "p99 inside is what one call in a hundred exceeds inside the kit, by its own clock, and may "
    "lie below the median of whole calls; of bulk it is that of a batch."
)
TITLE = "hellokit: backends side by side"
TOLD = {
    "Calls": (
        "Medians of fresh processes, taken in rounds. The ratios are medians of those within each "
        "round. The spread is how far half of the processes stay from the median. "
        f"The {INSIDE} The memory is what the process holds beyond one with an f-string."
    ),
    "Whole processes": (
        "From the start of a process to its end, each after the other in rounds. The memory is "
        "the most that it held. Speed-up and memory change are to the program that it succeeds: "
        "above 1x it is the faster."
    ),
}


def show(measured: Measured) -> None:
    """Print the tables, and what they say, on standard output."""
    from rich.text import Text

    console = output()
    for table in tables(measured):
        table.show()
        if table.headings == CALLS:
            console.print(Text(INSIDE), soft_wrap=True)
        console.print()
    for sentence in [*measured.failures.values(), *recommendation(measured), *doubts(measured)]:
        console.print(Text(printable(sentence)))


def markdown(measured: Measured) -> str:
    """Return the report in Markdown."""
    parts = [f"# {TITLE}"]
    machine = {name.replace("_", " "): told for name, told in measured.suite.machine.items()}
    for section in (*_sections(measured), *_facts("Machine", machine)):
        table = section.table.markdown() if section.table else ""
        parts += [f"## {section.heading}", section.text, table]
    return "\n\n".join(filter(None, parts))


def sections(measured: Measured) -> list[Section]:
    """Return the parts of the page."""
    found = []
    for section in _sections(measured):
        found += [section, *_pictures(measured, section.heading)]
    return found


def _sections(measured: Measured) -> Iterator[Section]:
    sentences = {
        "Recommendation": recommendation(measured),
        "Doubts": doubts(measured),
        "Interrupted": [f"{each}." for each in measured.interrupted],
    }
    for heading, told in sentences.items():
        if told:
            yield Section(heading, " ".join(told))
    for table in tables(measured):
        yield Section(table.title, TOLD[table.title], table)
    yield from _facts("Failures", measured.failures)


def _facts(heading: str, facts: Mapping[str, object]) -> Iterator[Section]:
    if facts:
        rows = [(name, str(told)) for name, told in facts.items()]
        yield Section(heading, table=Table(("what", "it is"), rows))


def _pictures(measured: Measured, title: str) -> list[Section]:
    from hellokit_bench.measuring import pictures

    if title == "Calls":
        if measured.result(F_STRING) is None:
            return []
        drawn = {
            "Beside an f-string": pictures.ratio_bars(measured),
            "Every value": pictures.distributions(measured),
            "As the kit counts": pictures.quantiles(measured),
        }
    elif title == "Whole processes":
        drawn = {
            "How long a process takes": pictures.process_times(measured),
            "What a process holds": pictures.process_memory(measured),
        }
    else:
        return []
    return [Section(heading, picture=picture) for heading, picture in drawn.items() if picture]
