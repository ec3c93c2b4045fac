"""The backend that this package brings keeps the contract of all backends."""

from __future__ import annotations

from hellokit.testing import BackendContract


class TestSimulated(BackendContract):
    """The one that is installed, with the latency it has by itself."""

    backend = "simulated"
    contract = 1
