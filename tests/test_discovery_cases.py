"""Discovery survives what the reference does not, and mostly avoids importing it."""

from __future__ import annotations

import gc
import importlib.metadata
import logging
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sites import LOUD, install, reference, rows

from hellokit.discovery import scan

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_the_first_on_the_path_wins(tmp_path: Path) -> None:
    """Of two versions of one distribution, under two spellings, the first hides the second."""
    install(tmp_path / "a", "Acme.Loud-1.0.dist-info", None, b"Name: Acme.Loud\nVersion: 1.0\n")
    install(tmp_path / "b")
    assert scan([str(tmp_path / "a"), str(tmp_path / "b")]) == ()
    (entry,) = scan([str(tmp_path / "b"), str(tmp_path / "a")])
    assert (entry.distribution, entry.version) == ("acme-loud", "1.2")


@pytest.mark.parametrize(
    "directory", [".dist-info", "..dist-info", "-oud-0.1.dist-info", "other-0.1.DIST-INFO"]
)
def test_an_oddly_named_directory_is_known_by_its_metadata(tmp_path: Path, directory: str) -> None:
    """Where a directory's name says nothing, the name inside decides what it hides."""
    install(tmp_path / "a", directory, LOUD, b"Name: acme-loud\nVersion: 0.1\n")
    install(tmp_path / "b")
    path = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert rows(scan(path)) == reference(path)
    assert [entry.version for entry in scan(path)] == ["0.1"]


def test_a_left_over_without_metadata_hides_nothing(tmp_path: Path) -> None:
    """A half-removed directory earlier on the path gives way to the real distribution."""
    install(tmp_path / "a", "acme_loud-0.9.dist-info", b"", None)
    install(tmp_path / "b")
    path = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert [entry.version for entry in scan(path)] == ["1.2"]


def test_two_distributions_with_one_name_are_both_returned(tmp_path: Path) -> None:
    """A conflict is for the caller to report, so nothing is resolved here."""
    install(tmp_path)
    install(tmp_path, "other-3.dist-info", LOUD, b"Name: other\nVersion: 3\n")
    found = scan([str(tmp_path)])
    assert [entry.distribution for entry in found] == ["acme-loud", "other"]


def test_the_order_is_that_of_the_path_then_of_the_names(tmp_path: Path) -> None:
    """The order depends on nothing that the file system decides."""
    for number, root in enumerate("ab"):
        for name in ("zeta", "alpha", "mid"):
            line = f"[hellokit.plugins]\n{name}{number} = m\n".encode()
            install(tmp_path / root, f"{name}{number}-1.dist-info", line, None)
    found = scan([str(tmp_path / "b"), str(tmp_path / "a")])
    assert [e.name for e in found] == ["alpha1", "mid1", "zeta1", "alpha0", "mid0", "zeta0"]


def test_without_metadata_the_directory_names_the_distribution(tmp_path: Path) -> None:
    """A missing METADATA still leaves a name and a version for messages."""
    install(tmp_path, "acme_loud-1.2-py3.11.egg-info", metadata=None)
    (entry,) = scan([str(tmp_path)])
    assert (entry.distribution, entry.version) == ("acme_loud", "1.2")


def test_the_working_directory_is_searched_under_its_empty_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`''` on the path is the working directory, as for imports."""
    install(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert rows(scan([""])) == reference([""])
    assert len(scan([""])) == 1


@pytest.mark.parametrize("shape", ["directory", "loop", "missing", "file above"])
def test_an_entry_points_file_that_is_none_is_passed_over(
    tmp_path: Path, shape: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A directory, a circular link or nothing in its place stops no neighbour, and is no news."""
    info = install(tmp_path, "odd-1.dist-info", None)
    if shape == "directory":
        (info / "entry_points.txt").mkdir()
    elif shape == "loop":
        (info / "entry_points.txt").symlink_to("entry_points.txt")
    elif shape == "file above":
        (tmp_path / "old-1.egg-info").write_bytes(b"Name: old\n")
    install(tmp_path)
    assert [entry.name for entry in scan([str(tmp_path)])] == ["loud"]
    assert caplog.records == []


