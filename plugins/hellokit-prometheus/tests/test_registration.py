"""Use inside a registry that an application has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry, Counter, generate_latest

from hellokit import HellokitError, Kit
from hellokit_prometheus import RegistryError, register

if TYPE_CHECKING:
    from collections.abc import Callable


def test_it_is_shown_beside_what_else_is_there() -> None:
    """A registry shows the application's metrics and the kit's, and its undo takes out these."""
    registry = CollectorRegistry()
    Counter("requests", "The application's own.", registry=registry)
    with Kit(discover=False) as kit:
        undo = register(registry, kit)
        kit.greet("Ada")
        shown = generate_latest(registry)
        assert b'hellokit_greet_calls_total{backend="plain"} 1.0' in shown
        assert b"requests_total 0.0" in shown
        undo()
        assert b"hellokit" not in generate_latest(registry)
        undo()


@pytest.mark.parametrize("auto_describe", [True, False])
def test_names_that_are_taken_are_an_error(*, auto_describe: bool) -> None:
    """A second registration is refused, says what to do, and leaves the first in force."""
    registry = CollectorRegistry(auto_describe=auto_describe)
    with Kit(discover=False) as kit:
        undo = register(registry, kit)
        with pytest.raises(RegistryError, match=r"CollectorRegistry\(\) of its own") as caught:
            register(registry, kit)
        assert isinstance(caught.value, HellokitError)
        assert isinstance(caught.value, ValueError)
        assert generate_latest(registry).count(b"hellokit_build_info{") == 1
        undo()
        register(registry, kit)


def test_one_metric_of_its_name_is_enough_to_be_refused() -> None:
    """A metric of the application's own by one of these names is not shown twice."""
    registry = CollectorRegistry()
    Counter("hellokit_greet_calls", "Somebody else's.", registry=registry)
    with pytest.raises(RegistryError):
        register(registry, Kit(discover=False))


def test_the_default_registry_shows_the_default_kit(run_script: Callable[..., str]) -> None:
    """Without arguments `hellokit.greet` is counted in `prometheus_client.REGISTRY`."""
    told = run_script(
        """
        import hellokit, hellokit_prometheus, prometheus_client
        hellokit_prometheus.register()
        hellokit.greet("Ada")
        labels = {"backend": "plain"}
        print(prometheus_client.REGISTRY.get_sample_value("hellokit_greet_calls_total", labels))
        """
    )
    assert told == "1\n"
