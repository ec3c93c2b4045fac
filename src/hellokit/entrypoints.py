"""The entry point: what a distribution declares to hellokit, as data until it is loaded."""

from __future__ import annotations

import re
from collections import namedtuple
from importlib import import_module

from hellokit.errors import BackendLoadError, PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BACKENDS = "hellokit.backends"
PLUGINS = "hellokit.plugins"
GROUPS = (BACKENDS, PLUGINS)

_KINDS = {BACKENDS: "backend", PLUGINS: "plugin"}

# `module:attr.sub [extras]`, with the white space that importlib_metadata lets pass.
_VALUE = r"(?P<module>[\w.]+)\s*(:\s*(?P<attr>[\w.]+)\s*)?(\[.*\]\s*)?$"


class EntryPoint(
    # On the way of every command, on which typing is not otherwise, for 5 ms.
    namedtuple("EntryPoint", "group name value distribution version", defaults=("", ""))  # noqa: PYI024  # as said
):
    """One line of an `entry_points.txt`, and the distribution it came from.

    Args:
        group: `"hellokit.backends"` or `"hellokit.plugins"`.
        name: the name of the backend or plugin.
        value: where it is: `module`, `module:attr` or `module:attr.sub [extras]`.
        distribution: the name of the distribution, or `""` when unknown.
        version: its version, or `""` when unknown.

    >>> print(EntryPoint("hellokit.backends", "loud", "loudpkg:Loud", "acme-loud", "1.2"))
    backend "loud" = loudpkg:Loud (from acme-loud 1.2)
    """

    group: str
    name: str
    value: str
    distribution: str
    version: str

    __slots__ = ()

    def load(self) -> object:
        """Import the module and walk to the object, as `importlib.metadata` does.

        Returns:
            The object, or the module when the value names no attribute.

        Raises:
            BackendLoadError: if this is a backend and the value is malformed.
            PluginError: if it is anything else and the value is malformed.
            Exception: whatever importing the module or reading the attribute raises.

        >>> EntryPoint("hellokit.plugins", "join", "os:path.join [extra]").load().__name__
        'join'
        """
        match = re.match(_VALUE, self.value)
        if match is None or self.value.startswith("."):
            raise self._malformed()
        target: object = import_module(match["module"])
        for attribute in filter(None, (match["attr"] or "").split(".")):
            target = getattr(target, attribute)
        return target

    def __str__(self) -> str:
        """Say what it is, where it points and who declared it."""
        origin = f"{self.distribution} {self.version}".strip()
        told = f" (from {origin})" if origin else ""
        return f'{_KINDS.get(self.group, self.group)} "{self.name}" = {self.value}{told}'

    def _malformed(self) -> BackendLoadError | PluginError:
        leaf = BackendLoadError if self.group == BACKENDS else PluginError
        return leaf(
            f"{self} cannot be loaded: its value is not of the form module:attribute. "
            f"Ask the authors of {self.distribution or 'its distribution'} to correct it"
        )


def normalised(name: str) -> str:
    """Return a name so that two spellings of one distribution are equal.

    >>> normalised("Acme.Loud"), normalised("acme-loud")
    ('acme_loud', 'acme_loud')
    """
    name = name.lower().replace("-", "_").replace(".", "_")
    while "__" in name:
        name = name.replace("__", "_")
    return name


def parse(text: str) -> Iterator[tuple[str, str, str]]:
    r"""Read an `entry_points.txt` by the rules of importlib_metadata.

    Those are narrower than an INI parser's: nothing is interpolated, the first `=` separates,
    a comment is a line that starts with `#`, and white space inside a header's brackets belongs
    to the group's name.

    Args:
        text: the whole file.

    Yields:
        Group, name and value of each line that follows a header.

    Raises:
        ValueError: if such a line holds no `=`.

    >>> list(parse("[hellokit.backends]\n# ours\nloud = loudpkg:Loud"))
    [('hellokit.backends', 'loud', 'loudpkg:Loud')]
    """
    group = None
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            group = line.strip("[]")
            continue
        if group is None:
            continue
        name, separator, value = line.partition("=")
        if not separator:
            raise ValueError(f"the line {line!r} of group {group!r} has no '='")
        yield group, name.strip(), value.strip()
