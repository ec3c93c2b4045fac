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

STATES = ("kept", "broken", "not yet", "not supported", "of a later contract", "does not apply")
BARE = ("kept", "does not apply")
"""What is only counted; of the others, each capability is named."""


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
    ...        ("hellokit-cost", ["loud", 1.83])])
    ['loud: 1 kept, 1 not supported (fork: it holds a socket); 1.8x of plain']
    """
    backends: Outcomes = {}
    costs: dict[str, float] = {}
    for name, value in told:
        if name == COST:
            backend, costs[backend] = value
        elif name == OUTCOME:
            backend, capability, state, detail = value
            outcomes = backends.setdefault(backend, {})
            shown = f"{capability}: {detail}" if detail else capability
            outcomes.setdefault(state, []).append(shown)
    return [_line(backend, outcomes, costs) for backend, outcomes in backends.items()]


def _line(backend: str, outcomes: Mapping[str, list[str]], costs: Mapping[str, float]) -> str:
    parts = []
    for state in STATES:
        if found := outcomes.get(state):
            which = "" if state in BARE else f" ({'; '.join(found)})"
            parts.append(f"{len(found)} {state}{which}")
    cost = f"; {costs[backend]:.1f}x of plain" if backend in costs else ""
    return f"{backend}: {', '.join(parts)}{cost}"
