"""Profiles: the function that does the work, and the line that holds the memory, come first."""

from __future__ import annotations

import json
import pstats
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from site_folder import install

from hellokit_bench.errors import SubjectError
from hellokit_bench.profiling.exact import Calls
from hellokit_bench.profiling.memory import Held
from hellokit_bench.profiling.sampling import Samples
from hellokit_bench.profiling.slices import Warmed
from hellokit_bench.subject import WAYS, Subject

WORK = """
def slow_part():
    number = 20_000
    while number:
        number -= 1
"""
BACKENDS = {
    "slow": WORK + "def hellokit_greet(request): slow_part(); return 'Hello'",
    "awaited": WORK + "async def hellokit_greet_async(request): slow_part(); return 'Hello'",
    "waits": """
        import asyncio
        async def pause(): await asyncio.sleep(0.002)
        async def hellokit_greet_async(request): await pause(); return 'Hello'
        """,
    "hoards": """
        kept = []
        def hellokit_greet(request):
            kept.append(bytes(10_000))
            return 'Hello'
        """,
    "hostile": """
        source = "def slow_part():\\n    number = 20_000\\n    while number: number -= 1"
        exec(source)
        name = "<script>alert(1)</script>\\x1b[31m"
        slow_part.__code__ = slow_part.__code__.replace(co_name=name, co_filename="a&b.py")
        def hellokit_greet(request): slow_part(); return 'Hello'
        """,
    "deep": """
        def down(depth): return down(depth - 1) if depth else 'Hello'
        def hellokit_greet(request): return down(400)
        """,
    "raises": """
        left = [None] * 40
        def hellokit_greet(request):
            if not left: raise OSError('no paper')
            left.pop()
            return 'Hello'
        """,
    "marks": """
        import sys, time
        from pathlib import Path
        began = []
        def hellokit_greet(request):
            if sys.getprofile() is not None:
                began.append(time.monotonic())
                if began[-1] - began[0] > 0.5:
                    Path(__file__).with_name("marked").touch()
            return 'Hello'
        """,
    "pauses": """
        import time
        calls = 0
        def hellokit_greet(request):
            global calls
            calls += 1
            time.sleep(1 if calls == 7 else 0.03)
            return 'Hello'
        """,
    "presses": """
        import os, signal
        def hellokit_greet(request): os.kill(os.getppid(), signal.SIGINT); return 'Hello'
        """,
    "hangs": """
        import time
        def hellokit_greet(request): time.sleep(0.02 if request.names else 0); return 'Hello'
        """,
}


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the backends, for this process and those that it starts."""
    install(tmp_path, BACKENDS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))


def hellokit(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `hellokit profile` as a user does."""
    command = [sys.executable, "-m", "hellokit", "profile", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def found(*arguments: str | Path) -> dict[str, Any]:
    """Return the JSON that the command printed."""
    done = hellokit(*arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [Samples, Calls])
def test_the_function_that_does_the_work_is_first(way: Any, kind: type[Samples | Calls]) -> None:
    """It has the most time of its own, whatever the way of calling; our own loop is not there."""
    with Warmed(Subject("slow", way), 30) as warmed:
        findings = kind(warmed)
        assert findings.take(20).calls == 20
    costs = findings.costs()
    assert costs[0].function.name == "slow_part"
    assert costs[0].function.label == "slow_part (kind_slow.py:2)"
    assert "subject.py" not in {Path(cost.function.path).name for cost in costs}
    assert findings.table(1).rows[0][0] == costs[0].function.label


def test_exact_counts_are_exact() -> None:
    """Slices add up."""
    with Warmed(Subject("slow"), 30) as warmed:
        calls = Calls(warmed)
        calls.take(3)
        calls.take(4)
    assert calls.costs()[0].calls == 7
    assert calls.table(1).rows[0][2:4] == ("7", "1")


def test_waiting_is_told_of_the_one_that_awaits() -> None:
    """Not the event loop is shown, but what was awaited in it."""
    with Warmed(Subject("waits", "async"), 30) as warmed:
        samples = Samples(warmed)
        samples.take(20)
    assert samples.count >= 20
    (stack,) = (stack for stack in samples.stacks if stack[-1].name == "sleep [await]")
    assert [each.name for each in stack[-3:-1]] == ["hellokit_greet_async", "pause"]


@pytest.mark.parametrize("name", ["awaited", "async+slow"])
def test_the_way_is_chosen_that_shows_the_work(name: str) -> None:
    """In sync code the loop thread of the kit would do it, and so the call is awaited."""
    result = found(name, "--calls", "40")
    assert result["way"] == "async"
    assert result["functions"][0]["name"] == "slow_part"


def test_work_on_other_threads_is_told() -> None:
    """Where the user asks for a way in which it is not seen, the share of it is."""
    done = hellokit("awaited", "--way", "sync", "--calls", "40")
    told = "of the processor time was on other threads, of which nothing is seen; try --way async"
    assert told in done.stdout


def test_the_line_that_keeps_memory_is_first() -> None:
    """It is named with its source, what it holds, and how much of that a call."""
    result = found("hoards", "--memory", "--calls", "50")
    line = result["lines"][0]
    assert (Path(line["path"]).name, line["line"]) == ("kind_hoards.py", 4)
    assert line["source"] == "kept.append(bytes(10_000))"
    assert 500_000 <= line["size"] <= 520_000
    assert result["peak_bytes"] >= result["held_bytes"] >= 500_000


def test_memory_that_is_given_back_is_not_held() -> None:
    """A backend that keeps nothing has no line with anything for each call."""
    with Warmed(Subject("plain"), 30) as warmed:
        held = Held(warmed)
        held.take(1000)
    assert [line for line in held.lines if line.size >= 1000] == []


def test_the_table_names_what_took_the_most(tmp_path: Path) -> None:
    """It says how many samples there are, and how good the shares are; a page draws them."""
    page = tmp_path / "page.html"
    done = hellokit("slow", "--calls", "300", "--limit", "2", "--html", page)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "slow sync: samples"
    assert lines[3].startswith("slow_part (kind_slow.py:2)")
    assert "300 calls" in done.stdout
    assert " samples, one every 1 ms at most: shares are good to about +-" in done.stdout
    text = page.read_text(encoding="utf-8")
    assert "<title>slow_part (kind_slow.py:2): " in text
    assert [each for each in ("<script", " src=", " href=") if each in text] == []


@pytest.mark.parametrize("kind", [(), ("--exact",)])
def test_hostile_names_are_text(kind: tuple[str, ...], tmp_path: Path) -> None:
    """What a backend calls its functions is neither markup nor an escape sequence."""
    page = tmp_path / "page.html"
    done = hellokit("hostile", "--calls", "300", *kind, "--html", page)
    assert done.returncode == 0
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[31m" in text
    assert "\x1b" not in text + done.stdout
    assert "<script>alert(1)</script>\\x1b[31m" in done.stdout


def test_the_flame_graph_is_well_formed_whatever_the_names() -> None:
    """An XML parser reads it, and boxes are as wide as they were long."""
    with Warmed(Subject("hostile"), 30) as warmed:
        samples = Samples(warmed)
        samples.take(40)
    picture = ET.fromstring(samples.picture())  # noqa: S314  # it is our own
    boxes = [each for each in picture if each.tag.endswith("g")]
    titles = [box[0].text or "" for box in boxes]
    assert titles[0].startswith("all calls: 100.0%")
    (widest,) = [box for box, title in zip(boxes, titles, strict=True) if "<script>" in title]
    assert float(widest[1].attrib["width"]) > 500


def test_the_json_is_a_file_of_speedscope_too() -> None:
    """The stacks are numbers of frames, outermost first, and as many as there are weights."""
    result = found("slow", "--calls", "60")
    (stacks,) = result["profiles"]
    frames = result["shared"]["frames"]
    named = [[frames[each]["name"] for each in stack] for stack in stacks["samples"]]
    heaviest = named[stacks["weights"].index(max(stacks["weights"]))]
    assert heaviest[-2:] == ["hellokit_greet", "slow_part"]
    assert sum(stacks["weights"]) == pytest.approx(stacks["endValue"])
    assert "cpu_count" in result["machine"]


@pytest.mark.parametrize("options", [(), ("--html", "page.html")])
def test_a_few_samples_tell_nothing(options: tuple[str, ...], tmp_path: Path) -> None:
    """Instead of a table of 100 %, it says what to do."""
    done = hellokit(
        "plain", "--calls", "1", *(each.replace("page", f"{tmp_path}/page") for each in options)
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "own share" not in done.stdout
    assert "too few samples to tell (" in done.stdout
    assert "give it more --calls or --duration" in done.stdout


def test_what_calls_take_without_a_profiler_is_the_middle_of_several_blocks() -> None:
    """One block that was stalled would make the profiler seem quick."""
    with Warmed(Subject("pauses"), 30) as warmed:
        assert warmed.usual.per_call_s < 0.5


def test_a_time_may_have_its_unit() -> None:
    """As for `hellokit load`."""
    assert hellokit("plain", "--duration", "50ms").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_an_interrupt_before_anything_was_seen_says_so() -> None:
    """There is nothing to show."""
    done = hellokit("presses")
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "hellokit profile: interrupted: there are no results\n"


def test_deep_recursion_is_profiled(tmp_path: Path) -> None:
    """Neither the message of the worker, nor JSON, nor the picture nests as deeply as the calls."""
    page = tmp_path / "page.html"
    result = found("deep", "--calls", "400", "--html", page)
    assert result["functions"][0]["name"] == "down"
    assert max(map(len, result["profiles"][0]["samples"])) > 200
    assert page.read_text(encoding="utf-8").count("<rect") > 200


def test_pstats_reads_the_file(tmp_path: Path) -> None:
    """It has each function with the number of its calls."""
    kept = tmp_path / "calls.pstats"
    done = hellokit("slow", "--exact", "--calls", "25", "--pstats", kept)
    assert done.returncode == 0
    stats = pstats.Stats(str(kept)).stats  # type: ignore[attr-defined]  # typeshed has it not
    assert [value[1] for (_, _, name), value in stats.items() if name == "slow_part"] == [25]


def test_a_backend_that_begins_to_fail_is_told() -> None:
    """The error of the backend comes through, with its name, and no table."""
    done = hellokit("raises", "--calls", "100")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "hellokit: raises sync failed: OSError: no paper\n"


def test_a_slice_that_takes_too_long_ends_the_backend() -> None:
    """The time limit is that of one slice."""
    with (
        Warmed(Subject("hangs"), 1) as warmed,
        pytest.raises(SubjectError, match="longer than 1 s"),
    ):
        Samples(warmed).take(1000)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--exact", "--memory"), "not allowed with"),
        (("--pstats", "x.pstats"), "--pstats needs --exact"),
        (("--memory", "--duration", "1"), "--memory takes --calls"),
        (("--calls", "0"), "use a whole number, at least 1"),
        (("--duration", "inf"), "use a time above 0"),
        (("--way", "up"), "invalid choice"),
    ],
)
def test_wrong_usage_is_refused(arguments: tuple[str, ...], told: str) -> None:
    """The message says what is wrong, and the exit code is that of wrong usage."""
    done = hellokit("slow", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The message names the file, and nothing is called."""
    nowhere = tmp_path / "no" / "page"
    for kind in (["--html"], ["--exact", "--pstats"]):
        done = hellokit("raises", *kind, nowhere)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{str(nowhere)!r} cannot be written: name a file" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_an_interrupt_keeps_what_was_seen(tmp_path: Path) -> None:
    """The table is of the slices so far; the exit code says that there would have been more."""
    command = [sys.executable, "-m", "hellokit", "profile", "marks", "--duration", "60"]
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True) as process:
        try:
            while not (tmp_path / "marked").exists():  # it has been profiled for a while
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            shown, told = process.communicate(timeout=20)
        finally:
            with suppress(OSError):
                process.kill()
    assert process.returncode == 130
    assert told.startswith("hellokit profile: interrupted: only ")
    assert "hellokit_greet (kind_marks.py:5)" in shown
