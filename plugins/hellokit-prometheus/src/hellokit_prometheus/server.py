"""The server that Prometheus scrapes, for applications that have none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

import prometheus_client
from prometheus_client import CollectorRegistry

from hellokit import SettingsError
from hellokit_prometheus.collector import HellokitCollector
from hellokit_prometheus.errors import PortError
from hellokit_prometheus.registration import add

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Thread
    from wsgiref.simple_server import WSGIServer

    from prometheus_client.registry import Collector

    from hellokit import Kit

LAST_PORT = 65535


def start_http_server(
    port: int,
    addr: str = "127.0.0.1",
    kit: Kit | None = None,
    registry: CollectorRegistry | None = None,
) -> MetricsServer:
    """Serve what a kit counts, on a thread of its own, at any path.

    Args:
        port: the port; 0 for any that is free.
        addr: the address to listen on; `"0.0.0.0"` lets other machines in.
        kit: the kit; hellokit's default one if None.
        registry: a registry to add it to, and to serve as a whole; if None, only hellokit's
            metrics are served.

    Returns:
        The server: `url` and `port` say where it is, `stop()` ends it, and so does `with`.

    Raises:
        SettingsError: if `port` is no number from 0 to 65535.
        PortError: if the port cannot be served on.
        RegistryError: if the registry has these names already.

    >>> with start_http_server(0) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= LAST_PORT:
        raise SettingsError(f"port is {port!r}: use a number from 0 to {LAST_PORT}")
    return serve(HellokitCollector(kit), port, addr, registry)


def serve(
    collector: Collector, port: int, addr: str, registry: CollectorRegistry | None = None
) -> MetricsServer:
    """Serve any collector of hellokit's metrics; all else is as in `start_http_server`."""
    registry = CollectorRegistry() if registry is None else registry
    undo = add(collector, registry)
    try:
        served = prometheus_client.start_http_server(port, addr, registry)
    except (OSError, UnicodeError) as error:
        undo()
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise PortError(
            f"port {port} of {addr!r} cannot be served on: {reason}. Use another port (0 is any "
            "that is free), or end what has it; the address has to be one of this machine's"
        ) from error
    return MetricsServer(*served, undo)


class MetricsServer:
    """A running server of metrics; `start_http_server` makes it.

    A child of a fork does not serve, whatever its parent does: the port stays the parent's.

    Attributes:
        port: the port.
        url: where Prometheus finds it.
    """

    def __init__(self, server: WSGIServer, thread: Thread, undo: Callable[[], None]) -> None:
        self._server, self._thread, self._undo = server, thread, undo
        host = str(server.server_address[0])
        self.port = server.server_port
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}/metrics"
        _running.add(self)

    def stop(self) -> None:
        """Stop serving, and free the port; takes up to 0.5 s. A second call does nothing."""
        if self in _running:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._undo()
            _running.discard(self)

    def forked(self) -> None:
        """Let go of the port, in a child after a fork: its parent serves on."""
        _running.discard(self)
        self._server.socket.close()

    def __enter__(self) -> Self:
        """Return the server."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self.stop()


_running: set[MetricsServer] = set()


def _after_fork_in_child() -> None:
    for server in list(_running):
        server.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
