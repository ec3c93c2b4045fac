"""`hellokit greet`: the names of the command line, or one name a line of a file."""

from __future__ import annotations

import sys

from hellokit.commands.numbers import concurrency, positive, whole
from hellokit.commands.options import add_names, add_options, prepared
from hellokit.commands.selection import chosen
from hellokit.commands.unreadable import LOST, has_bytes
from hellokit.commands.writer import Writer
from hellokit.kit import default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from typing import Any

    from hellokit.commands.console import Console
    from hellokit.commands.lines import Lines
    from hellokit.commands.repeats import Repeats
    from hellokit.request import Request

STREAMING = ("concurrency", "timeout", "attempts", "rate")
"""The options that `greet_many` takes under the same name."""


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
    parser.add_argument("--count", metavar="N", type=whole, help="give the same greeting N times")
    add_options(parser)
    _add_streaming(parser)
    parser.add_argument(
        "--totals", action="store_true", help="print how many, and how fast, to standard error"
    )
    parser.add_argument(
        "--metrics", action="store_true", help="print the run's metrics to standard error"
    )
    parser.set_defaults(run=run, parser=parser)


def _add_streaming(parser: ArgumentParser) -> None:
    """Add how many greetings are carried out."""
    parser.add_argument(
        "--concurrency",
        "--concurrent-limit",
        metavar="N",
        type=concurrency,
        help="how many run at once, if the backend waits; auto follows its latency",
    )
    parser.add_argument(
        "--unordered", action="store_true", help="write each greeting as soon as it is there"
    )
    parser.add_argument(
        "--on-error",
        choices=("return", "skip", "raise"),
        help="go on after a failure and tell of it (return), say nothing of it (skip), or stop "
        "(raise); return if not said",
    )
    parser.add_argument(
        "--rate", metavar="N", type=positive, help="how many are started a second, at most"
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=positive, help="how long an attempt may take"
    )
    parser.add_argument(
        "--attempts", metavar="N", type=whole, help="how often each is tried; once if not said"
    )


def run(arguments: Namespace) -> int:
    """Greet; return 1 if any greeting failed.

    Raises:
        HellokitError: if the file or the backend cannot be used at all.
    """
    _check(arguments)
    console: Console = arguments.console
    _bound(arguments)
    options = prepared(arguments)
    writer = Writer(console, chosen(arguments), as_json=arguments.json)
    _warn_of_bytes(console, arguments.names)
    try:
        if arguments.file is not None:
            _greet_file(arguments, options, writer)
        elif _is_stream(arguments):
            from hellokit.commands.repeats import Repeats

            request = _request(arguments)
            _greet_all(Repeats(request, arguments.count or 1), arguments, options, writer)
        else:
            _greet_once(arguments, options, writer)
    finally:
        if arguments.metrics:
            _tell_metrics(arguments)
    return int(console.failed)


def _check(arguments: Namespace) -> None:
    """Refuse what goes not together."""
    refuse = arguments.parser.error
    if arguments.file is not None and arguments.names:
        refuse("argument --file: not allowed with names")
    if arguments.file is not None and arguments.count is not None:
        refuse("argument --count: not allowed with --file, of which each line is greeted once")
    if arguments.unordered and arguments.json:
        refuse("argument --unordered: not allowed with --json, which says what was greeted")


def _bound(arguments: Namespace) -> None:
    """Have the backend `async` allow what the command line asks for."""
    changes: dict[str, Any] = {}
    if isinstance(arguments.concurrency, int):
        changes["max_concurrent"] = arguments.concurrency
    if arguments.timeout is not None:
        changes["async_timeout_s"] = None
    if changes:
        default.configure(**changes)


def _is_stream(arguments: Namespace) -> bool:
    """Tell whether more is asked for than one greeting, without any of what a stream can do."""
    names = ("count", "on_error", *STREAMING)
    given = [getattr(arguments, name) for name in names]
    return arguments.unordered or arguments.totals or any(each is not None for each in given)


def _greet_once(arguments: Namespace, options: dict[str, Any], writer: Writer) -> None:
    try:
        text = default.greet(*arguments.names, **options)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # a backend may raise SystemExit as well
        writer.failed(error)
        return
    if arguments.json:
        writer.greeted_json(text, _request(arguments))
    else:
        writer.greeted(text)


def _greet_file(arguments: Namespace, options: dict[str, Any], writer: Writer) -> None:
    """Greet each line of a file by itself, holding no more of it than one read gives."""
    from hellokit.commands.lines import Lines, opened

    with opened(arguments.file) as source:
        lines = Lines(source, arguments.file, arguments.console.complain)
        _greet_all(lines, arguments, options, writer)


def _greet_all(
    source: Lines | Repeats, arguments: Namespace, options: dict[str, Any], writer: Writer
) -> None:
    """Greet what is in `source`, with a bar and totals where they are wanted."""
    from hellokit.commands.progress import Progress, wanted
    from hellokit.commands.stream import Stream
    from hellokit.commands.tally import Tally

    console: Console = arguments.console
    progress = Progress(source.unit, source.share, sys.stderr) if wanted() else None
    console.progress = progress
    given = {name: getattr(arguments, name) for name in STREAMING}
    given = {name: value for name, value in given.items() if value is not None}
    tally = Tally()
    try:
        Stream(source, writer, tally, progress).run(
            console,
            arguments.on_error or "return",
            options,
            ordered=not arguments.unordered,
            **given,
        )
    finally:
        if progress is not None:
            progress.clear()
        if arguments.totals or (progress is not None and progress.was_shown):
            console.flush()
            console.note(tally.told(as_json=arguments.json))


def _request(arguments: Namespace) -> Request:
    from hellokit.request import Request

    return Request(
        *arguments.names,
        locale=arguments.locale,
        formality=arguments.formality,
        at=arguments.occasion or arguments.at,
    )


def _warn_of_bytes(console: Console, names: list[str]) -> None:
    """Tell of a name that the terminal gave in another encoding than it said."""
    for number, name in enumerate(names, 1):
        if not name.isascii() and has_bytes(name):
            encoding = sys.getfilesystemencoding().upper()
            console.complain(f"warning: name {number} is not {encoding}{LOST}")
            return


def _tell_metrics(arguments: Namespace) -> None:
    from hellokit.commands.measure import metrics_lines, reason

    console: Console = arguments.console
    console.flush()
    snapshot = default.metrics()
    for line in metrics_lines(snapshot, chosen(arguments), as_json=arguments.json):
        console.note(line)
    if not arguments.json and (why := reason()):
        console.note(why)
