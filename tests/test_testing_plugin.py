"""The pytest plugin: contracts by option, what they came to in a line, and fixtures."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from installed import Installed

pytest_plugins = ["pytester"]

LOUD = """
from hellokit.testing import BackendContract

class Loud:
    def hellokit_greet(self, request, words):
        return words(request).upper()

class TestLoud(BackendContract):
    backend = "loud"
    plugin = Loud
    unsupported = {}
    not_yet = {}
"""


def run(pytester: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    """Run the tests of a module."""
    pytester.makepyfile(source)
    return pytester.runpytest("-p", "no:cacheprovider", *arguments)


def test_an_installed_backend_is_tried_without_a_test_file(pytester: pytest.Pytester) -> None:
    """The option alone runs the contract, and no other test."""
    pytester.makepyfile("def test_of_the_project(): assert False")
    result = pytester.runpytest("--hellokit-backend", "plain", "--hellokit-backend", "plain")
    result.assert_outcomes(passed=20, skipped=6)
    result.stdout.re_match_lines([r"plain: 20 kept, 6 do not apply; \d+\.\dx of plain"])


def test_tests_that_are_asked_for_run_beside_it(pytester: pytest.Pytester) -> None:
    """With a path, both run."""
    path = pytester.makepyfile("def test_of_the_project(): assert False")
    result = pytester.runpytest("--hellokit-backend", "plain", path)
    result.assert_outcomes(passed=20, skipped=6, failed=1)


def test_an_installed_backend_that_breaks_the_contract_is_told(
    pytester: pytest.Pytester, installed: Installed
) -> None:
    """The failure shows the check that fails, and what is declared is left out of it."""
    source = "def hellokit_greet(request, words): return words(request).upper()"
    installed.add("acme-loud", source, backends={"loud": ""})
    result = pytester.runpytest("--hellokit-backend", "loud")
    result.assert_outcomes(passed=19, skipped=6, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*loud: composition*",
            ">*assert text == expected*",
            "E*AssertionError: backend 'loud' does not keep 'composition': greet('Ada',) with {}*",
            "E*Demanded: A leaf says what the kit composes*",
            "E*To mend it: take `words` and return words(request)*",
            "loud: 19 kept, 1 broken (composition), 6 do not apply; *",
            "FAILED hellokit::loud::composition*",
        ]
    )
    arguments = ["--hellokit-backend", "loud", "--hellokit-unsupported", "composition"]
    pytester.runpytest(*arguments).assert_outcomes(passed=19, skipped=7)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--hellokit-backend", "plian"], "no backend is named 'plian': did you mean 'plain'?"),
        (["--hellokit-backend", "plain+"], "backend 'plain+' has an empty part"),
        (
            ["--hellokit-backend", "plain", "--hellokit-unsupported", "forks"],
            "no capability is named 'forks': did you mean 'fork'?",
        ),
        (
            ["--hellokit-backend", "plain", "--hellokit-unsupported", "text"],
            "--hellokit-unsupported text cannot be: 'text' is demanded of every backend",
        ),
        (["--hellokit-unsupported", "fork"], "goes with --hellokit-backend NAME"),
    ],
)
def test_an_option_that_makes_no_sense_is_a_usage_error(
    arguments: list[str], said: str, pytester: pytest.Pytester
) -> None:
    """It is told at once, in one line."""
    result = pytester.runpytest(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_the_environment_is_left_out_of_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad settings of whoever runs the tests are no fault of a backend."""
    monkeypatch.setenv("PERF_TIME_THRESHOLD", "bad")
    result = pytester.runpytest("--hellokit-backend", "plain", "-k", "laziness")
    result.assert_outcomes(passed=1, deselected=25)


