"""A real Prometheus server, and a kit that it scrapes."""

from __future__ import annotations

import json
import socket
import subprocess
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Self
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from hellokit import Kit, Settings
from hellokit_prometheus import rules, start_http_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hellokit import Request

PATIENCE_S = 30
"""Nothing here takes as long, unless it never happens."""

INTERVAL = "200ms"
WINDOW_S = 2.0
THRESHOLD_S = 0.03
SLOW_S = 0.04


class Scripted:
    """Fails for `Mallory`, and takes `SLOW_S` for `Sloth`."""

    def hellokit_greet(self, request: Request, words: Callable[[Request], str]) -> str:
        """Greet, or do not."""
        if "Mallory" in request.names:
            raise ConnectionError(request.names[0])
        if "Sloth" in request.names:
            sleep(SLOW_S)
        return words(request)


class Watched:
    """A kit with low thresholds and a short window, and the port at which it is scraped.

    Attributes:
        kit: the kit.
        server: the Prometheus server that scrapes it.
    """

    server: PrometheusServer

    def __init__(self) -> None:
        settings = Settings(
            time_threshold_s=THRESHOLD_S, error_ratio_threshold=0.2, alert_window_s=WINDOW_S
        )
        self.kit = Kit(settings, discover=False)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Serve."""
        self._stack.enter_context(self.kit)
        self.port = self._stack.enter_context(start_http_server(0, kit=self.kit)).port
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._stack.close()

    def backend(self, name: str) -> Callable[[str], str]:
        """Add a scripted backend, have Prometheus see its first call, and return how to greet."""
        self.kit.register_backend(name, Scripted)

        def greet(whom: str) -> str:
            return self.kit.greet(whom, backend=name)

        greet("Ada")
        self.settle()
        return greet

    def settle(self) -> None:
        """Wait until Prometheus has all that was counted so far, and looked at its rules."""
        before = {name: each.calls for name, each in self.kit.metrics().backends.items()}
        until(lambda: before.items() <= self.calls().items())

    def calls(self) -> dict[str, float]:
        """Return the calls of each backend, as the server has them."""
        return self.server.by_backend("hellokit_greet_calls_total")


class PrometheusServer:
    """A running server, and what it says."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ready(self) -> bool:
        """Tell whether it answers yet."""
        try:
            with urlopen(f"{self._url}/-/ready", timeout=PATIENCE_S):  # noqa: S310  # HTTP, to ourselves
                return True
        except URLError:
            return False

    def query(self, promql: str) -> list[dict[str, Any]]:
        """Return what an instant query gives."""
        found: list[dict[str, Any]] = self._get("query", query=promql)["result"]
        return found

    def by_backend(self, promql: str) -> dict[str, float]:
        """Return the values of an instant query, by backend."""
        return {each["metric"]["backend"]: float(each["value"][1]) for each in self.query(promql)}

    def alerts(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the alerts that fire, by their name and backend."""
        alerts = self._get("alerts")["alerts"]
        return {
            (each["labels"]["alertname"], each["labels"].get("backend", "")): each
            for each in alerts
            if each["state"] == "firing"
        }

    def _get(self, what: str, **arguments: str) -> Any:
        url = f"{self._url}/api/v1/{what}?{urlencode(arguments)}"
        with urlopen(url, timeout=PATIENCE_S) as answer:  # noqa: S310
            told = json.load(answer)
        assert told["status"] == "success", told
        return told["data"]


@contextmanager
def serving(program: str, folder: Path, watched: Watched) -> Iterator[PrometheusServer]:
    """Run a server in a folder and at a port of its own; end it, by its id."""
    port = _free_port()
    command = [
        program,
        f"--config.file={_configuration(folder, watched)}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    log = folder / "log"
    with log.open("wb") as sink, subprocess.Popen(command, stderr=sink, cwd=folder) as process:
        server = PrometheusServer(f"http://127.0.0.1:{port}")
        try:
            for _ in waiting():
                assert process.poll() is None, log.read_text(encoding="utf-8")
                if server.ready():
                    break
            yield server
        finally:
            process.terminate()


def _configuration(folder: Path, watched: Watched) -> Path:
    (folder / "rules.yml").write_text(rules(watched.kit.settings()), encoding="utf-8")
    target = {"targets": [f"127.0.0.1:{watched.port}"]}
    job = {"job_name": "hellokit", "scrape_timeout": INTERVAL, "static_configs": [target]}
    configuration = {
        "global": {"scrape_interval": INTERVAL, "evaluation_interval": INTERVAL},
        "rule_files": ["rules.yml"],
        "scrape_configs": [job],
    }
    file = folder / "prometheus.yml"
    file.write_text(json.dumps(configuration), encoding="utf-8")  # all JSON is YAML
    return file


def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    for _ in waiting():
        if happened():
            return


def waiting() -> Iterator[None]:
    """Yield now and then; fail if that goes on for `PATIENCE_S`."""
    end = monotonic() + PATIENCE_S
    while monotonic() < end:
        yield
        sleep(0.02)
    raise AssertionError(f"it did not happen in {PATIENCE_S} s")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
