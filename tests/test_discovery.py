"""Discovery agrees with importlib_metadata, survives what it does not, and mostly avoids it."""

from __future__ import annotations

import email
import importlib.metadata
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import importlib_metadata
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hellokit.discovery import GROUPS, EntryPoint, scan
from hellokit.entrypoints import parse
from hellokit.errors import BackendLoadError, PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Row: TypeAlias = tuple[str, str, str, str, str]

LOUD = b"[hellokit.backends]\nloud = loudpkg:Loud\n"
BROKEN = (b"\xff\xfe", b"# caf\xe9\n", b"no equals sign\n")


def install(
    root: Path,
    directory: str = "acme_loud-1.2.dist-info",
    entry_points: bytes | None = LOUD,
    metadata: bytes | None = b"Metadata-Version: 2.1\nName: acme-loud\nVersion: 1.2\n",
) -> Path:
    """Make a metadata directory as an installer would."""
    info = root / directory
    info.mkdir(parents=True)
    name = "METADATA" if directory.lower().endswith(".dist-info") else "PKG-INFO"
    for file, content in ((name, metadata), ("entry_points.txt", entry_points)):
        if content is not None:
            (info / file).write_bytes(content)
    return info


def rows(found: Iterable[EntryPoint]) -> list[Row]:
    """Return the entry points as sorted tuples."""
    return sorted((e.group, e.name, e.value, e.distribution, e.version) for e in found)


@contextmanager
def sys_path(path: Sequence[str]) -> Iterator[None]:
    """Put `path` in the place of `sys.path`: the reference's `entry_points` takes no path."""
    saved = sys.path[:]
    sys.path[:] = path
    try:
        yield
    finally:
        sys.path[:] = saved


def reference(path: Sequence[str]) -> list[Row]:
    """Return what importlib_metadata finds on `path`, names and versions included."""
    importlib_metadata.version("pluggy")  # what it imports lazily is imported while it can be
    with sys_path(path):
        importlib_metadata.MetadataPathFinder.invalidate_caches()
        found = [e for e in importlib_metadata.entry_points() if e.group in GROUPS]
        return sorted((e.group, e.name, e.value, *identity(e.dist)) for e in found)


def identity(dist: Any) -> tuple[str, str]:
    """Return the name and version of the reference, else those the directory's name gives."""
    try:
        headers: Any = dist.metadata
    except UnicodeDecodeError:
        file = next(p for n in ("METADATA", "PKG-INFO") if (p := dist._path / n).exists())
        headers = email.message_from_string(file.read_bytes().decode(errors="replace"))
    except importlib_metadata.MetadataNotFound:
        headers = {}
    path = getattr(dist, "_path", Path())
    stem = path.name.rpartition(".")[0].split("-")
    return (
        headers["Name"] if "Name" in headers else stem[0],
        headers["Version"] if "Version" in headers else [*stem, ""][1],
    )


SPELLINGS = ("Foo_Bar", "foo-bar", "foo.bar", "foo__bar", "baz", "Qux", "qux", "~ux", "é")
DIRECTORIES = st.builds(
    "{}-{}{}".format,
    st.sampled_from([s.replace("-", "_") for s in SPELLINGS]),
    st.sampled_from(("1.0", "2.0", "1.0-py3.11")),
    st.sampled_from((".dist-info", ".dist-info", ".egg-info", ".DIST-INFO")),
) | st.sampled_from(
    ("foo_bar.egg-info", "-ux-1.0.dist-info", ".dist-info", "..dist-info", ".hid-1.dist-info")
)
LINES = st.sampled_from(
    (
        "[hellokit.backends]",
        "[hellokit.plugins]",
        "[ hellokit.backends ]",
        "  [hellokit.plugins]  ",
        "[[hellokit.backends]]",
        "[console_scripts]",
        "[hellokit.backends.v1]",
        "# [hellokit.backends]",
        "  # remark = no entry",
        "loud = loudpkg:Loud",
        "loud=other.mod:Loud.sub [extra1, extra2]",
        " two words : colon = a:b = c ",
        "percent = %(here)s",
        "é = café:É",
        "= nameless",
        "empty =",
        "\ufeff",
        "",
    )
)
TEXT = st.builds(
    lambda lines, end, bom: (bom + end.join([*lines, ""])).encode(),
    st.lists(LINES, max_size=7).map(lambda ls: [ls[0] if ls else "", *ls]),
    st.sampled_from(("\n", "\r\n", "\r", "\x0c", "\u2028")),
    st.sampled_from(("", "", "", "\ufeff")),
)

