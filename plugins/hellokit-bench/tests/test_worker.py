"""Workers: whatever a subject does to its process, the one that measures stays whole."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from site_folder import install

from hellokit_bench import blocks
from hellokit_bench.errors import SubjectError
from hellokit_bench.subject import WAYS, Subject
from hellokit_bench.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

BACKENDS = {
    "raises": "def hellokit_greet(request): raise OSError('no paper')",
    "ends": "import os\ndef hellokit_greet(request): os._exit(7)",
    "stops": "def hellokit_greet(request): raise SystemExit(3)",
    "hangs": "import time\ndef hellokit_greet(request): time.sleep(3600)",
    "prints": "def hellokit_greet(request): print('{\"result\": 1}', flush=True); return input",
    "leaves": "import os, time\ndef hellokit_greet(request): time.sleep(60) if os.fork() == 0 "
    "else os._exit(7)",
    "closes": "import os, time\ndef hellokit_greet(request): os.closerange(3, 99); time.sleep(60)",
    "reads": "import sys\ndef hellokit_greet(request): return sys.stdin.read() + 'Hello'",
}


@pytest.fixture
def worker_path(tmp_path: Path) -> list[str]:
    """Return a path on which backends of all these kinds are installed."""
    install(tmp_path, BACKENDS)
    return [str(tmp_path), *sys.path]


@pytest.mark.parametrize("way", WAYS)
def test_a_block_is_timed_in_a_process_of_its_own(way: str) -> None:
    """Each way of calling a backend is timed, and counted by the kit."""
    with Worker(Subject("plain", way)) as worker:  # type: ignore[arg-type]  # one of the ways
        calls = worker.call(blocks.calibrated, 1000)
        assert worker.call(blocks.timed, calls) > 0
        counted = worker.call(blocks.counted)
    assert counted is not None
    assert counted["calls"] > calls


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("raises", "OSError: no paper"),
        ("ends", "ended its process with exit code 7"),
        ("stops", "SystemExit: 3"),
        ("nobody", "no backend is named 'nobody'"),
    ],
)
def test_what_a_subject_does_to_its_process_is_told(
    name: str, told: str, worker_path: list[str]
) -> None:
    """The message has the subject and what became of it."""
    with pytest.raises(SubjectError, match=rf"^{name} sync .*{told}"):
        Worker(Subject(name), path=worker_path)


def test_what_is_measured_is_not_counted_among_what_others_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application's folder of metrics stays as it is."""
    monkeypatch.setenv("HELLOKIT_METRICS_DIR", str(tmp_path))
    with Worker(Subject("plain")) as worker:
        assert worker.call(blocks.timed, 3) > 0
    assert list(tmp_path.iterdir()) == []


def test_a_subject_that_hangs_is_killed(worker_path: list[str]) -> None:
    """The time limit is that of one order."""
    with pytest.raises(SubjectError, match=r"longer than 0\.5 s"):
        Worker(Subject("hangs"), path=worker_path, time_limit_s=0.5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_an_end_is_noticed_whatever_the_subject_left_behind(
    worker_path: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that it forked has its streams too, and holds nothing up."""
    monkeypatch.setattr("hellokit_bench.worker.PATIENCE_S", 0.2)
    with pytest.raises(SubjectError, match="ended its process with exit code 7"):
        Worker(Subject("leaves"), path=worker_path, time_limit_s=20)


@pytest.mark.skipif(not hasattr(os, "closerange"), reason="this system has no such call")
def test_a_subject_that_closes_all_it_can_is_told(
    worker_path: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process has no way to reply, and lives on."""
    monkeypatch.setattr("hellokit_bench.worker.PATIENCE_S", 0.2)
    with pytest.raises(SubjectError, match=r"^closes sync "):
        Worker(Subject("closes"), path=worker_path, time_limit_s=1.5)


@pytest.mark.parametrize("name", ["cached + plain", " plain "])
def test_a_name_is_counted_as_the_kit_takes_it(name: str) -> None:
    """Blanks around the parts of a chain do not matter."""
    with Worker(Subject(name)) as worker:
        counted = worker.call(blocks.counted)
    assert counted is not None
    assert counted["calls"] == 1


def test_a_subject_that_prints_is_not_taken_for_the_worker(worker_path: list[str]) -> None:
    """Its standard output goes nowhere; what it returned is refused as by any kit."""
    with pytest.raises(SubjectError, match="BackendResultError"):
        Worker(Subject("prints"), path=worker_path)


def test_a_subject_that_reads_takes_no_orders(worker_path: list[str]) -> None:
    """Its standard input is empty."""
    with Worker(Subject("reads"), path=worker_path) as worker:
        assert worker.call(blocks.timed, 3) > 0
