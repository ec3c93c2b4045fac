"""Load on HTTP addresses: real servers on this machine, which answer well, badly, late or never."""

from __future__ import annotations

import asyncio
import socket
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from hellokit_bench.errors import AddressError, UsageError
from hellokit_bench.loading.address import find
from hellokit_bench.loading.arrivals import steady
from hellokit_bench.loading.http import Http
from hellokit_bench.loading.plan import Plan
from hellokit_bench.loading.run import carry_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hellokit_bench.loading.outcome import Outcome

ANSWERS = {
    "/well": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello",
    "/pieces": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nHel\r\n2\r\nlo\r\n0\r\n\r\n",
    "/early": b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!",
    "/endless": b"HTTP/1.1 200 OK\r\n\r\nHello",
    "/last": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nHello",
    "/short": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nHel",
    "/busy": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    "/elsewhere": b"HTTP/1.1 302 Found\r\nLocation: /well\r\nContent-Length: 0\r\n\r\n",
    "/switch": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "/nonsense": b"220 mail.example ESMTP\r\n",
    "/drop": b"",
}
LATE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
CLOSING = {"/endless", "/last", "/short", "/drop"}
STALL_S = 0.5


class Server(Thread):
    """A server in a thread of its own: a context."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.asked: list[bytes] = []
        self.connections = 0
        self._began_s = 0.0
        self._loop = asyncio.new_event_loop()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=1000)
        self.port = self._socket.getsockname()[1]

    def run(self) -> None:
        """Answer until it is told to end."""
        serving = asyncio.start_server(self._answer, sock=self._socket)
        server = self._loop.run_until_complete(serving)
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    def stop(self) -> None:
        """End it, if it has not."""
        if self.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self.join()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.asked.append(head)
                path = head.split()[1].decode().partition("?")[0]
                await self._wait(path)
                writer.write(ANSWERS.get(path, ANSWERS["/well"]))
                if path == "/impatient":
                    await asyncio.sleep(0.01)
                    writer.write(LATE)
                if path in CLOSING:
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _wait(self, path: str) -> None:
        if path == "/never":
            await asyncio.sleep(3600)
        if path == "/stall":  # from half a second after the first request on, for half a second
            self._began_s = self._began_s or monotonic()
            into_s = monotonic() - self._began_s - STALL_S
            if 0 <= into_s < STALL_S:
                await asyncio.sleep(STALL_S - into_s)


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server that runs."""
    running = Server()
    running.start()
    yield running
    running.stop()


def put_load_on(server: Server, path: str, plan: Plan, **names: str) -> Outcome:
    """Return what became of a load on a path of a server."""
    address = find(f"http://127.0.0.1:{server.port}{path}")
    return carry_out(plan, Http(address, [names.get("name", "Ada")], ["X-Own: yes"]))


@pytest.mark.parametrize(
    ("path", "size"), [("/well", 5), ("/pieces", 5), ("/early", 1), ("/endless", 5), ("/last", 5)]
)
def test_answers_of_every_form_are_understood(server: Server, path: str, size: int) -> None:
    """With a length, in pieces, after an announcement, or until the connection ends."""
    outcome = put_load_on(server, path, Plan(concurrency=3, count=20))
    assert (outcome.tally.started, outcome.succeeded) == (20, 20)
    assert outcome.statuses == {200: 20}
    assert outcome.received_bytes == 20 * size


def test_connections_are_kept(server: Server) -> None:
    """Each slot has one, for all its calls."""
    put_load_on(server, "/well", Plan(concurrency=3, count=50))
    assert server.connections <= 3
    assert len(server.asked) == 50


def test_a_request_greets_the_name_and_carries_the_headers(server: Server) -> None:
    """The name is quoted, and cannot add to the request."""
    put_load_on(server, "/well?name={name}", Plan(count=1), name="Zoë &\r\nX-Evil: 1")
    head = server.asked[0].decode()
    assert head.startswith("GET /well?name=Zo%C3%AB%20%26%0D%0AX-Evil%3A%201 HTTP/1.1\r\n")
    assert "\r\nX-Own: yes\r\n" in head


def test_a_header_takes_the_place_of_the_usual_one() -> None:
    """Two hosts in a request would be an error."""
    head = find("http://127.0.0.1/").head("Ada", ["host: example", "X: y"])
    assert head.split(b"\r\n")[1:] == [
        b"User-Agent: hellokit-load",
        b"Accept: */*",
        b"host: example",
        b"X: y",
        b"",
        b"",
    ]


def test_bytes_of_the_command_line_that_are_no_text_are_sent_as_they_are() -> None:
    """Both as a name and in the path."""
    head = find("http://127.0.0.1/\udcfe/{name}").head("\udcff")
    assert head.startswith(b"GET /%FE/%FF HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/busy", "HTTP 503"),
        ("/elsewhere", "HTTP 302"),
        ("/switch", "HTTP 101"),
        ("/nonsense", "HttpParserError"),
        ("/drop", "ConnectionError"),
        ("/short", "ConnectionError"),
    ],
)
def test_failures_are_counted_by_kind(server: Server, path: str, kind: str) -> None:
    """A status other than 2xx, something that is no answer, and one that breaks off."""
    outcome = put_load_on(server, path, Plan(concurrency=2, count=10))
    assert {each: number for each, (number, _) in outcome.tally.failures.items()} == {kind: 10}
    assert outcome.has_failed
    assert outcome.tally.response.histogram.count == 0


