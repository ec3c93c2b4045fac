"""With `metrics_dir`, a folder has what is counted: the same as in memory, and at once."""

from __future__ import annotations

import asyncio
import gc
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outliving import begun

from hellokit import BackendMetrics, Kit, Settings, Snapshot
from hellokit.metering.layout import CHUNK, OTHER
from hellokit.metering.ledger import shelf
from hellokit.metering.shards import Shard
from hellokit.metering.sharing import SharedShards

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hellokit import Record, Request

pytest.importorskip("fcntl", reason="processes share metrics where files can be locked")


class Moody:
    """A backend that fails for Eve, and notes what it sees."""

    def hellokit_greet(self, request: Request, note: Callable[[str], None]) -> str:
        """Raise for Eve."""
        note("seen")
        if request.names == ("Eve",):
            raise ValueError
        return "Hi"


class Sink:
    """A sink, so that every call is recorded."""

    def hellokit_record(self, record: Record) -> None:
        """Take a record."""


def sharing(folder: Path, mode: str = "full", **given: Any) -> Kit:
    """Return a kit that counts in a folder, with the backend `moody`."""
    kit = Kit(Settings(metrics=mode, metrics_dir=str(folder)), discover=False, **given)  # type: ignore[arg-type]  # any mode
    kit.register_backend("moody", Moody)
    return kit


def of(folder: Path, backend: str = "moody") -> BackendMetrics:
    """Return what the folder has of a backend."""
    return Snapshot.read(folder).backends[backend]


@pytest.mark.parametrize("mode", ["full", "sampled", "count"])
@pytest.mark.parametrize("plugins", [(), (Sink,)])
def test_a_folder_has_what_the_kit_has(tmp_path: Path, mode: str, plugins: tuple[type]) -> None:
    """Single calls, batches and async ones, good and bad, timed or not, recorded or not."""
    kit = sharing(tmp_path, mode, plugins=plugins)
    for name in ["Ada", "Grace", "Eve"] * 50:
        with suppress(ValueError):
            kit.greet(name, backend="moody")
    list(kit.greet_many(["Ada", "Eve"] * 150, backend="moody", on_error="skip"))
    asyncio.run(kit.greet_async("Ada", backend="moody"))
    counted = kit.metrics()
    assert counted == Snapshot.read(tmp_path)
    assert counted.backends["moody"].calls == 451
    assert counted.backends["moody"].errors == {"ValueError": 200}
    assert counted.backends["moody"].attributes == {"seen": 451}


def test_nothing_is_counted_where_metrics_are_off(tmp_path: Path) -> None:
    """There is not even a file."""
    kit = sharing(tmp_path / "folder", "off")
    kit.greet("Ada")
    assert not (tmp_path / "folder").exists()


def test_what_runs_is_in_flight(tmp_path: Path) -> None:
    """A reader sees a call that has not ended."""

    class Looking:
        def hellokit_greet(self) -> str:
            return f"{of(tmp_path, 'looking').in_flight}"

    kit = sharing(tmp_path)
    kit.register_backend("looking", Looking)
    assert kit.greet(backend="looking") == "1"
    assert of(tmp_path, "looking").in_flight == 0


NAMES = st.text(max_size=12) | st.sampled_from(["hit", "miss"])
STEPS = st.one_of(
    st.tuples(st.just("finish"), st.none() | st.integers(0, 2**44)),
    st.tuples(st.just("add"), st.integers(1, 200), st.integers(0, 320), st.sampled_from([0, 63])),
    st.tuples(st.just("fail"), st.sampled_from(["ValueError", "Zürich", "E" * 256])),
    st.tuples(st.just("note"), NAMES, st.integers(-(10**6), 10**6)),
    st.tuples(st.just("more"), NAMES, st.integers(0, 10**6)),
)


