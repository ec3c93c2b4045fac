"""Baselines: the work that was accepted, in a file that is checked in."""

from __future__ import annotations

import json
import os
import platform
import sys
import sysconfig
from contextlib import suppress
from importlib import metadata
from typing import TYPE_CHECKING, Any

import attrs

from hellokit import Settings
from hellokit_bench.errors import ResultsError
from hellokit_bench.gating.work import CALLS, COUNTS
from hellokit_bench.subject import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from hellokit_bench.gating.work import Work

_DECISIVE = ("attrs", "hellokit", "pluggy")
_GROUPS = ("hellokit.backends", "hellokit.plugins")


@attrs.frozen
class Baseline:
    """What was accepted of one Python.

    Attributes:
        made_with: what may change the work besides the code, as of the last update.
        work: the counts of each subject, by its label.
    """

    made_with: dict[str, str] = attrs.field(factory=dict)
    work: dict[str, dict[str, int]] = attrs.field(factory=dict)

    def updated(self, works: Iterable[Work]) -> Baseline:
        """Return a baseline with the work that could be counted just now; the rest stays."""
        counted = {work.label: dict(work.counts) for work in works if not work.reason}
        return Baseline(this_making(), {**self.work, **counted})


def this_python() -> str:
    """Return the Python whose baseline holds here, such as `cpython-3.11`: work differs by it."""
    threads = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    return f"{sys.implementation.name}-{sys.version_info.major}.{sys.version_info.minor}{threads}"


def this_making() -> dict[str, str]:
    """Return what may change the work here besides the code: versions, and unusual settings.

    Raises:
        SettingsError: if the environment holds a bad value.
    """
    found = [each.dist for group in _GROUPS for each in metadata.entry_points(group=group)]
    names = {*_DECISIVE, *(each.name for each in found if each is not None)}
    settings, usual = Settings.from_environ(), Settings()
    public = [each.name for each in attrs.fields(Settings) if not each.name.startswith("_")]
    changed = {
        f"setting {name}": str(getattr(settings, name))
        for name in public
        if getattr(settings, name) != getattr(usual, name)
    }
    machine = {"platform": sysconfig.get_platform(), "python": platform.python_version()}
    return {**machine, **{name: metadata.version(name) for name in sorted(names)}, **changed}


def load(path: Path) -> dict[str, Baseline]:
    """Return the baselines of a file, by the Python; none if there is no file.

    Raises:
        ResultsError: if it cannot be read, or is no file of baselines.
    """
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return {str(python): _baseline(given) for python, given in read.items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ResultsError(
            f"the baseline cannot be read from {str(path)!r}: {error.strerror or error}"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ResultsError(
            f"{str(path)!r} holds no baseline that can be read ({error!r}), and is left as it is: "
            "restore it, or remove it and make a new one with --update"
        ) from error


def save(path: Path, baselines: Mapping[str, Baseline]) -> None:
    """Write a file of baselines in one step, in an order that makes small differences small.

    Raises:
        ResultsError: if it cannot be written; what was there stays.
    """
    whole = {
        python: {"calls": CALLS, "made_with": each.made_with, "work": each.work}
        for python, each in baselines.items()
    }
    text = json.dumps(whole, indent=2, sort_keys=True)
    path = path.resolve()  # a link stays one
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(f"{text}\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise ResultsError(
            f"the baseline cannot be written to {str(path)!r}: {error.strerror or error}"
        ) from error


def _baseline(given: Mapping[str, Any]) -> Baseline:
    if given["calls"] != CALLS:
        raise ValueError(f"it counts {given['calls']!r} calls, not {CALLS}")
    making = {str(name): str(value) for name, value in given["made_with"].items()}
    return Baseline(making, {label: _counts(label, at) for label, at in given["work"].items()})


def _counts(label: str, given: Mapping[str, Any]) -> dict[str, int]:
    """Return the counts of a subject, as they are in a file.

    Raises:
        ValueError: if they are none.
    """
    whole = all(type(value) is int for value in given.values())
    if label.rpartition(" ")[2] not in WAYS or not whole or "bytecodes" not in given:
        raise ValueError(f"{label!r} has no counts")
    return {name: given[name] for name in COUNTS if name in given}