def test_a_broken_file_that_is_not_ours_is_not_mentioned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is wrong with a stranger's entry points is no business of hellokit's."""
    install(tmp_path, "stranger-1.dist-info", b"[console_scripts]\nno equals sign\n")
    install(tmp_path)
    assert [entry.name for entry in scan([str(tmp_path)])] == ["loud"]
    assert caplog.records == []


def test_a_distribution_without_any_name_is_passed_over(tmp_path: Path) -> None:
    """What an interrupted uninstall leaves cannot be told from others, nor reported."""
    install(tmp_path, "-1.2.dist-info", LOUD, None)
    install(tmp_path)
    assert [entry.distribution for entry in scan([str(tmp_path)])] == ["acme-loud"]


@pytest.mark.parametrize("entry", ["/absent/place", "nul\0byte", b"bytes", None])
def test_a_path_entry_that_holds_nothing_is_passed_over(tmp_path: Path, entry: Any) -> None:
    """Whatever software puts on `sys.path`, the rest of it is searched."""
    install(tmp_path)
    assert [found.name for found in scan([entry, str(tmp_path)])] == ["loud"]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_a_directory_that_may_not_be_read_is_passed_over(tmp_path: Path) -> None:
    """A permission error hides one directory and no other."""
    (tmp_path / "closed").mkdir(mode=0)
    install(tmp_path / "open")
    found = scan([str(tmp_path / "closed"), str(tmp_path / "open")])
    assert [entry.name for entry in found] == ["loud"]


@pytest.fixture
def zips_closed() -> Iterator[None]:
    """Close the zip files that metadata libraries leave open: their end would fail other tests."""
    yield
    for each in gc.get_objects():
        if isinstance(each, zipfile.ZipFile):
            each.close()


@pytest.mark.usefixtures("zips_closed")
@pytest.mark.parametrize("first", ["zip", "directory"])
def test_a_zip_on_the_path_takes_its_place_in_the_order(tmp_path: Path, first: str) -> None:
    """A zipped distribution hides a later one, and is hidden by an earlier one."""
    archive = tmp_path / "bundle.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("acme_loud-0.1.dist-info/METADATA", "Name: acme-loud\nVersion: 0.1\n")
        bundle.writestr("acme_loud-0.1.dist-info/entry_points.txt", LOUD)
        bundle.writestr("only-1.dist-info/METADATA", "Name: only\nVersion: 1\n")
        bundle.writestr("only-1.dist-info/entry_points.txt", "[hellokit.plugins]\nonly = m\n")
    install(tmp_path / "site")
    path = [str(archive), str(tmp_path / "site")]
    if first == "directory":
        path.reverse()
    found = scan(path)
    assert rows(found) == reference(path)
    loud = next(entry for entry in found if entry.name == "loud")
    assert loud.version == ("0.1" if first == "zip" else "1.2")
    assert len(found) == 2


class InMemory(importlib.metadata.Distribution):
    """A distribution that exists in no file."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files_by_name = files

    def read_text(self, filename: str) -> str | None:
        """Return the text of a metadata file."""
        return self.files_by_name.get(filename)

    def locate_file(self, path: Any) -> Any:
        """Refuse: there is no file."""
        raise NotImplementedError(path)


class Finder:
    """A finder that lists distributions and finds no modules."""

    def __init__(self, *found: importlib.metadata.Distribution) -> None:
        self.found = found

    def find_spec(self, *_: object) -> None:
        """Find no module."""

    def find_distributions(self, _context: object) -> Iterator[importlib.metadata.Distribution]:
        """List the distributions, then fail if there are none."""
        yield from self.found
        if not self.found:
            raise RuntimeError("the server is down")


@contextmanager
def meta_path(finder: object, position: int) -> Iterator[None]:
    """Insert a finder in place, so that whatever else changes `sys.meta_path` meanwhile stays."""
    sys.meta_path.insert(position, finder)  # type: ignore[arg-type]  # finds no modules
    try:
        yield
    finally:
        sys.meta_path.remove(finder)  # type: ignore[arg-type]  # finds no modules


