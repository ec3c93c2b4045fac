"""What showing greetings elsewhere costs each of them, in one process, as ratios.

Run it with `python benchmarks/exporters.py`. Each row is measured in turn with a greeting by a kit
that shows nothing to anybody, round by round, so that a drift of the machine's speed meets both;
the medians of the rounds are printed. Metrics are full everywhere.
"""

from __future__ import annotations

import argparse
import os
import statistics
from time import perf_counter_ns
from typing import TYPE_CHECKING

import attrs
import prometheus_client
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

import hellokit_otel
import hellokit_otel.plugin
import hellokit_prometheus.plugin
from hellokit import Kit, Settings
from hellokit_prometheus import HellokitCollector

if TYPE_CHECKING:
    from collections.abc import Callable

    from opentelemetry.sdk.trace.sampling import Sampler

    Greet = Callable[[str], str]


@attrs.frozen
class Row:
    """One line of the table; `at_most` is a ratio, where one was set."""

    what: str
    greet: Greet
    at_most: str = ""


def kit(*plugins: object) -> Kit:
    """Return a kit with these plugins and no others."""
    return Kit(Settings(), discover=False, plugins=plugins)


def prometheus() -> list[Row]:
    """Return the lines about Prometheus."""
    os.environ["HELLOKIT_PROMETHEUS_PORT"] = "0"
    served = kit(hellokit_prometheus.plugin).greet
    served("Ada")
    del os.environ["HELLOKIT_PROMETHEUS_PORT"]
    return [
        Row("hellokit-prometheus, serving", served, "1.0"),
        Row("prometheus_client called per greeting", counted_by_hand(kit().greet)),
    ]


def counted_by_hand(greet: Greet) -> Greet:
    """Return `greet` with a counter and a histogram of prometheus_client around it."""
    registry = prometheus_client.CollectorRegistry()
    calls = prometheus_client.Counter("calls", "Calls.", ["backend"], registry=registry)
    seconds = prometheus_client.Histogram("seconds", "Time.", ["backend"], registry=registry)

    def counted(name: str) -> str:
        start = perf_counter_ns()
        text = greet(name)
        seconds.labels("plain").observe((perf_counter_ns() - start) / 1e9)
        calls.labels("plain").inc()
        return text

    return counted


def opentelemetry() -> list[Row]:
    """Return the lines about OpenTelemetry; its SDK keeps no span and exports none."""
    return [
        Row("hellokit-otel, no tracer provider", kit(hellokit_otel.plugin.Plugin).greet, "1.05"),
        Row("hellokit-otel, spans", spanned(ALWAYS_ON)),
        Row("a span of the SDK per greeting", spanned_by_hand(ALWAYS_ON)),
        Row("hellokit-otel, spans that are not sampled", spanned(ALWAYS_OFF)),
        Row("a span of the SDK per greeting, not sampled", spanned_by_hand(ALWAYS_OFF)),
        Row("a histogram of the SDK called per greeting", recorded_by_hand(kit().greet)),
    ]


def spanned(sampler: Sampler) -> Greet:
    """Return the greeting of a kit that is traced."""
    traced = kit()
    hellokit_otel.instrument(traced, TracerProvider(sampler), MeterProvider())
    return traced.greet


def spanned_by_hand(sampler: Sampler) -> Greet:
    """Return the greeting of a kit with a span around it, which tells the same."""
    start = TracerProvider(sampler).get_tracer("by hand").start_as_current_span
    greet = kit().greet
    told = {"hellokit.backend": "plain", "hellokit.chain": "plain", "hellokit.locale": "en"}

    def traced(name: str) -> str:
        with start("hellokit.greet", attributes=told):
            return greet(name)

    return traced


def recorded_by_hand(greet: Greet) -> Greet:
    """Return `greet` with a histogram of the SDK around it."""
    seconds = MeterProvider().get_meter("by hand").create_histogram("seconds")

    def recorded(name: str) -> str:
        start = perf_counter_ns()
        text = greet(name)
        seconds.record((perf_counter_ns() - start) / 1e9, {"hellokit.backend": "plain"})
        return text

    return recorded


def timed(greet: Greet, number: int) -> float:
    """Return how long a greeting takes, in ns."""
    start = perf_counter_ns()
    for _ in range(number):
        greet("Ada")
    return (perf_counter_ns() - start) / number


def measure(row: Row, beside: Greet, rounds: int, number: int) -> tuple[float, float, float]:
    """Return the medians of the row's ns, of its peer's, and of the ratio of each round."""
    timed(row.greet, number)
    timed(beside, number)
    pairs = [(timed(row.greet, number), timed(beside, number)) for _ in range(rounds)]
    median = statistics.median
    return (
        median(ns for ns, _ in pairs),
        median(ns for _, ns in pairs),
        median(ns / other for ns, other in pairs),
    )


def scrape_us(rounds: int) -> float:
    """Return the median duration of a scrape of four backends, in µs, without the network."""
    scraped = kit()
    for backend in ("plain", "cached+monitored+plain", "async"):
        scraped.greet("Ada", backend=backend)
    registry = prometheus_client.CollectorRegistry()
    registry.register(HellokitCollector(scraped))
    durations = []
    for _ in range(rounds):
        start = perf_counter_ns()
        prometheus_client.generate_latest(registry)
        durations.append(perf_counter_ns() - start)
    return statistics.median(durations) / 1e3


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=51)
    parser.add_argument("--number", type=int, default=5_000)
    given = parser.parse_args()
    print("| what | ns | beside it | ratio | at most |")
    print("|---|---|---|---|---|")
    control = Row("nothing, as a control", kit().greet)
    for row in [control, *prometheus(), *opentelemetry()]:
        ns, other, ratio = measure(row, kit().greet, given.rounds, given.number)
        print(f"| {row.what} | {ns:.0f} | {other:.0f} | {ratio:.2f} | {row.at_most} |")
    print(f"\nA scrape of four backends takes {scrape_us(given.rounds):.0f} µs.")


if __name__ == "__main__":
    main()
