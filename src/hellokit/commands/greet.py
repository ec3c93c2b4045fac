"""`hellokit greet`: the names of the command line, or one name a line of a file."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress

from hellokit.commands.console import message, one_line
from hellokit.commands.options import add_names, add_options, prepared
from hellokit.kit import default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Sequence
    from io import BufferedReader
    from typing import Any

    from hellokit.commands.console import Console


def add(subparsers: _SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser: ArgumentParser = subparsers.add_parser(
        "greet",
        help="greet people",
        description="Greet the people named, together; or each line of a file by itself.",
    )
    add_names(parser)
    parser.add_argument(
        "--file", metavar="FILE", help="greet each line of FILE, one name a line; - reads a pipe"
    )
    add_options(parser)
    parser.add_argument(
        "--metrics", action="store_true", help="print the run's metrics to standard error"
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: Namespace) -> int:
    """Greet; return 1 if any greeting failed.

    Raises:
        HellokitError: if the file or the backend cannot be used at all.
    """
    if arguments.file is not None and arguments.names:
        arguments.parser.error("argument --file: not allowed with names")
    console: Console = arguments.console
    greeter = Greeter(console, prepared(arguments), as_json=arguments.json)
    try:
        if arguments.file is None:
            greeter.greet(arguments.names)
        else:
            greet_file(arguments.file, greeter)
    finally:
        if arguments.metrics:
            _tell_metrics(console, as_json=arguments.json)
    return int(console.failed)


class Greeter:
    """Greets with the options of the command line, and writes what comes of it.

    Args:
        console: where to.
        options: what `greet` takes beside names.
        as_json: whether to write JSON.
    """

    def __init__(self, console: Console, options: dict[str, Any], *, as_json: bool) -> None:
        self.console = console
        self._options = options
        self._as_json = as_json

    def greet(self, names: Sequence[str], line: int | None = None) -> None:
        """Greet `names` together; an error is reported and leaves the next greeting alone.

        Args:
            names: the people.
            line: the number of the line that they come from.
        """
        try:
            text = default.greet(*names, **self._options)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # a backend may raise SystemExit as well
            self._failed(error, line)
        else:
            self._greeted(text, names, line)

    def _greeted(self, text: str, names: Sequence[str], line: int | None) -> None:
        if not self._as_json:
            self.console.say(one_line(text))
            return
        from hellokit.request import Request

        request = Request(*names, locale=self._options["locale"])
        locale = request.locale or default.settings().locale
        told = {"text": text, "names": list(request.names), "locale": locale}
        self.console.say_json(_numbered(told, line))

    def _failed(self, error: BaseException, line: int | None) -> None:
        self.console.report(error, "" if line is None else f"line {line}")
        if self._as_json:
            kind = type(error).__name__
            told = {"type": kind, "message": message(error).removeprefix(f"{kind}: ")}
            self.console.say_json(_numbered({"error": told}, line))


def greet_file(path: str, greeter: Greeter) -> None:
    """Greet each line of a file by itself, holding no more of it than one read gives.

    Args:
        path: the file, or `-` for standard input.
        greeter: writes one greeting, or one error, for each line.

    Raises:
        HellokitError: if the file cannot be read.
    """
    from hellokit.commands.lines import batches, opened
    from hellokit.commands.progress import Progress, wanted

    console = greeter.console
    with opened(path) as source:
        progress = Progress(_size(source), sys.stderr) if wanted() else None
        console.progress = progress
        number = before = 0
        try:
            # read1 returns what there is: what a slow pipe has brought is greeted at once.
            for lines, size in batches(source.read1, path):
                for index, line in enumerate(lines, 1):
                    number += 1
                    greeter.greet([line.decode(errors="surrogateescape")], number)
                    if progress is not None:
                        progress.update(number, before + size * index // len(lines))
                before += size
                console.flush()
        finally:
            if progress is not None:
                progress.clear()


def _size(source: BufferedReader) -> int | None:
    with suppress(OSError):  # not every stream is a file of the system's
        status = os.fstat(source.fileno())
        if stat.S_ISREG(status.st_mode):
            return status.st_size
    return None


def _numbered(told: dict[str, Any], line: int | None) -> dict[str, Any]:
    return told if line is None else {"line": line, **told}


def _tell_metrics(console: Console, *, as_json: bool) -> None:
    from hellokit.commands.measure import metrics_lines

    console.flush()
    for line in metrics_lines(default.metrics(), as_json=as_json):
        console.note(line)
