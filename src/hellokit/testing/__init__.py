"""What tests use: the contract of backends, and helpers for the tests of applications.

`BackendContract` needs pytest, the rest does not. Each is imported when it is first asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.testing.capture import capture_records
    from hellokit.testing.contract import BackendContract
    from hellokit.testing.declarations import CONTRACT_VERSION
    from hellokit.testing.scripted import ScriptedBackend

__all__ = ["CONTRACT_VERSION", "BackendContract", "ScriptedBackend", "capture_records"]

HOMES = {
    "CONTRACT_VERSION": "declarations",
    "BackendContract": "contract",
    "ScriptedBackend": "scripted",
    "capture_records": "capture",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for.

    Raises:
        ImportError: if it needs pytest, which is not installed.
    """
    if name not in HOMES:
        raise AttributeError(f"module 'hellokit.testing' has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"hellokit.testing.{HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted(__all__)
