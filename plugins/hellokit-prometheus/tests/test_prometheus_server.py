"""A real Prometheus server scrapes a kit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_server import until, waiting

if TYPE_CHECKING:
    from prometheus_server import Watched

KINDS = {"HellokitErrors": "errors", "HellokitSlow": "time", "HellokitMemory": "memory"}
HOSTILE = 'qu"ote\\n\n\r\x00\u2028{le="1"} 🙂 ' + 300 * "long"


def agreed(watched: Watched) -> set[tuple[str, str]]:
    """Return the alerts that fire in Prometheus, by kind and backend; the kit's are the same."""
    theirs = {(KINDS[name], backend) for name, backend in watched.server.alerts()}
    ours = {(alert.kind, alert.backend) for alert in watched.kit.alerts()}
    return theirs if theirs == ours else {("disagreement", f"{theirs} {ours}")}


def test_every_total_arrives(watched: Watched) -> None:
    """What Prometheus has is what the kit has counted, of each backend and each kind."""
    greet = watched.backend("totals")
    for name in ("Ada", "Grace", "Mallory"):
        with pytest.raises(ConnectionError) if name == "Mallory" else watched.kit.use():
            greet(name)
        watched.kit.greet(name, backend="cached+monitored")
        watched.kit.greet(name, backend="cached+monitored")
    watched.settle()
    metrics = watched.kit.metrics().backends
    has = watched.server.by_backend
    assert watched.calls() == {name: each.calls for name, each in metrics.items()}
    assert has("hellokit_greet_failures_total")["totals"] == 1
    assert has('hellokit_greet_errors_total{error_type="ConnectionError"}') == {"totals": 1}
    assert has("hellokit_greet_duration_seconds_count") == watched.calls()
    assert has("hellokit_greet_in_flight") == dict.fromkeys(metrics, 0)
    assert has('hellokit_cache_requests_total{result="hit"}') == {"cached": 3}
    assert has('hellokit_cache_requests_total{result="miss"}') == {"cached": 3}
    noted = has('hellokit_greet_attributes_total{attribute="measured"}')["monitored"]
    assert noted == metrics["monitored"].attributes["measured"]
    assert watched.server.query("hellokit_scrape_success")[0]["value"][1] == "1"


def test_hostile_names_arrive_whole(watched: Watched) -> None:
    """A backend with quotes, newlines and worse in its name is shown by that name."""
    watched.backend(HOSTILE)
    assert watched.calls()[HOSTILE] == 1
    assert watched.server.query("up")[0]["value"][1] == "1"


def test_promql_gives_the_true_rate_and_percentile(watched: Watched) -> None:
    """1,000 greetings in a minute, 20 of them slow, have that rate and the p99 of the slow ones."""
    greet = watched.backend("steady")
    before = watched.kit.metrics().backends["steady"]
    for number in range(1000):
        greet("Sloth" if number % 50 == 0 else "Ada")
    watched.settle()
    since = watched.kit.metrics().backends["steady"] - before
    calls = 'hellokit_greet_calls_total{backend="steady"}[1m]'
    exact = watched.server.by_backend(f"max_over_time({calls}) - min_over_time({calls})")
    assert exact == {"steady": 1000}
    rate = watched.server.by_backend(f"rate({calls})")["steady"]
    assert rate == pytest.approx(1000 / 60, rel=0.2)  # it extrapolates to the edges of the window
    bucket = 'hellokit_greet_duration_seconds_bucket{backend="steady"}[1m]'
    p99 = watched.server.by_backend(f"histogram_quantile(0.99, rate({bucket}))")["steady"]
    assert p99 == pytest.approx(since.duration.quantile(0.99) / 1e9, rel=0.25)


def test_alerts_fire_and_resolve_as_those_of_the_kit(watched: Watched) -> None:
    """Errors and slow calls make the same two alerts fire here and there, until they stop."""
    flaky, slow = watched.backend("flaky"), watched.backend("slow")
    until(lambda: agreed(watched) == set())
    for _ in waiting():
        flaky("Ada")
        slow("Sloth")
        with pytest.raises(ConnectionError):
            flaky("Mallory")
        if {("errors", "flaky"), ("time", "slow")} <= agreed(watched):
            break
    firing = watched.server.alerts()["HellokitErrors", "flaky"]
    assert firing["annotations"]["summary"].endswith("% of the greetings by flaky fail")
    for _ in waiting():
        flaky("Ada")
        slow("Ada")
        if agreed(watched) == set():
            break


def test_the_ratio_is_that_of_the_kit(watched: Watched) -> None:
    """One failure in three is a third, in PromQL as in the kit's own alert."""
    greet = watched.backend("third")
    third = pytest.approx(1 / 3, rel=0.1)
    for _ in waiting():
        greet("Ada")
        greet("Ada")
        with pytest.raises(ConnectionError):
            greet("Mallory")
        ratios = watched.server.by_backend("backend:hellokit_greet_failures:ratio")
        theirs = ratios.get("third", 0.0)
        ours = sum(each.value for each in watched.kit.alerts() if each.backend == "third")
        if theirs == third and ours == third:
            break
