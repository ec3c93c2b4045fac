"""The modes of the metrics hook, and what a greeting costs in each."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import reduce
from operator import add, sub, truediv
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from hellokit import Histogram
from hellokit_bench import blocks
from hellokit_bench.subject import Subject
from hellokit_bench.worker import TIME_LIMIT_S, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hellokit_bench.subject import Opened, Way

Metrics: TypeAlias = Literal["off", "count", "sampled", "full"]

OFF, F_STRING = "off", "f-string"
"""What each mode is held against: the same greeting uncounted, and the least there is."""
SETTINGS: tuple[Metrics, ...] = ("off", "count", "sampled", "full")
"""What the setting `metrics` may say."""
SINK, SHARED, MONITORED = "full, with a sink", "full, shared folder", "full, monitored"
SHORTEST_NS = 1_000_000
"""How long a block takes at least: short, so that few are met by what else the machine does."""


class Listener:
    """A sink that does nothing with the records it is given."""

    def hellokit_record(self, record: object) -> None:
        """Take a record."""


def listen(opened: Opened) -> None:
    """Have a sink listen to the kit from now on."""
    assert opened.kit is not None  # noqa: S101  # a peer has no metrics
    opened.kit.register(Listener(), "listener")


@attrs.frozen
class Variant:
    """One way of measuring greetings while greeting.

    Attributes:
        name: how tables call it.
        subject: what is called.
        metrics: the setting `metrics`.
        listens: whether a sink listens.
        shares: whether the process counts in a folder, as processes do that count together.
    """

    name: str
    subject: Subject
    metrics: Metrics = "full"
    listens: bool = False
    shares: bool = False


def variants(backend: str, way: Way) -> list[Variant]:
    """Return what is measured: the f-string, the modes, and what can be put on top.

    Args:
        backend: the backend or chain that greets.
        way: how it is called.
    """
    subject = Subject(backend, way)
    found = [Variant(F_STRING, Subject(F_STRING, "peer"))]
    found += [Variant(each, subject, each) for each in SETTINGS]
    found.append(Variant(SINK, subject, listens=True))
    if sys.platform != "win32":  # nothing is shared there
        found.append(Variant(SHARED, subject, shares=True))
    if "monitored" not in backend.split("+"):
        found.append(Variant(MONITORED, Subject(f"monitored+{backend}", way)))
    return found


@attrs.frozen
class Round:
    """What one round gave.

    Attributes:
        times_ns: what a call took in each block, in ns, by the name of the variant.
        durations: what the kits timed of every call; of variants that time any.
    """

    times_ns: Mapping[str, Sequence[float]]
    durations: Mapping[str, Histogram]


def take(
    measured: Sequence[Variant],
    count: int,
    step: Callable[[str], object],
    time_limit_s: float = TIME_LIMIT_S,
) -> Round:
    """Measure all variants side by side, each in a fresh process, a block of each in turn.

    Args:
        measured: the variants.
        count: how many blocks of each are timed.
        step: is told what is next, once for each variant.
        time_limit_s: how long a process may take for one thing it is told, in seconds.

    Raises:
        SubjectError: if one of them fails.
    """
    times: dict[str, list[float]] = {each.name: [] for each in measured}
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
        opened = []
        for each in measured:
            step(each.name)
            worker = stack.enter_context(_worker(each, folder, time_limit_s))
            opened.append((each, worker, worker.call(blocks.calibrated, SHORTEST_NS)))
        for number in range(count):
            # Neighbours change places, so that none is always the one behind a slow one.
            for each, worker, calls in opened if number % 2 == 0 else reversed(opened):
                times[each.name].append(worker.call(blocks.timed, calls) / calls)
        counted = {each.name: worker.call(blocks.counted) for each, worker, _ in opened}
    timed = {name: each["duration"] for name, each in counted.items() if each}
    durations = {name: Histogram.from_dict(each) for name, each in timed.items()}
    return Round(times, {name: each for name, each in durations.items() if each.count})


def _worker(variant: Variant, folder: str, time_limit_s: float) -> Worker:
    environment: dict[str, str] = {"HELLOKIT_METRICS": variant.metrics}
    if variant.shares:
        environment["HELLOKIT_METRICS_DIR"] = folder
    worker = Worker(variant.subject, environment=environment, time_limit_s=time_limit_s)
    if variant.listens:
        worker.call(listen)
    return worker


@attrs.frozen
class Cost:
    """What a greeting costs in one variant, beside the others.

    Attributes:
        time_ns: how long a call takes, in ns: the median over rounds.
        added_ns: how much longer than with metrics off, in ns: the median of the pairs.
        ratio: the ratio to metrics off: the median of the pairs.
        lowest_ratio: the lowest ratio of a round.
        highest_ratio: the highest one.
        to_f_string: the ratio to the bare f-string.
    """

    time_ns: float
    added_ns: float
    ratio: float
    lowest_ratio: float
    highest_ratio: float
    to_f_string: float


def cost(name: str, rounds: Sequence[Round]) -> Cost:
    """Return what a variant costs.

    Args:
        name: its name.
        rounds: what was measured, at least one round.
    """
    own = [each.times_ns[name] for each in rounds]
    off = [each.times_ns[OFF] for each in rounds]
    bare = [each.times_ns[F_STRING] for each in rounds]
    ratios = _paired(truediv, own, off)
    return Cost(
        time_ns=median(map(median, own)),
        added_ns=median(_paired(sub, own, off)),
        ratio=median(ratios),
        lowest_ratio=min(ratios),
        highest_ratio=max(ratios),
        to_f_string=median(_paired(truediv, own, bare)),
    )


def duration(name: str, rounds: Sequence[Round]) -> Histogram:
    """Return how long calls took in a variant.

    Args:
        name: its name.
        rounds: what was measured, at least one round.

    Returns:
        What the kit timed of each call; the means of blocks if the mode times none.
    """
    timed = [each.durations[name] for each in rounds if name in each.durations]
    if timed:
        return reduce(add, timed)
    return Histogram.of(round(time) for each in rounds for time in each.times_ns[name])


def _paired(
    compared: Callable[[float, float], float],
    own: Sequence[Sequence[float]],
    others: Sequence[Sequence[float]],
) -> list[float]:
    """Return for each round the median over blocks that were timed next to each other."""
    return [median(map(compared, *pair)) for pair in zip(own, others, strict=True)]
