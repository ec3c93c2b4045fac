"""Where a folder cannot be used, one warning says so, and nothing is lost to the process."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import Kit, Settings, SettingsError, Snapshot
from hellokit.metering import ledger
from hellokit.metering.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
pytest.importorskip("fcntl", reason="processes share metrics where files can be locked")


def greeted(folder: Any, caplog: pytest.LogCaptureFixture) -> str:
    """Greet with several threads and backends; return the one warning."""
    with Kit(Settings(metrics_dir=folder), discover=False) as kit:
        for _ in range(3):
            thread = threading.Thread(target=kit.greet, args=("Ada",))
            thread.start()
            thread.join()
        assert kit.greet("Ada", backend="cached+monitored+plain") == "Hello, Ada!"
        assert kit.metrics().backends["plain"].calls == 4
        assert kit.metrics().backends["cached"].attributes == {"miss": 1}
    (warning,) = [each for each in caplog.records if each.name == "hellokit"]
    assert warning.levelno == logging.WARNING
    return warning.getMessage()


def test_a_folder_below_a_file_cannot_be_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The warning names the folder, the cause, the setting and what to do."""
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "below")
    told = greeted(folder, caplog)
    assert told.startswith(f"metrics_dir {folder!r} cannot be used: NotADirectoryError: ")
    assert told.endswith("or unset metrics_dir (HELLOKIT_METRICS_DIR)")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a folder not even root can write")
@pytest.mark.parametrize("folder", ["/proc/hellokit-metrics", "/proc/self"])
def test_a_folder_that_is_read_only(folder: str, caplog: pytest.LogCaptureFixture) -> None:
    """Missing or there, nothing can be made in it."""
    assert f"metrics_dir '{folder}' cannot be used" in greeted(folder, caplog)


@pytest.mark.parametrize(
    ("step", "error"),
    [("flock", errno.ENOLCK), ("mmap", errno.ENODEV), ("pwrite", errno.ENOSPC)],
)
def test_a_file_system_that_lacks_something(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    error: int,
) -> None:
    """Locks, shared mappings, or space."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(error, os.strerror(error))

    homes = {"flock": sys.modules["fcntl"], "mmap": ledger, "pwrite": os}
    monkeypatch.setattr(homes[step], step, refuse)
    open_files = Path("/dev/fd")
    files = len(list(open_files.iterdir()))
    assert os.strerror(error) in greeted(tmp_path, caplog)
    assert len(list(open_files.iterdir())) <= files + (step != "flock")
    assert len(list(tmp_path.iterdir())) == (step != "flock")


def test_a_process_goes_on_in_its_file_once_there_is_space_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that stops half-way is an error as well; threads that come later are shared."""
    written = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, raw, at: written(file, raw[:100], at))
    told = greeted(tmp_path, caplog)
    assert "No space left" in told
    monkeypatch.undo()
    with Kit(Settings(metrics_dir=tmp_path), discover=False) as kit:  # type: ignore[arg-type]  # any path
        kit.greet("Ada")
    assert Snapshot.read(tmp_path).backends["plain"].calls == 1


def test_no_file_is_tried_for_ever(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each new one is locked by somebody at once, that is said."""
    monkeypatch.setattr(ledger, "_locked", lambda _: False)
    assert "others lock each new file at once" in greeted(tmp_path, caplog)


LIMITED = """
import resource, sys, threading
import hellokit.metering.ledger, hellokit.metering.sharing
from hellokit import Kit, Settings, Snapshot
folder, when, limit, bound = sys.argv[1:]
kit = Kit(Settings(), discover=False)
kit.greet("Ada")
kit.configure(metrics_dir=folder)
if when == "later":
    kit.greet("Ada")
limit = getattr(resource, limit)
_, most = resource.getrlimit(limit)
resource.setrlimit(limit, (int(bound), most))
everybody = threading.Barrier(20)
def work():
    for _ in range(10): assert kit.greet("Ada") == "Hello, Ada!"
    everybody.wait()
for _ in range(5):
    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
resource.setrlimit(limit, (most, most))
shared = Snapshot.read(folder).backends
print(kit.metrics().backends["plain"].calls, shared["plain"].calls if shared else 0)
"""


@pytest.mark.parametrize(
    ("when", "limit", "bound", "cause"),
    [
        ("first", "RLIMIT_FSIZE", "0", "File too large"),
        ("later", "RLIMIT_FSIZE", "65536", "File too large"),
        ("first", "RLIMIT_NOFILE", "3", "Too many open files"),
        ("later", "RLIMIT_NOFILE", "3", "Too many open files"),
    ],
)
@pytest.mark.usefixtures("unmeasured")
def test_limits_of_the_system(
    tmp_path: Path, when: str, limit: str, bound: str, cause: str
) -> None:
    """At a limit of file size or of open files, threads without a page count by themselves."""
    command = [sys.executable, "-c", LIMITED, str(tmp_path), when, limit, bound]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    own, shared = map(int, done.stdout.split())
    later = when == "later"
    assert own == 1 + later + 1000
    assert (shared >= 1 + 5 * 15 * 10) if later else shared == 0
    assert shared < own
    assert cause in done.stderr
    assert done.stderr.count("cannot be used") == 1


@pytest.mark.parametrize("module", ["fcntl", "_ctypes", "mmap"])
def test_a_system_without_what_it_takes(
    run_script: Callable[[str], str], tmp_path: Path, module: str
) -> None:
    """As on Windows: nothing is shared, and everything else works."""
    told = run_script(
        f"""
        import logging, sys
        logging.basicConfig(stream=sys.stdout, format="%(message)s")
        sys.modules[{module!r}] = None
        from hellokit import HellokitError, Kit, Settings, Snapshot
        kit = Kit(Settings(metrics_dir={str(tmp_path)!r}), discover=False)
        print(kit.greet("Ada"), kit.metrics().backends["plain"].calls)
        try:
            Snapshot.read("/shared")
        except HellokitError as error:
            print(error)
        """
    )
    warning, greeting, *refused = told.splitlines()
    assert warning.startswith(f"metrics_dir {str(tmp_path)!r} cannot be used: ModuleNotFoundError")
    assert greeting == "Hello, Ada! 1"
    assert module == "_ctypes" or refused[0].startswith("no metrics can be read from '/shared': ")


@pytest.mark.parametrize("bad", ["", "  ", 7, b"bytes", "nul\0"])
def test_what_is_no_folder_is_refused(bad: object) -> None:
    """The setting says what it takes."""
    with pytest.raises(SettingsError, match=r"metrics_dir .* the path of a folder"):
        Settings(metrics_dir=bad)  # type: ignore[arg-type]  # what is tested


def test_deleting_the_files_of_a_living_process_breaks_no_greeting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What was counted there is gone for the others; it goes on in memory."""
    with Kit(Settings(metrics_dir=tmp_path), discover=False) as kit:  # type: ignore[arg-type]
        kit.greet("Ada")
        for file in tmp_path.iterdir():
            file.unlink()
        tmp_path.rmdir()
        kit.greet("Ada")
        for _ in range(20):
            with Kit(Settings(metrics_dir=tmp_path), discover=False) as other:  # type: ignore[arg-type]
                other.greet("Ada", backend="cached+monitored+plain")
        assert kit.metrics().backends["plain"].calls == 2
    assert Snapshot.read(tmp_path) == Snapshot()
    assert len(caplog.records) <= 1


def test_a_ledger_says_where_it_failed(tmp_path: Path) -> None:
    """The error names the folder."""
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Ledger(str(tmp_path / "file")).open()
