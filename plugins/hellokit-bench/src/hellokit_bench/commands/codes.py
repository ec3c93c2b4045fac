"""Exit codes, as the core's command has them."""

from __future__ import annotations

FAILED, USAGE, INTERRUPTED = 1, 2, 130
