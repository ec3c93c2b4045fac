"""Site directories for the tests of discovery, and what the reference finds in them."""

from __future__ import annotations

import email
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import importlib_metadata

from hellokit.discovery import GROUPS, EntryPoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
        importlib_metadata.MetadataPathFinder().invalidate_caches()
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
