"""Makes the page of the project's numbers, `docs/explanation/the-numbers.md`, and its pictures.

Run it with `nox -s bench -- benchmarks/page.py` while nothing else runs: it takes some minutes.
Whatever stands in one table was measured in turn, in one run; the figures of the founding report
are those of another machine, and stand beside for the sake of the promise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bulk

from hellokit_bench.measuring import pictures
from hellokit_bench.measuring.calls import Plan
from hellokit_bench.measuring.programs import programs
from hellokit_bench.measuring.run import measure
from hellokit_bench.measuring.tables import tables
from hellokit_bench.peers import available
from hellokit_bench.reporting.amounts import duration, ratio, size
from hellokit_bench.reporting.plot import svg
from hellokit_bench.reporting.progress import progress
from hellokit_bench.reporting.table import Table
from hellokit_bench.subject import WAYS, Subject
from hellokit_bench.suite import this_machine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hellokit_bench.measuring.measured import Measured

TEMPLATE = Path(__file__).with_name("page.template.md")
DOCS = Path(__file__).parent.parent / "docs"
BUILT_IN = ["plain", "monitored", "cached", "async"]
MESSAGES = 500

REPORTED = {
    "original script": (0.011, "8 MB"),
    "optimized script": (0.033, "-"),
    "async script": (0.062, "-"),
    "simple function": (5e-6, "-"),
}
"""What the report says of each program: a run in seconds (of the function a call), and memory."""
REPORTED_BULK = {5: 0.117, 10: 0.062, 20: 0.036}
"""What it says 500 messages of 1 ms take, in seconds, by concurrency."""


def page(rounds: int) -> str:
    """Measure everything, write the pictures, and return the page."""
    backends = [Subject(name, way) for name in BUILT_IN for way in WAYS]
    peers, started = [Subject(name, "peer") for name in available()], programs([])
    with progress(rounds * len([*backends, *peers, *started])) as step:
        measured = measure(backends, peers, started, Plan(processes=rounds), step)
    waited = messages(rounds)
    costs = told("overhead", "plain", "--rounds", str(rounds))
    web = told("load", "--preset", "web", "--count", "1000")
    picture("numbers-programs", pictures.process_times(measured))
    picture("numbers-calls", pictures.ratio_bars(measured))
    picture("numbers-messages", svg(lambda axes: draw_messages(axes, waited)))
    calls, _ = tables(measured)
    return TEMPLATE.read_text(encoding="utf-8").format(
        rounds=rounds,
        machine=", ".join(str(this_machine()[name]) for name in ("cpu_model_name", "platform")),
        cores=this_machine()["cpu_count"],
        python=this_machine()["python_version"],
        programs=four_programs(measured).markdown(),
        messages=five_hundred(waited).markdown(),
        calls=calls.markdown(),
        modes=modes(costs).markdown(),
        claims=claims(measured, waited, costs, web).markdown(),
    )


def four_programs(measured: Measured) -> Table:
    """Return the report's first table: each program, its figure, and what took its place."""
    headings = ("program", "reported", "here", "memory", "its successor", "here", "memory", "ratio")
    rows = [
        [
            program.succeeds,
            duration(REPORTED[program.succeeds][0]),
            duration(measured.suite[program.succeeds].value),
            size(measured.suite[f"{program.succeeds} memory"].value),
            program.name,
            duration(measured.suite[program.name].value),
            size(measured.suite[f"{program.name} memory"].value),
            ratio(measured.suite[program.name].over(measured.suite[program.succeeds])),
        ]
        for program in measured.programs
        if program.succeeds
    ]
    function, greet = measured.suite["function"], measured.suite["plain sync"]
    reported, beside = duration(REPORTED["simple function"][0]), ratio(greet.over(function))
    called = ["a call of the function", reported, duration(function.value), "-"]
    rows.append([*called, "greet", duration(greet.value), "-", beside])
    return Table(headings, rows)


def messages(rounds: int) -> dict[int, tuple[list[float], list[float]]]:
    """Return how long 500 messages of 1 ms take: by the report's design, and by hellokit's."""
    kit, names = bulk.make_kit(), [f"N{number}" for number in range(MESSAGES)]
    taken: dict[int, tuple[list[float], list[float]]] = {each: ([], []) for each in REPORTED_BULK}
    for _ in range(rounds):
        for concurrency, (theirs, ours) in taken.items():
            for times, design in ((theirs, bulk.gathered), (ours, bulk.streamed)):
                run = design(kit, names, "waiting", concurrency)
                times.append(bulk.timed(asyncio.new_event_loop, run))
    return taken


