"""The project's chores, one session each. `nox` without arguments runs what CI runs."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import nox

if TYPE_CHECKING:
    from collections.abc import Iterator

nox.needs_version = ">=2025.10.16"
nox.options.default_venv_backend = "virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False  # a missing Python is skipped, CI included
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
WHEELS = ROOT / "build" / "wheels"
DEBIAN = ROOT / "build" / "debian"
PYPROJECT = nox.project.load_toml("pyproject.toml")
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
CURRENT = f"{sys.version_info.major}.{sys.version_info.minor}"
PYTHONS = list(dict.fromkeys([*nox.project.python_versions(PYPROJECT), CURRENT]))

# pyenv puts only its chosen versions on PATH; the others it has installed serve as well.
PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
os.environ["PATH"] = os.pathsep.join(
    [
        os.environ["PATH"],
        *(
            str(folder / "bin")
            for version in PYTHONS
            for folder in sorted(PYENV.glob(f"versions/{version}.*[0-9]"), reverse=True)
        ),
    ]
)

RUNS = (("-n", "auto", "--dist", "loadfile", "-m", "not alone"), ("-m", "alone"))
"""Tests are shared out to as many processes as there are cores, but for those that need one."""

ASKED_FOR = {"http_load.py", "page.py", "sensitivity.py"}
"""Benchmarks that run by name only: they need the program wrk, or take many minutes."""

IS_INSTALLED = """
import sysconfig, hellokit
assert hellokit.__file__.startswith(sysconfig.get_path("purelib")), hellokit.__file__
print("testing", hellokit.__file__)
"""


@nox.session(python=CURRENT)
def wheels(session: nox.Session) -> None:
    """Build the wheel of the core and of every plugin, once for all other sessions."""
    shutil.rmtree(WHEELS, ignore_errors=True)
    folders = [ROOT, *PLUGINS]
    systems = [_project(folder)["build-system"]["requires"] for folder in folders]
    session.install(*dict.fromkeys(name for system in systems for name in system))
    build = ["pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(WHEELS)]
    session.run("python", "-m", *build, *map(str, folders))


@nox.session(python=CURRENT, requires=["wheels"])
def lint(session: nox.Session) -> None:
    """Check the style and the format of every file, and of what `hellokit new-plugin` writes."""
    _clear(session)
    session.install(*_group("lint"), _wheel(ROOT))
    rules = f"--config={ROOT / 'pyproject.toml'}"
    with _new_plugins(session) as made:
        for folder in [ROOT, *made]:
            with session.chdir(folder):
                session.run("ruff", "check", rules, ".")
                session.run("ruff", "format", rules, "--check", ".")


@nox.session(python=CURRENT, requires=["wheels"])
def types(session: nox.Session) -> None:
    """Check the types of the core, then of each plugin, and of new ones, against the wheel."""
    _clear(session)
    extras = [name for plugin in PLUGINS for name in _extra(plugin)]
    session.install(*_group("types"), *extras, *map(_wheel, [ROOT, *PLUGINS]))
    session.run("mypy")
    with _new_plugins(session) as made:
        for plugin in [*PLUGINS, *made]:
            with session.chdir(plugin):
                session.run("mypy", f"--config-file={ROOT / 'pyproject.toml'}", "src", "tests")


@nox.session(python=CURRENT, requires=["wheels"])
def docs(session: nox.Session) -> None:
    """Build the documentation, warnings being errors, and run its code blocks."""
    _clear(session)
    extras = [name for plugin in PLUGINS for name in _extra(plugin)]
    built = map(_wheel, [ROOT, *PLUGINS])
    session.install(*_group("docs"), *_group("test"), *extras, *built)
    session.run("sphinx-build", "-W", "--keep-going", "-q", "docs", "docs/_build/html")
    session.run("pytest", "README.md", "docs")


@nox.session(python=PYTHONS, requires=["wheels"])
def tests(session: nox.Session) -> None:
    """Test the installed wheel of the core, then that of each plugin by itself.

    Arguments after `--` go to pytest, for the core alone.
    """
    data = ROOT / f".coverage.{session.name}"
    for stale in ROOT.glob(f"{data.name}.*"):
        stale.unlink()
    _clear(session)
    session.install(*_group("test"), _wheel(ROOT))
    session.run("python", "-I", "-c", IS_INSTALLED)
    for run in [session.posargs] if session.posargs else RUNS:
        if session.python == CURRENT:
            measured = {"COVERAGE_FILE": str(data)}
            session.run("coverage", "run", "-m", "pytest", *run, env=measured)
        else:  # once is enough, and a tracer makes generators of 3.13.0 fail in ways of its own
            session.run("pytest", *run)
    for plugin in PLUGINS if not session.posargs else []:
        _test_plugin(session, plugin)


@nox.session(python=PYTHONS, requires=["wheels"])
def gate(session: nox.Session) -> None:
    """Hold the work of a call to `benchmarks/work.json`; `-- --update` accepts what is new."""
    _clear(session)
    session.install(_wheel(ROOT), _wheel(ROOT / "plugins" / "hellokit-bench"))
    session.run("python", "-I", "-c", IS_INSTALLED)
    baseline = ("--baseline", "benchmarks/work.json")
    session.run("hellokit", "bench", "gate", *baseline, *session.posargs)


@nox.session(python=CURRENT)
def coverage(session: nox.Session) -> None:
    """Report what the tests measured, children included, and fail below the bound."""
    session.install(*_group("coverage"))
    session.run("coverage", "combine")
    session.run("coverage", "report")


@nox.session(python=CURRENT, default=False)
def dev(session: nox.Session) -> None:
    """Make `.nox/dev`: the core and the plugins installed in place, with the tools."""
    folders = [argument for folder in [ROOT, *PLUGINS] for argument in ("-e", str(folder))]
    session.install(*_group("dev"), *folders)
    session.log(f"use {session.bin}/python")


@nox.session(python=CURRENT, default=False)
def debian(session: nox.Session) -> None:
    """Unpack the Debian packages that plugins' tests need into `build/debian`."""
    for plugin in PLUGINS:
        _programs(session, plugin)