def test_a_class_runs_the_contract_and_its_own_tests(pytester: pytest.Pytester) -> None:
    """What a leaf does not promise is skipped with its reason, and named in the summary."""
    source = LOUD.replace("unsupported = {}", "unsupported = {'composition': 'it shouts'}")
    result = run(pytester, source + "\n    def test_loud(self): assert True\n", "-rs")
    result.assert_outcomes(passed=19, skipped=8)
    result.stdout.fnmatch_lines(["SKIPPED*not supported: it shouts"])
    result.stdout.re_match_lines(
        [
            (
                r"loud: 18 kept, 1 not supported \(composition: it shouts\), "
                r"7 do not apply; \d+\.\dx of plain"
            )
        ]
    )


def test_what_does_not_work_yet_is_expected_to_fail(pytester: pytest.Pytester) -> None:
    """A known gap fails no run, and is named."""
    known = "{'composition': 'issue 12', 'fork': 'issue 13'}"
    result = run(pytester, LOUD.replace("not_yet = {}", f"not_yet = {known}"), "-rx")
    result.assert_outcomes(passed=17, skipped=7, xfailed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            (
                "backend 'loud' keeps 'fork' now, which not_yet says it does not (issue 13): "
                "remove 'fork' from not_yet of TestLoud"
            ),
            "loud: 17 kept, 1 broken (fork: it works now), 1 not yet (composition: issue 12), *",
            "XFAIL*TestLoud::test_composition - not yet: issue 12",
        ]
    )


PLAIN = """
import threading
import time
from hellokit.testing import BackendContract

class Plain:
    blocking = False
    lock = threading.Lock()
    def hellokit_greet(self, request, words):
        return words(request)

class TestPlain(BackendContract):
    backend = "mine"
    plugin = Plain
    patience_s = 0.5
    unsupported = {}
"""


def test_a_declaration_that_is_not_needed_is_told(pytester: pytest.Pytester) -> None:
    """It is skipped all the same, and the summary names it, where to try it does no harm."""
    declared = "{'composition': 'it waves', 'fork': 'no'}"
    result = run(pytester, PLAIN.replace("unsupported = {}", f"unsupported = {declared}"))
    result.assert_outcomes(passed=17, skipped=9)
    kept = "1 declared unsupported, yet kept (composition)"
    result.stdout.fnmatch_lines([f"mine: 17 kept, 1 not supported (fork: no), {kept}, 7 do not *"])


def test_a_backend_that_cannot_greet_is_told_once(pytester: pytest.Pytester) -> None:
    """The first check says what its first greeting raised; the others are skipped."""
    source = PLAIN.replace("return words", "raise ConnectionError('no server'); return words")
    result = run(pytester, source)
    result.assert_outcomes(failed=1, skipped=25)
    result.stdout.fnmatch_lines(
        [
            "E*backend 'mine' cannot greet: it raised ConnectionError: no server",
            "E*Demanded: The first greeting of a kit gets a text.",
            "E*To mend it: it must not raise here; *(Does it need a server? Prepare it in a *",
            "mine: 1 broken (surroundings), 25 not tried",
        ]
    )


def test_a_backend_that_hangs_ends_its_checks(pytester: pytest.Pytester) -> None:
    """A call that does not return is told once, with the line at which it waits."""
    source = PLAIN.replace("return words", "self.lock.acquire(); return words")
    result = run(pytester, source)
    result.assert_outcomes(failed=1, skipped=25)
    result.stdout.no_fnmatch_line("*traceback*")
    result.stdout.fnmatch_lines(
        [
            (
                "*backend 'mine' cannot greet: it hangs: no call began or ended for 1 s; "
                "it waits in Plain.hellokit_greet (*.py:9)"
            ),
            "To mend it: release in a finally, or by `with`, what a call takes, *",
        ]
    )


def test_what_does_without_threads_is_tried_on_that_of_the_test(pytester: pytest.Pytester) -> None:
    """A connection that belongs to the thread that made it can be tried, for the rest."""
    source = PLAIN.replace("unsupported = {}", "unsupported = {'threads': 'it has one'}").replace(
        "return words", "assert threading.current_thread() is threading.main_thread(); return words"
    )
    run(pytester, source, "-k", "text or changes").assert_outcomes(passed=2, deselected=24)


