"""What the tests of this plugin start from: no settings from outside."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

FOREIGN = re.compile(r"(HELLOKIT_|PERF_).*|ENVIRONMENT|DEBUG|VERBOSE_LOGGING")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables that hellokit reads."""
    for name in filter(FOREIGN.fullmatch, list(os.environ)):
        monkeypatch.delenv(name)
