from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from installed import Installed

COMMAND = [sys.executable, "-m", "hellokit", "greet"]
KINDS = """
import asyncio, sys, threading, time

lock = threading.Lock()
running = most = 0
tries = {}

def begin(name):
    global running, most
    with lock:
        running += 1
        most = max(most, running)
        tries[name] = tries.get(name, 0) + 1

def end(name):
    global running
    with lock:
        running -= 1
    if name.startswith("Bad") or name == "Twice" and tries[name] < 2:
        raise ConnectionError(name)
    if name == "Exit":
        raise SystemExit(0)
    if name == "Most":
        return f"Most {most}"
    return f"Hi {name}"

def wait_s(name):
    return {"Slow": 0.3, "Never": 600}.get(name, 0.002)

class InPlace:
    def hellokit_greet(self, request):
        begin(request.names[0])
        return end(request.names[0])

class Blocking:
    blocking = True
    def hellokit_greet(self, request):
        begin(request.names[0])
        if request.names == ("Never",):
            print("waiting", file=sys.stderr, flush=True)
        time.sleep(wait_s(*request.names))
        return end(request.names[0])

class Waiting:
    async def hellokit_greet_async(self, request):
        begin(request.names[0])
        if request.names == ("Never",):
            print("waiting", file=sys.stderr, flush=True)
        await asyncio.sleep(wait_s(*request.names))
        return end(request.names[0])
"""
WAITING = ["blocking", "waiting"]
TOTALS = re.compile(r"([\d,]+) greeted, ([\d,]+) failed, \d+\.\d\d s, [\d,]+/s\n")


@pytest.fixture(autouse=True)
def kinds(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a backend of each kind, which fails and waits for names that say so."""
    backends = {"place": "InPlace", "blocking": "Blocking", "waiting": "Waiting"}
    installed.add("acme-kinds", KINDS, backends={n: f":{c}" for n, c in backends.items()})
    monkeypatch.setenv("PYTHONPATH", str(installed.folder))


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Greet, to the end."""
    return subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, encoding="utf-8", check=False
    )


def begin(*arguments: str) -> subprocess.Popen[str]:
    """Begin to greet what will come in through a pipe."""
    pipe = subprocess.PIPE
    command = [*COMMAND, "--file", "-", *arguments]
    return subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8", bufsize=1
    )


def test_a_greeting_is_repeated() -> None:
    """The people named are greeted together, so many times."""
    done = run("Ada", "Grace", "--count", "1000", "--concurrent-limit", "50", "--backend", "async")
    assert done.stdout == "Hello, Ada and Grace!\n" * 1000
    assert (done.stderr, done.returncode) == ("", 0)


def test_repeated_greetings_are_numbered_in_json() -> None:
    """Each says its number, who was greeted, and in which locale."""
    done = run("Ada", "--count", "2", "--json")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"greeting": number, "text": "Hello, Ada!", "names": ["Ada"], "locale": "en"}
        for number in (1, 2)
    ]


def test_what_concerns_every_repetition_is_told_once() -> None:
    """Too many names are too many, however often."""
    done = run(*["Ada"] * 33, "--count", "9")
    assert (done.stdout, done.stderr.count("\n"), done.returncode) == ("", 1, 1)


@pytest.mark.parametrize("backend", ["place", *WAITING])
def test_greetings_come_in_the_order_of_the_lines(backend: str) -> None:
    """Even if an early one takes long; failures are told by line."""
    names = ["Slow", "A", "Bad", "", "Slow", *"BCDE"]
    done = run("--file", "-", "--backend", backend, "--concurrency", "3", stdin="\n".join(names))
    greeted = [f"Hi {name}" for name in names if name not in {"Bad", ""}]
    assert done.stdout.splitlines() == greeted
    bad, nameless = done.stderr.splitlines()
    assert (bad, done.returncode) == ("hellokit: line 3: ConnectionError: Bad", 1)
    assert nameless.startswith("hellokit: line 4: ")


