from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import ArgumentTypeError
from datetime import datetime, time
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hellokit import compose
from hellokit.commands.clock import parse_at
from hellokit.commands.console import escaped, one_line
from hellokit.commands.table import table
from hellokit.configuration import setting_rows

MODULE = [sys.executable, "-m", "hellokit"]
SCRIPT = [str(Path(sys.executable).with_name("hellokit"))]
FULL = Path("/dev/full")


def run(
    *arguments: str,
    command: list[str] | None = None,
    environ: dict[str, str] | None = None,
    encoding: str = "utf-8",
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [*(command or MODULE), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding=encoding,
        check=False,
        env={**os.environ, **(environ or {})},
    )


def in_shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `$H` is the command."""
    return subprocess.run(
        ["sh", "-c", line],  # noqa: S607  # the system's own shell
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "H": SCRIPT[0]},
    )


@pytest.mark.parametrize("command", [MODULE, SCRIPT], ids=["module", "script"])
def test_names_are_greeted_together(command: list[str]) -> None:
    """The names of the command line share one greeting, however the command is started."""
    done = run("greet", "Ada", "Grace", command=command)
    assert (done.stdout, done.stderr, done.returncode) == ("Hello, Ada and Grace!\n", "", 0)


def test_nobody_gets_the_nameless_greeting() -> None:
    """Without a name there is none in the greeting."""
    assert run("greet").stdout == "Hello!\n"


def test_options_reach_the_greeting() -> None:
    """All options of a greeting are understood, between names too."""
    options = ["--locale", "en", "--at", "9:30", "--formality", "formal", "--backend", "plain"]
    assert run("greet", "Ada", *options, "Grace").stdout == "Good morning, Ada and Grace!\n"


def test_what_follows_two_hyphens_is_a_name() -> None:
    """A name may look like an option."""
    assert run("greet", "Ada", "--", "--json").stdout == "Hello, Ada and --json!\n"


def test_json_has_the_text_and_what_was_greeted() -> None:
    """With --json a greeting is an object of text, cleaned names and the wording's locale."""
    done = run("greet", " Zoë ", "--locale", "en_GB.UTF-8", "--json")
    told = {"text": "Hello, Zoë!", "names": ["Zoë"], "locale": "en-001"}
    assert json.loads(done.stdout) == told
    assert done.stdout.isascii()
    done = run("greet", "--locale", "tlh", "--json", environ={"HELLOKIT_LOCALE": "en-GB"})
    assert json.loads(done.stdout)["locale"] == compose(locale="en-GB").locale


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["greet", "--at", "9pm"], "'9pm' is no time: use 9:30, 21, 2026-11-23T19:00 or now"),
        (["greet", "--locale", "x!"], "'x!' is not a language tag"),
        (["greet", "--formality", "f"], "invalid choice"),
        (["greet", "--form", "formal"], "unrecognized arguments"),
        (["greet", "--file", "x", "Ada"], "argument --file: not allowed with names"),
        (["greet", "--file", "x", "--count", "9"], "argument --count: not allowed with --file"),
        (["greet", "--unordered", "--json"], "argument --unordered: not allowed with --json"),
        (["greet", "--count", "0"], "argument --count: use a whole number, at least 1"),
        (["greet", "--concurrency", "0"], "use a whole number, at least 1, or auto"),
        (["greet", "--concurrent-limit", "no"], "use a whole number, at least 1, or auto"),
        (["greet", "--rate", "0"], "argument --rate: use a number above 0"),
        (["greet", "--timeout", "inf"], "argument --timeout: use a number above 0"),
        (["greet", "--attempts", "1.5"], "argument --attempts: use a whole number, at least 1"),
        (["greet", "--on-error", "stop"], "invalid choice"),
        (["config", "--", "Ada"], "unrecognized arguments: Ada"),
        (["metrics", "-n", "0"], "use a whole number, at least 1"),
        (["doctor", "--timeout", "nan"], "use a number above 0"),
        (["gret"], "there is no command 'gret': did you mean 'greet'?"),
        (["--no"], "hellokit: error: "),
        (["greet", "--\x1b[31m"], "\\x1b[31m"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(arguments: list[str], told: str) -> None:
    """Arguments that are malformed are told to standard error, with what is allowed."""
    done = run(*arguments)
    assert (done.stdout, done.returncode) == ("", 2)
    assert told in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        (["greet", "--backend", "plai"], {}, "no backend is named 'plai': did you mean 'plain'?"),
        (["greet", "--file", "/no\x1b[31m"], {}, "'/no\\x1b[31m' cannot be read: No such file"),
        (["greet", "--file", "/"], {}, "'/' cannot be read: Is a directory"),
        (["greet", *["Ada"] * 33], {}, "33 names in one greeting"),
        (["greet"], {"HELLOKIT_METRICS": "bad"}, "HELLOKIT_METRICS is 'bad': set it to one of"),
    ],
    ids=["backend", "missing", "directory", "names", "setting"],
)
def test_a_failure_is_one_line_and_exits_with_1(
    arguments: list[str], environ: dict[str, str], told: str
) -> None:
    """What cannot be done is told in one line, without a traceback."""
    done = run(*arguments, environ=environ)
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr.startswith(f"hellokit: {told}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("environ", [{}, {"HELLOKIT_METRICS": "bad"}], ids=["good", "bad"])
def test_debug_shows_the_traceback(environ: dict[str, str]) -> None:
    """With DEBUG=1 an error comes with its traceback, even if other settings are bad."""
    done = run("greet", "--backend", "none", environ={"DEBUG": "1", **environ})
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert done.stderr.splitlines()[-1].startswith("hellokit: ")
    assert done.returncode == 1


def test_alone_it_prints_its_help_as_an_error() -> None:
    """Without a subcommand the help goes to standard error, and the usage was wrong."""
    done = run()
    assert (done.stdout, done.returncode) == ("", 2)
    assert "greet people" in done.stderr


def test_help_and_version_are_printed() -> None:
    """Help lists the subcommands, and the version is that of the distribution."""
    assert "doctor" in run("--help").stdout
    assert run("--version").stdout == f"hellokit {version('hellokit')}\n"


def test_metrics_of_a_run_follow_its_greetings() -> None:
    """With --metrics the counts go to standard error, as a table or as JSON."""
    done = run("greet", "Ada", "--metrics")
    assert done.stdout == "Hello, Ada!\n"
    heads, values = done.stderr.splitlines()
    assert heads.split() == ["backend", "calls", "p50", "p90", "p99", "max", "errors", "noted"]
    assert values.split()[:2] == ["plain", "1"]
    as_json = json.loads(run("greet", "Ada", "--metrics", "--json").stderr)
    assert as_json["backends"]["plain"]["calls"] == 1


def test_metrics_follow_the_order_of_the_chain() -> None:
    """Backends are listed as they were written, and then the leaf that was not."""
    done = run("greet", "Ada", "--backend", "monitored+cached", "--metrics")
    names = [line.split()[0] for line in done.stderr.splitlines()]
    assert names == ["backend", "monitored", "cached", "plain"]
    done = run("metrics", "-n", "1", "--json", environ={"HELLOKIT_BACKEND": "cached+plain"})
    assert list(json.loads(done.stdout)["backends"]) == ["cached", "plain"]


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("off", "nothing was counted"),
        ("count", "no durations were taken"),
        ("sampled", "durations were taken of some calls only"),
    ],
)
def test_numbers_that_are_missing_are_explained(mode: str, why: str) -> None:
    """Where the settings leave numbers out, a line says so, but not in JSON."""
    environ = {"HELLOKIT_METRICS": mode}
    told = f"the setting metrics is '{mode}': {why}"
    assert run("greet", "--metrics", environ=environ).stderr.splitlines()[-1].startswith(told)
    assert run("metrics", "-n", "1", environ=environ).stderr.startswith(told)
    assert told not in run("greet", "--metrics", "--json", environ=environ).stderr
    assert run("metrics", "-n", "1").stderr == ""


