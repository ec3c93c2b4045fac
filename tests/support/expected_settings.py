"""The settings of the design, written by hand: what the table in code has to say."""

from __future__ import annotations

from typing import Any, NamedTuple

PROFILES = ("development", "staging", "production")


class Expected(NamedTuple):
    """One row of the design's table, written by hand."""

    variables: tuple[str, ...]
    default: Any
    profiles: tuple[Any, ...]
    text: str  # what a variable says ...
    value: Any  # ... and what it means: neither the default nor a profile's value


ROWS: dict[str, tuple[tuple[str, ...], Any, tuple[Any, ...], str, Any]] = {
    "environment": (("HELLOKIT_ENVIRONMENT", "ENVIRONMENT"), None, (), "staging", "staging"),
    "backend": (("HELLOKIT_BACKEND",), "plain", (), "cached+plain", "cached+plain"),
    "locale": (("HELLOKIT_LOCALE",), "en", (), "pt_BR.UTF-8", "pt-BR"),
    "strict_confidence": (("HELLOKIT_STRICT_CONFIDENCE",), "medium", (), "high", "high"),
    "isolate": (("HELLOKIT_ISOLATE",), "auto", (), "never", "never"),
    "metrics": (("HELLOKIT_METRICS",), "full", ("full", "full", "sampled"), "count", "count"),
    "metrics_dir": (("HELLOKIT_METRICS_DIR",), None, (), "/run/./hellokit", "/run/hellokit"),
    "enable_profiling": (
        ("HELLOKIT_ENABLE_PROFILING", "PERF_ENABLE_PROFILING"),
        False,
        (True, True, False),
        "yes",
        True,
    ),
    "enable_memory_tracking": (
        ("HELLOKIT_ENABLE_MEMORY_TRACKING", "PERF_ENABLE_MEMORY"),
        True,
        (),
        "off",
        False,
    ),
    "log_performance_metrics": (
        ("HELLOKIT_LOG_PERFORMANCE_METRICS", "PERF_LOG_METRICS"),
        True,
        (),
        "0",
        False,
    ),
    "performance_log_file": (
        ("HELLOKIT_PERFORMANCE_LOG_FILE", "PERF_LOG_FILE"),
        None,
        (),
        "logs/h.log",
        "logs/h.log",
    ),
    "max_concurrent": (
        ("HELLOKIT_MAX_CONCURRENT", "PERF_MAX_CONCURRENT"),
        50,
        (25, 75, 100),
        "7",
        7,
    ),
    "batch_size": (("HELLOKIT_BATCH_SIZE", "PERF_BATCH_SIZE"), 100, (50, 250, 500), "1", 1),
    "async_timeout_s": (("HELLOKIT_ASYNC_TIMEOUT_S", "PERF_ASYNC_TIMEOUT"), 30.0, (), "0.5", 0.5),
    "time_threshold_s": (
        ("HELLOKIT_TIME_THRESHOLD_S", "PERF_TIME_THRESHOLD"),
        1.0,
        (),
        "1e-3",
        0.001,
    ),
    "memory_threshold_mb": (
        ("HELLOKIT_MEMORY_THRESHOLD_MB", "PERF_MEMORY_THRESHOLD"),
        100.0,
        (),
        "64",
        64.0,
    ),
    "error_ratio_threshold": (("HELLOKIT_ERROR_RATIO_THRESHOLD",), 0.05, (), "0", 0.0),
    "alert_window_s": (("HELLOKIT_ALERT_WINDOW",), 60.0, (), "300", 300.0),
    "cache_enabled": (("HELLOKIT_CACHE_ENABLED", "PERF_CACHE_ENABLED"), True, (), "no", False),
    "cache_max_entries": (("HELLOKIT_CACHE_MAX_ENTRIES",), 4096, (), "10", 10),
    "cache_ttl_s": (("HELLOKIT_CACHE_TTL",), 86400.0, (), "60", 60.0),
    "lazy_loading": (("HELLOKIT_LAZY_LOADING", "PERF_LAZY_LOADING"), True, (), "FALSE", False),
    "debug": (("HELLOKIT_DEBUG", "DEBUG"), False, (True, True, False), "1", True),
    "verbose_logging": (
        ("HELLOKIT_VERBOSE_LOGGING", "VERBOSE_LOGGING"),
        False,
        (True, False, False),
        "On",
        True,
    ),
    "strict": (("HELLOKIT_STRICT",), False, (), "1", True),
    "disable_plugins": (
        ("HELLOKIT_DISABLE_PLUGINS",),
        (),
        (),
        " redis, log,,redis ",
        ("redis", "log"),
    ),
}
TABLE = {name: Expected(*row) for name, row in ROWS.items()}
VARIABLES = [(name, variable) for name, row in TABLE.items() for variable in row.variables]
FLAGS = [name for name, row in TABLE.items() if isinstance(row.default, bool)]
COUNTS = ["max_concurrent", "batch_size", "cache_max_entries"]
AMOUNTS = [
    "async_timeout_s",
    "time_threshold_s",
    "memory_threshold_mb",
    "alert_window_s",
    "cache_ttl_s",
]
LENIENT = {"environment": "ENVIRONMENT", "debug": "DEBUG", "verbose_logging": "VERBOSE_LOGGING"}
