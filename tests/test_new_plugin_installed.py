"""Packages that `hellokit new-plugin` wrote, built and installed: they work on day one."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from hellokit.commands.blueprint import KINDS

ROOT = Path(__file__).parent.parent
PATH_TO_A_BACKEND = ROOT / "docs" / "how-to" / "write-a-backend.md"
HANG_S = 100
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Site:
    """A virtual environment, active in a folder of its own, with hellokit's wheel and no network.

    What hellokit and the packages depend on is taken from the environment that runs the tests.

    Args:
        folder: where it is made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self.environ = {
            **{name: value for name, value in os.environ.items() if "COVERAGE" not in name},
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": "",
            "PYTHONIOENCODING": "utf-8",
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as the value of build isolation
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        self.run(f"'{sys.executable}' -m venv --without-pip venv")
        (library,) = folder.glob("venv/lib/python*/site-packages")
        (library / "outer.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")

    def run(self, command: str, cwd: Path | None = None) -> str:
        """Run a line of shell that ends well; return what it prints."""
        done = subprocess.run(  # noqa: S602  # the commands are those of our own documentation
            command,
            shell=True,
            capture_output=True,
            encoding="utf-8",
            timeout=HANG_S,
            check=False,
            cwd=cwd or self.folder,
            env=self.environ,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def build(self, project: Path) -> None:
        """Build the wheel of a project, into `wheels`."""
        self.run(f"python -m hatchling build -t wheel -d '{self.folder}/wheels'", project)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return an environment with hellokit and a package of each kind, made once."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.build(ROOT)
    site.run("python -m pip install --no-deps --ignore-installed wheels/*.whl")
    for kind in KINDS:
        locale = "--locale nl" if kind == "wordings" else ""
        site.run(f"hellokit new-plugin my-{kind} --kind {kind} {locale}")
        site.build(site.folder / f"hellokit-my-{kind}")
    site.run("python -m pip install --no-deps wheels/hellokit_my_*.whl")
    return site


def examples(page: Path, language: str) -> list[str]:
    """Return the blocks of code in a language that are on a page."""
    pattern = rf"^```{language}\n(.*?)^```$"
    return re.findall(pattern, page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_their_tests_are_green(site: Site) -> None:
    """Those of a package of each kind, against its installed wheel."""
    folders = " ".join(f"hellokit-my-{kind}/tests" for kind in KINDS)
    told = site.run(f"python -P -m pytest -q -W error -p no:cacheprovider {folders}")
    assert re.search(r"^my-backend: \d+ kept, 1 not supported \(composition: ", told, re.MULTILINE)
    assert re.search(
        r"^my-wrapping: \d+ kept, 1 not supported \(transparency: ", told, re.MULTILINE
    )
    assert not re.search("broken|not yet|xfailed", told)


def test_the_command_lists_them(site: Site) -> None:
    """Backends and plugins are there, with the distribution they came from, and ready."""
    rows = [line.split() for line in site.run("hellokit backends; hellokit plugins").splitlines()]
    found = {row[0]: row[1:] for row in rows}
    for kind in ("backend", "wrapping"):
        assert found[f"my-{kind}"] == [f"hellokit-my-{kind}", "0.1.0", "no", "ready"]
    for kind in ("sink", "wordings"):
        assert found[f"my-{kind}"][:3] == [f"hellokit-my-{kind}", "0.1.0", "registered"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_commands_of_its_readme_work(site: Site, kind: str) -> None:
    """They show the plugin at work, install it in place, and test it."""
    folder = site.folder / f"hellokit-my-{kind}"
    blocks = examples(folder / "README.md", "sh")
    assert blocks.pop(0) == f"python -m pip install hellokit-my-{kind}\n"  # when it is published
    use, test = (block.splitlines() for block in blocks)
    printed = [site.run(command, folder) for command in use]
    assert all("Ada!" in text or '"error": null' in text for text in printed)
    if kind == "sink":  # the slow commands are the same for all
        assert " 3 passed in " in [site.run(command, folder) for command in test][-1]


def test_the_path_of_the_documentation_leads_there(site: Site) -> None:
    """Its commands print what the page says, from the new package to the list of backends."""
    (session,) = examples(PATH_TO_A_BACKEND, "shell-session")
    checker = doctest.OutputChecker()
    for block in session.split("$ ")[1:]:
        command, _, expected = block.partition("\n")
        got = site.run(command)
        assert checker.check_output(expected, got, FLAGS), f"$ {command}\n{got}"
    text = (site.folder / "hellokit-wave/src/hellokit_wave/__init__.py").read_text("utf-8")
    (function,) = re.findall(r"def hellokit_greet.*?(    return .*)", text, re.DOTALL)
    assert function in PATH_TO_A_BACKEND.read_text("utf-8")
