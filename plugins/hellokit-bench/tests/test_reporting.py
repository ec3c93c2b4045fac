"""Reports: amounts in three digits, and texts from anywhere shown as what they are."""

from __future__ import annotations

import html
import math
import re
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hellokit import HellokitError
from hellokit_bench.reporting import amounts, page
from hellokit_bench.reporting.page import Section
from hellokit_bench.reporting.plot import svg
from hellokit_bench.reporting.printable import printable
from hellokit_bench.reporting.progress import progress
from hellokit_bench.reporting.table import Table
from hellokit_bench.suite import this_machine

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
SIZES = {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9}
HOSTILE = "<script>alert('x')</script> [red]|*b*\x1b[31m"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "0 ns"),
        (999.6e-9, "1 us"),
        (0.9996, "1 s"),
        (-2.5e-6, "-2.5 us"),
        (1e-15, "0 ns"),
        (12_345.6, "12346 s"),
        (math.nan, "-"),
        (math.inf, "-"),
    ],
)
def test_times_have_three_digits_and_the_fitting_unit(seconds: float, told: str) -> None:
    """What rounds up to a unit is told in that unit; what is no number is a dash."""
    assert amounts.duration(seconds) == told


@given(st.floats(1e-9, 999))
def test_times_are_close_to_what_they_were(seconds: float) -> None:
    """Three digits are within half a percent, and never take more room than that."""
    number, unit = amounts.duration(seconds).split(" ")
    assert float(number) * UNITS[unit] == pytest.approx(seconds, rel=0.0051)
    assert len(number.replace(".", "")) <= 4
    assert "e" not in number


@given(st.floats(1, 9.9e11), st.sampled_from([1, -1]))
def test_sizes_are_close_to_what_they_were(amount: float, sign: int) -> None:
    """Three digits are within half a percent, and a loss has its sign."""
    number, unit = amounts.size(sign * amount).split(" ")
    assert float(number) * SIZES[unit] == pytest.approx(sign * amount, rel=0.0051)


def test_what_is_no_number_is_a_dash() -> None:
    """A median of nothing is not shown as if it were something."""
    assert [amounts.size(math.nan), amounts.ratio(math.nan), amounts.ratio(math.inf)] == ["-"] * 3


def test_ratios_have_two_places_below_ten() -> None:
    """From ten on one place says enough."""
    assert [amounts.ratio(each) for each in (0.9876, 9.994, 24.31, 1234.5)] == [
        "0.99x",
        "9.99x",
        "24.3x",
        "1,234.5x",
    ]


@given(st.text())
def test_whatever_is_printable_stays(text: str) -> None:
    """What prints is itself; what does not is written out, and prints then."""
    assert printable(text).isprintable()
    assert not text.isprintable() or printable(text) == text


def test_a_table_shows_texts_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither markup nor escape sequences of a cell, a heading or a title reach the terminal."""
    Table((HOSTILE, "n"), [(HOSTILE, "1")], title=HOSTILE).show()
    told, error = capsys.readouterr()
    assert error == ""
    assert "\x1b[31m" not in told
    assert told.count("<script>alert('x')</script> [red]|*b*\\x1b[31m") == 3


def test_a_table_that_is_written_to_a_file_is_not_folded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is no terminal has no width that cells must fit."""
    Table(("name", "value"), [("x" * 120, "1")]).show()
    assert f"{'x' * 120} " in capsys.readouterr().out


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Z", "C"]) | st.sampled_from("|*_`[]<>&\\~!#")))
def test_a_table_in_markdown_has_the_same_cells(text: str) -> None:
    """A parser of Markdown reads from it the very text of each cell, and no element."""
    markdown = Table((text, "n"), [(text, "1")]).markdown()
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    cells = [token for token in tokens if token.type == "inline"]
    assert ["".join(child.content for child in cell.children or ()) for cell in cells] == [
        text,
        "n",
        text,
        "1",
    ]
    assert {child.type for cell in cells for child in cell.children or ()} <= {
        "text",
        "text_special",
    }


def test_lines_in_a_cell_do_not_break_the_markdown() -> None:
    """A row is a line."""
    assert len(Table(("a",), [("one\ntwo",)]).markdown().splitlines()) == 3


def test_a_page_escapes_everything_but_pictures() -> None:
    """Title, headings, texts and cells are text; a picture is ours, and goes in as it is."""
    table = Table((HOSTILE,), [(HOSTILE,)])
    text = page.html(HOSTILE, [Section(HOSTILE, HOSTILE, table, picture="<svg></svg>")])
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 7
    assert re.search(
        r'<figure role="img" aria-label="&lt;script&gt;[^"]*"><svg></svg></figure>', text
    )
    assert re.findall(r"""(?:src|href)=|url\(|@import""", text) == []


def test_other_html_than_a_picture_can_still_be_read() -> None:
    """What is called an image has no content for those who hear a page."""
    text = page.html("x", [Section("flames", picture="<ul></ul>")])
    assert '<figure aria-label="flames"><ul></ul></figure>' in text


def test_a_page_says_how_it_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """At its end are the command as it may be typed again, versions, day and machine."""
    monkeypatch.setattr(sys, "argv", ["/bin/hellokit", "bench", "a b", "--html", "<x>"])
    text = html.unescape(page.html("x", [Section("first")]))
    last = text[text.rindex("<h2>") :]
    assert last.startswith("<h2>How it was measured</h2>")
    assert "<td>hellokit bench 'a b' --html '<x>'</td>" in last
    machine = this_machine()
    told = {"hellokit version", "date", "python version", "cpu count"}
    assert {each for each in told if f"<td>{each}</td>" not in last} == set()
    assert f"<td>{machine['python_version']}</td>" in last
    assert f"<td>{machine['hellokit_version']}</td>" in last


def test_a_page_takes_any_name(tmp_path: Path) -> None:
    """Half a surrogate pair has no place in UTF-8, and stops no page."""
    page.write(tmp_path / "page.html", "\ud800", [])
    assert "<h1>&#55296;</h1>" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_names_its_file(tmp_path: Path) -> None:
    """The message says which, and why."""
    with pytest.raises(HellokitError, match=r"cannot be written to '.*no.page': No such file"):
        page.write(tmp_path / "no" / "page", "title", [])


def test_a_drawing_makes_the_same_picture_each_time() -> None:
    """A page in Git changes only if what it shows does."""

    def draw(axes: Axes) -> None:
        axes.plot([1, 2, 3], [3, 1, 2], label="<b>&")
        axes.legend()
        axes.set_title("<script>")

    first, second = svg(draw), svg(draw)
    assert first == second
    assert first.startswith("<svg")
    assert "<script" not in first
    assert "<text" in first


def test_a_build_that_asks_for_colours_gets_tables_as_wide_as_a_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colours in its log make it no terminal."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    Table(("name", "value"), [("x" * 120, "1")]).show()
    assert f"{'x' * 120} " in capsys.readouterr().out


@pytest.mark.parametrize("colours", ["", "1"])
def test_progress_is_silent_without_a_terminal(
    colours: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs of a build get no bars, also if it asks for colours."""
    monkeypatch.setenv("FORCE_COLOR", colours)
    with progress(2) as step:
        step("[red]one")
        step("two")
    assert capfd.readouterr() == ("", "")
