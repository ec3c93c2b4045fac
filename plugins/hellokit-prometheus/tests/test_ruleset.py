"""The alert rules: valid, as shipped, and firing and resolving when they should."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import Settings
from hellokit_prometheus import rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVERY_S = 15
"""Between two scrapes; the window of the default settings spans four."""

CALLS = 100
"""In each of the scrapes, so that shares are whole numbers."""

Series = dict[str, list[int]]


def total(metric: str, steps: list[int], **labels: str) -> Series:
    """Return a counter of one backend that grows by these steps."""
    shown = "".join(f', {name}="{value}"' for name, value in labels.items())
    return {f'{metric}{{backend="one", job="web", instance="a"{shown}}}': [0, *accumulate(steps)]}


def noted(attribute: str, steps: list[int]) -> Series:
    """Return a counter of what the backend noted."""
    return total("hellokit_greet_attributes_total", steps, attribute=attribute)


def durations(slow: list[int], limit: str = "1.006632959") -> Series:
    """Return the buckets below and above a limit, with so many of `CALLS` above."""
    name = "hellokit_greet_duration_seconds_bucket"
    return {
        **total(name, [CALLS - each for each in slow], le=limit),
        **total(name, [CALLS for _ in slow], le="1.073741823"),
        **total(name, [CALLS for _ in slow], le="+Inf"),
    }


def calls(steps: list[int], metric: str = "calls_total") -> Series:
    """Return the counter of calls beside them."""
    return total(f"hellokit_greet_{metric}", [CALLS for _ in steps])


def phases(*shares: int) -> list[int]:
    """Return steps for 90 s of each share; a window later it is the share of the window."""
    return [share for share in shares for _ in range(6)]


def firing(alert: str, series: Series, expected: str) -> dict[str, Any]:
    """Return promtool's test that the alert fires at the end of the phases marked `!`."""
    labels = f'alertname="{alert}", alertstate="firing", backend="one", job="web"'
    severity = "critical" if alert == "HellokitErrors" else "warning"
    sample = {"labels": f'ALERTS{{{labels}, severity="{severity}"}}', "value": 1}
    return {
        "interval": f"{EVERY_S}s",
        "input_series": [
            {"series": name, "values": " ".join(map(str, values))}
            for name, values in series.items()
        ],
        "promql_expr_test": [
            {
                "expr": f'ALERTS{{alertname="{alert}", alertstate="firing"}}',
                "eval_time": f"{90 * (number + 1)}s",
                "exp_samples": [sample] if mark == "!" else [],
            }
            for number, mark in enumerate(expected)
        ],
    }


def run(promtool: Callable[..., str], folder: Path, *tests: dict[str, Any]) -> None:
    """Have promtool run these tests on the rules that are shipped."""
    (folder / "rules.yml").write_text(shipped(), encoding="utf-8")
    file = folder / "tests.yml"
    content = {"rule_files": ["rules.yml"], "evaluation_interval": "15s", "tests": tests}
    file.write_text(json.dumps(content), encoding="utf-8")  # all JSON is YAML
    promtool("test", "rules", file)


def shipped() -> str:
    """Return the rules file of the package."""
    return files("hellokit_prometheus").joinpath("rules.yml").read_text(encoding="utf-8")


def test_the_shipped_rules_are_those_of_the_default_settings() -> None:
    """Where they are not, `hellokit prometheus-rules` prints the ones to put there."""
    assert shipped() == rules(Settings())


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(time_threshold_s=1e-7, error_ratio_threshold=1 / 3, alert_window_s=0.25),
        Settings(time_threshold_s=1e9, memory_threshold_mb=1e12, alert_window_s=86400),
    ],
)
def test_the_rules_of_any_settings_are_valid(
    promtool: Callable[..., str], tmp_path: Path, settings: Settings
) -> None:
    """Promtool accepts large and small thresholds and windows."""
    file = tmp_path / "rules.yml"
    file.write_text(rules(settings), encoding="utf-8")
    assert "8 rules found" in promtool("check", "rules", file)


