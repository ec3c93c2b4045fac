"""The scan: which entry points are installed, told by metadata alone, importing no plugin.

importlib_metadata is the reference and the result is the same as with it, for much less time:
importing it costs tens of milliseconds, and patches the standard library's finder. So the
directories on `sys.path` are read here; whatever else can hold a distribution (a zip file, a
finder on `sys.meta_path` with `find_distributions`) is left to importlib_metadata, imported then.

One difference is meant. The reference fails as a whole on one file that it cannot read, even a
stranger's. Here a distribution whose `entry_points.txt` is not UTF-8, or has a line without `=`,
counts as one without entry points; if the file names hellokit, a warning is logged.
"""

# The scan runs in every process, and pathlib takes longer than the reading does.
# ruff: noqa: PTH110, PTH113, PTH118, PTH119, PTH122, PTH208

from __future__ import annotations

import os
import sys

from hellokit.entrypoints import GROUPS, EntryPoint, normalised, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TypeAlias

    Named: TypeAlias = "tuple[str, MetadataDirectory | ForeignDistribution]"

__all__ = ["GROUPS", "EntryPoint", "scan"]

_SUFFIXES = (".dist-info", ".egg-info")
_MARK = b"[hellokit."
_READ_ONLY = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_CHUNK = 16 * 1024  # bytes; most files fit, and a much larger buffer costs more than the read


def scan(path: Sequence[str] | None = None) -> tuple[EntryPoint, ...]:
    """Find every entry point of hellokit's two groups, in a repeatable order.

    Of several distributions with one normalised name only one counts, as for importlib_metadata:
    the first with metadata, else the first. Two *different* distributions may declare
    the same name: both entry points are returned.

    Args:
        path: the entries to look in; None for `sys.path`.

    Returns:
        The entry points, by their place on the path, then by name.
    """
    installed: dict[str, list[tuple[int, MetadataDirectory | ForeignDistribution]]] = {}
    for rank, distributions in enumerate(_sources(sys.path if path is None else path)):
        for key, distribution in distributions:
            installed.setdefault(key, []).append((rank, distribution))
    found: list[tuple[int, str, str, str, EntryPoint]] = []
    for key, ranked in installed.items():
        rank, distribution = ranked[0] if len(ranked) == 1 else _preferred(ranked)
        found.extend(
            (rank, entry.name, entry.group, key, entry) for entry in _entry_points(distribution)
        )
    found.sort(key=lambda item: item[:4])
    return tuple(item[4] for item in found)


class MetadataDirectory:
    """A `.dist-info` or `.egg-info`, most often a directory, read without any library.

    Not an attrs class: it holds no data of its own, and making the class would take longer
    than scanning a hundred distributions.
    """

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def has_metadata(self) -> bool:
        """Tell whether it says anything about itself; an old `.egg-info` file does."""
        return (
            os.path.exists(os.path.join(self.path, "METADATA"))
            or os.path.exists(os.path.join(self.path, "PKG-INFO"))
            or os.path.isfile(self.path)
        )

    def declared(self) -> Iterable[tuple[str, str, str]]:
        """Return group, name and value of its entry points; none if hellokit is not named."""
        data = _read(f"{self.path}{os.sep}entry_points.txt")
        return parse(data.decode()) if _MARK in data else ()

    def identity(self) -> tuple[str, str]:
        """Return the name and version its metadata give, else those of the directory's name."""
        name, version = _name_and_version(
            _read(os.path.join(self.path, "METADATA"))
            or _read(os.path.join(self.path, "PKG-INFO"))
            or _read(self.path)
        )
        stem = os.path.basename(self.path).rpartition(".")[0]
        stem_name, _, rest = stem.partition("-")
        return name or stem_name, version or rest.partition("-")[0]


class ForeignDistribution:
    """A distribution that a zip file or somebody's finder told importlib_metadata of."""

    __slots__ = ("origin",)

    def __init__(self, origin: Any) -> None:
        self.origin = origin

    @property
    def path(self) -> str:
        """Whatever it shows of itself, for messages."""
        return str(self.origin)

    def has_metadata(self) -> bool:
        """Tell whether it says anything about itself."""
        try:
            return any(map(self.origin.read_text, ("METADATA", "PKG-INFO", "")))
        except Exception:  # noqa: BLE001 - anyone's code: what cannot be read is not there
            return False

    def declared(self) -> Iterable[tuple[str, str, str]]:
        """Return group, name and value of its entry points."""
        return [(entry.group, entry.name, entry.value) for entry in self.origin.entry_points]

    def identity(self) -> tuple[str, str]:
        """Return its name and version, each `""` when it does not know."""
        return self._told("name"), self._told("version")

    def _told(self, field: str) -> str:
        try:
            return getattr(self.origin, field) or ""
        except Exception:  # noqa: BLE001 - anyone's code: a name is for messages only
            return ""


def _preferred(
    ranked: list[tuple[int, MetadataDirectory | ForeignDistribution]],
) -> tuple[int, MetadataDirectory | ForeignDistribution]:
    return next((item for item in ranked if item[1].has_metadata()), ranked[0])


def _entry_points(distribution: MetadataDirectory | ForeignDistribution) -> list[EntryPoint]:
    try:
        declared = [line for line in distribution.declared() if line[0] in GROUPS]
    except Exception as error:  # noqa: BLE001 - one bad distribution must not stop the others
        _warn(f"The entry points of {distribution.path} are left out", error)
        return []
    if not declared:
        return []
    identity = distribution.identity()
    return [EntryPoint(*line, *identity) for line in declared]


