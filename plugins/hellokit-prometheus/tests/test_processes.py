"""Several processes that count into one folder are shown as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCRAPE = """
import os, signal, threading, warnings
from urllib.request import urlopen
import hellokit, hellokit_prometheus
warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads is the test

def shown(server, name):
    text = urlopen(server.url, timeout=10).read().decode()
    found = [line.rpartition(" ") for line in text.splitlines()]
    return {line[0]: float(line[2]) for line in found if line[0].startswith(name)}

def fork(work):
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        try:
            work()
            os.write(tell, b"!")
            signal.pause()
        finally:
            os._exit(1)
    os.close(tell)
    return child, told

def end(child, by):
    os.kill(child, by)
    os.waitpid(child, 0)
"""


def test_threads_and_workers_add_up_one_killed(
    run_script: Callable[..., str], tmp_path: Path
) -> None:
    """8 threads and 4 forked workers, of which one is killed, are shown to the last greeting."""
    told = run_script(
        SCRAPE
        + """
def work():
    for _ in range(1000):
        hellokit.greet("Ada")

server = hellokit_prometheus.start_http_server(0)
workers = [fork(work) for _ in range(4)]
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
for _, told in workers: os.read(told, 1)
end(workers[0][0], signal.SIGKILL)
for name in ("calls_total", "duration_seconds_count", "in_flight"):
    print(shown(server, f"hellokit_greet_{name}"))
for child, _ in workers[1:]: end(child, signal.SIGTERM)
print(shown(server, "hellokit_greet_calls_total"))
""",
        HELLOKIT_METRICS_DIR=str(tmp_path / "metrics"),
    )
    assert told.splitlines() == [
        """{'hellokit_greet_calls_total{backend="plain"}': 12000.0}""",
        """{'hellokit_greet_duration_seconds_count{backend="plain"}': 12000.0}""",
        """{'hellokit_greet_in_flight{backend="plain"}': 0.0}""",
        """{'hellokit_greet_calls_total{backend="plain"}': 12000.0}""",
    ]


def test_a_master_that_never_greets_shows_its_workers(
    run_script: Callable[..., str], tmp_path: Path
) -> None:
    """As in a pre-forking server: the kit of the process that serves need not start."""
    told = run_script(
        SCRAPE
        + """
import sys
PLUGIN = "hellokit_prometheus.plugin"  # which every kit imports that starts
server = hellokit_prometheus.start_http_server(0)
print(shown(server, "hellokit_greet_calls_total"))
child, told = fork(lambda: hellokit.greet("Ada"))
os.read(told, 1)
print(shown(server, "hellokit_greet_calls_total"), PLUGIN in sys.modules)
end(child, signal.SIGTERM)
""",
        HELLOKIT_METRICS_DIR=str(tmp_path / "metrics"),
    )
    first = """{'hellokit_greet_calls_total{backend="plain"}': 1.0}"""
    assert told.splitlines() == ["{}", f"{first} False"]


def test_closed_kits_of_a_folder_are_shown_once(
    run_script: Callable[..., str], tmp_path: Path
) -> None:
    """Kits of one process that share a folder are each in the sum, and once."""
    told = run_script(
        SCRAPE
        + """
from hellokit_prometheus.process import process
for _ in range(2):
    with hellokit.Kit() as kit:
        kit.greet("Ada")
    print(shown(process.server, "hellokit_greet_calls_total"), len(process.collector._kits))
""",
        HELLOKIT_METRICS_DIR=str(tmp_path / "metrics"),
        HELLOKIT_PROMETHEUS_PORT="0",
    )
    assert told.splitlines() == [
        """{'hellokit_greet_calls_total{backend="plain"}': 1.0} 0""",
        """{'hellokit_greet_calls_total{backend="plain"}': 2.0} 0""",
    ]


def test_a_folder_that_cannot_be_used_is_told(
    run_script: Callable[..., str], tmp_path: Path
) -> None:
    """Greetings go on, the scrape has no success, and the log says what to do."""
    (tmp_path / "file").write_text("no folder")
    told = run_script(
        SCRAPE
        + """
import logging, sys
logging.basicConfig(stream=sys.stdout)
server = hellokit_prometheus.start_http_server(0)
print(hellokit.greet("Ada"))
print(shown(server, "hellokit_scrape_success"), shown(server, "hellokit_greet_calls_total"))
""",
        HELLOKIT_METRICS_DIR=str(tmp_path / "file" / "metrics"),
    )
    assert "Hello, Ada!\n" in told
    assert told.endswith("\n{'hellokit_scrape_success': 0.0} {}\n")
    assert told.count("WARNING:hellokit.prometheus:what was greeted cannot be shown") == 1
    assert "HELLOKIT_METRICS_DIR" in told