@pytest.mark.parametrize("position", [0, len(sys.meta_path) + 9])
def test_a_custom_finder_is_asked_in_its_turn(tmp_path: Path, position: int) -> None:
    """Distributions outside the file system count as the reference counts them."""
    install(tmp_path)
    finder = Finder(
        InMemory(
            {
                "METADATA": "Name: Acme_Loud\nVersion: 7\n",
                "entry_points.txt": "[hellokit.plugins]\nmemory = m:o\n",
            }
        )
    )
    with meta_path(finder, position):
        found = scan([str(tmp_path)])
        assert rows(found) == reference([str(tmp_path)])
    assert [entry.version for entry in found] == (["7"] if position == 0 else ["1.2"])


def test_a_custom_finder_that_fails_stops_nobody_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A finder that raises is logged and the path is searched all the same."""
    install(tmp_path)
    with caplog.at_level(logging.WARNING, logger="hellokit"), meta_path(Finder(), 0):
        assert [entry.name for entry in scan([str(tmp_path)])] == ["loud"]
    assert "the server is down" in caplog.text


def test_a_custom_distribution_that_fails_stops_nobody_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A distribution whose entry points cannot be read is logged and left out."""
    install(tmp_path)
    broken = InMemory({"METADATA": "Name: broken\n", "entry_points.txt": "[x]\nno equals"})
    with caplog.at_level(logging.WARNING, logger="hellokit"), meta_path(Finder(broken), 0):
        assert [entry.name for entry in scan([str(tmp_path)])] == ["loud"]
    assert "are left out" in caplog.text


def test_a_missing_path_finder_does_not_hide_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test tool that restores an older `sys.meta_path` does not make plugins disappear."""
    install(tmp_path)
    monkeypatch.setattr(
        sys, "meta_path", [f for f in sys.meta_path if not hasattr(f, "find_distributions")]
    )
    assert [entry.name for entry in scan([str(tmp_path)])] == ["loud"]


QUIET = """
import sys
from hellokit.discovery import scan
class MetadataPathFinder:
    __module__ = "tool._vendor.importlib_metadata"
    find_spec = find_distributions = lambda *_: None
class EditableFinder:
    find_spec = lambda *_: None
sys.meta_path[:0] = [EditableFinder, MetadataPathFinder()]
before = list(sys.meta_path)
sys.path.append(sys.argv[1])
names = [entry.name for entry in scan()]
assert "loud" in names and "plain" in names, names
assert sys.meta_path == before
assert hasattr(before[-1], "find_distributions"), before
late = {"importlib_metadata", "importlib.metadata", "zipfile", "email", "pathlib", "loudpkg"}
print(sorted(late & sys.modules.keys()))
"""


@pytest.mark.usefixtures("unmeasured")
def test_the_ordinary_scan_imports_no_metadata_library(tmp_path: Path) -> None:
    """A scan of directories leaves `sys.modules` and `sys.meta_path` as they were.

    A backport that some tool has vendored, and the finder of an editable install, are ordinary.
    """
    install(tmp_path)
    script = [sys.executable, "-c", QUIET, str(tmp_path)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


AGREE = """
import sys
from hellokit.discovery import GROUPS, scan
path = sys.argv[1:]
sys.path.extend(path)
first = scan()
import importlib_metadata
second = scan()
theirs = {(e.group, e.name, e.value, e.dist.name, e.dist.version)
          for g in GROUPS for e in importlib_metadata.entry_points(group=g)}
ours = {(e.group, e.name, e.value, e.distribution, e.version) for e in first}
assert first == second and ours == theirs, (first, second, theirs)
print(len(first))
"""


@pytest.mark.parametrize("kind", ["directory", "zip"])
def test_importing_the_backport_changes_no_result(tmp_path: Path, kind: str) -> None:
    """Before and after its finder is installed, the scan of the real `sys.path` is the same."""
    install(tmp_path / "site")
    entry = tmp_path / "site"
    if kind == "zip":
        entry = Path(shutil.make_archive(str(tmp_path / "site"), "zip", entry))
    script = [sys.executable, "-c", AGREE, str(entry)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= 2
