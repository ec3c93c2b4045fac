"""`hellokit metrics`: a run of some greetings, and what was counted in it."""

from __future__ import annotations

import json
from math import isnan

from hellokit.chains import parse
from hellokit.commands.numbers import whole
from hellokit.commands.options import add_names, add_options, prepared
from hellokit.commands.selection import chosen
from hellokit.commands.table import table
from hellokit.errors import HellokitError
from hellokit.kit import default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _SubParsersAction
    from collections.abc import Mapping
    from typing import Any

    from hellokit.commands.console import Console
    from hellokit.metering.snapshot import BackendMetrics, Snapshot

NUMBERS = ("calls", "p50", "p90", "p99", "max")
REASONS = {
    "off": "nothing was counted; set HELLOKIT_METRICS=full",
    "count": "no durations were taken; set HELLOKIT_METRICS=full to have them",
    "sampled": "durations were taken of some calls only; set HELLOKIT_METRICS=full to have all",
}
"""What each mode but `full` leaves out."""
UNITS = ((1e9, "s"), (1e6, "ms"), (1e3, "us"))


def add(subparsers: _SubParsersAction[Any]) -> None:
    """Add the subcommand."""
    parser: ArgumentParser = subparsers.add_parser(
        "metrics",
        help="greet many times, and show how long it took",
        description="Metrics live in the process that greets, so this is a run of its own: it "
        "greets, prints no greeting, and shows per backend the calls, errors and durations. "
        "For those of a run of yours, add --metrics to `hellokit greet`.",
    )
    add_names(parser)
    parser.add_argument(
        "-n", "--repeat", metavar="N", type=whole, default=1000, help="how often; 1000 if not said"
    )
    add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Greet so many times and print the metrics; return 1 if a greeting failed.

    Raises:
        HellokitError: if the backend cannot be used at all.
    """
    console: Console = arguments.console
    options = prepared(arguments)
    earlier = default.metrics()
    for _ in range(arguments.repeat):
        try:
            default.greet(*arguments.names, **options)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # the table counts them, by type
            if not console.failed:
                hellokits = isinstance(error, HellokitError)
                console.report(error, "" if hellokits else f"backend {chosen(arguments)!r}")
    counted = default.metrics() - earlier
    for line in metrics_lines(counted, chosen(arguments), as_json=arguments.json):
        console.say(line)
    if not arguments.json and (why := reason()):
        console.flush()
        console.note(why)
    return int(console.failed)


def metrics_lines(snapshot: Snapshot, chain: str, *, as_json: bool) -> list[str]:
    """Return a snapshot as the lines of a table, or as one line of JSON.

    Args:
        snapshot: what was counted.
        chain: the backend or chain that greeted: its order is that of the lines.
        as_json: whether to write JSON.
    """
    parts = parse(chain)  # what completes a chain comes after what was written
    order = sorted(snapshot.backends, key=lambda each: (*parts, each).index(each))
    if as_json:
        counted = snapshot.as_dict()["backends"]
        return [json.dumps({"backends": {name: counted[name] for name in order}})]
    columns = ["backend", *NUMBERS, "errors", "noted"]
    rows = [_row(name, snapshot.backends[name]) for name in order]
    return table(columns, rows, right=NUMBERS)


def reason() -> str | None:
    """Return why the settings have some numbers missing, or None if they do not."""
    mode = default.settings().metrics
    return f"the setting metrics is {mode!r}: {REASONS[mode]}" if mode in REASONS else None


def duration(ns: float) -> str:
    """Return a duration in the unit that reads best.

    Args:
        ns: the duration in ns, or `nan` when nothing was timed.

    >>> duration(950), duration(1234), duration(2_500_000), duration(61e9)
    ('950 ns', '1.23 us', '2.5 ms', '61 s')
    """
    if isnan(ns):
        return "-"
    for size, unit in UNITS:
        if ns >= size:
            return f"{ns / size:.3g} {unit}" if ns < 1000 * size else f"{ns / size:.0f} {unit}"
    return f"{ns:.0f} ns"


def _row(name: str, metrics: BackendMetrics) -> dict[str, object]:
    timed = metrics.duration
    quantiles = {f"p{q}": duration(timed.quantile(q / 100)) for q in (50, 90, 99)}
    return {
        "backend": name,
        "calls": metrics.calls,
        **quantiles,
        "max": duration(timed.quantile(1)),
        "errors": _counts(metrics.errors),
        "noted": _counts(metrics.attributes),
    }


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
