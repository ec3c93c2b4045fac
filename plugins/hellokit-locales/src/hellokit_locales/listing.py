"""`hellokit locales`: which locales there are, what there is of each, and what they say."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Iterable, Mapping
    from typing import Any

    from hellokit import Greeting
    from hellokit_locales.coverage import Coverage

TOLD = "list the locales, with what there is of each; or show what one says"
WIDTH = 24
COUNTED = ("formal", "informal", "plural")


def add(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("locales", help=TOLD, description=f"{TOLD.capitalize()}.")
    parser.add_argument(
        "tags", nargs="*", metavar="TAG", help="show every greeting of the locale that answers"
    )
    parser.add_argument(
        "--strict-confidence",
        choices=("medium", "high"),
        help="what is done without, as by the setting, whose value it is if left out",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, an object a line")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> None:
    """List the locales, or show what some of them say.

    Raises:
        HellokitError: if no wording answers for a tag, or a wording's file is spoilt.
    """
    import hellokit

    strict = arguments.strict_confidence or hellokit.settings().strict_confidence
    show = _show if arguments.tags else _list
    show(arguments, strict)


def _list(arguments: Namespace, strict: str) -> None:
    from hellokit_locales.coverage import coverage

    found = list(coverage(strict))
    if arguments.json:
        _say_json(each._asdict() for each in found)
        return
    rows = [each._asdict() for each in found]
    _say(_table([_cells(row) for row in rows]))
    high = sum(each.confidence == "high" for each in found)
    _say(["", f"{len(found)} locales: {high} of high confidence, {len(found) - high} of medium"])


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of a row: of registers and plural how many times of day, to save room."""
    return {key.replace("_", " "): _cell(key, value) or "-" for key, value in row.items()}


def _cell(key: str, value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return value
    return str(len(value) or "") if key in COUNTED else " ".join(value)


def _table(rows: list[dict[str, str]]) -> list[str]:
    if not rows:
        return []
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _show(arguments: Namespace, strict: str) -> None:
    from hellokit_locales.coverage import coverage
    from hellokit_locales.samples import Samples

    known = {each.tag: each for each in coverage(strict)}
    samples = Samples("high" if strict == "high" else "medium")
    for each in [_answering(tag, known) for tag in arguments.tags]:
        found = samples.of(each.tag)
        told = [(f"{one.group} {one.slot}", one.named, one.nameless) for one in found]
        if arguments.json:
            _say_json([_told(each, told)])
        else:
            _say([_heading(each), *_lines(told), ""])


def _answering(tag: str, known: Mapping[str, Coverage]) -> Coverage:
    """Return the locale that answers for a tag.

    Raises:
        HellokitError: if there is none.
    """
    from hellokit import HellokitError
    from hellokit_locales.negotiation import negotiate

    found = negotiate([tag], known)
    if found is None:
        raise HellokitError(
            f"no wording answers for {tag[:40]!r}: `hellokit locales` lists the tags that have one"
        )
    return known[found]


def _heading(each: Coverage) -> str:
    way = "right to left" if each.dir == "rtl" else "left to right"
    return f"{each.tag}: {each.language}, {each.confidence} confidence, {each.script}, {way}"


def _lines(told: Iterable[tuple[str, Greeting, Greeting]]) -> list[str]:
    """Return two lines for each pattern: aligned by no letters of unknown width."""
    lines = []
    for place, named, nameless in told:
        lines += [f"  {place.ljust(WIDTH)}{named}", f"  {' ' * WIDTH}{nameless}"]
    return lines


def _told(each: Coverage, told: Iterable[tuple[str, Greeting, Greeting]]) -> dict[str, Any]:
    greetings = {place: {"with": str(named), "without": str(bare)} for place, named, bare in told}
    return {**each._asdict(), "greetings": greetings}


def _say(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _say_json(objects: Iterable[Mapping[str, Any]]) -> None:
    import json

    _say(map(json.dumps, objects))
