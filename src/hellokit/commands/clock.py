"""The addressee's time of day, as `--at` takes it."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import datetime, time

_TIME = re.compile(r"([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2}))?)?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}.*")


def parse_at(text: str) -> time | datetime:
    """Read a time of day, a date with a time, or `now`.

    Unlike the library, the command may read the clock: it was asked to. An offset from UTC is
    left alone, as it is the wall clock that counts.

    Raises:
        ArgumentTypeError: if it is none of these.

    >>> parse_at("9:30:15"), parse_at("21")
    (datetime.time(9, 30, 15), datetime.time(21, 0))
    >>> parse_at("2026-11-23T19:00")
    datetime.datetime(2026, 11, 23, 19, 0)
    """
    text = text.strip()
    if text.lower() == "now":
        return datetime.now().astimezone()
    try:
        if found := _TIME.fullmatch(text):
            hour, minute, second = (int(part or 0) for part in found.groups())
            return time(hour, minute, second)
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except ValueError:
        pass
    from hellokit.environment import shown

    raise ArgumentTypeError(f"{shown(text)} is no time: use 9:30, 21, 2026-11-23T19:00 or now")
