"""The verdict: what the numbers of a run say, and how far to trust them, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hellokit_bench.measuring.measured import ratios, spread
from hellokit_bench.measuring.tables import F_STRING, PLUGGY, change
from hellokit_bench.reporting.amounts import duration, ratio
from hellokit_bench.subject import WAYS

if TYPE_CHECKING:
    from hellokit_bench.measuring.measured import Measured
    from hellokit_bench.measuring.programs import Program
    from hellokit_bench.subject import Way
    from hellokit_bench.suite import Result

BUSY = 0.5
"""From which load per processor on a machine counts as busy."""
WIDE = 0.05
"""From which spread on a result counts as rough."""
FEW = 5
"""Below how many rounds results count as rough, and none of two is called the slower."""
SURE = 0.9
"""In which share of the rounds one must be the slower to be called so."""
MANY = 1000
"""For how many greetings a cost is told, as that of one says little."""


def doubts(measured: Measured) -> list[str]:
    """Return why the numbers are rough, a sentence each; none if they are not."""
    told = []
    if measured.load > BUSY * measured.processors:
        told.append(
            f"The machine was busy when this began: a load of {measured.load:.1f} on "
            f"{measured.processors} processors. The numbers are rough."
        )
    times = [each for each in measured.suite.results if each.unit == "second"]
    rounds = min((len(each.processes) for each in times), default=FEW)
    if rounds < FEW:
        told.append(
            f"There {'was one round' if rounds == 1 else f'were {rounds} rounds'}, and so as many "
            f"processes of each: take {FEW} or more to trust the numbers."
        )
    if wide := [each.name for each in times if spread(each) > WIDE]:
        told.append(f"The spread is over {WIDE:.0%}, and the number rough, of: {', '.join(wide)}.")
    return told


def recommendation(measured: Measured) -> list[str]:
    """Return what the numbers recommend, a sentence each."""
    return [*_backends(measured), *_ways(measured), *_programs(measured), *_failed(measured)]


def slower(one: Result, other: Result) -> bool:
    """Tell whether one of two was the slower in nearly all of enough rounds."""
    over = ratios(one, other)
    return len(over) >= FEW and sum(each > 1 for each in over) >= SURE * len(over)


def _of_way(measured: Measured, way: Way) -> dict[str, Result]:
    """Return the results of the backends that were called in this way, the fastest first."""
    found = {
        each.name: result
        for each in measured.subjects
        if each.way == way and (result := measured.result(each.label))
    }
    return dict(sorted(found.items(), key=lambda each: each[1].value))


def _backends(measured: Measured) -> list[str]:
    way = next((each for each in WAYS if _of_way(measured, each)), None)
    if way is None:
        return []
    found = _of_way(measured, way)
    (name, best), *rest = found.items()
    beside = [
        f"{ratio(best.over(peer))} {told}"
        for told, peer in (
            ("an f-string", measured.result(F_STRING)),
            ("one raw call of pluggy", measured.result(PLUGGY)),
        )
        if peer
    ]
    ranked = any(slower(result, best) for _, result in rest)
    chosen = f"Take {name} unless you need what another does. " if ranked else ""
    told = (
        f"{chosen}A {way} call of {name} takes {', '.join([duration(best.value), *beside])}; "
        f"{MANY:,} of them {duration(best.value * MANY)}."
    )
    return [told, *(_dearer(each, result, name, best) for each, result in rest)]


def _dearer(name: str, result: Result, cheapest: str, best: Result) -> str:
    if not slower(result, best):
        return f"{name} cannot be told apart from {cheapest} by these rounds."
    more_s = result.value - best.value
    return (
        f"{name} costs {duration(more_s)} a call more than {cheapest}, {ratio(result.over(best))} "
        f"of it; {duration(more_s * MANY)} more for {MANY:,}."
    )


def _ways(measured: Measured) -> list[str]:
    single, bulk = _of_way(measured, "sync"), _of_way(measured, "bulk")
    gains = {
        name: single[name].over(each)
        for name, each in bulk.items()
        if name in single and slower(single[name], each)
    }
    if not gains:
        return []
    listed = ", ".join(f"{ratio(gain)} as fast with {name}" for name, gain in gains.items())
    return [f"Greet many by greet_many: a greeting is {listed}."]


def _programs(measured: Measured) -> list[str]:
    told = [_succession(measured, each) for each in measured.programs if each.succeeds]
    if not (told := [each for each in told if each]):
        return []
    advice = (
        "A process for each greeting pays for Python and its imports each time: greet many in "
        "one, from Python or by `hellokit greet --file`."
    )
    return [*told, advice]


def _succession(measured: Measured, program: Program) -> str:
    now, before = measured.result(program.name), measured.result(program.succeeds)
    memory = change(
        measured.result(f"{program.name} memory"), measured.result(f"{program.succeeds} memory")
    )
    if not now or not before:
        return ""
    if slower(now, before):
        told = f"takes {ratio(now.over(before))} as long as"
    elif slower(before, now):
        told = f"is {ratio(before.over(now))} as fast as"
    else:
        told = "takes, as far as these rounds tell, as long as"
    return f"A process of {program.name!r} {told} the {program.succeeds}; its memory: {memory}."


def _failed(measured: Measured) -> list[str]:
    if not measured.failures:
        return []
    return [f"Take none of these before it works: {', '.join(measured.failures)}."]
