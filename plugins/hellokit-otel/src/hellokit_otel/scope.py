"""The instrumentation scope: who says it, in every span and metric."""

from __future__ import annotations

from importlib.metadata import version

NAME = "hellokit_otel"
VERSION = version("hellokit-otel")
