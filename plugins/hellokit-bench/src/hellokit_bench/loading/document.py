"""Outcomes as JSON: in the shape that oha publishes, and beside it what only hellokit knows."""

from __future__ import annotations

from statistics import fmean, pstdev, quantiles
from typing import TYPE_CHECKING, Any

import attrs

from hellokit_bench.loading.verdict import is_bottleneck, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hellokit import Histogram
    from hellokit_bench.loading.outcome import Outcome

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999)
VERSION = 1
_NAMES = [f"p{q * 100:g}" for q in QUANTILES]


def document(outcome: Outcome, exceeded: Sequence[str] = ()) -> dict[str, Any]:
    """Return an outcome, ready for JSON; `None` stands for what is not known.

    Times are in seconds, and those outside `hellokit` are response times. A histogram's key is
    the middle of its bucket; the fastest is known to the bucket only.

    Args:
        outcome: what became of a load.
        exceeded: a sentence for each threshold that was exceeded.
    """
    return {
        **_as_oha_has_it(outcome),
        "hellokit": {
            "version": VERSION,
            "target": outcome.label,
            "model": outcome.plan.model,
            "plan": _plan(outcome),
            "calls": _calls(outcome),
            "service": outcome.tally.service.histogram.as_dict(),
            "response": outcome.tally.response.histogram.as_dict(),
            "generator": _generator(outcome),
            "interrupted": outcome.interrupted,
            "verdict": verdict(outcome),
            "thresholds_exceeded": list(exceeded),
        },
    }


def _as_oha_has_it(outcome: Outcome) -> dict[str, Any]:
    response, per_row = outcome.tally.response.histogram, _rates(outcome)
    return {
        "summary": _summary(outcome, response),
        "responseTimeHistogram": {
            f"{(low + high) / 2e9:.9f}": number for low, high, number in response.occupied()
        },
        "latencyPercentiles": {
            name: response.quantile(q) / 1e9 if response.count else None
            for name, q in zip(_NAMES, QUANTILES, strict=True)
        },
        "rps": {
            "mean": fmean(per_row) if per_row else None,
            "stddev": pstdev(per_row) if per_row else None,
            "max": max(per_row, default=None),
            "min": min(per_row, default=None),
            "percentiles": _percentiles(per_row),
        },
        "details": {"DNSDialup": _unknown(), "DNSLookup": _unknown()},
        "statusCodeDistribution": {str(code): n for code, n in outcome.statuses.items()},
        "errorDistribution": {kind: n for kind, (n, _) in outcome.tally.failures.items()},
    }


def _summary(outcome: Outcome, response: Histogram) -> dict[str, Any]:
    tally, received = outcome.tally, outcome.received_bytes
    count, elapsed_s = response.count, outcome.elapsed_s
    fastest = next(response.occupied(), None)
    return {
        "successRate": outcome.succeeded / tally.ended if tally.ended else None,
        "total": elapsed_s,
        "slowest": response.max_ns / 1e9 if count else None,
        "fastest": fastest[0] / 1e9 if fastest else None,
        "average": response.sum_ns / count / 1e9 if count else None,
        "requestsPerSec": outcome.per_second if elapsed_s else None,
        "totalData": received,
        "sizePerRequest": received // outcome.succeeded if outcome.succeeded else None,
        "sizePerSec": received / elapsed_s if elapsed_s else None,
    }


def _rates(outcome: Outcome) -> list[float]:
    """Return the calls that ended in a second, for each row that is complete."""
    tally = outcome.tally
    return [row.response.count / tally.row_s for row in tally.rows[:-1]]


def _percentiles(values: Sequence[float]) -> dict[str, float | None]:
    if len(values) < 2:  # noqa: PLR2004  # the least that has quantiles
        return dict.fromkeys(_NAMES, values[0] if values else None)
    cuts = quantiles(values, n=10_000, method="inclusive")
    return {name: cuts[round(q * 10_000) - 1] for name, q in zip(_NAMES, QUANTILES, strict=True)}


def _unknown() -> dict[str, None]:
    return dict.fromkeys(("average", "fastest", "slowest"))


def _plan(outcome: Outcome) -> dict[str, Any]:
    plan = attrs.asdict(outcome.plan)
    endless = float("inf")
    stages = [
        {name: None if value == endless else value for name, value in stage.items()}
        for stage in plan["stages"]
    ]
    duration_s = None if plan["duration_s"] == endless else plan["duration_s"]
    return {**plan, "stages": stages, "duration_s": duration_s}


def _calls(outcome: Outcome) -> dict[str, Any]:
    tally = outcome.tally
    return {
        "started": tally.started,
        "succeeded": outcome.succeeded,
        "failed": tally.failed,
        "failures": {
            kind: {"count": number, "first": message}
            for kind, (number, message) in tally.failures.items()
        },
        "unfinished": outcome.unfinished,
        "late_for_a_slot": tally.late_for_a_slot,
        "late_by_generator": tally.late_by_generator,
        "dropped": tally.dropped,
    }


def _generator(outcome: Outcome) -> dict[str, Any]:
    return {
        "busy_ratio": outcome.busy_ratio,
        "cpu_ratio": outcome.cpu_ratio,
        "is_bottleneck": is_bottleneck(outcome),
        "lag": outcome.tally.lag.histogram.as_dict(),
    }