def five_hundred(waited: dict[int, tuple[list[float], list[float]]]) -> Table:
    """Return the report's second table."""
    headings = (
        "at once",
        "reported",
        "its design, here",
        "greet_many_async",
        "a second",
        "ratio",
    )
    rows = []
    for concurrency, (theirs, ours) in waited.items():
        before, now = map(statistics.median, (theirs, ours))
        beside = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        cells = duration(REPORTED_BULK[concurrency]), duration(before), duration(now)
        rows.append([str(concurrency), *cells, f"{MESSAGES / now:,.0f}", ratio(beside)])
    return Table(headings, rows)


def modes(costs: dict[str, Any]) -> Table:
    """Return what counting costs, mode by mode."""
    rows = [
        [name, f"{each['time_ns']:.0f} ns", ratio(each["ratio"]), ratio(each["to_f_string"])]
        for name, each in costs["costs"].items()
    ]
    return Table(("metrics", "a greeting", "to off", "to an f-string"), rows)


def claims(
    measured: Measured,
    waited: dict[int, tuple[list[float], list[float]]],
    costs: dict[str, Any],
    web: dict[str, Any],
) -> Table:
    """Return the report's claims, each beside what was measured here."""
    suite, modes = measured.suite, costs["costs"]
    bare = suite["bare Python"]
    monitored = "hellokit greet (monitored)"
    over = {name: suite[name].value - bare.value for name in ("import hellokit", monitored)}
    heavier = suite[f"{monitored} memory"].value - suite["bare Python memory"].value
    rate = MESSAGES / statistics.median(waited[20][1])
    full, watched = (ratio(modes[name]["ratio"]) for name in ("full", "full, monitored"))
    calls = web["hellokit"]["calls"]
    failed = 1 - calls["succeeded"] / calls["started"]
    rows = [
        [
            "start-up bare: under 1 ms",
            f"import hellokit: {duration(over['import hellokit'])} more",
        ],
        [
            "with all monitoring: about 30 ms",
            f"the command with monitored and metrics: {duration(over[monitored])} more",
        ],
        ["memory: 8 MB bare, 10 MB monitored", f"the same command: {size(heavier)} more"],
        [
            "monitoring costs 2 to 3 times the bare call",
            f"metrics full: {full} of off; the backend monitored: {watched}",
        ],
        ["about 14,000 operations a second", f"of 1 ms, 20 at once: {rate:,.0f}"],
        ["error rate under 0.1 %", f"of the web load: {failed:.2%}"],
        [
            "web load: 1,000 requests of 1.0 to 1.9 ms",
            f"at once: all in {duration(web['summary']['total'])}",
        ],
    ]
    return Table(("the report", "here"), rows)


def told(*command: str) -> dict[str, Any]:
    """Return what a command of hellokit says in JSON."""
    run = [sys.executable, "-m", "hellokit", *command, "--json"]
    done = subprocess.run(run, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def draw_messages(axes: Axes, waited: dict[int, tuple[list[float], list[float]]]) -> None:
    """Draw the time of 500 messages: reported, by the report's design, by hellokit's."""
    places = range(len(waited))
    drawn = {
        "reported": [REPORTED_BULK[each] for each in waited],
        "its design, here": [statistics.median(theirs) for theirs, _ in waited.values()],
        "greet_many_async": [statistics.median(ours) for _, ours in waited.values()],
    }
    for shift, (label, times) in enumerate(drawn.items()):
        places_of = [place + (shift - 1) * 0.27 for place in places]
        axes.bar(places_of, [time * 1e3 for time in times], 0.25, label=label)
    axes.set_xticks(places, [f"{each} at once" for each in waited])
    axes.set_ylabel("500 messages of 1 ms, in ms")
    axes.legend(frameon=False)


def picture(name: str, drawn: str) -> None:
    """Write a picture of the page."""
    (DOCS / "_static" / f"{name}.svg").write_text(drawn, encoding="utf-8")


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    text = page(parser.parse_args().rounds)
    (DOCS / "explanation" / "the-numbers.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