@nox.session(python=CURRENT, default=False, requires=["wheels"])
def bench(session: nox.Session) -> None:
    """Run the benchmarks, or one given with its arguments after `--`."""
    _clear(session)
    session.install(*_group("bench"), *map(_wheel, [ROOT, *PLUGINS]))
    paths = sorted(ROOT.glob("benchmarks/*.py"))
    scripts = [[str(path)] for path in paths if path.name not in ASKED_FOR]
    for command in [session.posargs] if session.posargs else scripts:
        session.run("python", *command)


def _project(folder: Path) -> dict[str, Any]:
    return nox.project.load_toml(folder / "pyproject.toml")


def _group(name: str, project: dict[str, Any] = PYPROJECT) -> tuple[str, ...]:
    return nox.project.dependency_groups(project, name)


def _distribution(folder: Path) -> str:
    name: str = _project(folder)["project"]["name"]
    return name


def _wheel(folder: Path) -> str:
    stem = _distribution(folder).replace("-", "_")
    return str(next(WHEELS.glob(f"{stem}-[0-9]*.whl")))


def _clear(session: nox.Session) -> None:
    """Take out what an earlier run installed: the same version would count as up to date."""
    names = map(_distribution, [ROOT, *PLUGINS])
    session.run("python", "-m", "pip", "uninstall", "-y", "-q", *names, silent=True)


@contextmanager
def _new_plugins(session: nox.Session) -> Iterator[list[Path]]:
    """Have the installed command write a package of each kind, for as long as it is looked at."""
    names = {"backend": "wave", "wrapping": "waves", "sink": "journal", "wordings": "nl"}
    with TemporaryDirectory() as into:
        for kind, name in names.items():
            options = ("--kind", kind, "--into", into)
            session.run("hellokit", "new-plugin", name, *options, silent=True)
        yield [Path(into) / f"hellokit-{name}" for name in names.values()]


def _extra(plugin: Path) -> tuple[str, ...]:
    project = _project(plugin)
    return _group("test", project) if "test" in project.get("dependency-groups", {}) else ()


def _programs(session: nox.Session, plugin: Path) -> str:
    """Return a `PATH` with the programs of the Debian packages that a plugin's tests name.

    They are unpacked, not installed: that takes root, and starts services.
    """
    listed = plugin / "tests" / "debian-packages.txt"
    for name in listed.read_text(encoding="utf-8").split() if listed.exists() else []:
        if (DEBIAN / "usr" / "share" / "doc" / name).exists():  # every package has this folder
            continue
        if not shutil.which("apt-get"):
            session.warn(f"no apt-get: the programs of Debian's {name} have to be on PATH")
            continue
        DEBIAN.mkdir(parents=True, exist_ok=True)
        with session.chdir(DEBIAN):
            _download(session, name)
            archive = max(DEBIAN.glob(f"{name}_*.deb"), key=os.path.getmtime)
            session.run("dpkg-deb", "--extract", archive.name, ".", external=True)
    return os.pathsep.join([str(DEBIAN / "usr" / "bin"), os.environ["PATH"]])


def _download(session: nox.Session, name: str) -> None:
    for command in (["download", name], ["update"], ["download", name]):
        try:
            session.run("apt-get", *command, external=True)
        except nox.command.CommandFailed:
            continue  # a fresh container has no lists of packages yet: update, and try again
        if command[0] == "download":
            return
    session.error(f"cannot download the Debian package {name}, which tests need: see apt-get above")


def _test_plugin(session: nox.Session, plugin: Path) -> None:
    """Test one plugin with no other installed, so that each declares what it needs."""
    # The core's wheel is named again: a version it does not satisfy must fail, not be fetched.
    session.install(*_extra(plugin), _wheel(plugin), _wheel(ROOT))
    with session.chdir(plugin):
        programs = {"PATH": _programs(session, plugin)}
        session.run("pytest", *RUNS[0], "README.md", "tests", env=programs)
    session.run("python", "-m", "pip", "uninstall", "-y", "-q", _distribution(plugin), silent=True)
