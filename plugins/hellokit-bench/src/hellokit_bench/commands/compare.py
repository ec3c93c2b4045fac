"""The subcommand `hellokit bench compare`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING

from hellokit_bench.commands.codes import FAILED, INTERRUPTED
from hellokit_bench.commands.options import (
    above_zero,
    add_outputs,
    add_time_limit,
    refuse_unknown,
    refuse_unwritable,
)
from hellokit_bench.comparing.interval import fewest_pairs
from hellokit_bench.errors import UsageError
from hellokit_bench.subject import WAYS, Subject

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from contextlib import ExitStack

    from matplotlib.axes import Axes

    from hellokit_bench.comparing.comparisons import Comparison
    from hellokit_bench.comparing.pairs import Pair
    from hellokit_bench.comparing.verdict import Verdict

TOLD = (
    "Compare two backends, or one with an older revision of this checkout or earlier results: "
    "fresh processes measured in turn, and a verdict that says how sure it is."
)

PAIRS, SHORTEST_S, BAND, CONFIDENCE = 20, 0.003, 0.01, 0.99
LEAST_CONFIDENCE = 0.5


def add(parser: ArgumentParser) -> None:
    """Add what the subcommand takes."""
    parser.add_argument(
        "names", nargs="+", metavar="BACKEND", help="a backend, a chain, or a peer such as f-string"
    )
    parser.add_argument(
        "--against",
        metavar="REV|FILE",
        help="compare with this revision of the checkout, or a file of `hellokit bench --json`",
    )
    parser.add_argument("--way", choices=WAYS, default="sync", help="how to call them")
    parser.add_argument(
        "--pairs",
        type=_number,
        default=PAIRS,
        metavar="N",
        help=f"fresh processes of each side: {PAIRS}, and {_least(CONFIDENCE)}".replace("%", "%%"),
    )
    parser.add_argument(
        "--min-time",
        type=above_zero,
        default=SHORTEST_S,
        metavar="S",
        help=f"how long a block of calls takes at least, in seconds: {SHORTEST_S:g}",
    )
    parser.add_argument(
        "--band",
        type=percentage,
        default=BAND,
        metavar="PERCENT",
        help=f"what counts as noise: {BAND * 100:g}",
    )
    parser.add_argument(
        "--confidence",
        type=percentage,
        default=CONFIDENCE,
        metavar="PERCENT",
        help=f"how sure a verdict is: {CONFIDENCE * 100:g}",
    )
    parser.add_argument("--fail-slower", action="store_true", help="exit with 1 if it is slower")
    add_time_limit(parser)
    add_outputs(parser)


def _number(text: str) -> int:
    """Return a whole number, or 0 of what is none: how many are too few is known later."""
    try:
        return int(text)
    except ValueError:
        return 0


def _least(confidence: float) -> str:
    return f"at least {fewest_pairs(confidence)} to be {confidence * 100:g} % sure"


def percentage(text: str) -> float:
    """Return a fraction, of what is given in percent.

    Raises:
        ArgumentTypeError: if it is below 0, or not below 100.
    """
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = -1.0
    if not 0 <= number < 100:  # noqa: PLR2004  # that is what percent means
        raise ArgumentTypeError("use a number of percent, from 0 to below 100")
    return number / 100


def run(arguments: Namespace) -> int:
    """Compare, and tell.

    Returns:
        The exit code: 1 if it is slower and that is to fail, 130 if interrupted.
    """
    from contextlib import ExitStack

    _check(arguments)
    with ExitStack() as stack:
        comparison = _comparison(arguments, stack)
        pairs = _pairs(comparison, arguments)
    missing = arguments.pairs - len(pairs)
    if missing:
        told = f"{missing} of {arguments.pairs} pairs are missing"
        sys.stderr.write(f"hellokit bench compare: interrupted: {told}\n")
    if not pairs:
        return INTERRUPTED
    verdict = comparison.judge(pairs, arguments.band, arguments.confidence)
    _tell(comparison, pairs, verdict, arguments)
    if missing:
        return INTERRUPTED
    return FAILED if arguments.fail_slower and verdict.outcome == "slower" else 0


def _check(arguments: Namespace) -> None:
    from hellokit_bench.peers import PEERS

    wanted = 2 if arguments.against is None else 1
    if len(arguments.names) != wanted:
        raise UsageError("name two backends, or one and --against")
    if arguments.confidence < LEAST_CONFIDENCE:
        raise UsageError(f"argument --confidence: use {LEAST_CONFIDENCE * 100:g} or more")
    if arguments.pairs < fewest_pairs(arguments.confidence):
        raise UsageError(
            f"argument --pairs: use a whole number, {_least(arguments.confidence)}, "
            "or a lower --confidence"
        )
    refuse_unwritable(arguments.html)
    refuse_unknown(arguments.names, peers=list(PEERS))


def _comparison(arguments: Namespace, stack: ExitStack) -> Comparison:
    """Return what is to be compared; what was built for it goes with the stack."""
    from hellokit_bench.comparing.comparisons import Earlier, InTurn
    from hellokit_bench.comparing.pairs import Side
    from hellokit_bench.comparing.revision import built

    subjects = [_subject(name, arguments.way) for name in arguments.names]
    if arguments.against is None:
        first, second = (Side(subject.label, subject) for subject in subjects)
        return InTurn(first, second)
    (subject,) = subjects
    if Path(arguments.against).is_file():
        return Earlier.load(subject, Path(arguments.against))
    revision = stack.enter_context(built(arguments.against))
    return InTurn(
        revision.side(subject, arguments.time_limit), Side(f"{subject.label} now", subject)
    )


def _subject(name: str, way: str) -> Subject:
    from hellokit import backends
    from hellokit_bench.peers import PEERS

    is_peer = name in PEERS and name not in {each.name for each in backends()}
    return Subject(name, "peer" if is_peer else way)  # type: ignore[arg-type]  # argparse checked


def _pairs(comparison: Comparison, arguments: Namespace) -> list[Pair]:
    """Return what was measured until it was all, or interrupted."""
    from hellokit_bench.comparing.pairs import measured
    from hellokit_bench.reporting.progress import progress

    pairs: list[Pair] = []
    try:
        with progress(arguments.pairs) as step:
            for number in range(arguments.pairs):
                step(f"pair {number + 1} of {arguments.pairs}")
                pair = measured(comparison.sides, number, arguments.min_time, arguments.time_limit)
                pairs.append(pair)
    except KeyboardInterrupt:
        return pairs
    return pairs


def _tell(
    comparison: Comparison, pairs: Sequence[Pair], verdict: Verdict, arguments: Namespace
) -> None:
    from rich.text import Text

    from hellokit_bench.reporting.page import Section, write
    from hellokit_bench.reporting.plot import svg
    from hellokit_bench.reporting.printable import printable
    from hellokit_bench.reporting.table import Table, output

    table = Table(
        ("", "a call", "ratio", f"{arguments.confidence * 100:g} % interval"),
        _rows(comparison, pairs, verdict),
    )
    if arguments.json:
        sys.stdout.write(
            f"{json.dumps(_record(comparison, pairs, verdict, arguments), indent=2)}\n"
        )
    else:
        table.show()
        lines = ["", *map(printable, verdict.sentences())]
        output().print(Text("\n".join(lines)), soft_wrap=True)
    if arguments.html:
        by = f"By {len(pairs)} pairs of fresh processes."
        text, differences = " ".join([*verdict.sentences(), by]), comparison.differences(pairs)
        picture = svg(lambda axes: _draw(axes, differences, verdict))
        title = f"{verdict.second} and {verdict.first}"
        write(arguments.html, title, [Section(verdict.outcome, text, table, picture)])


def _rows(comparison: Comparison, pairs: Sequence[Pair], verdict: Verdict) -> list[list[str]]:
    from hellokit_bench.reporting.amounts import duration

    rows = []
    changes = (None, verdict.change, verdict.control)
    for (label, seconds), change in zip(comparison.times(pairs), changes, strict=False):
        row = [label, duration(seconds), "", ""]
        if change is not None:
            row[2] = f"{exp(change.middle):.3f}x"
            if change.is_bounded:
                row[3] = f"{exp(change.low):.3f}x to {exp(change.high):.3f}x"
        rows.append(row)
    return rows


def _record(
    comparison: Comparison, pairs: Sequence[Pair], verdict: Verdict, arguments: Namespace
) -> dict[str, object]:
    """Return all there is to know, ready for JSON."""
    from hellokit_bench.suite import this_machine

    ratios = map(exp, comparison.differences(pairs))
    return {
        **verdict.as_dict(),
        "seconds": [seconds for _, seconds in comparison.times(pairs)],
        "pairs": [
            {"ratio": ratio, "rounds_s": pair.rounds}
            for ratio, pair in zip(ratios, pairs, strict=True)
        ],
        "missing": arguments.pairs - len(pairs),
        "machine": this_machine(),
    }


def _draw(axes: Axes, differences: Sequence[float], verdict: Verdict) -> None:
    """Draw the ratio of each pair, the interval of their middle, and the band."""
    numbers = range(1, len(differences) + 1)
    edge = 1 + verdict.band
    axes.axhspan(1 / edge, edge, color="0.92", label="noise band")
    if verdict.change.is_bounded:
        low, high = exp(verdict.change.low), exp(verdict.change.high)
        axes.axhspan(low, high, color="C0", alpha=0.25, label="interval")
    axes.axhline(exp(verdict.change.middle), color="C0")
    axes.plot(numbers, list(map(exp, differences)), "o", color="C0", label="a pair")
    axes.locator_params(axis="x", integer=True)
    axes.set_xlabel("pair of fresh processes")
    axes.set_ylabel("ratio of times")
    axes.legend(frameon=False)
