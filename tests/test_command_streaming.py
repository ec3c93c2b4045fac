from __future__ import annotations

import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit.commands.lines import LOOKED_AT, Lines
from hellokit.commands.progress import Progress

STATUS = Path("/proc/self/status")
COMMAND = [sys.executable, "-m", "hellokit", "greet", "--file"]
FLAKY = """
def hellokit_greet(request):
    if request.names == ("bad",):
        raise ValueError("it is\\x1b[31m\\nbad")
    if request.names == ("exit",):
        raise SystemExit(0)
    return "to\\n" + "".join(request.names)
"""


@pytest.fixture
def flaky(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install a backend that fails for some names, and return its name."""
    metadata = tmp_path / "acme_flaky-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-flaky\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[hellokit.backends]\nflaky = acme_flaky\n")
    (tmp_path / "acme_flaky.py").write_text(FLAKY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "flaky"


def stream(stdin: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Greet what comes in through a pipe."""
    return subprocess.run(
        [*COMMAND, "-", *arguments], input=stdin, capture_output=True, check=False
    )


def begin(*arguments: str) -> subprocess.Popen[bytes]:
    """Begin to greet what will come in through a pipe."""
    return subprocess.Popen(
        [*COMMAND, "-", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )


def test_each_line_gets_a_line(tmp_path: Path) -> None:
    """Input and output lines correspond: blank, undecodable, and unfinished ones as well."""
    names = tmp_path / "names.txt"
    names.write_bytes(b"Ada\r\n\n\xff\n \tGrace Hopper\n\x1b[31mZo\xc3\xab")
    done = subprocess.run([*COMMAND, str(names)], capture_output=True, check=True)
    lines = ["Hello, Ada!", "Hello!", "Hello!", "Hello, Grace Hopper!", "Hello, Zoë!"]
    assert done.stdout.decode().splitlines() == lines


def test_a_line_that_is_not_utf8_is_told_once() -> None:
    """It is greeted with what can be read, and a warning names the first such line."""
    done = stream(b"Ada\n" * 20_000 + b"Zo\xeb\nRen\xe9\n")
    assert done.stdout.endswith(b"Hello, Ada!\nHello, Zo!\nHello, Ren!\n")
    assert done.stderr.startswith(b"hellokit: warning: line 20001 is not UTF-8: ")
    assert (done.stderr.count(b"\n"), done.returncode) == (1, 0)


def test_a_long_line_is_not_taken_for_another_encoding() -> None:
    """Where a long line is cut, a character may be cut in two, and nobody sees it."""
    complaints: list[str] = []
    for length in range(1, 5):
        chunks = [b"a" * length + "é".encode() * LOOKED_AT, b"\n"]
        lines = Lines(Arriving(chunks), "-", complaints.append)  # type: ignore[arg-type]  # as below
        assert len(list(lines.stretch())) == 1
    assert complaints == []


def test_a_name_in_another_encoding_is_told() -> None:
    """A name of the command line is greeted with what can be read, with a warning."""
    command: list[str | bytes] = [*COMMAND[:-1], b"Ada", b"Zo\xeb"]
    environ = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(command, capture_output=True, check=True, env=environ)
    assert done.stdout == b"Hello, Ada and Zo!\n"
    assert done.stderr.startswith(b"hellokit: warning: name 2 is not UTF-8: ")


def test_empty_input_gives_empty_output() -> None:
    """Where there is no line there is no greeting."""
    done = stream(b"")
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"", 0)


def test_an_error_concerns_its_line_alone(flaky: str) -> None:
    """A failure is told with its line number, the rest is greeted, and the exit code is 1."""
    done = stream(b"Ada\nbad\nexit\nGrace\n", "--backend", flaky)
    assert done.stdout == b"to\\nAda\nto\\nGrace\n"
    assert done.stderr.decode().splitlines() == [
        "hellokit: line 2: ValueError: it is\\x1b[31m bad",
        "hellokit: line 3: SystemExit: 0",
    ]
    assert done.returncode == 1


def test_errors_have_their_place_in_json(flaky: str) -> None:
    """With --json each line is an object, failed or not."""
    done = stream(b"Ada\nbad\n", "--backend", flaky, "--json")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"line": 1, "text": "to\nAda", "names": ["Ada"], "locale": "en"},
        {"line": 2, "error": {"type": "ValueError", "message": "it is\x1b[31m bad"}},
    ]


def test_an_unknown_backend_fails_before_the_first_line() -> None:
    """What concerns every line is told once."""
    done = stream(b"Ada\n" * 9, "--backend", "none")
    assert (done.stdout, done.stderr.count(b"\n"), done.returncode) == (b"", 1, 1)