NAMES = st.sampled_from(("Foo_Bar", "foo.bar", "baz", "Qux", "Éa"))
FIRST_LINES = (
    "Metadata-Version: 2.1\n",
    "Summary: folded\n Name: not this\n\tVersion: nor this\n",
    "",
    "\n",
    "\ufeff",
    "no header\n",
    ": x\n",
    "Näme: x\n",
    "Full Name: x\n",
)
METADATA = st.builds(
    lambda name, version, first, end, tail: (
        (first + f"{name}\n{version}\n\nName: body\n").replace("\n", end).encode() + tail
    ),
    NAMES.flatmap(lambda n: st.sampled_from((f"Name: {n}", f"name:{n} ", f"Name:\t{n}", "X: y"))),
    st.sampled_from(("Version: 1.0", "VERSION: 2.0.post1", "Summary: v\n  Version: 9", "X: z")),
    st.sampled_from(FIRST_LINES),
    st.sampled_from(("\n", "\n", "\r\n", "\r")),
    st.sampled_from((b"", b"", b"caf\xe9")),
) | st.sampled_from((None, b""))


def parsed(text: str) -> list[tuple[str, str, str]]:
    """Return what the reference reads from an `entry_points.txt`."""
    entry_points: Any = importlib_metadata.EntryPoints
    return [(e.group, e.name, e.value) for e in entry_points._from_text(text)]


def reads(data: bytes) -> bool:
    """Tell whether the reference can read an `entry_points.txt`."""
    try:
        parsed(data.decode())
    except (UnicodeDecodeError, TypeError):
        return False
    return True


def named(directory: str, metadata: bytes | None) -> bool:
    """Tell whether the reference can name a distribution: else all of its scan fails."""
    stem, suffix = os.path.splitext(directory)  # noqa: PTH122 - pathlib keeps ".dist-info" whole
    if suffix in (".dist-info", ".egg-info") and stem.partition("-")[0]:
        return True
    try:
        return bool(email.message_from_string((metadata or b"").decode())["Name"])
    except UnicodeDecodeError:
        return False


TEXTS = TEXT.filter(reads)
INFOS = st.tuples(DIRECTORIES, TEXTS | st.none(), METADATA).filter(lambda i: named(i[0], i[2]))
ROOTS = st.lists(INFOS, max_size=5, unique_by=lambda info: info[0])
SITES = st.lists(ROOTS, min_size=1, max_size=3)


def build(base: Path, site: list[list[tuple[str, bytes | None, bytes | None]]]) -> list[str]:
    """Write a site to disk and return its path."""
    path = []
    for number, infos in enumerate(site):
        root = base / f"lib{number}"
        root.mkdir()
        for directory, entry_points, metadata in infos:
            install(root, directory, entry_points, metadata)
        path.append(str(root))
    return path


def decorate(base: Path, path: list[str], extras: set[str]) -> list[str]:
    """Add what real sites also hold, and return the longer path."""
    for extra in sorted(extras):
        path = ADD[extra](base, path)
    return path


def add_lib64(base: Path, path: list[str]) -> list[str]:
    """Link a second name to the first directory, as Linux distributions do."""
    (base / "lib64").symlink_to(path[0], target_is_directory=True)
    return [*path, str(base / "lib64")]