def test_errors_fire_above_the_bound_and_resolve_well_below(
    promtool: Callable[..., str], tmp_path: Path
) -> None:
    """5 % is no alert, 6 % is; 5 % keeps it then, 4 % ends it, and 5 % does not bring it back."""
    failed = phases(5, 6, 5, 4, 5)
    series = {**calls(failed), **total("hellokit_greet_failures_total", failed)}
    run(promtool, tmp_path, firing("HellokitErrors", series, ".!!.."))


def test_an_alert_resolves_when_no_call_is_left(
    promtool: Callable[..., str], tmp_path: Path
) -> None:
    """A backend that failed and is then not called any more is no alert."""
    called = [*phases(CALLS), *phases(0)]
    series = {
        **total("hellokit_greet_calls_total", called),
        **total("hellokit_greet_failures_total", called),
    }
    run(promtool, tmp_path, firing("HellokitErrors", series, "!."))


def test_slow_calls_fire_by_their_percentile(promtool: Callable[..., str], tmp_path: Path) -> None:
    """1 % above the threshold is no alert, 2 % is; 1 % keeps it if close below, and 0 % ends it."""
    slow = phases(0, 2, 0)
    series = {**calls(slow), **calls(slow, "duration_seconds_count"), **durations(slow)}
    near = durations(slow)
    run(promtool, tmp_path, firing("HellokitSlow", {**series, **near}, ".!!"))
    quick = total("hellokit_greet_duration_seconds_bucket", phases(100, 98, 100), le="0.5")
    run(promtool, tmp_path, firing("HellokitSlow", {**series, **quick}, ".!."))


def test_slow_calls_that_were_not_timed_fire_by_what_monitored_notes(
    promtool: Callable[..., str], tmp_path: Path
) -> None:
    """With a sample of the durations, more than 1 % noted as slow is the alert."""
    slow = phases(1, 2, 1, 0)
    timed = total("hellokit_greet_duration_seconds_count", [1 for _ in slow])
    quick = total("hellokit_greet_duration_seconds_bucket", [1 for _ in slow], le="0.5")
    most = total("hellokit_greet_duration_seconds_bucket", [1 for _ in slow], le="+Inf")
    noticed = noted("time_threshold_exceeded", slow)
    series = {**calls(slow), **timed, **quick, **most, **noticed}
    run(promtool, tmp_path, firing("HellokitSlow", series, ".!!."))


def test_memory_fires_by_the_share_of_measured_calls(
    promtool: Callable[..., str], tmp_path: Path
) -> None:
    """1 % is no alert, 2 % is; 1 % keeps it, and none ends it."""
    grown = phases(1, 2, 1, 0)
    measured = noted("measured", [CALLS for _ in grown])
    series = {**calls(grown), **measured, **noted("memory_threshold_exceeded", grown)}
    run(promtool, tmp_path, firing("HellokitMemory", series, ".!!."))


def test_counters_that_cannot_be_read_fire(promtool: Callable[..., str], tmp_path: Path) -> None:
    """A scrape without success is an alert of its own, until the next one with it."""
    labels = 'alertname="HellokitUnreadable", alertstate="firing", job="web", severity="warning"'
    found = [{"labels": f"ALERTS{{{labels}}}", "value": 1}]
    test = {
        "interval": "15s",
        "input_series": [{"series": 'hellokit_scrape_success{job="web"}', "values": "1 0 1"}],
        "promql_expr_test": [
            {"expr": 'ALERTS{alertstate="firing"}', "eval_time": at, "exp_samples": expected}
            for at, expected in (("0s", []), ("15s", found), ("30s", []))
        ],
    }
    run(promtool, tmp_path, test)


def test_processes_are_added_up(promtool: Callable[..., str], tmp_path: Path) -> None:
    """One process that fails among ten that do not is a tenth of the failures."""
    one = phases(40)
    failing = {**calls(one), **total("hellokit_greet_failures_total", one)}
    well = {**calls(one), **total("hellokit_greet_failures_total", phases(0))}
    others = {
        name.replace('instance="a"', f'instance="{number}"'): values
        for number in range(9)
        for name, values in well.items()
    }
    run(promtool, tmp_path, firing("HellokitErrors", {**failing, **others}, "."))
    run(promtool, tmp_path, firing("HellokitErrors", failing, "!"))
