"""The command `load`, as its users run it: on backends that behave, and on those that do not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from site_folder import install

if TYPE_CHECKING:
    from pathlib import Path

BACKENDS = {
    "raises": "def hellokit_greet(request): raise OSError('no [red]paper[/red]')",
    "sometimes": """
        import itertools
        numbers = itertools.count()
        def hellokit_greet(request):
            if next(numbers) % 2: raise LookupError('odd')
            return 'Hello'
    """,
    "interrupts": """
        import itertools, os, signal
        numbers = itertools.count()
        def hellokit_greet(request):
            if next(numbers) == 20: os.kill(os.getpid(), signal.SIGINT)
            return 'Hello'
    """,
    "stops": "def hellokit_greet(request): raise SystemExit(3)",
    "hangs": """
        import asyncio
        async def hellokit_greet_async(request): await asyncio.sleep(3600)
    """,
    "clings": """
        import asyncio
        async def hellokit_greet_async(request):
            while True:
                try: await asyncio.sleep(3600)
                except asyncio.CancelledError: pass
    """,
    "blocks": "import time\ndef hellokit_greet(request): time.sleep(3600)",
    "threads": "import time\nblocking = True\ndef hellokit_greet(request): time.sleep(3600)",
    "prints": """
        import os
        def hellokit_greet(request):
            print('{"by": "print"}', flush=True)
            os.write(1, b'{"by": "write"}')
            return 'Hello'
    """,
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which backends of all these kinds are installed."""
    folder = tmp_path_factory.mktemp("kinds")
    install(folder, BACKENDS)
    return folder


@pytest.fixture
def command(installed: Path) -> list[str]:
    """Return the beginning of a command that knows them."""
    start = f"import sys; sys.path.insert(0, {str(installed)!r})"
    run = "from hellokit.cli import main; sys.exit(main())"
    return [sys.executable, "-c", f"{start}; {run}", "load"]


