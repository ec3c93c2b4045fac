"""Backends keep their contract with the words of this plugin."""

from __future__ import annotations

from hellokit.testing import BackendContract


class TestPlain(BackendContract):
    """The leaf that every greeting ends in."""

    backend = "plain"


class TestChain(BackendContract):
    """Those that wrap it."""

    backend = "cached+monitored+async+plain"
