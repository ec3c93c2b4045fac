"""A plugin that fails is told of, with its distribution, and takes nothing else down."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from installed import Installed

from hellokit import BackendLoadError, BackendResultError, Kit, PluginError, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hellokit import PluginFailure, Request

SINK = """
records = []

def hellokit_record(record):
    records.append(record)
"""
RECURSION = """
def again():
    again()

again()
"""
UNSPEAKABLE = """
class Unspeakable(Exception):
    def __str__(self):
        raise ValueError

raise Unspeakable
"""
MARKED = """
from hellokit import hookimpl

def hellokit_record(record): ...

@hookimpl
def hellokit_strated(kit): ...
"""
WRAPPER = """
from hellokit import hookimpl

@hookimpl(wrapper=True)
def hellokit_record(record):
    yield
"""
UNHASHABLE = """
class Sink:
    def __eq__(self, other):
        return True

    def hellokit_record(self, record): ...
"""
UNBUILDABLE = """
class Sink:
    def __init__(self):
        raise ValueError("no configuration")

    def hellokit_record(self, record): ...
"""
STARTED = """
def hellokit_started(kit):
    raise OSError("no server")
"""
WORDINGS = """
def hellokit_wordings():
    raise OSError("no file")
"""
GENERATED = """
def hellokit_wordings():
    yield "Bonjour"
