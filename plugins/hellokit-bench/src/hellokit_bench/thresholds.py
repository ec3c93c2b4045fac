"""Thresholds: those of the settings, held against what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hellokit import Histogram, Settings

MB = 1_000_000


def exceeded(
    settings: Settings,
    duration: Histogram,
    *,
    calls: int | None = None,
    failed: int = 0,
    grown_bytes: int = 0,
) -> list[str]:
    """Return a sentence for each threshold that was exceeded.

    Args:
        settings: the thresholds: `time_threshold_s`, `error_ratio_threshold` and
            `memory_threshold_mb`.
        duration: how long calls took.
        calls: how many there were; as many as were timed, if None.
        failed: how many of them failed.
        grown_bytes: what memory they took and did not give back, in bytes.
    """
    told = []
    p99_s = duration.quantile(0.99) / 1e9
    if p99_s > settings.time_threshold_s:
        told.append(f"p99 is {p99_s:.3g} s, over time_threshold_s = {settings.time_threshold_s:g}")
    calls = duration.count if calls is None else calls
    if calls and failed / calls > settings.error_ratio_threshold:
        told.append(
            f"{failed / calls:.2%} of the calls failed, over "
            f"error_ratio_threshold = {settings.error_ratio_threshold:g}"
        )
    if grown_bytes > settings.memory_threshold_mb * MB:
        told.append(
            f"memory grew by {grown_bytes / MB:.1f} MB, over "
            f"memory_threshold_mb = {settings.memory_threshold_mb:g}"
        )
    return told
