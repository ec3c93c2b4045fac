"""The log sink: which calls get a line, what stands in it, and that nothing can break it."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit import Kit, LogSink, Record, Request
from hellokit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

anything = st.text(st.characters(exclude_categories=()), max_size=20)


def record(error: BaseException | None = None, backend: str = "x", **noted: int) -> Record:
    """Return the record of a call."""
    return Record(backend, 1500, error, noted, Request("Ada", "Grace", locale="fr"))


def lines(*records: Record, **options: Any) -> list[str]:
    """Return what the sink writes of these."""
    written: list[str] = []
    sink = LogSink(written.append, **options)
    for each in records:
        sink.hellokit_record(each)
    return written


def test_a_line_has_these_fields_in_this_order() -> None:
    """An error adds its type, and nothing of its message."""
    good, bad = lines(record(hit=1), record(ValueError("Ada")))
    assert good == (
        '{"backend": "x", "outcome": "ok", "duration_ns": 1500, "names": 2, "locale": "fr", '
        '"attributes": {"hit": 1}}'
    )
    assert bad == (
        '{"backend": "x", "outcome": "error", "duration_ns": 1500, "names": 2, "locale": "fr", '
        '"error_type": "ValueError", "attributes": {}}'
    )


@given(anything, anything, anything, st.dictionaries(anything, anything, max_size=3))
def test_nothing_can_break_a_line(
    backend: str, error: str, attribute: str, extra: dict[str, str]
) -> None:
    """Whatever a third party calls its backend, errors and attributes: ASCII, one line, JSON."""
    raised = type("Error", (Exception,), {})
    raised.__name__ = error.replace("\0", "").encode("utf-8", "replace").decode()
    (line,) = lines(record(raised(), backend, **{attribute: 1}), extra=lambda _: extra)
    assert line.isascii()
    assert len(line.splitlines()) == 1
    parsed = json.loads(line)
    own = {"backend": backend, "error_type": raised.__name__, "attributes": {attribute: 1}}
    assert {name: parsed[name] for name in own} == {
        **own,
        **{k: extra[k] for k in own & extra.keys()},
    }


def test_what_json_does_not_know_becomes_text() -> None:
    """An object in a field does not cost the line."""
    (line,) = lines(record(), extra=lambda _: {"where": complex(1, 2)})
    assert json.loads(line)["where"] == "(1+2j)"


@pytest.mark.parametrize(("every", "written"), [(1, 130), (2, 65), (64, 3), (1000, 1)])
def test_so_many_calls_of_each_backend_get_a_line(every: int, written: int) -> None:
    """The first, and then every so many-th one, whatever the other backends do."""
    calls = [record(backend=name) for _ in range(130) for name in "xy"]
    found = [json.loads(line)["backend"] for line in lines(*calls, every=every)]
    assert {name: found.count(name) for name in "xy"} == {"x": written, "y": written}


def test_calls_that_fail_are_all_written() -> None:
    """They are counted like the others."""
    calls = [record(OSError() if i in {3, 64, 70} else None, i=i) for i in range(130)]
    found = [json.loads(line)["attributes"] for line in lines(*calls, every=64)]
    assert [each.get("i", 0) for each in found] == [0, 3, 64, 70, 128]


def test_sampling_is_exact_under_threads() -> None:
    """Eight threads, one count."""
    written: list[str] = []
    with Kit(plugins=[LogSink(written.append, every=100)], discover=False) as kit:
        threads = [
            threading.Thread(target=lambda: [kit.greet("Ada") for _ in range(500)])
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(written) == 40


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "64", None])
def test_a_count_that_is_none_is_refused(every: Any) -> None:
    """The error says what is allowed."""
    with pytest.raises(SettingsError, match=f"every is {every!r}: use a whole number, at least 1"):
        LogSink(every=every)


def test_fields_can_go_to_any_logger(caplog: pytest.LogCaptureFixture) -> None:
    """As keyword arguments; then no line is made."""
    caplog.set_level(logging.INFO, "shop")
    logger = logging.getLogger("shop")
    sink = LogSink(emit=lambda **fields: logger.info("greeted", extra=fields))
    with Kit(plugins=[sink], discover=False) as kit:
        kit.greet("Ada")
    (told,) = caplog.records
    assert (told.getMessage(), told.backend, told.names) == ("greeted", "plain", 1)  # type: ignore[attr-defined]  # what `extra` gives


def test_more_fields_come_from_the_context_of_the_call() -> None:
    """In async code too: those of a task are its own."""
    from contextvars import ContextVar

    trace: ContextVar[str] = ContextVar("trace", default="")
    told: list[Mapping[str, Any]] = []

    class Patient:
        async def hellokit_greet_async(
            self, request: Request, words: Callable[[Request], str]
        ) -> str:
            await asyncio.sleep(0)
            return words(request)

    async def visit(kit: Kit, name: str) -> None:
        trace.set(name)
        await kit.greet_async(name, backend="patient")

    async def main(kit: Kit) -> None:
        await asyncio.gather(*[visit(kit, name) for name in "abc"])

    sink = LogSink(emit=lambda **fields: told.append(fields), extra=lambda _: {"id": trace.get()})
    with Kit(plugins=[sink], discover=False) as kit:
        kit.register_backend("patient", Patient)
        asyncio.run(main(kit))
    assert [fields["id"] for fields in told] == ["a", "b", "c"]


def test_extra_fields_that_cannot_be_had_cost_no_greeting(caplog: pytest.LogCaptureFixture) -> None:
    """The sink is switched off, with one warning."""
    written: list[str] = []
    sink = LogSink(written.append, extra=partial(getattr, "no such"))
    with Kit(plugins=[sink], discover=False) as kit:
        assert [kit.greet("Ada") for _ in range(2)] == ["Hello, Ada!"] * 2
    assert written == []
    assert len(caplog.records) == 1


def test_lines_of_the_file_have_the_time(tmp_path: Path) -> None:
    """In seconds since 1970, as nobody adds it there."""
    from hellokit import Settings

    path = tmp_path / "calls.jsonl"
    with Kit(Settings(performance_log_file=str(path)), discover=False) as kit:
        kit.greet("Ada")
        kit.greet("Grace")
    times = [json.loads(line)["time"] for line in path.read_text().splitlines()]
    assert times == sorted(times)
    assert abs(times[0] - path.stat().st_mtime) < 60