"""


class Broken(NamedTuple):
    """A plugin that cannot be used."""

    source: str
    rest: str
    phase: str
    error: str


BROKEN = {
    "needs a missing module": Broken(
        "import no_such_module", "", "import", "ModuleNotFoundError: No module named"
    ),
    "is no Python": Broken("def hellokit_record(", "", "import", "SyntaxError: "),
    "exits": Broken("raise SystemExit(3)", "", "import", "SystemExit: 3"),
    "never ends": Broken(RECURSION, "", "import", "RecursionError: "),
    "cannot tell its error": Broken(UNSPEAKABLE, "", "import", "Unspeakable"),
    "is not there": Broken("", ":nothing", "import", "AttributeError: "),
    "has no value": Broken("", ":", "import", "is not of the form module:attribute"),
    "cannot be built": Broken(UNBUILDABLE, ":Sink", "import", "ValueError: no configuration"),
    "is a number": Broken("thing = 5", ":thing", "register", "(class int) has no hellokit hook"),
    "is None": Broken("thing = None", ":thing", "register", "(class NoneType) has no"),
    "has no hook": Broken("", "", "register", "(module) has no hellokit hook"),
    "misspells its hook": Broken(
        "def hellokit_recrod(record): ...",
        "",
        "register",
        "hellokit_recrod may mean hellokit_record",
    ),
    "marks what is no hook": Broken(
        MARKED, "", "register", "the unknown hook hellokit_strated (hellokit_strated may mean"
    ),
    "takes what is not given": Broken(
        "def hellokit_record(rekord): ...", "", "register", "hellokit_record takes rekord"
    ),
    "greets in the wrong colour": Broken(
        "async def hellokit_greet(request): ...", "", "register", "name it hellokit_greet_async"
    ),
    "records in the wrong colour": Broken(
        "async def hellokit_record(record): ...", "", "register", "make it a plain `def`"
    ),
    "wraps what is not wrapped": Broken(WRAPPER, "", "register", "hellokit_record of "),
    "has something else for a hook": Broken(
        "from functools import partial\nhellokit_record = partial(print)",
        "",
        "register",
        "is a partial: make it a function",
    ),
    "cannot be hashed": Broken(UNHASHABLE, ":Sink", "register", "(class Sink) cannot be hashed"),
    "fails to start": Broken(STARTED, "", "start", "OSError: no server"),
    "fails to word": Broken(WORDINGS, "", "wordings", "OSError: no file"),
    "words in strings": Broken(GENERATED, "", "wordings", "with a str in it: return Wording"),
}
broken = pytest.mark.parametrize("plugin", BROKEN.values(), ids=BROKEN)


def of(kit: Kit, distribution: str) -> list[PluginFailure]:
    """Return the failures of one distribution."""
    return [each for each in kit.failures() if each.distribution == distribution]


@broken
def test_a_broken_plugin_is_told_of_once(
    plugin: Broken, installed: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    """One record and one warning name the distribution, and greetings go on."""
    installed.add("acme-broken", plugin.source, plugins={"broken": plugin.rest})
    good = installed.add("acme-good", SINK, plugins={"good": ""})
    with caplog.at_level(logging.WARNING), Kit() as kit:
        assert kit.greet("Ada") == "Hello, Ada!"
        assert kit.greet("Ada") == "Hello, Ada!"
        kit.refresh()
        assert kit.greet("Ada") == "Hello, Ada!"
        (told,) = of(kit, "acme-broken")
        assert not of(kit, "acme-good")
    assert (told.plugin, told.version, told.phase) == ("broken", "1.0", plugin.phase)
    assert plugin.error in told.error
    assert f'plugin "broken" = acme_broken{plugin.rest} (from acme-broken 1.0)' in told.source
    assert "HELLOKIT_DISABLE_PLUGINS=broken" in told.remedy
    assert [(each.name, each.message) for each in caplog.records] == [("hellokit", str(told))]
    assert len(sys.modules[good].records) == 3


@broken
def test_a_broken_plugin_is_an_error_in_strict_mode(plugin: Broken, installed: Installed) -> None:
    """The first greeting raises, and so does the next."""
    installed.add("acme-broken", plugin.source, plugins={"broken": plugin.rest})
    kit = Kit(Settings(strict=True))
    for _ in range(2):
        with pytest.raises(PluginError, match=r"\(from acme-broken 1\.0\)") as caught:
            kit.greet("Ada")
        assert plugin.error in str(caught.value)


@broken
def test_a_broken_plugin_can_be_disabled(plugin: Broken, installed: Installed) -> None:
    """What the remedy says helps, also in strict mode; the plugin is not even imported."""
    module = installed.add("acme-broken", plugin.source, plugins={"broken": plugin.rest})
    for name in ("broken", "acme-broken", "all"):
        with Kit(Settings(strict=True, disable_plugins=(name,))) as kit:
            assert kit.greet("Ada") == "Hello, Ada!"
    assert module not in sys.modules


def test_a_backend_that_cannot_start_is_an_error_each_time_in_strict_mode(
    installed: Installed,
) -> None:
    """It is taken out again: what did not start must not greet."""
    source = "def hellokit_greet(): return 'Hi'\ndef hellokit_started(kit): 1 / 0"
    installed.add("acme-broken", source, backends={"broken": ""})
    with Kit(Settings(strict=True)) as kit:
        for _ in range(2):
            with pytest.raises(PluginError, match=r"failed \(start\): ZeroDivisionError"):
                kit.greet(backend="broken")
        assert [each.loaded for each in kit.backends() if each.name == "broken"] == [False]
        assert len(kit.failures()) == 1


BROKEN_BACKENDS = {
    name: each for name, each in BROKEN.items() if each.phase in ("import", "register")
} | {
    "has no colour": Broken("def hellokit_record(record): ...", "", "import", "has neither"),
    "only wraps": Broken(
        "from hellokit import hookimpl\n"
        "@hookimpl(wrapper=True)\n"
        "def hellokit_greet():\n    return (yield)",
        "",
        "import",
        "other than as a wrapper",
    ),
}


@pytest.mark.parametrize("plugin", BROKEN_BACKENDS.values(), ids=BROKEN_BACKENDS)
def test_a_broken_backend_fails_by_itself(plugin: Broken, installed: Installed) -> None:
    """Selecting it is an error with cause and remedy; the others are not concerned."""
    module = installed.add("acme-broken", plugin.source, backends={"broken": plugin.rest})
    with Kit(Settings(strict=True)) as kit:
        assert kit.greet("Ada") == "Hello, Ada!"
        assert module not in sys.modules
        for _ in range(2):
            with pytest.raises(BackendLoadError, match=r"\(from acme-broken 1\.0\)") as caught:
                kit.greet("Ada", backend="broken")
            assert plugin.error in str(caught.value)
            assert "HELLOKIT_DISABLE_PLUGINS=broken" in str(caught.value)
        assert isinstance(caught.value, ImportError)
        assert kit.greet("Ada", backend="plain") == "Hello, Ada!"
        (info,) = [each for each in kit.backends() if each.name == "broken"]
    assert plugin.error in (info.error or "")
    assert not info.loaded


def test_the_cause_of_a_broken_backend_is_kept(installed: Installed) -> None:
    """The traceback of what went wrong can be seen."""
    installed.add("acme-broken", "import no_such_module", backends={"broken": ""})
    with Kit() as kit, pytest.raises(BackendLoadError) as caught:
        kit.greet("Ada", backend="broken")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


@pytest.mark.parametrize("hook", ["hellokit_started", "hellokit_wordings", "hellokit_closing"])
def test_a_backend_with_another_broken_hook_greets(
    hook: str, installed: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    """Of its other hooks, one that fails is told of like a plugin's."""
    source = f"def hellokit_greet(): return 'Hi'\ndef {hook}(): raise OSError('no server')"
    installed.add("acme-broken", source, backends={"broken": ""})
    with caplog.at_level(logging.WARNING), Kit() as kit:
        assert kit.greet("Ada", backend="broken") == "Hi"
        assert kit.greet("Ada", backend="broken") == "Hi"
    (warning,) = caplog.records
    assert "(from acme-broken 1.0) failed" in warning.message
    assert "OSError: no server" in warning.message


@pytest.mark.parametrize("hook", ["hellokit_greet", "hellokit_greet_async"])
@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("return None", "None"),
        ("return 5", "int"),
        ("return b'Hi'", "bytes"),
    ],
)
def test_a_result_that_is_no_text_is_an_error(
    hook: str, source: str, found: str, installed: Installed
) -> None:
    """The message names the backend and what it returned."""
    colour = "async " if hook.endswith("async") else ""
    installed.add("acme-odd", f"{colour}def {hook}(): {source}", backends={"odd": ""})
    with Kit() as kit:
        with pytest.raises(BackendResultError, match=f"'odd' returned {found}, not a str"):
            kit.greet("Ada", backend="odd")
        assert kit.greet("Ada") == "Hello, Ada!"
        assert kit.metrics().backends["odd"].errors == {"BackendResultError": 1}


