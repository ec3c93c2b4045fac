"""Baselines and verdicts: what is accepted is kept whole, and what differs is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hellokit_bench.errors import ResultsError
from hellokit_bench.gating import baseline
from hellokit_bench.gating.baseline import Baseline
from hellokit_bench.gating.verdict import REMEDIES, Verdict, causes, difference, remarks
from hellokit_bench.gating.work import COUNTS, SUSPENDS, Work

if TYPE_CHECKING:
    from pathlib import Path

COUNTED = {"bytecodes": 6400, "python_calls": 64, "c_calls": 128, "blocks": 0, "peak_bytes": 300}
counts = st.fixed_dictionaries(
    {"bytecodes": st.integers(0, 9)},
    optional={name: st.integers(0, 9) for name in COUNTS if name != "bytecodes"},
)
labels = st.builds("{} {}".format, st.text(min_size=1), st.sampled_from(["sync", "async", "bulk"]))
baselines = st.builds(
    Baseline, st.dictionaries(st.text(), st.text()), st.dictionaries(labels, counts)
)


@settings(max_examples=40)
@given(st.dictionaries(st.text(min_size=1), baselines))
def test_what_is_saved_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, whole: dict[str, Baseline]
) -> None:
    """Nothing is lost, whatever the names are; and the same baselines make the same file."""
    file = tmp_path_factory.mktemp("kept") / "work.json"
    baseline.save(file, whole)
    written = file.read_bytes()
    assert baseline.load(file) == whole
    baseline.save(file, dict(reversed(whole.items())))
    assert file.read_bytes() == written
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        "\xff",
        '{"cpython-3.11"',
        '{"cpython-3.11": {}}',
        '{"cpython-3.11": {"calls": 63, "made_with": {}, "work": {}}}',
        '{"cpython-3.11": {"calls": 64, "made_with": [], "work": {}}}',
        '{"cpython-3.11": {"calls": 64, "made_with": {}, "work": {"plain sync": {}}}}',
        '{"x": {"calls": 64, "made_with": {}, "work": {"plain sync": {"bytecodes": 1.5}}}}',
        '{"x": {"calls": 64, "made_with": {}, "work": {"plain": {"bytecodes": 1}}}}',
        "[" * 100_000,
    ],
)
def test_a_corrupt_file_is_refused(text: str, tmp_path: Path) -> None:
    """The message names it, and says what to do."""
    file = tmp_path / "work.json"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(ResultsError, match=r"work\.json.*is left as it is: restore it, or remove"):
        baseline.load(file)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """The message has the reason of the system."""
    with pytest.raises(ResultsError, match=r"cannot be read from .*Is a directory"):
        baseline.load(tmp_path)
    with pytest.raises(ResultsError, match="cannot be written to "):
        baseline.save(tmp_path / "missing" / "work.json", {})


def test_a_file_that_cannot_be_replaced_stays_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    """What is written halfway goes to a file of its own, which is removed."""
    stays = tmp_path / "work.json" / "stays"
    stays.parent.mkdir()
    stays.touch()
    with pytest.raises(ResultsError, match="cannot be written to "):
        baseline.save(stays.parent, {})
    assert [path.name for path in tmp_path.rglob("*")] == ["work.json", "stays"]


def test_a_link_to_a_file_stays_one(tmp_path: Path) -> None:
    """The file it leads to is replaced."""
    link, file = tmp_path / "link.json", tmp_path / "work.json"
    link.symlink_to(file)
    baseline.save(link, {"x": Baseline()})
    assert link.is_symlink()
    assert list(json.loads(file.read_text())) == ["x"]


def test_what_was_not_counted_leaves_the_baseline_alone() -> None:
    """Only what was counted replaces what was accepted."""
    before = Baseline({}, {"a sync": {"bytecodes": 1}, "b sync": {"bytecodes": 2}})
    works = [Work("a sync", reason=SUSPENDS), Work("b sync", {"bytecodes": 3})]
    assert before.updated(works).work == {"a sync": {"bytecodes": 1}, "b sync": {"bytecodes": 3}}


@pytest.mark.parametrize(
    ("now", "told", "cell"),
    [
        ({}, "same", "same"),
        ({"bytecodes": 6464}, "more work", "+1 bytecodes"),
        ({"bytecodes": 6399}, "less work", "-0.016 bytecodes"),
        ({"peak_bytes": 301}, "more work", "+1 peak bytes"),
        ({"c_calls": 192, "blocks": 64}, "more work", "+1 C calls, +1 blocks kept"),
        ({"c_calls": 64, "blocks": 64}, "other work", "-1 C calls, +1 blocks kept"),
    ],
)
def test_a_verdict_names_what_differs(now: dict[str, int], told: str, cell: str) -> None:
    """In either direction, for each call; the peak is of all of them."""
    verdict = Verdict(Work("plain sync", {**COUNTED, **now}), COUNTED)
    assert (verdict.told, difference(verdict)) == (told, cell)
    assert len(remarks([verdict])) == (told != "same")


def test_a_count_that_only_one_has_is_a_difference() -> None:
    """What varies now did not, or the other way round."""
    verdict = Verdict(Work("plain sync", {"bytecodes": 6400}), {"bytecodes": 6400, "blocks": 0})
    assert (verdict.told, difference(verdict)) == ("other work", "blocks kept vary")


@given(counts, counts)
def test_verdicts_in_the_other_direction_are_opposite(
    now: dict[str, int], before: dict[str, int]
) -> None:
    """More work than another is less work of the other; the same only if all is."""
    opposite = {"more work": "less work", "less work": "more work"}
    there = Verdict(Work("plain sync", now), before).told
    assert Verdict(Work("plain sync", before), now).told == opposite.get(there, there)
    assert (there == "same") == (now == before)


@pytest.mark.parametrize(
    ("work", "accepted", "judged", "told"),
    [
        (Work("a sync", COUNTED), None, True, "new"),
        (Work("a sync", COUNTED), None, False, "counted"),
        (Work("a sync", reason=SUSPENDS), None, True, "not counted"),
        (Work("a sync", reason=SUSPENDS), COUNTED, True, "no longer counted"),
        (Work("a sync", reason="failed", error="no paper"), COUNTED, True, "failed"),
    ],
)
def test_what_is_not_compared_has_a_verdict_too(
    work: Work,
    accepted: dict[str, int] | None,
    judged: bool,  # noqa: FBT001  # as parametrized
    told: str,
) -> None:
    """What is new, or was counted before, fails the gate; what never could be counted does not."""
    assert Verdict(work, accepted, judged).told == told
    assert (told in REMEDIES) == (told not in {"counted", "not counted"})


def test_causes_besides_the_code_are_told() -> None:
    """A version that differs, appeared or went is named, with both sides."""
    then, now = {"python": "3.11.7", "pluggy": "1.6.0"}, {"python": "3.11.7", "wave": "1"}
    assert causes(then, now) == [
        "this alone may be why: pluggy 1.6.0 then, none now; wave none then, 1 now"
    ]
    assert causes(then, then) == []


def test_settings_that_are_not_the_default_are_kept_with_the_versions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They change the work, and so they are a cause."""
    monkeypatch.setenv("HELLOKIT_METRICS", "off")
    made = baseline.this_making()
    assert [each for each in made if each.startswith("setting")] == ["setting metrics"]
    assert made["setting metrics"] == "off"
    assert {"python", "platform", "hellokit", "pluggy", "hellokit-bench"} <= made.keys()
