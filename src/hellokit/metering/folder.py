"""Folders of ledgers: their sum, and the file that takes over from processes that have ended.

Each ledger is counted once at any moment: either it is named in that file, and its counts are
in there, or it is not. So a process may be killed anywhere here, and others may read meanwhile.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
from contextlib import contextmanager, suppress
from mmap import ACCESS_READ, mmap

import attrs

from hellokit.errors import HellokitError
from hellokit.failures import described
from hellokit.metering.buckets import BUCKETS
from hellokit.metering.histogram import Histogram
from hellokit.metering.layout import HEAD, LAYOUT, PAGE, PREFIX, SUFFIX, counted
from hellokit.metering.snapshot import BackendMetrics, Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

ENDED = f"{PREFIX}ended.json"
"""The file with the counts of processes that have ended."""

FOLD_AT = 16
"""With as many ledgers of ended processes, their counts move into that file."""


@attrs.frozen
class _Ended:
    """What processes counted that have ended.

    Attributes:
        ledgers: the names of their ledgers, as far as these may still be there.
        snapshot: the sum of these, and of those that are gone.
    """

    ledgers: frozenset[str] = frozenset()
    snapshot: Snapshot = attrs.field(factory=Snapshot)


def total(folder: Path) -> Snapshot:
    """Return the sum of all that processes count, or have counted, in a folder.

    Raises:
        HellokitError: if a file there cannot be read, or has another layout.
    """
    try:
        snapshot = _total(folder)
    except FileNotFoundError:
        return Snapshot()
    except OSError as error:
        raise HellokitError(
            f"the metrics in {str(folder)!r} cannot be read: {described(error)}. Name the folder "
            "of the setting metrics_dir (HELLOKIT_METRICS_DIR), and let this process read it"
        ) from error
    with suppress(OSError):  # whoever may read need not be allowed to write
        fold(folder)
    return snapshot


def _total(folder: Path) -> Snapshot:
    path = folder / ENDED
    while True:
        with _opened(path) as file:
            ended = _ended(path, file)
            whole = ended.snapshot
            for name in _ledgers(folder):
                if name not in ended.ledgers:
                    whole += _of_ledger(folder / name)
            if _is_still(file, path):
                return whole


def _is_still(file: int | None, path: Path) -> bool:
    """Tell whether a path still names an open file, or still nothing."""
    try:
        now = path.stat()
    except FileNotFoundError:
        return file is None
    return file is not None and os.path.samestat(os.fstat(file), now)


def fold(folder: Path) -> None:
    """Move the counts of ended processes into one file, unless another process is at it.

    Raises:
        OSError: if that cannot be written.
        HellokitError: if a file there cannot be read, or has another layout.
    """
    here = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(here, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        names = _of_the_dead(folder)
        if len(names) >= FOLD_AT:
            _take_over(folder, names)
    finally:
        os.close(here)


def _of_the_dead(folder: Path) -> list[str]:
    """Return the names of ledgers whose processes have ended; delete empty ones."""
    names = []
    for name in _ledgers(folder):
        path = folder / name
        with _opened(path) as file:
            if file is None or _lives(file):
                continue
            if os.fstat(file).st_size:
                names.append(name)
            else:  # or about to be locked by its process, which then finds that it is gone
                path.unlink()
    return names


def _take_over(folder: Path, names: list[str]) -> None:
    path = folder / ENDED
    with _opened(path) as file:
        before = _ended(path, file)
    whole = before.snapshot
    for name in names:
        if name not in before.ledgers:
            whole += _of_ledger(folder / name)
    _write(path, _Ended(frozenset(names), whole))
    for name in names:
        (folder / name).unlink()


def _ledgers(folder: Path) -> list[str]:
    names = [path.name for path in folder.iterdir()]  # glob() says nothing of what it may not read
    return [name for name in names if name.startswith(PREFIX) and name.endswith(SUFFIX)]


@contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    """Open a file to read; None if there is none."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        yield None
        return
    try:
        yield file
    finally:
        os.close(file)


def _lives(file: int) -> bool:
    """Tell whether the process of a ledger lives: it holds the lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _of_ledger(path: Path) -> Snapshot:
    with _opened(path) as file:
        size = os.fstat(file).st_size // PAGE * PAGE if file is not None else 0
        if file is None or not size:
            return Snapshot()
        living = _lives(file)
        with mmap(file, size, access=ACCESS_READ) as mapped:
            pages = [_page(mapped, at) for at in range(0, size, PAGE)]
    if {page[0] for page in pages} - {0, HEAD}:
        raise _unreadable(path, "another version of hellokit wrote it")
    backends: dict[str, BackendMetrics] = {}
    try:
        for page in pages:
            if page[0]:
                backend, metrics = counted(page, living=living)
                backends[backend] = backends.get(backend, BackendMetrics()) + metrics
    except (KeyError, ValueError, struct.error) as error:
        raise _unreadable(path, f"it is damaged: {described(error)}") from error
    return Snapshot(backends)


def _page(mapped: mmap, at: int) -> list[int]:
    """Return the words of a page, each read in one piece, in ascending order."""
    with memoryview(mapped) as view, view[at : at + PAGE] as page, page.cast("q") as words:
        return words.tolist()


def _unreadable(path: Path, cause: str) -> HellokitError:
    return HellokitError(
        f"{path} cannot be read: {cause}. Read the folder with the version that wrote it, or move "
        "the file away (its counts are missing then) and give each version a folder of its own"
    )


def _ended(path: Path, file: int | None) -> _Ended:
    """Return what is in the file of ended processes."""
    if file is None:
        return _Ended()
    with os.fdopen(file, "rb", closefd=False) as stream:
        written = stream.read()
    try:
        told = json.loads(written)
        if told["layout"] != LAYOUT:
            raise _unreadable(path, "another version of hellokit wrote it")
        backends = {name: _metrics(each) for name, each in told["backends"].items()}
        return _Ended(frozenset(told["ledgers"]), Snapshot(backends))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(path, f"it is damaged: {described(error)}") from error


def _metrics(told: dict[str, Any]) -> BackendMetrics:
    counts = tuple(told["counts"])
    histogram = Histogram(counts + (0,) * (BUCKETS - len(counts)), told["sum_ns"], told["max_ns"])
    return BackendMetrics(told["calls"], told["errors"], 0, histogram, told["attributes"])


def _write(path: Path, ended: _Ended) -> None:
    """Replace the file of ended processes, whole or not at all."""
    backends = {
        name: {
            "calls": metrics.calls,
            "errors": dict(metrics.errors),
            "attributes": dict(metrics.attributes),
            "counts": metrics.duration.counts,
            "sum_ns": metrics.duration.sum_ns,
            "max_ns": metrics.duration.max_ns,
        }
        for name, metrics in ended.snapshot.backends.items()
    }
    told = {"layout": LAYOUT, "ledgers": sorted(ended.ledgers), "backends": backends}
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, flags, 0o644), "w", encoding="ascii") as stream:
        json.dump(told, stream)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