def test_what_raises_in_a_second_loop_is_told_how_to_mend_it(pytester: pytest.Pytester) -> None:
    """The remedy is that of the error, and not that of the check."""
    source = PLAIN.replace(
        "        return words",
        "        if request.names[1:]:\n"
        "            raise RuntimeError('is bound to a different event loop')\n"
        "        return words",
    )
    result = run(pytester, source, "-k", "text")
    result.stdout.fnmatch_lines(["E*To mend it: keep locks, connections and tasks for each *loop"])


def test_a_call_that_holds_up_its_loop_is_told(pytester: pytest.Pytester) -> None:
    """It fails nothing; the summary says what to declare, and what declares it is left in peace."""
    source = PLAIN.replace("return words", "time.sleep(0.02); return words")
    for declared, told in ((source, True), (source.replace("= False", "= True"), False)):
        result = run(pytester, declared, "-k", "counting")
        result.assert_outcomes(passed=1, deselected=25)
        shown = "it holds up the event loop: await what it waits for, or declare blocking = True"
        assert (shown in result.stdout.str()) is told


def test_a_fixture_may_set_the_plugin(pytester: pytest.Pytester) -> None:
    """A backend that needs something of the test is made by it."""
    source = """
import pytest
from hellokit.testing import BackendContract

class Framed:
    def __init__(self, frame):
        self.frame = frame
    def hellokit_greet(self, request, words):
        return f"{self.frame}{words(request)}"

class TestFramed(BackendContract):
    backend = "framed"
    unsupported = {"composition": "it is framed"}

    @pytest.fixture(autouse=True)
    def framed(self, tmp_path):
        self.plugin = Framed(tmp_path.name)
"""
    run(pytester, source, "-k", "text or names").assert_outcomes(passed=2, deselected=24)


def test_a_class_without_a_backend_says_what_to_set(pytester: pytest.Pytester) -> None:
    """A base for several classes need not name one; a test class must."""
    source = "from hellokit.testing import BackendContract\nclass TestIt(BackendContract): pass\n"
    result = run(pytester, source)
    result.assert_outcomes(failed=1, skipped=25)
    result.stdout.fnmatch_lines(["E*ContractError: TestIt names no backend: set backend to *"])


def test_fixtures_give_a_kit_and_its_records(pytester: pytest.Pytester) -> None:
    """The kit is of one test alone, and closed after it."""
    source = """
import hellokit
import pytest

kits = []

def test_one(hellokit_kit, hellokit_records):
    kits.append(hellokit_kit)
    assert hellokit_kit.greet("Ada") == "Hello, Ada!"
    hellokit.greet("Grace")
    assert [record.request.names for record in hellokit_records] == [("Ada",)]

def test_two(hellokit_kit, hellokit_records):
    assert hellokit_kit is not kits[0]
    assert hellokit_records == []
    with pytest.raises(hellokit.KitClosedError):
        kits[0].greet("Ada")
"""
    result = run(pytester, source)
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*the contract of backends*")


def test_the_plugin_imports_next_to_nothing() -> None:
    """It is loaded in every session of its user: it brings what `import hellokit` does."""
    script = """
import sys
import pytest
before = set(sys.modules)
import hellokit.testing.pytest_plugin
print(*sorted(set(sys.modules) - before))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [
        "hellokit",
        "hellokit.greeter",
        "hellokit.kit",
        "hellokit.lifetime",
        "hellokit.testing",
        "hellokit.testing.pytest_plugin",
    ]


def test_the_tests_that_the_documentation_shows_pass(pytester: pytest.Pytester) -> None:
    """The page is a test module, if its blocks are put together."""
    page = Path(__file__).parent.parent / "docs" / "how-to" / "test-your-plugin.md"
    blocks = re.findall(
        r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    result = run(pytester, "\n".join(blocks))
    result.assert_outcomes(passed=45, skipped=10)