def test_what_nobody_asked_for_is_no_answer(server: Server) -> None:
    """A server that tells that it waits no longer is connected with anew."""
    plan = Plan(concurrency=1, stages=steady(10, 0.3), duration_s=0.3)
    outcome = put_load_on(server, "/impatient", plan)
    assert outcome.statuses == {200: 3}
    assert (outcome.tally.started, outcome.tally.failed) == (3, 0)


def test_a_call_that_is_late_before_it_connects_keeps_its_slot(server: Server) -> None:
    """However short the timeout is, each call ends, once."""
    outcome = put_load_on(server, "/well", Plan(concurrency=5, count=10, timeout_s=1e-6))
    assert (outcome.tally.started, outcome.tally.ended, outcome.in_flight) == (10, 10, 0)


def test_a_call_without_an_answer_ends_at_the_timeout(server: Server) -> None:
    """Its time counts, as it took at least so long; the slot is used again."""
    outcome = put_load_on(server, "/never", Plan(concurrency=2, count=4, timeout_s=0.1))
    assert outcome.tally.failures["timeout"][0] == 4
    assert outcome.tally.response.histogram.count == 4
    assert outcome.unfinished == 0


def test_the_open_model_shows_a_stall_that_the_closed_model_hides(server: Server) -> None:
    """Of users who do not wait, half a second's worth meets it; of one who waits, one call."""
    plan = Plan(concurrency=1, duration_s=1.5)
    closed = put_load_on(server, "/stall", plan).tally.response.histogram
    assert closed.max_ns > 0.3e9
    server._began_s = 0.0
    plan = Plan(stages=steady(100, 1.5), duration_s=1.5)
    opened = put_load_on(server, "/stall", plan).tally.response.histogram
    assert opened.quantile(0.99) > 0.3e9
    assert opened.quantile(0.99) > 3 * closed.quantile(0.95)


def test_the_schedule_is_kept_while_every_slot_is_taken(server: Server) -> None:
    """Calls wait for a slot, and their response time counts from when they were to begin."""
    plan = Plan(concurrency=1, stages=steady(100, 1.5), duration_s=1.5)
    tally = put_load_on(server, "/stall", plan).tally
    assert tally.started == tally.ended == 150
    assert tally.late_for_a_slot > 20
    assert tally.response.histogram.quantile(0.99) > 0.3e9
    assert tally.service.histogram.quantile(0.9) < tally.response.histogram.quantile(0.9)


def test_calls_that_wait_for_too_long_are_dropped(server: Server) -> None:
    """They are counted, and everything that was to begin is accounted for."""
    stages = steady(100, 0.5)
    plan = Plan(concurrency=1, stages=stages, duration_s=0.5, max_late_s=0.05, timeout_s=0.3)
    tally = put_load_on(server, "/never", plan).tally
    assert tally.dropped > 20
    assert tally.started + tally.dropped == 50


def test_an_address_that_refuses_is_told_at_once() -> None:
    """Nothing is measured of a server that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    target = Http(find(f"http://127.0.0.1:{port}/"), ["Ada"])
    with pytest.raises(AddressError, match=r"takes no connection \(ConnectionRefusedError"):
        carry_out(Plan(count=1), target)


def test_a_server_that_goes_away_is_counted(server: Server) -> None:
    """Calls fail from then on, and the load goes on until its end."""
    plan = Plan(concurrency=2, stages=steady(50, 0.6), duration_s=0.6, timeout_s=1)
    target = Http(find(f"http://127.0.0.1:{server.port}/last"), ["Ada"])
    outcome = carry_out(plan, target, lambda _: server.stop())
    assert outcome.tally.started == 30
    assert 0 < outcome.tally.failed < 30
    assert set(outcome.tally.failures) <= {"ConnectionError", "ConnectionRefusedError"}


@pytest.mark.parametrize(
    "url",
    ["http:///greet", "http://127.0.0.1:port/", "ftp://127.0.0.1/", "http://me:secret@127.0.0.1/"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """The message shows one that is."""
    with pytest.raises(UsageError, match=r"use one like http://127\.0\.0\.1:8000/greet"):
        find(url)


def test_another_machine_is_refused_unless_it_is_allowed() -> None:
    """Nobody's service is brought down by a slip."""
    with pytest.raises(AddressError, match=r"is not this machine.*--allow-remote"):
        find("http://192.0.2.1/")
    assert find("http://192.0.2.1/", allow_remote=True).numbers == ("192.0.2.1",)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://[::1]:80/", "http://[::ffff:7f00:1]/"]
)
def test_this_machine_has_many_names(url: str) -> None:
    """Each of its loopback numbers is allowed."""
    assert find(url).path == "/"