def add_egg(base: Path, path: list[str]) -> list[str]:
    """Put an unpacked egg first."""
    egg = base / "old-3.0-py3.11.egg"
    install(egg, "EGG-INFO", LOUD, b"Name: Qux\nVersion: 3.0\n")
    return [str(egg), *path]


def add_file(base: Path, path: list[str]) -> list[str]:
    """Put a file that is no archive first."""
    (base / "notes.txt").write_bytes(b"not an archive")
    return [str(base / "notes.txt"), *path]


def add_files_of_eggs(base: Path, path: list[str]) -> list[str]:
    """Add egg-info files, as distutils wrote, and what only looks like an egg's."""
    (base / "lib0" / "baz-0.1.egg-info").write_bytes(b"Name: baz\nVersion: 0.1\n")
    (base / "lib0" / "-az-0.2.egg-info").write_bytes(b"Name: foo.bar\nVersion: 0.2\n")
    install(base / "lib0", "EGG-INFO", LOUD, b"Name: no-egg\nVersion: 1\n")
    (base / "lib0" / "linked.egg-link").write_bytes(b"/nowhere\n")
    return path


def add_editable(base: Path, path: list[str]) -> list[str]:
    """Add a checkout through a `.pth` file, and its own egg-info with it."""
    source = base / "checkout" / "src"
    install(source, "Qux.egg-info", LOUD, b"Name: Qux\nVersion: 4.0.dev0\n")
    (base / "lib0" / "__editable__.qux.pth").write_text(f"{source}\n", encoding="utf-8")
    return [*path, str(source)]


def add_namespace(base: Path, path: list[str]) -> list[str]:
    """Spread a namespace package over two directories, each with a distribution."""
    for number in (0, 9):
        root = base / f"lib{number}"
        (root / "contrib" / f"portion{number}").mkdir(parents=True)
        install(root, f"contrib.portion{number}-1.dist-info", LOUD, None)
    return [*path, str(base / "lib9")]


def add_dangling(base: Path, path: list[str]) -> list[str]:
    """Add a link to a metadata directory that is gone."""
    (base / "lib0" / "baz-9.dist-info").symlink_to(base / "gone")
    return path


ADD: dict[str, Callable[[Path, list[str]], list[str]]] = {
    "lib64": add_lib64,
    "twice": lambda _, path: [*path, path[0], path[0] + os.sep],
    "egg": add_egg,
    "missing": lambda base, path: [str(base / "absent"), *path],
    "file": add_file,
    "files of eggs": add_files_of_eggs,
    "editable": add_editable,
    "namespace": add_namespace,
    "dangling": add_dangling,
}
EXTRAS = st.sets(st.sampled_from(sorted(ADD)))


@contextmanager
def temporary_site() -> Iterator[Path]:
    """Make a fresh directory for each example of a property."""
    base = Path(tempfile.mkdtemp())
    try:
        yield base
    finally:
        shutil.rmtree(base)


@settings(max_examples=150, deadline=None)
@given(site=SITES, extras=EXTRAS)
def test_a_generated_site_gives_what_importlib_metadata_finds(
    site: list[list[tuple[str, bytes | None, bytes | None]]], extras: set[str]
) -> None:
    """Group, name, value, distribution and version agree on every generated path."""
    with temporary_site() as base:
        path = decorate(base, build(base, site), extras)
        assert rows(scan(path)) == reference(path)


@settings(max_examples=50, deadline=None)
@given(site=SITES, junk=st.lists(st.sampled_from(BROKEN), min_size=1, max_size=2))
def test_an_unreadable_distribution_counts_as_one_without_entry_points(
    site: list[list[tuple[str, bytes | None, bytes | None]]], junk: list[bytes]
) -> None:
    """What the reference fails on changes nothing for the rest of the site."""
    with temporary_site() as base:
        path = build(base, site)
        files = sorted(base.glob("*/*/entry_points.txt"))[: len(junk)]
        for file, tail in zip(files, junk, strict=False):
            file.write_bytes(LOUD + tail)
        found = rows(scan(path))
        for file in files:
            file.write_bytes(b"")
        assert found == reference(path)


