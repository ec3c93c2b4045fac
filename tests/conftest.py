"""What every test starts from: no settings from outside, and the same examples in CI."""

from __future__ import annotations

import os
import re

import hypothesis
import pytest

import hellokit

FOREIGN = re.compile(r"(HELLOKIT_|PERF_).*|ENVIRONMENT|DEBUG|VERBOSE_LOGGING")

# Derandomized in CI: a failure there is then of the change, and the same for everybody.
hypothesis.settings.register_profile("here", deadline=None, max_examples=100)
hypothesis.settings.register_profile(
    "ci", deadline=None, max_examples=100, derandomize=True, database=None
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_report_header() -> str:
    """Say which hellokit is under test."""
    return f"hellokit: {next(iter(hellokit.__path__))}"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables that hellokit reads."""
    for name in filter(FOREIGN.fullmatch, list(os.environ)):
        monkeypatch.delenv(name)