@pytest.mark.parametrize("backend", WAITING)
def test_greetings_come_as_they_are_done(backend: str) -> None:
    """With --unordered nothing waits for what takes long; failures are told by line."""
    done = run("--file", "-", "--backend", backend, "--unordered", stdin="Slow\nA\nBad\nB\n")
    *first, last = done.stdout.splitlines()
    assert (sorted(first), last) == (["Hi A", "Hi B"], "Hi Slow")
    assert done.stderr == "hellokit: line 3: ConnectionError: Bad\n"


@pytest.mark.parametrize("backend", WAITING)
def test_so_many_run_at_once(backend: str) -> None:
    """The concurrency is a bound, and made use of."""
    names = "A\n" * 30 + "Most\n"
    done = run("--file", "-", "--backend", backend, "--concurrency", "4", stdin=names)
    assert 1 < int(done.stdout.splitlines()[-1].removeprefix("Most ")) <= 4


def test_the_command_line_goes_before_the_bounds_of_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is asked for on the command line holds for the backend `async` too."""
    monkeypatch.setenv("PERF_MAX_CONCURRENT", "1")
    monkeypatch.setenv("PERF_ASYNC_TIMEOUT", "0.0001")
    options = ["--backend", "async+waiting", "--concurrency", "4", "--timeout", "60"]
    done = run("--file", "-", *options, stdin="A\n" * 30 + "Most\n")
    assert done.stderr == ""
    assert int(done.stdout.splitlines()[-1].removeprefix("Most ")) > 1


@pytest.mark.parametrize("backend", ["place", *WAITING])
@pytest.mark.parametrize(
    ("policy", "greeted", "told"),
    [("return", "ABC", ["2", "4"]), ("skip", "ABC", []), ("raise", "A", ["2"])],
)
def test_failures_are_told_left_out_or_the_end(
    backend: str, policy: str, greeted: str, told: list[str]
) -> None:
    """The exit code is 1 whatever is done about them."""
    names = "A\nBad\nB\nBad\nC\n"
    done = run("--file", "-", "--backend", backend, "--on-error", policy, stdin=names)
    assert done.stdout == "".join(f"Hi {name}\n" for name in greeted)
    assert done.stderr == "".join(f"hellokit: line {n}: ConnectionError: Bad\n" for n in told)
    assert done.returncode == 1


def test_a_failure_names_its_backend() -> None:
    """That of a single greeting says which backend or chain it was, not what is wrong with us."""
    done = run("Bad", "--backend", "cached+place")
    assert done.stderr == "hellokit: backend 'cached+place': ConnectionError: Bad\n"
    assert (done.stdout, done.returncode) == ("", 1)
    command = [*COMMAND[:-1], "metrics", "Bad", "-n", "2", "--backend", "place"]
    told = subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stderr
    assert told == "hellokit: backend 'place': ConnectionError: Bad\n"


def test_one_greeting_may_be_tried_again() -> None:
    """What bulk can do, a single greeting can."""
    assert run("Twice", "--backend", "waiting").returncode == 1
    done = run("Twice", "--backend", "waiting", "--attempts", "2")
    assert (done.stdout, done.returncode) == ("Hi Twice\n", 0)


@pytest.mark.parametrize("backend", WAITING)
def test_what_takes_too_long_fails(backend: str) -> None:
    """It is told like any failure, and holds nothing up, nor the end of the process."""
    done = run("--file", "-", "--backend", backend, "--timeout", "0.2", stdin="A\nNever\nB\n")
    assert done.stdout == "Hi A\nHi B\n"
    assert "hellokit: line 2: item 1 took longer than 0.2 s" in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("backend", ["place", *WAITING])
def test_what_a_slow_pipe_brings_is_greeted_at_once(backend: str) -> None:
    """No greeting waits for the next line, whatever the concurrency reads ahead."""
    with begin("--backend", backend, "--json") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for number, name in enumerate(("A", "Bad", "B"), 1):
            child.stdin.write(f"{name}\n")
            assert json.loads(child.stdout.readline())["line"] == number
        child.stdin.close()
        assert child.wait() == 1


def test_a_rate_holds_for_a_slow_pipe_too() -> None:
    """Lines that arrive one by one are started no faster than those of a file."""
    with begin("--backend", "waiting", "--rate", "20") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        start = time.monotonic()
        for _ in range(5):
            child.stdin.write("A\n")
            assert child.stdout.readline() == "Hi A\n"
        assert time.monotonic() - start >= 4 / 20
        child.stdin.close()
        assert child.wait() == 0


@pytest.mark.parametrize("backend", WAITING)
def test_an_interrupt_leaves_nothing_running(backend: str) -> None:
    """What is greeted already is written, and the process ends though others still wait."""
    with begin("--backend", backend, "--totals") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write("A\n")
        assert child.stdout.readline() == "Hi A\n"
        child.stdin.write("Never\n")
        assert child.stderr.readline() == "waiting\n"
        child.send_signal(signal.SIGINT)
        _, told = child.communicate()
        assert child.returncode == 130
        assert TOTALS.fullmatch(told)


@pytest.mark.parametrize("backend", WAITING)
def test_a_closed_pipe_ends_what_runs(backend: str) -> None:
    """Endless input over a backend that waits ends with its reader."""
    line = f'yes A | "$0" -m hellokit greet --file - --backend {backend} | head -1'
    done = subprocess.run(
        ["sh", "-c", line, sys.executable],  # noqa: S607  # the system's own shell
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"Hi A\n", b"")


def test_failures_and_greetings_keep_their_order_in_one_pipe() -> None:
    """Where both streams go to one place, a failure follows what came before it."""
    done = subprocess.run(
        [*COMMAND, "--file", "-", "--backend", "place"],
        input="A\nBad\nB\nBad\nC\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    bad = "hellokit: line {}: ConnectionError: Bad"
    assert done.stdout.splitlines() == ["Hi A", bad.format(2), "Hi B", bad.format(4), "Hi C"]


@pytest.mark.parametrize("backend", ["place", "blocking", "waiting"])
def test_a_backend_that_exits_fails_and_the_rest_goes_on(backend: str) -> None:
    """It is a failure of its line, with the exit code of one."""
    done = run("--file", "-", "--backend", backend, "--json", stdin="A\nExit\nC\n")
    texts = [json.loads(line).get("text") for line in done.stdout.splitlines()]
    assert texts == ["Hi A", None, "Hi C"]
    assert done.stderr == "hellokit: line 2: SystemExit: 0\n"
    assert done.returncode == 1
    assert run("Exit", "--count", "2", "--backend", backend, "--on-error", "raise").returncode == 1


def test_totals_are_told_when_asked_for() -> None:
    """They go to standard error, in words or as JSON, and never by themselves."""
    names = "A\nBad\n" * 700
    arguments = ["--file", "-", "--backend", "place", "--on-error", "skip"]
    quiet = run(*arguments, stdin=names)
    assert (quiet.stdout.count("\n"), quiet.stderr) == (700, "")
    found = TOTALS.fullmatch(run(*arguments, "--totals", stdin=names).stderr)
    assert found is not None
    assert found.groups() == ("700", "700")
    totals = json.loads(run(*arguments, "--totals", "--json", stdin=names).stderr)
    assert (totals["greeted"], totals["failed"]) == (700, 700)
    assert set(totals) == {"greeted", "failed", "seconds", "per_second"}


def test_totals_come_before_the_metrics() -> None:
    """What was counted of the run goes from the whole to the parts."""
    told = run("A", "--backend", "place", "--totals", "--metrics").stderr.splitlines()
    assert TOTALS.fullmatch(f"{told[0]}\n")
    assert told[1].startswith("backend")
