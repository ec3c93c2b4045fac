"""The contract finds what it is for: each broken backend fails the check of its fault, alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree as ET

import broken_running  # noqa: F401  # its classes are in ALL then
import broken_wrapping  # noqa: F401
import pytest
from broken_leaves import ALL
from installed import Installed

from hellokit.testing.advice import HANGING, RAISING
from hellokit.testing.contract import CHECKS

Failures: TypeAlias = dict[str, dict[str, str]]

SUPPORT = Path(__file__).parent / "support"
CLASSES = """
import broken_running
import broken_wrapping
from broken_leaves import ALL
from hellokit.testing import BackendContract

for each in ALL:
    name = f"Test{each.__name__}"
    globals()[name] = type(name, (BackendContract,), {
        "backend": "broken", "plugin": each, "unsupported": each.unsupported, "patience_s": 0.5,
    })

class TestEager(BackendContract):
    backend = "eager"
"""
EAGER = """
class Eager:
    def hellokit_greet(self, request, words):
        return words(request)
"""
PARTS = 2
"""So many sessions run side by side."""

INSTEAD = {"': it raised ": RAISING, "': it hangs": HANGING}
"""By what is told, the remedy that is not that of the check."""

EXPECTED = {"Eager": {"laziness"}, **{each.__name__: set(each.finds.split()) for each in ALL}}


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> Failures:
    """Try all of them; return what is said, by backend and capability."""
    folder = tmp_path_factory.mktemp("broken")
    both = {"eager": ":Eager"}  # what is a plugin, too, is imported with the first kit
    Installed(folder).add("acme-eager", EAGER, backends=both, plugins=both)
    (folder / "test_broken.py").write_text(CLASSES, "utf-8")
    told: Failures = defaultdict(dict)
    with ThreadPoolExecutor(PARTS) as pool:
        reports = list(pool.map(partial(tried, folder), range(PARTS)))
    for case in chain.from_iterable(report.iter("testcase") for report in reports):
        backend = case.attrib["classname"].rpartition(".Test")[2]
        for failure in case.iter("failure"):
            shown = re.sub(r"^E +", "", str(failure.text), flags=re.MULTILINE)
            told[backend][case.attrib["name"].removeprefix("test_")] = shown
    return told


def tried(folder: Path, part: int) -> ET.ElementTree[Any]:
    """Try one part of them, in one session; return its report."""
    classes = [f"test_broken.py::Test{name}" for name in list(EXPECTED)[part::PARTS]]
    report = folder / f"{part}.xml"
    options = ["-p", "no:cacheprovider", f"--junitxml={report}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *classes],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SUPPORT), str(folder)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    return ET.parse(report)  # noqa: S314  # pytest wrote it


def test_every_broken_backend_fails_the_check_of_its_fault_alone(failures: Failures) -> None:
    """The checks do not overlap: one fault is told once, where it is."""
    assert {backend: set(found) for backend, found in failures.items()} == EXPECTED


def test_a_child_that_dies_is_told_by_its_signal(failures: Failures) -> None:
    """What kills a child says nothing else."""
    assert "the child could not greet: it died of SIGKILL" in failures["DiesInChild"]["fork"]


def test_what_hangs_is_told_by_where_it_waits(failures: Failures) -> None:
    """A lock that is never released ends the check, and not the session."""
    for capability in ("recovery", "outcomes"):
        told = failures["NeverReleases"][capability]
        assert "it hangs: no call began or ended for 1 s; it waits in NeverReleases." in told
        assert "broken_wrapping.py:" in told


def test_every_check_finds_something() -> None:
    """There is no check that no backend fails."""
    assert set().union(*EXPECTED.values()) == set(CHECKS)


@pytest.mark.parametrize("backend", EXPECTED)
def test_a_failure_says_what_is_demanded_and_how_it_is_mended(
    backend: str, failures: Failures
) -> None:
    """The message names the backend and the capability, the demand and the remedy."""
    for capability, message in failures[backend].items():
        check = CHECKS[capability]
        assert f"does not keep {capability!r}: " in message
        remedy = next((mends for told, mends in INSTEAD.items() if told in message), check.remedy)
        assert f"\nDemanded: {check.demand}\nTo mend it: {remedy}" in message
