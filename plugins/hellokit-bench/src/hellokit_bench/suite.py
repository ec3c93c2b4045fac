"""Suites: results of measuring, and the files they are kept in, which are pyperf's.

`pyperf show`, `stats`, `hist` and `compare_to` read them.
"""

from __future__ import annotations

import json
from io import StringIO
from statistics import median
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import attrs
import pyperf  # type: ignore[import-untyped]  # it has no types

from hellokit import Histogram, __version__
from hellokit_bench.errors import ResultsError

if TYPE_CHECKING:
    from pathlib import Path

Unit: TypeAlias = Literal["second", "byte"]

MACHINE = (
    "cpu_model_name",
    "cpu_count",
    "platform",
    "python_implementation",
    "python_version",
    "python_compiler",
    "aslr",
    "timer",
    "hellokit_version",
    "date",
)
"""What is kept of a machine: what decides on speed, and when, and nothing of whose it is."""
DECISIVE = ("cpu_model_name", "cpu_count", "python_implementation", "python_version")
"""What two machines must have in common for their results to be compared."""

_CALLS, _DURATION = "hellokit_calls", "hellokit_duration"


@attrs.frozen
class Result:
    """What was measured of one subject.

    Attributes:
        name: its label.
        processes: the values of each process: seconds a call, or bytes. Never empty.
        unit: `second` or `byte`.
        calls: how many calls made a value; for a whole process 1.
        duration: what the kit timed of every call in these processes; None without one.
    """

    name: str
    processes: tuple[tuple[float, ...], ...]
    unit: Unit = "second"
    calls: int = 1
    duration: Histogram | None = None

    @property
    def value(self) -> float:
        """The median over the processes of the median of each, in the unit."""
        return median(map(median, self.processes))

    def over(self, other: Result) -> float:
        """Return the ratio to another result: the median of ratios if they were taken in turn."""
        if len(self.processes) != len(other.processes):
            return self.value / other.value
        pairs = zip(self.processes, other.processes, strict=True)
        return median(median(mine) / median(theirs) for mine, theirs in pairs)


@attrs.frozen
class Suite:
    """Results that were measured together.

    Attributes:
        results: of each subject.
        machine: what pyperf knows of where they were measured, such as `cpu_model_name`.
    """

    results: tuple[Result, ...]
    machine: dict[str, Any] = attrs.field(factory=dict)

    def __getitem__(self, name: str) -> Result:
        """Return the result of this label.

        Raises:
            KeyError: if there is none.
        """
        for result in self.results:
            if result.name == name:
                return result
        raise KeyError(name)

    def dumps(self) -> str:
        """Return the text of a file of results, in JSON as pyperf writes it."""
        text = StringIO()
        benchmarks = [_benchmark(result, self.machine) for result in self.results]
        pyperf.BenchmarkSuite(benchmarks).dump(text)
        return text.getvalue()

    @classmethod
    def load(cls, path: Path) -> Suite:
        """Return the results that a file holds.

        Args:
            path: the file.

        Raises:
            ResultsError: if it cannot be read, or is no file of results.
        """
        try:
            read = pyperf.BenchmarkSuite.loads(path.read_text(encoding="utf-8"))
            benchmarks = read.get_benchmarks()
            return cls(tuple(map(_result, benchmarks)), _machine(benchmarks[0].get_metadata()))
        except OSError as error:
            raise ResultsError(
                f"results cannot be read from {str(path)!r}: {error.strerror or error}; "
                "name a file that `hellokit bench --json` or pyperf wrote"
            ) from error
        except Exception as error:  # pyperf raises many kinds of them on what it does not know
            raise ResultsError(
                f"{str(path)!r} is no file of results that can be read ({error!r}): "
                "name one that `hellokit bench --json` or pyperf wrote"
            ) from error


def this_machine() -> dict[str, Any]:
    """Return what pyperf knows of this machine and this Python."""
    known = pyperf.Run([1.0], collect_metadata=True).get_metadata()
    return _machine({**known, "hellokit_version": __version__})


def _machine(metadata: dict[str, Any]) -> dict[str, Any]:
    return {name: metadata[name] for name in MACHINE if name in metadata}


def _benchmark(result: Result, machine: dict[str, Any]) -> pyperf.Benchmark:
    about = {**machine, "name": result.name, "unit": result.unit, _CALLS: result.calls}
    if result.duration is not None:
        about[_DURATION] = json.dumps(result.duration.as_dict())
    return pyperf.Benchmark(
        [
            pyperf.Run(list(values), metadata=about, collect_metadata=False)
            for values in result.processes
        ]
    )


def _result(benchmark: pyperf.Benchmark) -> Result:
    about = benchmark.get_metadata()
    kept = about.get(_DURATION)
    processes = tuple(tuple(run.values) for run in benchmark.get_runs() if run.values)
    if not processes:
        raise ValueError(f"{benchmark.get_name()!r} has no values")
    if benchmark.get_unit() not in get_args(Unit):
        raise ValueError(f"{benchmark.get_name()!r} has neither times nor sizes")
    return Result(
        name=benchmark.get_name(),
        processes=processes,
        unit=benchmark.get_unit(),
        calls=about.get(_CALLS, 1),
        duration=Histogram.from_dict(json.loads(kept)) if kept else None,
    )
