"""Origins: the lines that allocated what is left, and what is left; the orders for it."""

from __future__ import annotations

import os
import re
import sysconfig
import threading
import tracemalloc
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import hellokit
from hellokit_bench import orders, subject
from hellokit_bench.leaking import probes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hellokit_bench.subject import Opened

Place: TypeAlias = tuple[str, int]

FRAMES = 12
MOST_LINES = 3
SOME, SOME_OF_KIT = 0.01, 0.1
"""How much of the largest growth is worth a line; the kit's counts grow a little for a while."""
A_FEW = 0.1
"""How many of the most frequent name there are of one that is worth mentioning."""

OWN = (str(Path(__file__).parent), orders.__file__)
KIT = str(Path(str(hellokit.__file__)).parent)
LIBRARY = sysconfig.get_path("stdlib")
SITES = tuple({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})

NAMES = "the names greeted"
"""Stands for a file where a call's name was made."""

_before: list[tracemalloc.Snapshot] = []


def mark(opened: Opened) -> None:
    """Remember what is allocated, to compare with it later."""
    probes.settle(opened, 0)
    _before[:] = [tracemalloc.take_snapshot()]


def grown(opened: Opened) -> list[tuple[str, int, int, int]]:
    """End tracing, and return the lines that allocated what came since `mark` and stayed.

    What a backend keeps, the kit has often made: its own lines come first therefore.

    Returns:
        Of each line its file or `NAMES`, its number, and how many bytes and blocks came.
    """
    probes.settle(opened, 0)
    after = tracemalloc.take_snapshot()
    tracemalloc.stop()  # or what comes now would be traced as well, and take long
    known, lines = _allocated(*_before), []
    for place, (size, count) in _allocated(after).items():
        size_before, count_before = known.get(place, (0, 0))
        if size > size_before:
            lines.append((*place, size - size_before, count - count_before))
    most = max((line[2] for line in lines), default=0)
    worth = {False: SOME * most, True: SOME_OF_KIT * most}
    lines = [line for line in lines if line[2] >= worth[_is_in(line[0], KIT)]]
    lines.sort(key=lambda line: (_is_in(line[0], KIT), line[0] == NAMES, -line[2]))
    return lines[:MOST_LINES]


def left(_: Opened, kind: str) -> list[tuple[str, int]]:
    """Return what is left of one kind, and how often; numbers of files and threads are one `#`.

    Args:
        kind: `files`, `threads`, `tasks` or `processes`.
    """
    found = {"files": _files, "threads": _threads, "tasks": _tasks, "processes": _processes}[kind]()
    names = Counter("".join(c if c.isprintable() else "?" for c in name) for name in found)
    most = names.most_common(MOST_LINES)
    return [(name, count) for name, count in most if count >= A_FEW * most[0][1]]


def _allocated(snapshot: tracemalloc.Snapshot) -> dict[Place, tuple[int, int]]:
    """Return how many bytes and blocks are there of each line, seen from outside the libraries."""
    places: dict[Place, tuple[int, int]] = {}
    for each in snapshot.statistics("traceback"):
        place = _place(each.traceback)
        if place:
            size, count = places.get(place, (0, 0))
            places[place] = size + each.size, count + each.count
    return places


def _place(frames: Iterable[tracemalloc.Frame]) -> Place | None:
    """Return the innermost line that is not of Python's library; None if the line is ours."""
    innermost = list(frames)[::-1]
    nearest = innermost[0]
    if nearest.filename == probes.__file__:
        return NAMES, 0
    for frame in innermost:
        file = frame.filename
        if file in OWN or _is_in(file, *OWN):
            return None
        if file == subject.__file__:  # which calls the kit, and runs a loop of Python's library
            break
        if not (file.startswith("<") or _is_of_library(file)):
            return file, frame.lineno
    return None if nearest.filename == subject.__file__ else (nearest.filename, nearest.lineno)


def _is_of_library(file: str) -> bool:
    return _is_in(file, LIBRARY) and not _is_in(file, *SITES)


def _is_in(file: str, *folders: str) -> bool:
    return any(file.startswith(folder + os.sep) for folder in folders)


def _unnumbered(name: str) -> str:
    return re.sub(r"\d+", "#", name)


def _files() -> Iterator[str]:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        from psutil import Process

        yield from (each.path for each in Process().open_files())
        return
    for descriptor in folder.iterdir():
        with suppress(OSError):  # the one that lists the folder is closed again
            yield _unnumbered(str(descriptor.readlink()))


def _threads() -> Iterator[str]:
    return (_unnumbered(each.name) for each in threading.enumerate())


def _tasks() -> Iterator[str]:
    for task in probes.tasks():
        code = getattr(task.get_coro(), "cr_code", None)
        where = f" at {code.co_filename}:{code.co_firstlineno}" if code else ""
        yield f"{getattr(task.get_coro(), '__qualname__', task.get_name())}{where}"


def _processes() -> Iterator[str]:
    from psutil import Error, Process

    for child in Process().children():
        with suppress(Error):  # it has just ended
            yield child.name()
