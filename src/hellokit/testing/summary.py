"""What a contract came to: one line for each backend at the end of a test run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hellokit.testing.check import COST, OUTCOME
from hellokit.testing.declarations import CONTRACT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import pytest

    Outcomes = dict[str, dict[str, list[str]]]

STATES = (
    "kept",
    "broken",
    "not tried",
    "not yet",
    "not supported",
    "declared unsupported, yet kept",
    "of a later contract",
    "does not apply",
)
BARE = ("kept", "not tried", "does not apply")
"""What is only counted; of the others, each capability is named."""

HOLDS_UP = "; it holds up the event loop: await what it waits for, or declare blocking = True"


def tell(reporter: pytest.TerminalReporter) -> None:
    """Write the lines."""
    told = [
        each
        for reports in reporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"  # its teardown repeats the properties
        for each in report.user_properties
    ]
    reporter.section(f"hellokit: the contract of backends, version {CONTRACT_VERSION}")
    for line in lines(told):
        reporter.line(line)


def lines(told: Iterable[tuple[str, Any]]) -> list[str]:
    """Return a line for each backend.

    Args:
        told: the properties of test reports.

    >>> lines([("hellokit-contract", ["loud", "text", "kept", ""]),
    ...        ("hellokit-contract", ["loud", "fork", "not supported", "it holds a socket"]),
    ...        ("hellokit-cost", ["loud", 1.83, False])])
    ['loud: 1 kept, 1 not supported (fork: it holds a socket); 1.8x of plain']
    """
    backends: Outcomes = {}
    costs: dict[str, str] = {}
    for name, value in told:
        if name == COST:
            backend, times, holds_up = value
            costs[backend] = f"; {times:.1f}x of plain{HOLDS_UP * holds_up}"
        elif name == OUTCOME:
            backend, capability, state, detail = value
            outcomes = backends.setdefault(backend, {})
            shown = f"{capability}: {detail}" if detail else capability
            outcomes.setdefault(state, []).append(shown)
    return [_line(backend, outcomes, costs) for backend, outcomes in backends.items()]


def _line(backend: str, outcomes: Mapping[str, list[str]], costs: Mapping[str, str]) -> str:
    parts = []
    for state in STATES:
        if found := outcomes.get(state):
            said = state if len(found) == 1 else state.replace("does not apply", "do not apply")
            which = "" if state in BARE else f" ({'; '.join(found)})"
            parts.append(f"{len(found)} {said}{which}")
    return f"{backend}: {', '.join(parts)}{costs.get(backend, '')}"