@given(metadata=METADATA)
def test_names_and_versions_are_those_of_the_metadata(metadata: bytes | None) -> None:
    """Every shape of headers gives the name and version that the reference reads."""
    with temporary_site() as base:
        install(base, "baz-3.dist-info", metadata=metadata)
        assert rows(scan([str(base)])) == reference([str(base)])


@given(data=st.lists(LINES, max_size=9).map("\n".join))
def test_parsing_agrees_with_the_reference(data: str) -> None:
    """Every text that the reference reads is read alike, and no other."""
    if reads(data.encode()):
        assert list(parse(data)) == parsed(data)
    else:
        with pytest.raises(ValueError, match="has no '='"):
            list(parse(data))


@pytest.mark.parametrize("junk", BROKEN)
def test_an_unreadable_file_of_ours_is_logged(
    tmp_path: Path, junk: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The author of a broken plugin learns why it is not there."""
    info = install(tmp_path, entry_points=LOUD + junk)
    with caplog.at_level(logging.WARNING, logger="hellokit"):
        assert scan([str(tmp_path)]) == ()
    (record,) = caplog.records
    assert str(info) in record.getMessage()


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
before = list(sys.meta_path)
sys.path.append(sys.argv[1])
names = [entry.name for entry in scan()]
assert "loud" in names and "plain" in names, names
assert sys.meta_path == before
assert hasattr(before[-1], "find_distributions"), before
late = {"importlib_metadata", "importlib.metadata", "zipfile", "email", "pathlib", "loudpkg"}
print(sorted(late & sys.modules.keys()))
"""


def test_the_ordinary_scan_imports_no_metadata_library(tmp_path: Path) -> None:
    """A scan of directories leaves `sys.modules` and `sys.meta_path` as they were."""
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


VALUES = (
    "os",
    "os.path",
    "os:path",
    "os:path.join",
    "os : path.join [fast, loud]",
    "os.path:join[x]",
    "os.path [x]",
    "hellokit_absent:Thing",
    "os:absent",
    "os:path.absent",
)


@pytest.mark.parametrize("value", VALUES)
def test_loading_does_what_the_reference_does(value: str) -> None:
    """A value gives the reference's object or raises the reference's error."""
    theirs = importlib_metadata.EntryPoint("x", value, GROUPS[0])
    ours = EntryPoint(GROUPS[0], "x", value)
    try:
        expected = theirs.load()
    except (ImportError, AttributeError) as error:
        with pytest.raises(type(error)):
            ours.load()
    else:
        assert ours.load() is expected


@pytest.mark.parametrize("value", ["", "not-a-name", "os:path:join", "os path", ":x", ".os:path"])
@pytest.mark.parametrize(
    ("group", "leaf"), [(GROUPS[0], BackendLoadError), (GROUPS[1], PluginError)]
)
def test_a_malformed_value_names_the_entry_point_and_its_distribution(
    group: str, leaf: type[Exception], value: str
) -> None:
    """The message is enough to know whom to ask."""
    entry = EntryPoint(group, "loud", value, "acme-loud", "1.2")
    with pytest.raises(leaf, match=r'"loud" = .*\(from acme-loud 1.2\).*authors of acme-loud'):
        entry.load()


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        (("acme-loud", "1.2"), 'backend "loud" = m:o (from acme-loud 1.2)'),
        (("acme-loud", ""), 'backend "loud" = m:o (from acme-loud)'),
        (("", ""), 'backend "loud" = m:o'),
    ],
)
def test_an_entry_point_says_what_is_known_of_it(origin: tuple[str, str], told: str) -> None:
    """Messages show the kind, the name, the value and, when known, the distribution."""
    assert str(EntryPoint("hellokit.backends", "loud", "m:o", *origin)) == told