@given(st.lists(STEPS, max_size=25))
def test_a_page_counts_as_a_shard_does(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    """Whatever is counted, in whatever order, under whatever name."""
    shards = SharedShards("any", str(tmp_path_factory.mktemp("pages")))
    page, shard = shards.shard(), Shard(None)
    for what, *values in steps:
        for each in (page, shard):
            each.started += 1
            if what == "finish":
                each.finish(values[0])
            elif what == "add":
                calls, index, mask = values
                each.add(calls, index * 7, index, mask)
            elif what == "fail":
                each.fail(type(values[0], (Exception,), {})())
            elif what == "note" or values[0] not in shard.attributes:
                each.note(*values)
            else:
                each.attributes[values[0]] += values[1]
    assert shards.read() == shard.metrics()


def test_names_beyond_the_room_for_them_are_counted_together(tmp_path: Path) -> None:
    """A page keeps some forty names of usual length; no count is lost."""
    shard = SharedShards("any", str(tmp_path)).shard()
    for turn in range(1000):
        shard.note(f"attribute number {turn}", 1)
        shard.fail(type(f"Error{turn}", (Exception,), {})())
    shard.note("é" * 1000, 1)
    shard.attributes["ü" * 1000] += 1
    whole = of(tmp_path, "any")
    assert sum(whole.attributes.values()) == 1002
    assert sum(whole.errors.values()) == 1000
    assert whole.attributes["attribute number 0"] == 1
    assert whole.attributes[OTHER] > 900
    assert len(whole.attributes) + len(whole.errors) > 40


def test_a_backend_with_an_endless_name_is_counted_as_other(tmp_path: Path) -> None:
    """The name is too long for a page; the calls count."""
    shards = SharedShards("b" * 10_000, str(tmp_path))
    shards.shard().finish(None)
    assert of(tmp_path, OTHER).calls == 1


@pytest.mark.parametrize(("value", "kept"), [(2**80, 2**63 - 1), (-(2**80), -(2**63)), (2.5, 7)])
def test_a_note_that_fits_no_word_breaks_no_greeting(tmp_path: Path, value: Any, kept: int) -> None:
    """One too large stays at the limit, and a fraction is cut off."""
    shard = SharedShards("any", str(tmp_path)).shard()
    shard.note("sum", 5)
    shard.attributes["sum"] += value
    assert of(tmp_path, "any").attributes == {"sum": kept}


def test_kits_share_a_file_and_keep_their_counts_apart(tmp_path: Path) -> None:
    """The folder has the sum; each kit reports its own."""
    one, other = sharing(tmp_path), sharing(tmp_path)
    for _ in range(3):
        one.greet("Ada")
    other.greet("Ada")
    assert len(list(tmp_path.iterdir())) == 1
    assert [kit.metrics().backends["plain"].calls for kit in (one, other)] == [3, 1]
    assert of(tmp_path, "plain").calls == 4
    one.close()
    assert one.metrics().backends["plain"].calls == 3
    assert of(tmp_path, "plain").calls == 4


def test_a_process_that_makes_kits_for_ever_does_not_grow_its_file(tmp_path: Path) -> None:
    """A kit goes on where one that is gone has counted, and does not report its calls."""
    for turn in range(50):
        with sharing(tmp_path) as kit:
            kit.greet("Ada", backend="moody")
            with suppress(ValueError):
                kit.greet("Eve", backend="moody")
            own = kit.metrics().backends["moody"]
            assert (own.calls, own.errors, own.attributes) == (2, {"ValueError": 1}, {"seen": 2})
        del kit
        gc.collect()
        assert of(tmp_path).calls == 2 * (turn + 1)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size == CHUNK


def test_a_process_that_starts_threads_for_ever_does_not_grow_its_file(tmp_path: Path) -> None:
    """A thread goes on where one that has ended has counted."""
    kit = sharing(tmp_path)
    for turn in range(100):
        thread = threading.Thread(target=kit.greet, args=("Ada",), kwargs={"backend": "moody"})
        thread.start()
        thread.join()
        assert kit.metrics().backends["moody"].calls == of(tmp_path).calls == turn + 1
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size == CHUNK


def test_many_threads_at_once_have_pages_of_their_own(tmp_path: Path) -> None:
    """More than fit into one chunk of the file; all of their calls are there."""
    kit = sharing(tmp_path)
    everybody = threading.Barrier(50)

    def work() -> None:
        everybody.wait()
        for _ in range(20):
            kit.greet("Ada", backend="moody")
        everybody.wait()

    threads = [threading.Thread(target=work) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = kit.metrics().backends["moody"]
    assert (whole.calls, whole.in_flight, whole.attributes) == (1000, 0, {"seen": 1000})
    assert of(tmp_path) == whole


def test_a_page_whose_call_still_runs_is_not_taken_over(tmp_path: Path) -> None:
    """A call may outlive the thread it began in; its end must still be counted there."""
    shards = SharedShards("any", str(tmp_path))
    kept = begun(shards, 3)
    assert (of(tmp_path, "any").in_flight, len(set(map(id, kept)))) == (3, 3)
    for shard in kept:
        shard.finish(1)
    assert (of(tmp_path, "any").calls, of(tmp_path, "any").in_flight) == (3, 0)
    assert any(shards.shard() is shard for shard in kept)


def test_a_running_kit_can_be_given_a_folder(tmp_path: Path) -> None:
    """What is called from then on is there; the kit has all, and loses none."""
    kit = Kit(Settings(), discover=False)
    for turn, folder in enumerate([None, "one", "other", None, "one"]):
        kit.configure(metrics_dir=folder and tmp_path / folder)
        for _ in range(turn + 1):
            kit.greet("Ada")
    assert kit.metrics().backends["plain"].calls == 15
    assert of(tmp_path / "one", "plain").calls == 2 + 5
    assert of(tmp_path / "other", "plain").calls == 3


def test_threads_that_open_the_file_at_once_share_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second gives its own up."""
    from hellokit.metering.ledger import Ledger

    opened = Ledger.open
    first = SharedShards("any", str(tmp_path))

    def interrupted(self: Ledger) -> None:
        monkeypatch.setattr(Ledger, "open", opened)
        first.shard().finish(1)
        opened(self)

    monkeypatch.setattr(Ledger, "open", interrupted)
    SharedShards("any", str(tmp_path)).shard().finish(1)
    assert len(list(tmp_path.iterdir())) == 1
    assert of(tmp_path, "any").calls == 2


def test_a_relative_folder_is_that_of_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that changes its working directory goes on in the same folder."""
    monkeypatch.chdir(tmp_path)
    kit = Kit(Settings(metrics_dir="shared"), discover=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    kit.greet("Ada")
    assert of(tmp_path / "shared", "plain").calls == 1


def test_the_process_has_one_ledger_for_a_folder(tmp_path: Path) -> None:
    """It is kept for as long as the process lives."""
    assert shelf.ledger(str(tmp_path)) is shelf.ledger(str(tmp_path))
