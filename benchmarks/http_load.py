"""How many requests a second `hellokit load` makes, beside `wrk`, on the same server.

Run it with `python benchmarks/http_load.py --wrk PATH`, with hellokit-bench installed. The server
is a process of its own; the two put load on it in turn, round by round, with 50 connections. The
medians are printed, and their ratio. With `--picture FILE` it draws instead what the open and the
closed model see of a server that stands still for half a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

GREETING = b"Hello, Ada!"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(GREETING), GREETING)
PATH = "/greet?name=Ada"
CONNECTIONS = 50
STALL_AFTER_S, STALL_S = 2.0, 0.5
OPEN_RATE, PICTURE_S = 500, 5


class Plain(asyncio.Protocol):
    """A server that answers each request with the same greeting, and reads no more than it must.

    With `stalling`, it stands still once, some time after its first connection.
    """

    stalling = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to listen."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # so it is for TCP
        self._transport, self._given = transport, b""
        if Plain.stalling:
            Plain.stalling = False
            asyncio.get_running_loop().call_later(STALL_AFTER_S, time.sleep, STALL_S)

    def data_received(self, data: bytes) -> None:
        """Answer the requests that are complete."""
        *requests, self._given = (self._given + data).split(b"\r\n\r\n")
        for _ in requests:
            self._transport.write(ANSWER)


async def serve(listening: socket.socket) -> None:
    """Answer for as long as the process runs."""
    server = await asyncio.get_running_loop().create_server(Plain, sock=listening)
    await server.serve_forever()


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG001  # ASGI
    """Answer as `Plain` does, in an application for uvicorn."""
    if scope["type"] == "http":
        length = str(len(GREETING)).encode()
        headers = [(b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": GREETING})


def be_server(kind: str) -> None:
    """Say the port on standard output, and serve."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    if kind == "uvicorn":
        import uvicorn

        options: dict[str, Any] = {"log_level": "error", "lifespan": "off"}
        uvicorn.Server(uvicorn.Config(asgi, **options)).run(sockets=[listening])
    else:
        Plain.stalling = kind == "stalling"
        asyncio.run(serve(listening))


@contextmanager
def server(kind: str) -> Iterator[str]:
    """Start a server, and yield its address."""
    command = [sys.executable, __file__, "--serve", kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101  # it was asked for
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}{PATH}"
        finally:
            process.kill()


def by_wrk(wrk: str, url: str, seconds: int) -> float:
    """Return the requests a second that `wrk` makes."""
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", url]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"Requests/sec:\s*([\d.]+)", printed)
    assert found is not None, printed  # noqa: S101  # it always prints it
    return float(found[1])


def by_hellokit(url: str, *options: str) -> dict[str, Any]:
    """Return what `hellokit load` reports."""
    command = [sys.executable, "-m", "hellokit", "load", url, "--json", *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def compare(kind: str, wrk: str, rounds: int, seconds: int) -> None:
    """Print a row."""
    pairs, busy = [], []
    given = ["--concurrency", str(CONNECTIONS), "--duration", f"{seconds}s"]
    with server(kind) as url:
        time.sleep(1)
        for _ in range(rounds):
            theirs = by_wrk(wrk, url, seconds)
            ours = by_hellokit(url, *given)
            pairs.append((ours["summary"]["requestsPerSec"], theirs))
            busy.append(ours["hellokit"]["generator"]["busy_ratio"])
    mine, wrks = (statistics.median(rates) for rates in zip(*pairs, strict=True))
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    busy_ratio = statistics.median(busy)
    print(f"{kind:<8} {wrks:>12,.0f} {mine:>14,.0f} {ratio:>6.2f}x {busy_ratio:>15.0%}")


def draw(path: Path) -> None:
    """Draw what each model sees of the same stall."""
    from hellokit import Histogram
    from hellokit_bench.loading.report import known
    from hellokit_bench.reporting.plot import svg

    seen = {}
    loads = {
        "closed model, 1 user": ["--concurrency", "1"],
        f"open model, {OPEN_RATE} calls a second": ["--rate", str(OPEN_RATE)],
    }
    for label, options in loads.items():
        with server("stalling") as url:
            report = by_hellokit(url, *options, "--duration", f"{PICTURE_S}s")["hellokit"]
            seen[label] = Histogram.from_dict(report["response"])
            print(f"{label}: p99 {seen[label].quantile(0.99) / 1e6:.2f} ms, {report['calls']}")

    def curves(axes: Any) -> None:
        for label, times in seen.items():
            shown = [tenth / 20 for tenth in range(81)]
            axes.plot(shown, [known(times, 1 - 10**-nines) / 1e6 for nines in shown], label=label)
        axes.set_xticks(range(5), ["0", "p90", "p99", "p99.9", "p99.99"])
        axes.set(yscale="log", xlabel="share of the calls that took no longer", ylabel="ms")
        axes.set_title("A server that stands still for 0.5 s")
        axes.legend(frameon=False)

    path.write_text(svg(curves), encoding="utf-8")


def main() -> None:
    """Print the table, or draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrk", default=shutil.which("wrk"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--serve", choices=["plain", "uvicorn", "stalling"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        be_server(given.serve)
    elif given.picture:
        draw(given.picture)
    elif not given.wrk:
        parser.error("there is no wrk on this machine: install it, or say where with --wrk")
    else:
        print("server     wrk, req/s  hellokit, req/s   ratio  hellokit busy")
        for kind in ["plain", *(["uvicorn"] if find_spec("uvicorn") else [])]:
            compare(kind, given.wrk, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
