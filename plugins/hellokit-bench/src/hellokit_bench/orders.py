"""Orders: what a worker's own side does with what it is told, a line of JSON each."""

from __future__ import annotations

import json
import os
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

from hellokit_bench.reporting.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hellokit_bench.subject import Opened

LONGEST_MESSAGE = 500


def serve(given: Mapping[str, str], *, tried: bool) -> None:
    """Open a subject, and carry out orders until there are no more.

    Args:
        given: the fields of the subject.
        tried: whether to call it once before the first order.
    """
    orders, replies = _private_streams()
    with orders, replies:
        try:
            from hellokit_bench.subject import Opened, Subject

            with Opened(Subject(**given)) as opened:  # type: ignore[arg-type]  # they are its own
                _reply(replies, {"result": opened.block(1) if tried else 0})
                for line in orders:
                    _reply(replies, _carried_out(opened, json.loads(line)))
        except BaseException as error:  # noqa: BLE001  # SystemExit of a backend is its failure too
            _reply(replies, {"error": _told(error)})
            # What a backend left running must not hold the process: the error is told already.
            os._exit(1)


def _private_streams() -> tuple[IO[str], IO[str]]:
    """Return the streams of orders and replies, out of reach of what a subject prints or reads."""
    streams = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return streams


def _carried_out(opened: Opened, message: Mapping[str, Any]) -> dict[str, Any]:
    module, _, name = message["order"].partition(":")
    order = getattr(import_module(module), name)
    try:
        return {"result": order(opened, *message["given"], **message["options"])}
    except BaseException as error:  # noqa: BLE001  # whatever it is, the one that asked is told
        return {"error": _told(error)}


def _told(error: BaseException) -> str:
    # Terminals are told this: what a backend raised must not move their cursors.
    text = printable(" ".join(str(error).split()))[:LONGEST_MESSAGE]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _reply(replies: IO[str], message: Mapping[str, Any]) -> None:
    replies.write(f"{json.dumps(message)}\n")
    replies.flush()
