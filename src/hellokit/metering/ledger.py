"""Ledgers: the file in which one process keeps its counts, in a folder that processes share.

Only its own process writes a ledger. A lock on the file says that the process lives: the system
releases it however the process ends, and no process that comes later can be taken for it.
"""

from __future__ import annotations

import errno
import fcntl
import os
from _thread import allocate_lock
from collections import deque
from contextlib import suppress
from itertools import count
from mmap import mmap
from pathlib import Path
from weakref import ref

from hellokit.errors import HellokitError
from hellokit.metering.folder import fold
from hellokit.metering.layout import CHUNK, PAGE, PREFIX, SUFFIX
from hellokit.metering.page import Page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.metering.shards import Owner, Shards

TRIES = 10
"""How many names are tried: one is given up if a reader looks at it before it is locked."""


class Ledger:
    """The file of this process in a folder. Nothing waits for a lock here, so nothing can hang.

    Args:
        folder: the folder.
    """

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._path = self._folder
        self._lock: int | None = None
        self._pages: list[Page] = []
        self._taking = allocate_lock()
        self._chunks = count()
        self._blank: deque[tuple[mmap, int]] = deque()

    def open(self) -> None:
        """Make the file and lock it, and the folder if it is missing.

        Raises:
            OSError: if that cannot be done.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for _ in range(TRIES):
            name = f"{PREFIX}{os.getpid()}-{os.urandom(8).hex()}{SUFFIX}"
            self._path = self._folder / name
            self._lock = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
            locked = False
            try:
                locked = _locked(self._lock)
            finally:
                if not locked:
                    self.discard()
            if locked:
                return
        raise OSError(errno.EAGAIN, "others lock each new file at once", str(self._folder))

    def page(self, backend: str, home: Shards, owner: ref[Owner]) -> Page:
        """Return a page for a thread of `home`: one that is free, or a new one.

        Raises:
            OSError: if the file cannot grow.
        """
        page = self._taken(backend, home, owner)
        if page is None:
            page = Page.begun(*self._space(), backend)
            page.take(ref(home), owner)
            self._pages.append(page)
        return page

    def _taken(self, backend: str, home: Shards, owner: ref[Owner]) -> Page | None:
        if not self._taking.acquire(blocking=False):
            return None
        try:
            for page in list(self._pages):
                if page.free_for(backend, home):
                    page.take(ref(home), owner)
                    return page
            return None
        finally:
            self._taking.release()

    def _space(self) -> tuple[mmap, int]:
        """Return a chunk of the file, and where in it a page is blank."""
        with suppress(IndexError):
            return self._blank.pop()
        chunk = self._grown(CHUNK * next(self._chunks))
        self._blank.extend((chunk, at) for at in range(PAGE, CHUNK, PAGE))
        return chunk, 0

    def _grown(self, at: int) -> mmap:
        """Return the file's next chunk.

        It is written before it is mapped: where a disk is full, that is an error here, and not
        a signal that ends the process later. The file is opened for it, as a mapping keeps the
        locks of what it was made from, also in children.
        """
        file = os.open(self._path, os.O_RDWR)
        try:
            if os.pwrite(file, bytes(CHUNK), at) < CHUNK:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
            return mmap(file, CHUNK, offset=at)
        finally:
            os.close(file)

    def discard(self) -> None:
        """Give up the file, in which nothing was counted."""
        self._path.unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def leave(self) -> None:
        """Let go of what is the parent's, in a child after a fork.

        The parent's lock must not live on in the child, not even if another thread was just
        opening the file.
        """
        for page in self._pages:
            page.forget()
        with suppress(OSError):
            there = self._path.stat()
            for file in _open_files() if self._lock is None else [self._lock]:
                with suppress(OSError):
                    if os.path.samestat(os.fstat(file), there):
                        os.close(file)


def _locked(file: int) -> bool:
    """Lock a new file; tell whether that went well, and nobody has deleted it before."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(file).st_nlink > 0


def _open_files() -> list[int]:
    return [int(path.name) for path in Path("/dev/fd").iterdir()]


class Shelf:
    """The ledgers of this process: one for each folder."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin without a ledger."""
        self._pid = os.getpid()
        self._opening: set[Ledger] = set()
        self._ledgers: dict[str, Ledger] = {}

    def ledger(self, folder: str) -> Ledger:
        """Return the ledger in `folder`, made on first use.

        Raises:
            OSError: if there can be none.
        """
        self.leave()
        ledger = self._ledgers.get(folder)
        if ledger is not None:
            return ledger
        made = Ledger(folder)
        self._opening.add(made)
        try:
            made.open()
            ledger = self._ledgers.setdefault(folder, made)
        finally:
            self._opening.discard(made)
        if ledger is made:
            _fold(folder)
        else:  # another thread came first
            made.discard()
        return ledger

    def leave(self) -> None:
        """Let go of the parent's ledgers, in a child after a fork."""
        if self._pid == os.getpid():
            return
        parents = {*self._ledgers.values(), *self._opening}
        self.clear()
        for ledger in parents:
            ledger.leave()


def _fold(folder: str) -> None:
    with suppress(OSError, HellokitError):  # whoever reads the folder is told
        fold(Path(folder))


shelf = Shelf()
os.register_at_fork(after_in_child=shelf.leave)
