"""The server for applications that have none."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import Request as Question
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from hellokit import HellokitError, Kit, SettingsError
from hellokit_prometheus import PortError, register, start_http_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit that has greeted once."""
    with Kit(discover=False) as kit:
        kit.greet("Ada")
        yield kit


def scraped(url: str, accept: str = "text/plain") -> str:
    """Return what is served."""
    question = Question(url, headers={"Accept": accept})  # noqa: S310  # HTTP, to ourselves
    with urlopen(question, timeout=10) as answer:  # noqa: S310
        text: str = answer.read().decode()
        return text


def test_it_serves_what_was_counted(kit: Kit) -> None:
    """Each scrape shows what was greeted until then, on this machine alone."""
    with start_http_server(0, kit=kit) as server:
        assert server.url == f"http://127.0.0.1:{server.port}/metrics"
        assert 'hellokit_greet_calls_total{backend="plain"} 1.0' in scraped(server.url)
        kit.greet("Grace")
        assert 'hellokit_greet_calls_total{backend="plain"} 2.0' in scraped(server.url)


def test_it_speaks_openmetrics(kit: Kit) -> None:
    """A scraper that asks for OpenMetrics is given that, with the unit."""
    with start_http_server(0, kit=kit) as server:
        text = scraped(server.url, OPENMETRICS)
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]  # theirs
    units = {each.name: each.unit for each in families}
    assert units["hellokit_greet_duration_seconds"] == "seconds"
    assert text.endswith("# EOF\n")


def test_a_registry_is_served_as_a_whole(kit: Kit) -> None:
    """What else is in the registry is served too, and stays in it when the server stops."""
    registry = CollectorRegistry()
    Counter("requests", "The application's own.", registry=registry)
    with start_http_server(0, kit=kit, registry=registry) as server:
        text = scraped(server.url)
        assert "requests_total 0.0" in text
        assert "hellokit_greet_calls_total{" in text
    assert [metric.name for metric in registry.collect()] == ["requests"]


def test_stopping_frees_the_port(kit: Kit) -> None:
    """A stopped server answers no more, its port can be used again, and stopping twice is fine."""
    server = start_http_server(0, kit=kit)
    server.stop()
    server.stop()
    with pytest.raises(URLError):
        scraped(server.url)
    with start_http_server(server.port, kit=kit) as again:
        assert again.url == server.url


def test_a_port_in_use_is_an_error(kit: Kit) -> None:
    """The message names the port and the remedy, and the registry is as before."""
    registry = CollectorRegistry()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortError, match=f"port {port} of '127.0.0.1'.*Use another") as caught:
            start_http_server(port, kit=kit, registry=registry)
    assert isinstance(caught.value, HellokitError)
    assert isinstance(caught.value, OSError)
    register(registry, kit)


@pytest.mark.parametrize("addr", ["no.such.host.invalid", "203.0.113.1", 70 * "x" + ".invalid"])
def test_an_address_of_no_one_here_is_an_error(kit: Kit, addr: str) -> None:
    """An address that this machine does not have is named."""
    with pytest.raises(PortError, match=addr):
        start_http_server(0, addr, kit)


@pytest.mark.parametrize("port", [-1, 65536, True, "9464", 1.5, None])
def test_what_is_no_port_is_an_error(kit: Kit, port: object) -> None:
    """A port out of range or of another type is refused before anything is opened."""
    with pytest.raises(SettingsError, match="a number from 0 to 65535"):
        start_http_server(port, kit=kit)  # type: ignore[arg-type]  # the mistake under test


def test_ipv6_is_served_too(kit: Kit) -> None:
    """An IPv6 address stands in brackets in the URL."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with start_http_server(0, "::1", kit) as server:
        assert "hellokit_greet_calls_total{" in scraped(server.url)


def test_a_scrape_during_a_start_waits_for_it() -> None:
    """Who scrapes a kit that is being started sees it when it has started."""
    starting, go_on = threading.Event(), threading.Event()
    texts: list[str] = []

    class Slow:
        def hellokit_started(self) -> None:
            starting.set()
            go_on.wait(10)

    with Kit(discover=False, plugins=[Slow]) as kit, start_http_server(0, kit=kit) as server:
        greeting = threading.Thread(target=kit.greet, args=["Ada"])
        greeting.start()
        starting.wait(10)
        scrape = threading.Thread(target=lambda: texts.append(scraped(server.url)))
        scrape.start()
        go_on.set()
        greeting.join()
        scrape.join()
    assert "hellokit_scrape_success 1.0" in texts[0]


def test_a_child_lets_go_of_a_port_whose_server_nobody_keeps(
    run_script: Callable[..., str],
) -> None:
    """Who never stops the server need not keep what was returned: a child has no socket of it."""
    told = run_script(
        """
        import contextlib, os, stat, warnings
        import hellokit_prometheus
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads is the test
        hellokit_prometheus.start_http_server(0)
        child = os.fork()
        if not child:
            sockets = 0
            for each in range(3, 64):
                with contextlib.suppress(OSError):
                    sockets += stat.S_ISSOCK(os.fstat(each).st_mode)
            os._exit(sockets)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )
    assert told == "0\n"


def test_a_child_of_a_fork_leaves_the_port_to_its_parent(run_script: Callable[..., str]) -> None:
    """The parent serves on beside its child, and the port is free when it stops."""
    told = run_script(
        """
        import os, warnings
        from urllib.request import urlopen
        import hellokit, hellokit_prometheus
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads is the test
        server = hellokit_prometheus.start_http_server(0)
        hellokit.greet("Ada")
        wait, go_on = os.pipe()
        child = os.fork()
        if not child:
            os.close(go_on)
            server.stop()
            os.read(wait, 1)
            os._exit(0)
        text = urlopen(server.url, timeout=10).read().decode()
        assert 'hellokit_greet_calls_total{backend="plain"} 1.0' in text
        server.stop()
        hellokit_prometheus.start_http_server(server.port).stop()
        os.close(go_on)
        print(os.waitpid(child, 0)[1])
        """
    )
    assert told == "0\n"
