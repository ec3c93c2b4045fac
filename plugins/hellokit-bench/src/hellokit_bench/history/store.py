"""The store of results: one SQLite file that several processes may write to."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from statistics import median
from typing import TYPE_CHECKING, Any, Self

import attrs

from hellokit_bench import checkout
from hellokit_bench.errors import ResultsError
from hellokit_bench.suite import DECISIVE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hellokit_bench.suite import Suite

SQLITE = b"SQLite format 3\0"
"""How every file of SQLite begins."""
APPLICATION = int.from_bytes(b"hkbh")
"""What marks a file as one of ours, in SQLite's header."""
VERSION = 1
"""The version of the schema below; a change of the schema raises it."""
PATIENCE_S = 30.0
"""How long to wait for others who write."""

_SCHEMA = (
    """CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE, -- of what was measured, and where and when
        at REAL NOT NULL, -- seconds since 1970, UTC
        revision TEXT,
        hellokit TEXT,
        machine TEXT NOT NULL -- JSON
    )""",
    """CREATE TABLE result (
        run INTEGER NOT NULL REFERENCES run,
        name TEXT NOT NULL,
        unit TEXT NOT NULL,
        calls INTEGER NOT NULL,
        processes TEXT NOT NULL, -- JSON: the values of each process
        PRIMARY KEY (run, name)
    ) WITHOUT ROWID""",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {VERSION}",
)
_READ = """
    SELECT id, at, revision, hellokit, machine, name, unit, processes
    FROM run JOIN result ON run = id ORDER BY at, id, name
"""


@attrs.frozen
class Point:
    """What one run measured of a subject.

    Attributes:
        run: the number of the run in this file.
        at: when it was measured, in seconds since 1970.
        revision: what was checked out then; None if nothing was.
        hellokit: the version of hellokit; None if it is not known.
        processes: the values of each process, in the unit of the series.
    """

    run: int
    at: float
    revision: str | None
    hellokit: str | None
    processes: tuple[tuple[float, ...], ...]

    @property
    def value(self) -> float:
        """The median over the processes of the median of each."""
        return median(map(median, self.processes))

    @property
    def day(self) -> str:
        """When it was measured, to the minute, in UTC."""
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%d %H:%M")


@attrs.frozen
class Series:
    """What runs on one machine, with one Python, measured of one subject.

    Attributes:
        name: its label.
        unit: `second` or `byte`.
        machine: the processor and the Python.
        points: a point for each run, the oldest first.
    """

    name: str
    unit: str
    machine: str
    points: tuple[Point, ...]


