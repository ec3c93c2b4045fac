"""The package as its users see it."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import iter_modules

import pytest

import hellokit_prometheus

MODULES = [
    "hellokit_prometheus",
    *(f"hellokit_prometheus.{each.name}" for each in iter_modules(hellokit_prometheus.__path__)),
]


def test_every_public_name_can_be_imported_and_no_other() -> None:
    """The names of the package are there when they are asked for."""
    assert all(getattr(hellokit_prometheus, name) for name in hellokit_prometheus.__all__)
    with pytest.raises(AttributeError, match="Registry"):
        _ = hellokit_prometheus.Registry


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    """What a docstring shows after `>>>` prints what the docstring says."""
    assert doctest.testmod(import_module(name)).failed == 0
