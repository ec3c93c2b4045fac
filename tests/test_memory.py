"""Memory readings: of this process, whatever the platform has, and no descriptor is lost."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hellokit import Kit
from hellokit.monitoring.memory import PEAK, RESIDENT, Memory, growth

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 2**20
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the file")


def opened() -> list[int]:
    """Return the descriptors of the file."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # that of the listing is gone by now
            if link.readlink().name == "statm":
                found.append(int(link.name))
    return found


def test_what_is_resident_is_what_the_system_says() -> None:
    """Reading adds and takes away nothing to speak of."""
    memory = Memory()
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in status if line.startswith("VmRSS"))
    kind, value = memory.read() or ("", 0)
    assert kind == RESIDENT
    assert abs(value - int(line.split()[1]) * 1024) < 4 * MIB


@pytest.mark.parametrize("content", [None, "", "1", "one two three"])
def test_an_unreadable_file_leaves_the_peak(tmp_path: Path, content: str | None) -> None:
    """The reading says that it counts something else."""
    file = tmp_path / "statm"
    if content is not None:
        file.write_text(content)
    kind, value = Memory(str(file)).read() or ("", 0)
    assert kind == PEAK
    assert value > MIB


def test_unlike_readings_are_not_compared() -> None:
    """Where one is missing, or counts something else, there is no growth."""
    assert growth((PEAK, 1), (PEAK, 3)) == 2
    assert growth((PEAK, 1), (RESIDENT, 3)) is None
    assert growth(None, (PEAK, 3)) is None
    assert growth((PEAK, 1), None) is None


def test_the_file_is_opened_once_and_closed_with_the_kit() -> None:
    """A kit that is closed, or dropped, leaves no descriptor open."""
    before = len(opened())
    with Kit(discover=False) as kit:
        for _ in range(500):
            kit.greet("Ada", backend="monitored")
        assert len(opened()) == before + 1
    assert len(opened()) == before
    memory = Memory()
    memory.read()
    del memory
    assert len(opened()) == before


def test_a_descriptor_that_became_another_file_stays_open(tmp_path: Path) -> None:
    """A daemon closes all it has inherited, and the number is given out again."""
    before = opened()
    memory = Memory()
    memory.read()
    (fd,) = set(opened()) - set(before)
    with (tmp_path / "file").open("w") as file:
        os.dup2(file.fileno(), fd)
        memory.close()
        os.close(fd)  # it was still open


def test_a_descriptor_that_somebody_closed_is_not_missed() -> None:
    """One reading gives the peak, and the next one opens the file again."""
    before = opened()
    memory = Memory()
    memory.read()
    (fd,) = set(opened()) - set(before)
    os.close(fd)
    assert (memory.read() or ("", 0))[0] == PEAK
    assert (memory.read() or ("", 0))[0] == RESIDENT


def test_a_child_reads_its_own_memory(run_script: Callable[[str], str]) -> None:
    """The descriptor that it inherits tells of its parent."""
    told = run_script(
        """
        import os
        from hellokit.monitoring.memory import Memory

        memory = Memory()
        before = memory.read()[1]
        child = os.fork()
        if not child:
            kept = bytearray(b"x") * (64 * 2**20)
            grown = memory.read()[1] - before
            count = sum("statm" in os.readlink(f"/proc/self/fd/{fd}")
                        for fd in os.listdir("/proc/self/fd")[:-1])
            os._exit(0 if grown > 32 * 2**20 and count == 1 else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )
    assert told == "0\n"
