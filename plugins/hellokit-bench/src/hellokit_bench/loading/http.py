"""An HTTP address as a target: GET over connections that are kept, one for each slot."""

from __future__ import annotations

import asyncio
import ssl
from itertools import cycle
from time import perf_counter_ns
from typing import TYPE_CHECKING

import httptools

from hellokit_bench.errors import AddressError
from hellokit_bench.loading.slot import Slot, Target, failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hellokit_bench.loading.address import Address
    from hellokit_bench.loading.slot import Ended, Failure

CONNECT_S = 10.0
WELL = range(200, 300)
"""The statuses of an answer as it should be; those below announce one."""
BUFFER_BYTES = 65_536
LONGEST_HEAD = 65_536
_FRAMES = (b"content-length:", b"transfer-encoding:")
_SWITCHED = ("HTTP 101", "the server left HTTP for another protocol, which has no answers")
_DROPPED = ("ConnectionError", "the connection was closed before the answer was complete")


class Http(Target):
    """An address that is asked again and again. Redirects are not followed.

    Args:
        address: what to ask.
        names: whom it greets, in turn.
        headers: lines of headers that go with each request.
    """

    in_process = False

    def __init__(self, address: Address, names: Sequence[str], headers: Sequence[str] = ()) -> None:
        self.label = address.url
        self.address = address
        self.statuses: dict[int, int] = {}
        self.received_bytes = 0
        self.buffer = memoryview(bytearray(BUFFER_BYTES))
        self.requests: Iterator[bytes] = cycle([address.head(name, headers) for name in names])
        self._number = address.numbers[0]
        self._tls = ssl.create_default_context() if address.scheme == "https" else None

    async def slots(self, concurrency: int, ended: Ended) -> Sequence[Slot]:
        """See which number of the machine answers; connections are made when they are needed.

        Raises:
            AddressError: if none does.
        """
        first = _Asking(self, ended)
        self._slots: list[_Asking] = []
        refusals = []
        for number in self.address.numbers:
            self._number = number
            try:
                await asyncio.wait_for(first.connect(), CONNECT_S)
            except OSError as error:
                refusals.append(error)
            else:
                self._slots = [first, *(_Asking(self, ended) for _ in range(concurrency - 1))]
                return self._slots
        told = "; ".join(": ".join(filter(None, failure(error))) for error in refusals)
        raise AddressError(
            f"{self.label!r} takes no connection ({told}): see whether the server runs, "
            "and at this port"
        )

    async def close(self) -> None:
        """Close the connections."""
        for slot in self._slots:
            slot.abandon()

    async def connect(self, wire: _Wire) -> None:
        """Connect a wire.

        Raises:
            OSError: if that fails.
        """
        await asyncio.get_running_loop().create_connection(
            lambda: wire,
            self._number,
            self.address.port,
            ssl=self._tls,
            server_hostname=self.address.host if self._tls else None,
        )


class _Asking(Slot):
    """A slot whose calls are requests over a connection of its own."""

    def __init__(self, target: Http, ended: Ended) -> None:
        super().__init__(ended)
        self.target = target
        self.wire: _Wire | None = None
        self._connecting: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self.wire is None:
            self._connecting = asyncio.get_running_loop().create_task(self._begin_anew())
        else:
            self.started_ns = perf_counter_ns()
            self.wire.write(next(self.target.requests))

    def abandon(self) -> None:
        if self.wire is not None:
            self.wire.abort()
        elif self._connecting is not None:
            self._connecting.cancel()

    async def connect(self) -> None:
        wire = _Wire(self)
        await self.target.connect(wire)
        self.wire = wire

    async def _begin_anew(self) -> None:
        # Not before: a task that is cancelled until here tells of no end.
        self.started_ns = perf_counter_ns()
        try:
            await self.connect()
        except (OSError, asyncio.CancelledError) as error:
            self.ended(self, failure(error))
        else:
            assert self.wire is not None  # noqa: S101  # it is connected
            self.wire.write(next(self.target.requests))


class _Wire(asyncio.BufferedProtocol):
    """One connection, and what comes over it, into a buffer that all of them share.

    Without one, asyncio would ask for 256 kB of fresh memory for each answer.
    """

    def __init__(self, slot: _Asking) -> None:
        self._slot = slot
        self._parser = httptools.HttpResponseParser(self)
        self._complete = self._keep = False
        self._head = b""

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # so it is for TCP
        self._transport = transport
        self.write = transport.write
        self.abort = transport.abort

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._slot.target.buffer

    def buffer_updated(self, size: int) -> None:
        if not self._slot.busy:  # nobody asked, as when a server tells that it waits no longer
            self._end(None, keep=False)
            return
        data = self._slot.target.buffer[:size]
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._end(_SWITCHED, keep=False)
            return
        except httptools.HttpParserError as error:
            self._end(failure(error), keep=False)
            return
        if self._complete:
            self._complete = False
            self._answered(keep=self._keep)
        elif len(self._head) < LONGEST_HEAD:
            self._head += bytes(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self._slot.wire is not self:
            return
        self._slot.wire = None
        if not self._slot.busy:
            return
        if error is None and not self._slot.expired_ns and self._ends_with_the_connection():
            self._answered(keep=False)
        else:
            self._end(_DROPPED if error is None else failure(error), keep=False)

    # What the parser calls

    def on_body(self, body: bytes) -> None:
        self._slot.target.received_bytes += len(body)

    def on_message_complete(self) -> None:
        # A 1xx announces the answer.
        self._complete = self._parser.get_status_code() >= WELL.start
        self._keep = self._parser.should_keep_alive()  # known here, and forgotten after

    def _ends_with_the_connection(self) -> bool:
        """Tell whether an answer without a length has come, of which this is the end."""
        head, end, _ = self._head.partition(b"\r\n\r\n")
        return bool(end) and not any(frame in head.lower() for frame in _FRAMES)

    def _answered(self, *, keep: bool) -> None:
        status = self._parser.get_status_code()
        statuses = self._slot.target.statuses
        statuses[status] = statuses.get(status, 0) + 1
        self._end(
            None if status in WELL else (f"HTTP {status}", "the status of the answer"), keep=keep
        )

    def _end(self, failed: Failure | None, *, keep: bool) -> None:
        self._head = b""
        slot = self._slot
        if not keep and slot.wire is self:
            slot.wire = None
            self.abort()
        if slot.busy:
            slot.ended(slot, failed)