def test_metrics_count_the_lines(flaky: str) -> None:
    """The metrics of the run are told even when a line failed."""
    done = stream(b"Ada\nbad\n", "--backend", flaky, "--metrics")
    assert b"flaky" in done.stderr.splitlines()[-1]
    assert b"ValueError 1" in done.stderr.splitlines()[-1]


def test_what_a_slow_pipe_brings_is_greeted_at_once() -> None:
    """A greeting does not wait for the next line."""
    with begin() as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for name in (b"Ada", b"Grace"):
            child.stdin.write(name + b"\n")
            assert child.stdout.readline() == b"Hello, " + name + b"!\n"
        child.stdin.close()
        assert child.wait() == 0


def test_a_closed_pipe_ends_quietly() -> None:
    """Endless input ends when nobody reads the greetings any more."""
    with subprocess.Popen(
        ["yes", "Ada"],  # noqa: S607  # the system's own
        stdout=subprocess.PIPE,
    ) as endless:
        with subprocess.Popen(
            [*COMMAND, "-"], stdin=endless.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            assert child.stderr is not None
            assert child.stdout.readline() == b"Hello, Ada!\n"
            child.stdout.close()
            assert child.stderr.read() == b""
            assert child.wait() == 0
        endless.kill()


def test_complaints_that_nobody_reads_end_the_run(flaky: str) -> None:
    """Endless input of which every line fails ends as well."""
    with subprocess.Popen(
        ["yes", "bad"],  # noqa: S607
        stdout=subprocess.PIPE,
    ) as endless:
        with subprocess.Popen(
            [*COMMAND, "-", "--backend", flaky],
            stdin=endless.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as child:
            assert child.stderr is not None
            assert child.stderr.readline().startswith(b"hellokit: line 1: ")
            child.stderr.close()
            assert child.wait() == 1
        endless.kill()


@pytest.mark.parametrize("debug", ["0", "1"])
def test_an_interrupt_keeps_what_was_greeted(debug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C exits with 130, quietly unless debugging."""
    monkeypatch.setenv("DEBUG", debug)
    with begin("--metrics") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"Ada\n")
        assert child.stdout.readline() == b"Hello, Ada!\n"
        child.send_signal(signal.SIGINT)
        _, told = child.communicate()
        assert child.returncode == 130
    assert (b"Traceback" in told) == (debug == "1")
    assert told.startswith(b"backend")


WITH_PEAK = """
import sys
from hellokit.cli import main
code = main(["greet", "--file", sys.argv[1]])
# Not ru_maxrss: a new process inherits that from the one that started it.
with open("/proc/self/status") as status:
    sys.stderr.write(next(line for line in status if line.startswith("VmHWM")).split()[1])
sys.exit(code)
"""


def with_peak(path: str, stdin: bytes = b"") -> tuple[list[str], int]:
    """Greet the lines of a file; return the greetings, and the most memory it took, in KiB."""
    done = subprocess.run(
        [sys.executable, "-c", WITH_PEAK, path], input=stdin, capture_output=True, check=True
    )
    return done.stdout.decode().splitlines(), int(done.stderr)


@pytest.mark.skipif(not STATUS.exists(), reason="needs /proc")
def test_a_long_line_is_read_in_bounded_memory() -> None:
    """Of a line only what the cleaning looks at is kept."""
    lines, peak = with_peak("-", b"a" * 100_000_000 + b"\nAda\n")
    assert lines == [f"Hello, {'a' * 127}…!", "Hello, Ada!"]
    assert peak < 90_000


@pytest.mark.skipif(not STATUS.exists(), reason="needs /proc")
def test_memory_does_not_grow_with_the_input(tmp_path: Path) -> None:
    """Two hundred thousand lines need hardly more memory than a thousand."""
    peaks = []
    for count in (1_000, 200_000):
        names = tmp_path / f"{count}.txt"
        names.write_text("".join(f"Ada {number}\n" for number in range(count)))
        lines, peak = with_peak(str(names))
        assert (len(lines), lines[-1]) == (count, f"Hello, Ada {count - 1}!")
        peaks.append(peak)
    assert peaks[1] < peaks[0] * 1.5


class Arriving(io.BytesIO):
    """A source that gives one chunk for each read."""

    def __init__(self, chunks: list[bytes]) -> None:
        super().__init__()
        self._chunks = list(chunks)

    def read1(self, size: int | None = -1, /) -> bytes:
        """Return the next chunk."""
        assert size is not None
        return self._chunks.pop(0) if self._chunks else b""


def arrived(chunks: list[bytes]) -> list[str]:
    """Return the lines in what arrives in chunks."""
    lines = Lines(Arriving(chunks), "-")  # type: ignore[arg-type]  # it is read as one
    return list(lines.stretch())


@given(st.lists(st.binary(max_size=8) | st.sampled_from([b"\n", b"\r\n", b"a\n"])))
def test_lines_do_not_depend_on_how_they_arrive(chunks: list[bytes]) -> None:
    """Only newlines end lines, wherever one read ends and the next begins."""
    whole = b"".join(chunks)
    ends = whole.split(b"\n")
    expected = [line.removesuffix(b"\r") for line in (ends if ends[-1] else ends[:-1])]
    found = arrived([chunk for chunk in chunks if chunk])
    assert [line.encode(errors="surrogateescape") for line in found] == expected


def test_a_line_is_cut_behind_what_matters() -> None:
    """However long a line is, and wherever reads end in it, its beginning is kept."""
    first, second = "a" * LOOKED_AT, "b" * LOOKED_AT
    assert arrived([first.encode(), second.encode(), b"\nc"]) == [first, "c"]
    assert arrived([f"{first}b\nc\n".encode()]) == [first, "c"]


def test_a_stretch_ends_where_reading_might_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is where a pipe is empty, and after each read where the system cannot tell."""

    def refused(*_: object) -> None:
        raise OSError("only sockets")

    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as source, os.fdopen(writer, "wb", buffering=0) as sink:
        lines = Lines(source, "-")
        for name in ("Ada", "Grace"):
            sink.write(f"{name}\n".encode())
            assert lines.wait()
            assert list(lines.stretch()) == [name]
            monkeypatch.setattr(select, "select", refused)
        sink.close()
        assert not lines.wait()


def test_how_much_was_taken_is_known(tmp_path: Path) -> None:
    """Of a file the share is known line by line, of a stream without a size it is not."""
    names = tmp_path / "names.txt"
    names.write_bytes(b"Ada\n\nGra\n")
    with names.open("rb") as source:
        lines = Lines(source, "names.txt")
        assert (lines.share(), lines.taken) == (0, 0)
        seen = [(line, lines.taken, lines.share()) for line in lines.stretch()]
    assert seen == [("Ada", 1, 1 / 3), ("", 2, 2 / 3), ("Gra", 3, 1)]
    assert Lines(io.BytesIO(b"Ada"), "-").share() is None  # type: ignore[arg-type]  # as above


def test_a_bar_shows_on_a_terminal_and_goes() -> None:
    """Progress is shown on standard error while it lasts, and gives way to the totals."""
    leader, terminal = pty.openpty()
    child = subprocess.Popen(
        [*COMMAND, "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=terminal
    )
    os.close(terminal)
    shown = b""
    assert child.stdin is not None
    while b" lines, " not in shown:
        child.stdin.write(b"Ada\n")
        child.stdin.flush()
        if select.select([leader], [], [], 0.05)[0]:
            shown += os.read(leader, 1000)
    child.stdin.close()
    assert child.wait() == 0
    shown += rest(leader)
    *_, wiped, totals, after = shown.split(b"\r")
    assert (wiped.strip(), after) == (b"", b"\n")
    assert len(wiped) >= len(b"1 lines, 1/s")
    assert b" greeted, 0 failed, " in totals


def rest(descriptor: int) -> bytes:
    """Return what a terminal still holds after its last writer is gone, and close it."""
    found = b""
    try:
        while chunk := os.read(descriptor, 1000):
            found += chunk
    except OSError:  # how Linux says that there is no writer
        return found
    finally:
        os.close(descriptor)
    return found


def test_no_bar_is_mixed_with_greetings_on_one_terminal() -> None:
    """Where greetings go to the terminal they come line by line, and nothing else does."""
    leader, terminal = pty.openpty()
    child = subprocess.Popen(
        [*COMMAND, "-"], stdin=subprocess.PIPE, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    assert child.stdin is not None
    child.stdin.write(b"Ada\n")
    child.stdin.flush()
    assert os.read(leader, 1000) == b"Hello, Ada!\r\n"
    child.stdin.close()
    assert child.wait() == 0
    assert rest(leader) == b""


def test_the_bar_waits_and_is_drawn_in_steps() -> None:
    """Nothing is shown in the first second, and then no more than ten times a second."""
    terminal, now, share = io.StringIO(), [0.0], [0.01]
    bar = Progress("line", lambda: share[0], terminal, clock=lambda: now[0])
    bar.update(1)
    bar.clear()
    assert terminal.getvalue() == ""
    assert not bar.was_shown
    now[0], share[0] = 2.0, 0.45
    bar.update(2000)
    bar.update(2001)
    assert terminal.getvalue() == "\r[#########           ]  45%  2,000 lines, 1,000/s"
    assert bar.was_shown
    now[0], share[0] = 2.2, 1.0
    bar.update(3000)
    assert "[####################] 100%" in terminal.getvalue()
    bar.clear()
    assert terminal.getvalue().endswith(" \r")