def _sources(roots: Sequence[str]) -> Iterator[list[Named]]:
    """Yield the distributions of each source, in the order in which the reference asks them."""
    finders = _finders()
    if not all(map(_is_ordinary, finders)):
        # Its finder takes its place on sys.meta_path: the order becomes the reference's.
        import importlib_metadata  # noqa: F401  # for what importing it does

        finders = _finders()
    searched = False
    for finder in finders:
        if not _is_ordinary(finder):
            yield _foreign(finder, roots)
        elif not searched:
            searched = True
            yield from _in_roots(roots)
    if not searched:
        # Somebody restored an older sys.meta_path: what is importable is still worth finding.
        yield from _in_roots(roots)


def _finders() -> list[Any]:
    return [finder for finder in sys.meta_path if getattr(finder, "find_distributions", None)]


def _is_ordinary(finder: object) -> bool:
    """Tell the standard path finder, and the backport's (also a vendored one), from others."""
    kind = finder if isinstance(finder, type) else type(finder)
    if kind.__name__ == "PathFinder":
        return kind.__module__ == "_frozen_importlib_external"
    module = kind.__module__.rpartition(".")[2]
    return kind.__name__ == "MetadataPathFinder" and module == "importlib_metadata"


def _in_roots(roots: Sequence[str]) -> Iterator[list[Named]]:
    seen = set()
    for root in roots:
        if not isinstance(root, str | os.PathLike):
            continue  # imports ignore such an entry as well
        entry = os.fspath(root)
        distributions = _in_root(entry)
        if not distributions:
            continue
        identity = os.path.realpath(entry), _is_egg(entry)
        if identity not in seen:  # lib64 is often a link to lib
            seen.add(identity)
            yield distributions


def _in_root(root: str) -> list[Named]:
    try:
        children = os.listdir(root or ".")
    except NotADirectoryError:
        return _archived(root)
    except (OSError, ValueError):
        return []
    groups: dict[str, list[str]] = {}
    eggs = []
    is_egg = _is_egg(root)
    for child in children:
        low = child.lower()
        if low.endswith(_SUFFIXES):
            group = normalised(low.rpartition(".")[0].partition("-")[0])
            groups.setdefault(group, []).append(child)
        elif is_egg and low == "egg-info":
            eggs.append(child)
    named = [
        (group if _is_plain(group, child) else "", child)
        for group, members in groups.items()
        for child in members
    ]
    return _keyed(root, named + [("", child) for child in eggs])


def _keyed(root: str, named: list[tuple[str, str]]) -> list[Named]:
    keyed: list[Named] = []
    prefix = os.path.join(root, "")
    for group, child in named:
        directory = MetadataDirectory(prefix + child)
        key = group or _odd_key(child, directory)
        if key:  # nothing without a name can be told from others, or be reported
            keyed.append((key, directory))
    return keyed


def _is_plain(group: str, child: str) -> bool:
    """Tell whether a directory's name alone says which distribution it belongs to."""
    return bool(group) and child.endswith(_SUFFIXES) and not child.startswith(".")


def _odd_key(child: str, directory: MetadataDirectory) -> str:
    stem, suffix = os.path.splitext(child)
    name = stem.partition("-")[0] if suffix in _SUFFIXES else ""
    return normalised(name or directory.identity()[0])


def _is_egg(root: str) -> bool:
    return os.path.basename(root).lower().endswith(".egg")


def _archived(root: str) -> list[Named]:
    from importlib_metadata import MetadataPathFinder

    return _foreign(MetadataPathFinder(), [root])


def _foreign(finder: Any, roots: Sequence[str]) -> list[Named]:
    from importlib_metadata import DistributionFinder

    context_of: Any = DistributionFinder.Context
    named: list[Named] = []
    try:
        # The reference's own key: another one would tell other distributions apart.
        named.extend(
            (origin._normalized_name, ForeignDistribution(origin))  # noqa: SLF001  # as said
            for origin in finder.find_distributions(context_of(path=list(roots)))
        )
    except Exception as error:  # noqa: BLE001 - anyone's finder: the others still count
        _warn(f"{finder!r} cannot list its distributions, the rest of them is left out", error)
    return named


def _read(path: str) -> bytes:
    """Return a file's bytes, or none if there is nothing to read."""
    try:
        descriptor = os.open(path, _READ_ONLY)
    except (OSError, ValueError):
        return b""
    chunks = []
    try:
        while chunk := os.read(descriptor, _CHUNK):
            chunks.append(chunk)
    except OSError:  # a directory, on some systems
        return b""
    finally:
        os.close(descriptor)
    return b"".join(chunks)


def _name_and_version(metadata: bytes) -> tuple[str, str]:
    """Read two headers as the e-mail parser does, up to the first line that is not one."""
    headers: dict[str, str] = {}
    text = metadata.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    for line in text.split("\n"):
        if line.startswith((" ", "\t")):
            continue
        key, colon, value = line.partition(":")
        if not colon or not key.isascii() or not key.isprintable() or " " in key:
            break
        headers.setdefault(key.lower(), value.lstrip(" \t"))
    return headers.get("name", ""), headers.get("version", "")


def _warn(what: str, error: Exception) -> None:
    from logging import getLogger

    getLogger("hellokit").warning(
        "%s: %s: %s. Reinstall the distribution, or tell its authors",
        what,
        type(error).__name__,
        error,
    )