def test_metrics_greets_so_many_times() -> None:
    """The subcommand counts a run of its own, and prints no greeting."""
    done = run("metrics", "-n", "7", "Ada", "--json")
    assert json.loads(done.stdout)["backends"]["plain"]["calls"] == 7
    assert run("metrics", "-n", "7", environ={"HELLOKIT_METRICS": "off"}).stdout.split()[-8:] == [
        *("plain", "0"),
        *["-"] * 6,
    ]


def test_backends_are_listed() -> None:
    """Each backend is listed with its distribution."""
    row = json.loads(run("backends", "--json").stdout.splitlines()[0])
    assert {"name", "distribution", "version", "value", "builtin", "status"} == set(row)
    plain = next(each for each in run("backends").stdout.splitlines() if each.startswith("plain"))
    assert plain.split() == ["plain", "hellokit", version("hellokit"), "yes", "ready"]


def test_config_tells_values_and_where_they_come_from() -> None:
    """Every setting is listed with its value, its origin and its variables."""
    environ = {"PERF_BATCH_SIZE": "8", "ENVIRONMENT": "prod", "HELLOKIT_BACKEND": "x\x1b[31m"}
    rows = [
        json.loads(line) for line in run("config", "--json", environ=environ).stdout.splitlines()
    ]
    assert [row["name"] for row in rows] == [row.name for row in setting_rows()]
    found = {row["name"]: (row["value"], row["origin"]) for row in rows}
    assert found["batch_size"] == (8, "variable PERF_BATCH_SIZE")
    assert found["max_concurrent"] == (100, "profile production")
    assert found["locale"] == ("en", "default")
    shown = run("config", environ=environ).stdout
    assert "HELLOKIT_BATCH_SIZE, PERF_BATCH_SIZE" in shown
    assert "x\\x1b[31m" in shown