def test_an_exception_of_a_backend_reaches_the_caller(installed: Installed) -> None:
    """It is raised as it is, counted, and the next call is a new one."""
    source = "def hellokit_greet(request): raise ConnectionError('no server')"
    installed.add("acme-odd", source, backends={"odd": ""})
    with Kit() as kit:
        for _ in range(2):
            with pytest.raises(ConnectionError, match=r"^no server$"):
                kit.greet("Ada", backend="odd")
        assert kit.metrics().backends["odd"].errors == {"ConnectionError": 2}
        assert kit.greet("Ada") == "Hello, Ada!"


def test_a_sink_that_raises_is_switched_off(
    installed: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    """It gets one record, of whatever backend; other sinks get all, and every call counts."""
    source = "records = []\ndef hellokit_record(record):\n    records.append(record)\n    1 / 0"
    bad = installed.add("acme-bad", source, plugins={"bad": ""})
    good = installed.add("acme-good", SINK, plugins={"good": ""})
    with caplog.at_level(logging.WARNING), Kit(Settings(strict=True)) as kit:
        kit.register_backend("passing", Passing())
        kit.register_backend("short", Short())
        for backend in ("passing+plain", "short", "plain", "passing+short"):
            assert kit.greet("Ada", backend=backend)
        kit.configure(locale="en-GB")
        kit.greet("Ada")
        (told,) = kit.failures()
        assert sum(each.calls for each in kit.metrics().backends.values()) == 7
    assert len(sys.modules[bad].records) == 1
    assert len(sys.modules[good].records) == 7
    assert (told.distribution, told.phase) == ("acme-bad", "record")
    assert [each.message for each in caplog.records] == [str(told)]


class Passing:
    """A backend that passes a request on."""

    def hellokit_greet(self, request: Request, inner: Callable[[Request], str]) -> str:
        """Pass on."""
        return inner(request)


class Short:
    """A backend of few words."""

    def hellokit_greet(self) -> str:
        """Say hi."""
        return "Hi"


def test_a_sink_that_greets_ends(installed: Installed) -> None:
    """Its own greeting is counted, and not told to it again."""
    source = (
        "kits = []\nrecords = []\ndef hellokit_started(kit): kits.append(kit)\n"
        "def hellokit_record(record):\n    records.append(record)\n    kits[0].greet('Sink')"
    )
    module = installed.add("acme-eager", source, plugins={"eager": ""})
    with Kit() as kit:
        assert kit.greet("Ada") == "Hello, Ada!"
        assert kit.metrics().backends["plain"].calls == 2
        assert not kit.failures()
    assert [each.request.names for each in sys.modules[module].records] == [("Ada",)]


def test_a_failure_at_the_end_is_told_and_nothing_more(
    installed: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    """Closing a kit does not raise, not even in strict mode, and every plugin is told."""
    ending = "ended = []\ndef hellokit_closing(kit):\n    ended.append(kit)\n    1 / 0"
    modules = [installed.add(f"acme-{name}", ending, plugins={name: ""}) for name in ("one", "two")]
    with caplog.at_level(logging.WARNING), Kit(Settings(strict=True)) as kit:
        kit.greet("Ada")
    assert [sys.modules[module].ended for module in modules] == [[kit], [kit]]
    assert {f"(from acme-{name} 1.0) failed (close)" for name in ("one", "two")} == {
        each.message.partition(" = ")[2].partition(" ")[2].partition(":")[0]
        for each in caplog.records
    }


def test_a_plugin_that_greets_while_it_is_imported_is_refused(
    tmp_path: Path, run_script: Callable[[str], str]
) -> None:
    """The kit is not ready then: the plugin fails, and the greeting that started it succeeds."""
    Installed(tmp_path).add(
        "acme-hasty",
        "import hellokit\nhellokit.greet('Ada')\ndef hellokit_record(record): ...",
        plugins={"hasty": ""},
    )
    printed = run_script(f"""
        import logging, sys
        sys.path.insert(0, {str(tmp_path)!r})
        logging.getLogger("hellokit").setLevel(logging.CRITICAL)
        import hellokit
        print(hellokit.greet("Ada"))
        (told,) = hellokit.kit.default.failures()
        print(told.distribution, told.phase, told.error)
    """)
    assert printed == (
        "Hello, Ada!\nacme-hasty import PluginError: a plugin used the kit while it was being "
        "loaded: wait for hellokit_started(kit)\n"
    )


def test_a_backend_that_greets_while_it_is_imported_may(installed: Installed) -> None:
    """By then the kit is ready."""
    source = "import hellokit\ntext = hellokit.greet('Ada')\ndef hellokit_greet(): return text"
    installed.add("acme-hasty", source, backends={"hasty": ""})
    with Kit() as kit:
        assert kit.greet(backend="hasty") == "Hello, Ada!"
