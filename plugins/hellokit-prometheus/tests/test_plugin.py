"""The plugin: what it does by itself, when a variable says so."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import hellokit
from hellokit_prometheus import rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCRAPE = """
from urllib.request import urlopen
from hellokit_prometheus.process import process
def calls():
    text = urlopen(process.server.url, timeout=10).read().decode()
    return [line for line in text.splitlines() if line.startswith("hellokit_greet_calls_total{")]
"""
TAKEN = """
import logging, os, socket, sys
logging.basicConfig(level="INFO", stream=sys.stdout, format="%(levelname)s %(name)s %(message)s")
taken = socket.create_server(("127.0.0.1", 0))
os.environ["HELLOKIT_PROMETHEUS_PORT"] = str(taken.getsockname()[1])
import hellokit
"""


def test_without_the_variable_it_costs_nothing(run_script: Callable[..., str]) -> None:
    """The plugin is loaded, and neither the client library nor a server is."""
    told = run_script(
        """
        import sys, threading
        import hellokit
        hellokit.greet("Ada")
        loaded = {"hellokit_prometheus.plugin", "prometheus_client", "http.server"}
        print(loaded.intersection(sys.modules), threading.active_count())
        """
    )
    assert told == "{'hellokit_prometheus.plugin'} 1\n"


def test_with_the_variable_the_process_is_served(run_script: Callable[..., str]) -> None:
    """All kits of the process are shown together, those that were closed included."""
    told = run_script(
        SCRAPE
        + """
import hellokit
hellokit.greet("Ada")
with hellokit.Kit() as kit:
    kit.greet("Ada")
    print(calls())
for _ in range(3):
    with hellokit.Kit() as kit:
        kit.greet("Ada")
print(calls())
print(calls(), len(process.collector._kits))
""",
        HELLOKIT_PROMETHEUS_PORT="0",
    )
    assert told.splitlines() == [
        """['hellokit_greet_calls_total{backend="plain"} 2.0']""",
        """['hellokit_greet_calls_total{backend="plain"} 5.0']""",
        """['hellokit_greet_calls_total{backend="plain"} 5.0'] 1""",
    ]


def test_a_kit_that_closes_while_it_greets_is_counted_to_the_end(
    run_script: Callable[..., str],
) -> None:
    """A call that outlives its kit is in the sum once it has ended."""
    told = run_script(
        SCRAPE
        + """
import hellokit
class Closing:
    def hellokit_greet(self, request, words):
        kit.close()
        print(calls())
        return words(request)
kit = hellokit.Kit()
kit.register_backend("closing", Closing)
kit.greet("Ada", backend="closing")
print(calls(), len(process.collector._kits))
""",
        HELLOKIT_PROMETHEUS_PORT="0",
    )
    assert told.splitlines() == [
        """['hellokit_greet_calls_total{backend="closing"} 0.0']""",
        """['hellokit_greet_calls_total{backend="closing"} 1.0'] 0""",
    ]


def test_a_port_in_use_is_told_and_greetings_go_on(run_script: Callable[..., str]) -> None:
    """One warning says which port, and what to do."""
    told = run_script(TAKEN + 'print(hellokit.greet("Ada"))')
    warning, greeting = told.splitlines()
    assert warning.startswith(
        "WARNING hellokit.prometheus not shown to Prometheus, greetings go on"
    )
    assert "Use another port" in warning
    assert "HELLOKIT_METRICS_DIR" in warning
    assert greeting == "Hello, Ada!"


def test_a_port_in_use_is_no_matter_where_processes_share(
    run_script: Callable[..., str], tmp_path: Path
) -> None:
    """Workers that count into one folder are all shown by the one that has the port."""
    told = run_script(
        TAKEN + 'print(hellokit.greet("Ada"))', HELLOKIT_METRICS_DIR=str(tmp_path / "metrics")
    )
    assert told.startswith("INFO hellokit.prometheus whoever has the port")
    assert told.endswith("Hello, Ada!\n")


def test_in_strict_mode_it_is_an_error(run_script: Callable[..., str]) -> None:
    """With HELLOKIT_STRICT=1 a kit does not start without its port."""
    told = run_script(
        TAKEN
        + """
logging.disable()
try:
    hellokit.greet("Ada")
except hellokit.PluginError as error:
    print("Use another port" in str(error))
""",
        HELLOKIT_STRICT="1",
    )
    assert told == "True\n"


@pytest.mark.parametrize("port", ["http", "65536", "-1", "1.5", "9" * 5000, "0" * 9 + "65536", "²"])
def test_what_is_no_port_is_told(run_script: Callable[..., str], port: str) -> None:
    """A bad value is named together with what is allowed, and greetings go on."""
    told = run_script(
        """
        import logging, sys
        logging.basicConfig(stream=sys.stdout)
        import hellokit
        print(hellokit.greet("Ada"))
        """,
        HELLOKIT_PROMETHEUS_PORT=port,
        PYTHONIOENCODING="utf-8",
    )
    assert f"HELLOKIT_PROMETHEUS_PORT is '{port[:60]}': set it to a number from 0 to 65535" in told
    assert told.endswith("\nHello, Ada!\n")


def test_an_address_of_no_one_here_is_told(run_script: Callable[..., str]) -> None:
    """An address that cannot be listened on is named, whether or not a folder is shared."""
    told = run_script(
        """
        import logging, sys
        logging.basicConfig(stream=sys.stdout)
        import hellokit
        print(hellokit.greet("Ada"))
        """,
        HELLOKIT_PROMETHEUS_PORT="0",
        HELLOKIT_PROMETHEUS_ADDR="203.0.113.1",
        HELLOKIT_METRICS_DIR="metrics",
    )
    warning, greeting = told.splitlines()
    assert warning.startswith("WARNING:hellokit.prometheus:not shown to Prometheus")
    assert "port 0 of '203.0.113.1' cannot be served on" in warning
    assert greeting == "Hello, Ada!"


def test_a_child_that_starts_a_kit_of_its_own_tries_again(run_script: Callable[..., str]) -> None:
    """After a fork nothing of the parent's is shown by its child, which has a server of its own."""
    told = run_script(
        SCRAPE
        + """
import os, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # the server's thread is there at the fork
import hellokit
with hellokit.Kit() as kit:
    kit.greet("Ada")
calls()
child = os.fork()
if not child:
    try:
        with hellokit.Kit() as kit:
            kit.greet("Ada")
            kit.greet("Ada")
            print(calls(), flush=True)
    finally:
        os._exit(0)
os.waitpid(child, 0)
print(calls())
""",
        HELLOKIT_PROMETHEUS_PORT="0",
    )
    assert told.splitlines() == [
        """['hellokit_greet_calls_total{backend="plain"} 2.0']""",
        """['hellokit_greet_calls_total{backend="plain"} 1.0']""",
    ]


def test_the_command_prints_the_rules_of_the_settings_in_force() -> None:
    """`hellokit prometheus-rules` has the thresholds that the environment says."""
    command = [sys.executable, "-m", "hellokit", "prometheus-rules"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={"PERF_TIME_THRESHOLD": "0.25", "HELLOKIT_ALERT_WINDOW": "300"},
    )
    assert done.stdout == rules(hellokit.Settings(time_threshold_s=0.25, alert_window_s=300))
