"""What subcommands share: exit codes, options, and what is refused before anything is measured."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

import pytest

from hellokit import HellokitError
from hellokit_bench.commands import codes, dispatch, history
from hellokit_bench.commands.options import add_time_limit, refuse_unknown, refuse_unwritable
from hellokit_bench.errors import UsageError
from hellokit_bench.worker import TIME_LIMIT_S

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


def test_exit_codes_are_those_of_the_core() -> None:
    """A shell tells what failed from what was wrong, and from an interrupt."""
    assert (codes.FAILED, codes.USAGE, codes.INTERRUPTED) == (1, 2, 130)


def test_wrong_usage_ends_with_the_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command says what does not go together by raising."""

    def run(_: Namespace) -> int:
        raise UsageError("--one does not go with --other")

    monkeypatch.setattr(history, "run", run)
    with pytest.raises(SystemExit) as left:
        dispatch.run("bench", ["history", "x.db"], ArgumentParser)
    assert left.value.code == codes.USAGE
    told = capsys.readouterr().err
    assert told.startswith("usage: hellokit bench history [-h]")
    assert told.endswith("hellokit bench history: error: --one does not go with --other\n")


def test_an_interrupt_is_told_by_the_command_that_it_met(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also before it has measured anything; the core ends the process then."""

    def run(_: Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(history, "run", run)
    with pytest.raises(KeyboardInterrupt):
        dispatch.run("bench", ["history", "x.db"], ArgumentParser)
    assert capsys.readouterr().err == (
        "hellokit bench history: interrupted: there are no results\n"
    )


def test_a_time_limit_is_that_of_workers_if_none_is_said() -> None:
    """It is a number of seconds above 0."""
    parser = ArgumentParser()
    add_time_limit(parser)
    assert parser.parse_args([]).time_limit == TIME_LIMIT_S
    assert parser.parse_args(["--time-limit", "0.5"]).time_limit == 0.5


def test_a_file_that_can_be_written_is_taken(tmp_path: Path) -> None:
    """Nothing is made, and what is there stays as it is."""
    there = tmp_path / "there"
    there.write_text("here")
    refuse_unwritable(None, there, tmp_path / "new")
    assert there.read_text() == "here"
    assert [each.name for each in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize("name", ["nowhere/x.html", "."])
def test_a_file_without_a_place_is_wrong_usage(tmp_path: Path, name: str) -> None:
    """It is no folder, and has one."""
    with pytest.raises(UsageError, match="cannot be written: name a file in a folder"):
        refuse_unwritable(tmp_path / name)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may write everywhere"
)
def test_a_file_that_may_not_be_written_is_wrong_usage(tmp_path: Path) -> None:
    """Neither one that is there, nor a new one in such a folder."""
    there = tmp_path / "there"
    there.touch(0o400)
    with pytest.raises(UsageError, match="this user may not write"):
        refuse_unwritable(there)
    there.unlink()
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="this user may not write"):
        refuse_unwritable(there)


def test_what_is_installed_is_known() -> None:
    """Chains are, whatever stands around their parts, and so are peers where they may be named."""
    refuse_unknown(["plain", "cached + plain", "f-string"], peers=["f-string"])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("plian", "no backend is named 'plian': did you mean 'plain'? there is async, cached, "),
        ("cached+nobody", "no backend is named 'nobody': there is async, cached, "),
        ("f-string", "no backend is named 'f-string': there is async, cached, "),
        ("plain+", "backend 'plain+' has an empty part: join names with +"),
        ("f-strin", "no backend is named 'f-strin': there is async, cached, "),
        ("comapre", "no backend is named 'comapre': there is async, cached, "),
    ],
)
def test_what_is_not_installed_is_refused(name: str, told: str) -> None:
    """As the core words it."""
    with pytest.raises(HellokitError) as refused:
        refuse_unknown([name])
    assert str(refused.value).startswith(told)


def test_a_near_miss_of_a_peer_is_told() -> None:
    """Where a peer may be named."""
    with pytest.raises(HellokitError, match="did you mean 'f-string'"):
        refuse_unknown(["f-strin"], peers=["f-string"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["comapre", "plain", "cached"], "did you mean `hellokit bench compare`? there is"),
        (["histroy", "x.db"], "did you mean `hellokit bench history`? there is"),
        (["compare", "plian", "plain"], "no backend is named 'plian': did you mean 'plain'?"),
        (["plain", "nobody"], "no backend is named 'nobody': there is"),
        (["--only", "processes", "nobody"], "no backend is named 'nobody': there is"),
    ],
)
def test_names_are_looked_at_before_anything_is_measured(given: list[str], told: str) -> None:
    """A mistake in the last of many is not met after minutes; a word is not taken for a name."""
    command = [sys.executable, "-m", "hellokit", "bench", *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (codes.FAILED, "")
    assert told in done.stderr
