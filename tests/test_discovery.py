"""On generated sites, discovery agrees with importlib_metadata, its reference."""

from __future__ import annotations

import email
import logging
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import importlib_metadata
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import BROKEN, LOUD, install, reference, rows

from hellokit.discovery import scan
from hellokit.entrypoints import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
