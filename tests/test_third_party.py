"""A distribution of somebody else adds a backend, a wrapper and a sink; hellokit stays as it is."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "tests" / "distributions" / "acme_greetings"
HANG_S = 100


class Site:
    """A virtual environment of its own, with hellokit's wheel and the third party's.

    Args:
        folder: where it is made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        scripts = "Scripts" if os.name == "nt" else "bin"
        self.python = folder / "venv" / scripts / "python"
        execute(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
        self.wheels = [self.build(source) for source in (ROOT, SOURCE)]
        self.pip("install", *self.wheels)

    def build(self, source: Path) -> str:
        """Build the wheel of a project."""
        to = self.folder / source.name
        execute(
            *(sys.executable, "-m", "build", "--wheel", "--no-isolation"),
            *("--outdir", str(to), str(source)),
        )
        return str(next(to.glob("*.whl")))

    def pip(self, *arguments: str) -> None:
        """Run pip on the environment."""
        execute(
            *(sys.executable, "-m", "pip", "--python", str(self.python)),
            *("--disable-pip-version-check", "--quiet", *arguments),
        )

    def start(self, script: str, **environment: str) -> subprocess.Popen[str]:
        """Start a script in the environment, away from the source."""
        return subprocess.Popen(
            [self.python, "-P", "-c", textwrap.dedent(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": "", **environment},
        )

    def run(self, script: str, **environment: str) -> list[str]:
        """Run a script that ends well; return the lines it prints."""
        with self.start(script, **environment) as process:
            output, errors = process.communicate(timeout=HANG_S)
        assert (process.returncode, errors) == (0, "")
        return output.splitlines()


def execute(*command: str) -> None:
    """Run a tool; where it fails, show what it says."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the environment, made once for this module."""
    return Site(tmp_path_factory.mktemp("site"))


def test_its_backend_is_listed_and_selected_by_name(site: Site) -> None:
    """Listing imports nothing of it."""
    printed = site.run("""
        import sys, hellokit
        (info,) = [each for each in hellokit.backends() if not each.builtin]
        print(info.name, info.distribution, info.version, info.value, info.loaded)
        print("acme_greetings.loud" in sys.modules)
        print(hellokit.greet("Ada", backend="loud"))
        print(hellokit.greet("Ada"))
    """)
    assert printed == [
        "loud acme-greetings 1.2 acme_greetings.loud False",
        "False",
        "HELLO, ADA! (loud)",
        "Hello, Ada! (plain)",
    ]


def test_its_wrapper_sees_every_backend(site: Site) -> None:
    """Also those of a chain, and objects that an application registers."""
    printed = site.run("""
        import hellokit

        class Twice:
            def hellokit_greet(self, request, inner):
                return inner(request) + inner(request)

        with hellokit.Kit() as kit:
            kit.register_backend("twice", Twice())
            print(kit.greet("Ada", backend="twice+loud"))
            for info in kit.backends():
                assert kit.greet("Ada", backend=info.name).endswith(f"({info.name})"), info
    """)
    assert printed == ["HELLO, ADA! (loud)HELLO, ADA! (loud) (twice)"]


def test_its_sink_gets_one_record_of_each_call(site: Site) -> None:
    """Of whatever backend, also of one that fails."""
    printed = site.run("""
        import hellokit
        from acme_greetings.journal import Journal

        class Failing:
            def hellokit_greet(self):
                raise ConnectionError

        hellokit.kit.default.register_backend("failing", Failing())
        for backend in ("plain", "loud", "failing", "plain"):
            try:
                hellokit.greet("Ada", backend=backend)
            except ConnectionError:
                pass
        print(Journal.lines)
        print({name: each.calls for name, each in hellokit.metrics().backends.items()})
    """)
    assert printed == [
        "['plain ok', 'loud ok', 'failing ConnectionError', 'plain ok']",
        "{'plain': 2, 'loud': 1, 'failing': 1}",
    ]


GREET = """
    import sys, hellokit
    print(hellokit.greet("Ada"))
    try:
        print(hellokit.greet("Ada", backend="loud"))
    except hellokit.BackendLoadError as error:
        print(error)
    print(sorted(name for name in sys.modules if name.startswith("acme_greetings.")))
"""


@pytest.mark.parametrize("disabled", ["all", "acme-greetings", "loud,journal,signature"])
def test_it_can_be_disabled(site: Site, disabled: str) -> None:
    """Nothing of it is imported then, and selecting its backend says why it is not there."""
    plain, message, modules = site.run(GREET, HELLOKIT_DISABLE_PLUGINS=disabled)
    assert plain == "Hello, Ada!"
    assert message == (
        'backend "loud" = acme_greetings.loud (from acme-greetings 1.2) is disabled: take it out '
        "of HELLOKIT_DISABLE_PLUGINS, or the setting disable_plugins, to use it"
    )
    assert modules == "[]"


def test_one_plugin_of_it_can_be_disabled(site: Site) -> None:
    """The others work."""
    assert site.run(GREET, HELLOKIT_DISABLE_PLUGINS="signature") == [
        "Hello, Ada!",
        "HELLO, ADA!",
        "['acme_greetings.journal', 'acme_greetings.loud']",
    ]


def ask(process: subprocess.Popen[str]) -> str:
    """Have a waiting process go on, and return the line that it prints."""
    streams: list[IO[str]] = [each for each in (process.stdin, process.stdout) if each]
    streams[0].write("\n")
    streams[0].flush()
    return streams[1].readline().strip()


def test_a_living_process_notices_when_it_is_uninstalled_and_installed(site: Site) -> None:
    """At a refresh, and not before: calls that are running are not disturbed."""
    script = """
        import hellokit

        kit = hellokit.kit.default
        for refreshed in (False, False, True, False, True):
            input()
            if refreshed:
                kit.refresh()
            names = [each.name for each in kit.backends() if not each.builtin]
            print(hellokit.greet("Ada"), names, flush=True)
        input()
        print(hellokit.greet("Ada", backend="loud"), kit.failures(), flush=True)
    """
    there, gone = "Hello, Ada! (plain) ['loud']", "Hello, Ada! []"
    with site.start(script) as process:
        assert ask(process) == there
        site.pip("uninstall", "--yes", "acme-greetings")
        assert ask(process) == there
        assert ask(process) == gone
        site.pip("install", "--no-deps", site.wheels[1])
        assert ask(process) == gone
        assert ask(process) == there
        assert ask(process) == "HELLO, ADA! (loud) ()"
        assert process.communicate(timeout=HANG_S) == ("", "")