class History:
    """A file of results, opened: a context.

    The file is made if there is none. Whatever is not a history, or is damaged, or was made by a
    later version, is refused and left as it is. An addition is there as a whole or not at all,
    even if the process is killed meanwhile.

    Args:
        path: the file.

    Raises:
        ResultsError: on entering, if the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """Open the file."""
        try:
            self._check_kind()
            with self._explained():
                # No mode of its own for transactions: they are begun where they are needed.
                self._database = sqlite3.connect(
                    self._path, timeout=PATIENCE_S, isolation_level=None
                )
                self._check()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def add(self, suite: Suite, *, revision: str | None = None) -> int:
        """Add a run.

        Args:
            suite: what it measured.
            revision: what it measured it of; what is checked out where one stands, if None.

        Returns:
            The number of the run.

        Raises:
            ResultsError: if the file has these very results already, or cannot be written; it is
                as it was, then.
        """
        run = (
            _digest(suite),
            _measured_at(suite.machine),
            checkout.described() if revision is None else revision,
            suite.machine.get("hellokit_version"),
            json.dumps(suite.machine, sort_keys=True),
        )
        with self._explained(), self._writing() as database:
            self._refuse_twice(database, run[0])
            into = "INSERT INTO run (digest, at, revision, hellokit, machine) VALUES (?,?,?,?,?)"
            number = database.execute(into, run).lastrowid
            database.executemany(
                "INSERT INTO result VALUES (?, ?, ?, ?, ?)",
                [
                    (number, each.name, each.unit, each.calls, json.dumps(each.processes))
                    for each in suite.results
                ],
            )
        assert number is not None  # noqa: S101  # a row was inserted
        return number

    def _refuse_twice(self, database: sqlite3.Connection, digest: str) -> None:
        query = "SELECT id, revision FROM run WHERE digest = ?"
        if there := database.execute(query, (digest,)).fetchone():
            number, revision = there
            of = f" of {revision}" if revision else ""
            raise self._refused(
                f"has these very results already, as run {number}{of}, and counts them once: "
                "measure anew for another run"
            )

    def read(self) -> list[Series]:
        """Return all series, by machine and name.

        Raises:
            ResultsError: if the file cannot be read.
        """
        series: dict[tuple[str, str, str], list[Point]] = {}
        with self._explained(), closing(self._opened.execute(_READ)) as rows:
            for number, at, revision, hellokit, machine, name, unit, processes in rows:
                values = tuple(map(tuple, json.loads(processes)))
                point = Point(number, at, revision, hellokit, values)
                series.setdefault((_called(json.loads(machine)), name, unit), []).append(point)
        return [
            Series(name, unit, machine, tuple(points))
            for (machine, name, unit), points in sorted(series.items())
        ]

    @property
    def _opened(self) -> sqlite3.Connection:
        assert self._database is not None  # noqa: S101  # it is a context
        return self._database

    def _check_kind(self) -> None:
        """Refuse a file of another kind; SQLite takes a very short one for an empty one."""
        with suppress(OSError), self._path.open("rb") as file:  # SQLite tells of what fails here
            if file.read(len(SQLITE)) not in {b"", SQLITE}:
                raise self._refused("is no history of hellokit-bench: name another file")

    def _check(self) -> None:
        """Make the schema if the file is empty; refuse what is not ours, damaged or newer."""
        if self._is_empty():
            with self._writing() as database:
                if self._is_empty():  # no other process was faster
                    for statement in _SCHEMA:
                        database.execute(statement)
        if self._pragma("application_id") != APPLICATION:
            raise self._refused("is no history of hellokit-bench: name another file")
        version = self._pragma("user_version")
        if version != VERSION:
            raise self._refused(
                f"has version {version} of the schema, and this hellokit-bench knows {VERSION}: "
                "update it with `pip install --upgrade hellokit-bench`"
            )
        if self._pragma("quick_check") != "ok":
            raise self._refused("is damaged: restore a copy, or begin another file")

    def _is_empty(self) -> bool:
        query = "SELECT count(*) FROM sqlite_master"
        nothing: bool = self._opened.execute(query).fetchone() == (0,)
        return nothing and self._pragma("application_id") == self._pragma("user_version") == 0

    def _pragma(self, name: str) -> Any:
        return self._opened.execute(f"PRAGMA {name}").fetchone()[0]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the file alone for what is written together."""
        database = self._opened
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ResultsError:
            raise
        except sqlite3.OperationalError as error:  # the disk is full, no right to write, locked
            raise ResultsError(
                f"the history {str(self._path)!r} cannot be used: {error}. See whether the disk "
                "is full, and whether this user may write there; nothing was changed"
            ) from error
        except (sqlite3.DatabaseError, ValueError, TypeError) as error:
            raise self._refused(
                f"is no history of hellokit-bench that can be read ({error}): "
                "restore a copy, or name another file"
            ) from error

    def _refused(self, why: str) -> ResultsError:
        return ResultsError(f"{str(self._path)!r} {why}; it was not changed")


def _digest(suite: Suite) -> str:
    """Return what tells the results of one run from those of any other."""
    results = [(each.name, each.unit, each.calls, each.processes) for each in suite.results]
    content = json.dumps([results, suite.machine], sort_keys=True)
    return sha256(content.encode()).hexdigest()


def _measured_at(machine: dict[str, Any]) -> float:
    """Return when results were measured, or now, if they do not tell."""
    try:
        return datetime.fromisoformat(machine["date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return time.time()


def _called(machine: dict[str, Any]) -> str:
    told = {"cpu_count": "{} cores"}
    known = [told.get(name, "{}").format(machine[name]) for name in DECISIVE if name in machine]
    return ", ".join(known) or "a machine that is not told"