def test_config_tells_what_is_bad_beside_the_rest() -> None:
    """Bad variables are told one by one, and every other setting is listed as it is."""
    environ = {"HELLOKIT_METRICS": "bad", "PERF_BATCH_SIZE": "x\x1b", "HELLOKIT_LOCALE": "de"}
    done = run("config", "--json", environ={**environ, "ENVIRONMENT": "qa"})
    rows = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert set(rows) == {row.name for row in setting_rows()}
    assert [name for name, row in rows.items() if row["error"]] == ["metrics", "batch_size"]
    assert (rows["metrics"]["value"], rows["metrics"]["origin"]) == (None, "bad value")
    assert rows["locale"]["value"] == "de"
    lenient, metrics, batch = done.stderr.splitlines()
    assert lenient.startswith("hellokit: warning: ENVIRONMENT is 'qa'")
    assert metrics.startswith("hellokit: HELLOKIT_METRICS is 'bad': set it to one of")
    assert batch.startswith("hellokit: PERF_BATCH_SIZE is 'x\\x1b'")
    assert done.returncode == 1


def test_doctor_finds_the_built_in_backends_sound() -> None:
    """With no third-party plugin there is nothing to complain of."""
    done = run("doctor", environ={"HELLOKIT_DISABLE_PLUGINS": "all"})
    assert done.returncode == 0
    assert "  backend plain = " in done.stdout
    assert done.stdout.endswith("nothing is broken\n")


def test_doctor_reports_a_bad_setting_and_goes_on() -> None:
    """Each setting that is bad is broken, and keeps no entry point from being tried."""
    environ = {"HELLOKIT_METRICS": "bad", "PERF_BATCH_SIZE": "0", "HELLOKIT_DISABLE_PLUGINS": "all"}
    done = run("doctor", "--json", environ=environ)
    told = json.loads(done.stdout)
    bad, more = told["settings"]
    assert bad.startswith("HELLOKIT_METRICS is 'bad'")
    assert more.startswith("PERF_BATCH_SIZE is '0'")
    assert (told["broken"], done.returncode) == (2, 1)
    assert told["entry_points"][0]["status"] in {"ok", "slow"}


def test_calls_are_logged_when_asked_for() -> None:
    """--verbose, and the setting, log each call to standard error."""
    for done in (run("greet", "--verbose"), run("greet", environ={"VERBOSE_LOGGING": "1"})):
        assert done.stdout == "Hello!\n"
        assert done.stderr.startswith('hellokit: info: {"backend": "plain", "outcome": "ok"')
        assert done.stderr.count("\n") == 1


def test_warnings_of_the_library_are_told() -> None:
    """What the library logs goes to standard error in the command's words."""
    done = run("greet", environ={"ENVIRONMENT": "qa\x1b[31m"})
    assert done.stderr.startswith("hellokit: warning: ENVIRONMENT is 'qa\\x1b[31m'")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "Hello, Zo\\xeb and \\u674e!\n"),
        ("latin-1", "Hello, Zoë and \\u674e!\n"),
        ("utf-8", "Hello, Zoë and 李!\n"),
    ],
)
def test_every_encoding_can_show_a_greeting(encoding: str, shown: str) -> None:
    """What a terminal cannot show is spelled out."""
    environ = {"PYTHONIOENCODING": encoding}
    assert run("greet", "Zoë", "李", environ=environ, encoding=encoding).stdout == shown


