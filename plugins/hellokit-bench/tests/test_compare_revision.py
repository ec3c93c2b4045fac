"""`hellokit bench compare --against REV`: an older revision is built and measured."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hellokit_bench import checkout
from hellokit_bench.comparing.revision import built
from hellokit_bench.errors import ComparisonError, SubjectError
from hellokit_bench.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

TINY = ("--confidence", "50", "--pairs", "2", "--min-time", "0.00001")
PROJECT = """
[build-system]
requires = []
build-backend = "wheels"
backend-path = ["."]

[project]
name = "revised"
version = "1"
"""
BUILD_BACKEND = '''
from zipfile import ZipFile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    """Write the wheel of a module."""
    name, info = "revised-1-py3-none-any.whl", "revised-1.dist-info"
    with ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.write("revised.py")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: revised\\nVersion: 1\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n")
        wheel.writestr(f"{info}/entry_points.txt", "[hellokit.backends]\\nrevised = revised\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
'''
FINDER = """
import sys
from importlib.util import spec_from_file_location
class Finder:
    def find_spec(name, path=None, target=None):
        return spec_from_file_location(name, {file!r}) if name == "revised" else None
sys.meta_path.insert(0, Finder)
"""
GOOD = "def hellokit_greet(request): return 'Hello'\n"
BAD = "def hellokit_greet(request): raise OSError('I am old')\n"


GIT = shutil.which("git") or "git"
SOMEONE = ("-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false")


def git(*arguments: str, cwd: Path) -> str:
    """Run Git as somebody; return what it prints."""
    command = [GIT, *SOMEONE, *arguments]
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


def committed(folder: Path, tag: str, **files: str) -> None:
    """Write files and commit them under a tag."""
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)
    git("add", ".", cwd=folder)
    git("commit", "--quiet", "-m", tag, cwd=folder)
    git("tag", tag, cwd=folder)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the checkout of a project with some revisions, the last of which is installed."""
    folder = tmp_path_factory.mktemp("checkout")
    git("init", "--quiet", cwd=folder)
    committed(folder, "nothing", README="a project to be")
    committed(folder, "unbuildable", pyproject_toml=PROJECT, wheels_py="raise OSError('no tools')")
    committed(folder, "good", wheels_py=BUILD_BACKEND, revised_py=GOOD)
    committed(folder, "bad", revised_py=BAD)
    committed(folder, "now", revised_py=f"{GOOD}# now\n")
    site = tmp_path_factory.mktemp("site")
    info = site / "revised-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: revised\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[hellokit.backends]\nrevised = revised\n")
    shutil.copy(folder / "revised.py", site)
    (folder / ".site").symlink_to(site)
    return folder


def compare(
    project: Path,
    against: str,
    cwd: Path | None = None,
    path: str | None = None,
    name: str = "revised",
) -> subprocess.CompletedProcess[str]:
    """Run the command in the checkout, with the project installed."""
    command = [sys.executable, "-m", "hellokit", "bench", "compare", name, *TINY]
    environment = {**os.environ, "PYTHONPATH": str((project / ".site").resolve())}
    return subprocess.run(
        [*command, "--against", against],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd or project,
        env=environment if path is None else {**environment, "PATH": path},
    )


def test_a_backend_is_compared_with_what_it_was(project: Path) -> None:
    """The verdict has the commit."""
    done = compare(project, "good")
    assert (done.returncode, done.stderr) == (0, "")
    commit = git("rev-parse", "good", cwd=project)[:10]
    assert f"revised sync at {commit} again: the control" in done.stdout
    assert "revised sync now" in done.stdout


@pytest.mark.parametrize("name", ["plain", "f-string"])
def test_what_is_not_of_this_checkout_is_refused(project: Path, name: str) -> None:
    """It would be compared with itself, and no difference would ever be seen."""
    done = compare(project, "good", name=name)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"nothing that {name!r} runs comes from this checkout" in done.stderr
    assert "name a backend of it" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="there an interrupt is of another kind")
def test_an_interrupt_of_the_build_is_told(project: Path, tmp_path: Path) -> None:
    """Nothing was measured yet, and the process ends as an interrupted one does."""
    git_that_waits = tmp_path / "git"
    git_that_waits.write_text("#!/bin/sh\nkill -INT $PPID\nsleep 5\n")
    git_that_waits.chmod(0o755)
    done = compare(project, "good", path=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "hellokit bench compare: interrupted: there are no results\n"


@pytest.mark.parametrize(
    ("against", "told"),
    [
        ("never", "'never' is neither a file of results nor a revision of this checkout"),
        ("--help", "expected one argument"),
        ("nothing", "the checkout at 'nothing' has no pyproject.toml that names a project"),
        ("unbuildable", "pip could not build 'unbuildable': "),
    ],
)
def test_what_cannot_be_built_is_told(project: Path, against: str, told: str) -> None:
    """By the name that was given."""
    done = compare(project, against)
    assert done.returncode in {1, 2}
    assert done.stdout == ""
    assert told in done.stderr


def test_links_that_lead_out_of_a_checkout_are_written_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They do no harm where nothing follows them."""
    folder, into = tmp_path / "checkout", tmp_path / "into"
    folder.mkdir()
    into.mkdir()
    git("init", "--quiet", cwd=folder)
    (folder / "link").symlink_to("/nowhere")
    committed(folder, "linked", README="")
    monkeypatch.chdir(folder)
    checkout.archive(checkout.resolved("linked"), into)
    assert [each.name for each in into.iterdir() if each.is_symlink()] == ["link"]


def test_a_folder_that_is_no_checkout_is_told(project: Path, tmp_path: Path) -> None:
    """With what else may be done."""
    done = compare(project, "HEAD", cwd=tmp_path)
    assert done.returncode == 1
    assert "git rev-parse failed in this folder: not a git repository" in done.stderr


def test_a_machine_without_git_is_told(project: Path, tmp_path: Path) -> None:
    """With what else may be done."""
    done = compare(project, "HEAD", path=str(tmp_path))
    assert done.returncode == 1
    assert "read by git, which is not on PATH" in done.stderr


def test_the_older_revision_is_the_one_that_runs(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A mistake that only it has is met; what Python takes from elsewhere is not measured."""
    (tmp_path / "sitecustomize.py").write_text(FINDER.format(file=str(project / "revised.py")))
    monkeypatch.chdir(project)
    told = r"^revised sync failed: OSError: I am old"
    with built("bad") as revision, pytest.raises(SubjectError, match=told):
        revision.side(Subject("revised"))
    with built("good") as revision:
        assert revision.side(Subject("revised")).path == [str(revision.folder), *sys.path]
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        with pytest.raises(ComparisonError, match="Python takes revised from elsewhere"):
            revision.side(Subject("plain"))
    assert not revision.folder.exists()


def test_the_revision_one_stands_in_is_described(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is marked if files differ from it, and there is none outside of a checkout."""
    monkeypatch.chdir(project)
    described = checkout.described()
    assert described is not None
    assert checkout.resolved("HEAD").startswith(described)
    revised = project / "revised.py"
    before = revised.read_text()
    revised.write_text("")
    assert checkout.described() == f"{described}-dirty"
    revised.write_text(before)
    monkeypatch.chdir(tmp_path)
    assert checkout.described() is None
