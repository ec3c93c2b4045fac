"""The checks of the contract, by subject; pytest shows what their asserts compare."""

from __future__ import annotations

try:
    import pytest
except ImportError as error:
    raise ImportError(
        "hellokit.testing.BackendContract runs on pytest, which is not installed: "
        "pip install pytest"
    ) from error

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{each}"
        for each in ("surroundings", "texts", "wrapping", "counting", "running", "lifetime")
    )
)