def test_controls_in_arguments_reach_no_terminal() -> None:
    """Names are cleaned of escape sequences."""
    assert run("greet", "\x1b[31mAda\x1b[0m", "\x1b]0;x\x07").stdout == "Hello, Ada!\n"


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told() -> None:
    """Output that cannot be written is a failure, told once."""
    for line in ("$H greet Ada", "yes Ada | head -9999 | $H greet --file -"):
        done = in_shell(f"{line} >/dev/full")
        assert done.stderr.startswith("hellokit: standard output cannot be written: No space left")
        assert (done.stderr.count("\n"), done.returncode) == (1, 1)


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("$H greet Ada >&-", 1, "hellokit: standard output is closed"),
        ("$H greet --file - <&-", 1, "hellokit: standard input is closed"),
        ("$H greet Ada 2>&-", 0, ""),
        ("$H greet --backend none 2>&-", 1, ""),
    ],
)
def test_closed_streams_are_survived(line: str, code: int, told: str) -> None:
    """A standard stream that is closed is no reason for a traceback."""
    done = in_shell(line)
    assert done.returncode == code
    assert done.stderr.startswith(told)
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("unmeasured")
def test_a_greeting_imports_little() -> None:
    """What a greeting does not need is not imported: the command starts quickly."""
    heavy = {"asyncio", "logging", "json", "difflib", "subprocess", "importlib_metadata"}
    code = (
        "import sys; from hellokit.cli import main; main(['greet', 'Ada']); "
        f"print(sorted(set(sys.modules) & {heavy!r}))"
    )
    done = run("-c", code, command=[sys.executable])
    assert done.stdout == "Hello, Ada!\n[]\n"


@given(st.times())
def test_times_are_read_as_they_are_written(at: time) -> None:
    """Hours are understood with and without a leading zero, minutes and seconds."""
    minute = time(at.hour, at.minute)
    assert parse_at(f"{at.hour}:{at.minute:02}") == minute
    assert parse_at(f" {at:%H:%M} ") == minute
    assert parse_at(f"{at.hour}:{at:%M:%S}") == at.replace(microsecond=0)
    assert parse_at(str(at.hour)) == time(at.hour)


def test_moments_are_read() -> None:
    """A date with a time is understood, and `now` is this moment of the wall clock."""
    assert parse_at("2026-11-23T19:00") == datetime(2026, 11, 23, 19)  # noqa: DTZ001  # naive
    zoned = parse_at("2026-11-23 19:00:05z")
    assert (zoned.hour, zoned.minute) == (19, 0)
    before = datetime.now().astimezone()
    now = parse_at("now")
    assert isinstance(now, datetime)
    assert before <= now <= datetime.now().astimezone()


@pytest.mark.parametrize(
    "text",
    [
        *("", "24", "9:60", "9:5", "9:30:60", "9:30:", "9pm", "٩", "-1", "1e1"),
        *("2026-11-23", "2026-02-30T10:00"),
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """Everything else is an error that says what is allowed."""
    with pytest.raises(ArgumentTypeError, match="is no time: use 9:30, 21, 2026-11-23T19:00"):
        parse_at(text)


@given(st.text())
def test_escaped_text_hides_nothing(text: str) -> None:
    """Whatever is shown in a message can be printed, and what could be stays as it is."""
    assert escaped(text).isprintable()
    assert escaped(text) == text or not text.isprintable()


@given(st.text())
def test_a_greeting_stays_one_line(text: str) -> None:
    """No greeting holds a line break or a control, and isolates are left in it."""
    assert len(one_line(text).splitlines()) <= 1
    assert not any(ord(each) < 32 or 127 <= ord(each) < 160 for each in one_line(text))
    assert one_line("\u2068Ada\u2069\u202f!") == "\u2068Ada\u2069\u202f!"


def test_a_table_aligns_what_cannot_be_seen() -> None:
    """Cells are as wide as they look, and an empty one is marked."""
    lines = table(["a", "n"], [{"a": "x\x1by", "n": 1}, {"a": None, "n": 20}], right=["n"])
    assert lines == ["a        n", "x\\x1by   1", "-       20"]
