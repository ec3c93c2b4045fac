"""The alert rules: those of `kit.alerts()`, written for a Prometheus server."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from hellokit_prometheus.bounds import CLEARS_AT

if TYPE_CHECKING:
    from hellokit import Settings

SHARE = 0.01
"""The share of the calls that may exceed a threshold that each of them is compared with."""


class _Rules(Template):
    delimiter = "@"  # Prometheus has templates of its own, with $


def rules(settings: Settings) -> str:
    r"""Return the rules file for a Prometheus server, with the thresholds of `settings`.

    Args:
        settings: the settings of the kits that are scraped.

    Returns:
        YAML: one group with four alerts, for errors, time, memory, and the reading itself.

    >>> from hellokit import Settings
    >>> "failures:ratio > 0.2\n" in rules(Settings(error_ratio_threshold=0.2))
    True
    """
    bounds = {
        "errors": settings.error_ratio_threshold,
        "seconds": settings.time_threshold_s,
        "share": SHARE,
    }
    text = files(__package__).joinpath("rules.template.yml").read_text(encoding="utf-8")
    return _Rules(text).substitute(
        {name: f"{bound:.12g}" for name, bound in bounds.items()},
        **{f"{name}_clear": f"{CLEARS_AT * bound:.12g}" for name, bound in bounds.items()},
        window=_duration(settings.alert_window_s),
        megabytes=f"{settings.memory_threshold_mb:.12g}",
    )


def _duration(seconds: float) -> str:
    """Return seconds as PromQL spells them."""
    return f"{seconds:.0f}s" if seconds.is_integer() else f"{max(1, round(seconds * 1000))}ms"
