"""Entry points load and tell of themselves as those of importlib.metadata do."""

from __future__ import annotations

import importlib_metadata
import pytest

from hellokit.discovery import GROUPS, EntryPoint
from hellokit.errors import BackendLoadError, PluginError

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
