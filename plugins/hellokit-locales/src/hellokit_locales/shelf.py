"""The shelf: the wordings, a file for each locale, read when a greeting needs it."""

from __future__ import annotations

import os

from hellokit import LazyWording, Wording, WordingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOLDER = os.path.join(os.path.dirname(__file__), "wordings")  # noqa: PTH118, PTH120  # pathlib is slow to import

# World English says what American English says, and has list patterns of its own.
SAME_WORDS = {"en-001": "en"}


def tags() -> list[str]:
    """Return the tags of all wordings, in alphabetical order."""
    names = os.listdir(FOLDER)  # noqa: PTH208  # as above
    found = [name.removesuffix(".json") for name in names if name.endswith(".json")]
    return sorted([*found, *SAME_WORDS])


def lazy_wordings() -> list[LazyWording]:
    """Return all wordings, none of them read."""
    return [LazyWording(tag, _loader(tag)) for tag in tags()]


def read(tag: str, folder: str = FOLDER) -> dict[str, Any]:
    """Return what the file of a locale holds, with the list patterns that CLDR has for it.

    Args:
        tag: one of `tags()`.
        folder: where the files are.

    Raises:
        WordingError: if there is no such file, or it does not hold a JSON object.
    """
    path = _path(tag, folder)
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # as above
            data = _parsed(path, file.read())
    except OSError as error:
        raise _unusable(path, f"it cannot be read: {error.strerror}") from error
    if "list" not in data:
        from hellokit_locales.cldr import list_pattern

        if (pattern := list_pattern(tag)) is not None:
            data["list"] = pattern
    return data


def load(tag: str, folder: str = FOLDER) -> Wording:
    """Return the wording of a locale, checked.

    Args:
        tag: one of `tags()`.
        folder: where the files are.

    Raises:
        WordingError: if its file cannot be used; the message names file, key and rule.

    >>> load("fr")
    Wording('fr')
    """
    data = read(tag, folder)
    try:
        return Wording.from_data(tag, data)
    except WordingError as error:
        raise WordingError(f"{_path(tag, folder)}: {error}") from error


def _loader(tag: str) -> Any:
    return lambda: load(tag)


def _path(tag: str, folder: str) -> str:
    return f"{folder}{os.sep}{SAME_WORDS.get(tag, tag)}.json"


def _parsed(path: str, text: bytes) -> dict[str, Any]:
    import json

    try:
        data = json.loads(text.decode())
    except (ValueError, RecursionError) as error:  # bad UTF-8 is a ValueError; nesting may be deep
        raise _unusable(path, f"it is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise _unusable(path, f"it holds a {type(data).__name__}, not an object")
    return data


def _unusable(path: str, reason: str) -> WordingError:
    return WordingError(f"{path}: {reason}; correct the file, or install hellokit-locales again")