def run(command: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Return a finished command."""
    return subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def told(command: list[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code of a command, and the JSON it printed."""
    done = run(command, *arguments, "--json")
    assert not done.stderr
    return done.returncode, json.loads(done.stdout)


def test_the_table_has_both_times_and_every_count(command: list[str]) -> None:
    """Response and service times, late and dropped starts; nothing on standard error."""
    done = run(command, "plain", "--rate", "200", "--count", "20")
    assert (done.returncode, done.stderr) == (0, "")
    words = done.stdout.split("\n")
    assert words[0] == "plain: 200 calls a second, whatever it does (open model)"
    assert words[1].split() == ["time", "response", "service"]
    counts = dict(line.rsplit(None, 1) for line in words if len(line.split()) > 1)
    assert counts["begun"] == counts["ended well"] == "20"
    assert {"late for a slot", "late by the generator", "dropped"} < set(counts)


def test_json_has_the_shape_that_oha_publishes(command: list[str]) -> None:
    """What its schema requires is there, with what only hellokit knows beside it."""
    code, document = told(
        command, "plain", "--rate", "500", "--count", "50", "--poisson", "--seed", "3"
    )
    assert code == 0
    assert set(document) == {
        "summary",
        "responseTimeHistogram",
        "latencyPercentiles",
        "rps",
        "details",
        "statusCodeDistribution",
        "errorDistribution",
        "hellokit",
    }
    assert document["summary"]["successRate"] == 1.0
    assert list(document["latencyPercentiles"])[-3:] == ["p99", "p99.9", "p99.99"]
    assert sum(document["responseTimeHistogram"].values()) == 50
    own = document["hellokit"]
    assert (own["model"], own["plan"]["seed"], own["calls"]["started"]) == ("open", 3, 50)
    assert own["response"]["count"] == own["service"]["count"] == 50


def test_the_page_has_its_pictures(command: list[str], tmp_path: Path) -> None:
    """One file, with the curve of the quantiles and what happened over time."""
    page = tmp_path / "load.html"
    done = run(command, "plain", "--stage", "200ms:100", "--stage", "100ms:0", "--html", str(page))
    assert done.returncode == 0
    assert page.read_text().count("<svg") == 3


def test_kinds_of_failures_are_counted(command: list[str]) -> None:
    """With what the first of each said; the rest goes on."""
    code, document = told(command, "sometimes", "--count", "20")
    assert code == 0
    assert document["errorDistribution"] == {"LookupError": 10}
    assert document["summary"]["successRate"] == 0.5
    assert document["hellokit"]["response"]["count"] == 10


@pytest.mark.parametrize(
    ("backend", "line"),
    [("raises", "OSError 5 no [red]paper[/red]"), ("stops", "SystemExit 5 3")],
)
def test_a_load_of_which_every_call_fails_fails(
    backend: str, line: str, command: list[str]
) -> None:
    """It ends, says so as the backend wrote it, and exits with 1."""
    done = run(command, backend, "--count", "5")
    assert done.returncode == 1
    assert line in [" ".join(each.split()) for each in done.stdout.splitlines()]


def test_calls_that_hang_end_at_the_timeout(command: list[str]) -> None:
    """They are cancelled, and counted."""
    code, document = told(command, "hangs", "--count", "4", "--timeout", "200ms")
    assert code == 1
    assert document["errorDistribution"] == {"timeout": 4}
    assert document["hellokit"]["calls"]["unfinished"] == 0


@pytest.mark.parametrize("backend", ["clings", "blocks", "threads"])
def test_calls_that_nobody_can_end_do_not_keep_the_process(
    backend: str, command: list[str]
) -> None:
    """Those that heed no cancellation, or block a thread; all are told, and counted once."""
    given = ["--count", "2", "--concurrency", "2", "--timeout", "200ms"]
    code, document = told(command, backend, *given)
    calls, verdict = document["hellokit"]["calls"], " ".join(document["hellokit"]["verdict"])
    assert code == 1
    assert calls["started"] == calls["failed"] + calls["unfinished"]
    assert calls["unfinished"] == (2 if backend == "blocks" else 0)
    assert ("a call held the thread" in verdict) is (backend == "blocks")
    assert ("2 calls went on although given up" in verdict) is (backend == "clings")


def test_a_load_that_ends_as_no_slot_is_left_says_so(command: list[str]) -> None:
    """Nothing holds the thread: the calls heed no cancellation."""
    given = ["--rate", "50", "--duration", "1h", "--concurrency", "2", "--timeout", "100ms"]
    _, document = told(command, "clings", *given)
    assert re.fullmatch(
        "2 calls went on although given up at the timeout, and took every slot: the load ended "
        r"after \d+ ms of 3600 s\.",
        document["hellokit"]["verdict"][0],
    )
    assert document["summary"]["total"] < 1


def test_the_calls_are_not_counted_among_those_of_the_application(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes that count together hear nothing of a load."""
    monkeypatch.setenv("HELLOKIT_METRICS_DIR", str(tmp_path))
    assert run(command, "plain", "--count", "3").returncode == 0
    assert not list(tmp_path.iterdir())


def test_what_a_backend_prints_spoils_no_result(command: list[str]) -> None:
    """Neither through Python nor past it."""
    code, document = told(command, "prints", "--count", "3")
    assert code == 0
    assert document["hellokit"]["calls"]["succeeded"] == 3


def test_an_interrupt_keeps_what_was_measured(command: list[str]) -> None:
    """The report is that of the time until then, and says so; the exit code is 130."""
    done = run(command, "interrupts", "--rate", "100", "--duration", "1h", "--json")
    assert done.returncode == 130
    assert re.fullmatch("hellokit load: interrupted after .* of 3600 s\n", done.stderr)
    document = json.loads(done.stdout)
    assert document["hellokit"]["interrupted"]
    assert document["hellokit"]["calls"]["succeeded"] >= 20


def test_a_preset_is_a_start_that_arguments_change(command: list[str]) -> None:
    """The web preset has 1,000 users of a backend far away, unless something else is said."""
    _, document = told(command, "--preset", "web", "--count", "20")
    assert document["hellokit"]["target"] == "simulated"
    assert document["hellokit"]["plan"]["concurrency"] == 1000
    assert document["summary"]["fastest"] > 0.0009
    _, document = told(command, "plain", "--preset", "web", "--concurrency", "2", "--count", "4")
    assert document["hellokit"]["target"] == "plain"
    assert document["hellokit"]["plan"]["concurrency"] == 2


def test_thresholds_decide_on_the_exit_code_if_they_are_to(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are those of the settings."""
    monkeypatch.setenv("PERF_TIME_THRESHOLD", "0.000000001")
    given = ["plain", "--count", "5"]
    assert run(command, *given).returncode == 0
    done = run(command, *given, "--fail-over")
    assert done.returncode == 1
    assert "over time_threshold_s = 1e-09" in done.stdout


def test_without_a_target_it_is_the_backend_of_the_settings(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for the other commands."""
    monkeypatch.setenv("HELLOKIT_BACKEND", "cached+plain")
    _, document = told(command, "--count", "3")
    assert document["hellokit"]["target"] == "cached+plain"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (["plain", "--stage", "100ms:0"], "no call falls due"),
        (["plain", "--header", "Accept: text/plain"], "--header goes with an address"),
        (["plain", "--allow-remote"], "--allow-remote goes with an address"),
        (["plain", "--max-late", "1s"], "--max-late needs a rate"),
        (["plain", "--rate", "9", "--seed", "1"], "--seed goes with --poisson"),
        (["127.0.0.1:8765"], "an address begins with http://"),
        (["ftp://127.0.0.1/"], "use one like http://127.0.0.1:8000/greet"),
        (["localhost/greet"], "an address begins with http://"),
        (["plain", "--rate", "0"], "use a number of calls a second from 0.001"),
        (["plain", "--rate", "nan"], "use a number of calls a second from 0.001"),
        (["plain", "--rate", "1e-308"], "use a number of calls a second from 0.001"),
        (["plain", "--stage", "10s"], "use a time and a rate such as 10s:100"),
        (["plain", "--duration", "0s"], "use a time above 0 such as 500ms, 10s, 2m or 1h"),
        (["plain", "--header", "X: a\r\nY: b"], "use a line of ASCII"),
        (["plain", "--stage", "1s:1", "--duration", "1s"], "--duration does not go with --stage"),
        (["plain", "--poisson"], "--poisson needs a rate"),
        (["plain", "--html", "none/load.html"], "cannot be written: name a file"),
    ],
)
def test_wrong_usage_is_refused(given: list[str], complaint: str, command: list[str]) -> None:
    """The message says what is wrong, and the exit code is that of wrong usage."""
    done = run(command, *given)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (["nobody"], "no backend is named 'nobody'"),
        (["http://127.0.0.1:1/"], "takes no connection"),
        (["http://192.0.2.1/"], "--allow-remote"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    given: list[str], complaint: str, command: list[str]
) -> None:
    """The message says what is wrong and what to do."""
    done = run(command, *given)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
def test_a_terminal_shows_what_happens_meanwhile(command: list[str]) -> None:
    """The view is on standard error, and the result on standard output alone."""
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    done = subprocess.run(
        [*command, "plain", "--rate", "100", "--duration", "800ms", "--json"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        check=True,
        env=environment,
    )
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    os.close(theirs)
    assert "in flight" in shown
    assert "dropped 0" in shown
    assert json.loads(done.stdout)["hellokit"]["calls"]["started"] == 80


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
def test_colours_that_are_asked_for_make_a_pipe_no_terminal(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CI service sets FORCE_COLOR, and keeps what is drawn."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = run(command, "plain", "--rate", "100", "--duration", "600ms", "--json")
    assert (done.returncode, done.stderr) == (0, "")
