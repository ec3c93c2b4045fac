"""A kit: isolated, started once, configured while it runs, scoped, pickled and closed."""

from __future__ import annotations

import copy
import json
import pickle
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest
from showing import Hi, Showing

import hellokit
from hellokit import (
    Kit,
    KitClosedError,
    PluginError,
    Settings,
    SettingsError,
    UnknownBackendError,
    greet,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from installed import Installed


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with the backends `hi` and `showing`."""
    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("hi", Hi())
        kit.register_backend("showing", Showing())
        yield kit


@pytest.fixture
def default() -> Iterator[Kit]:
    """Return the default kit; what is configured during the test is put back."""
    before = hellokit.settings()
    yield hellokit.kit.default
    hellokit.configure(**{name: getattr(before, name) for name in ("backend", "locale", "isolate")})


def test_kits_know_nothing_of_each_other(kit: Kit) -> None:
    """Settings, backends, wordings and counts are each kit's own."""
    with Kit(discover=False) as other:
        kit.configure(locale="en-GB", backend="hi")
        assert kit.greet("Ada") == "Hi Ada"
        assert other.greet("Ada", "Grace", "Eve") == "Hello, Ada, Grace, and Eve!"
        with pytest.raises(UnknownBackendError):
            other.greet("Ada", backend="hi")
        assert "hi" in kit.metrics().backends
        assert other.metrics().backends.keys() == {"plain"}
        assert other.settings().locale == "en"


def test_a_kit_starts_at_its_first_use(installed: Installed) -> None:
    """Making one imports no plugin."""
    module = installed.add("acme-sink", "def hellokit_record(record): ...", plugins={"sink": ""})
    kit = Kit()
    kit.configure(locale="en-GB")
    assert module not in sys.modules
    kit.greet("Ada")
    assert module in sys.modules


def test_threads_start_a_kit_once() -> None:
    """However many greet first, each plugin starts once, and each greeting succeeds."""
    started: list[object] = []

    class Slow:
        def hellokit_started(self, kit: Kit) -> None:
            started.append(kit)

        def hellokit_wordings(self) -> None:
            ready.wait(5)

    ready = threading.Event()
    kit = Kit(plugins=[Slow()], discover=False)
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(kit.greet, "Ada") for _ in range(8)]
        ready.set()
        assert {call.result() for call in calls} == {"Hello, Ada!"}
    assert started == [kit]
    assert kit.metrics().backends["plain"].calls == 8


def test_a_kit_can_be_changed_while_threads_greet(kit: Kit) -> None:
    """Every greeting is one of the two that are right, and none is lost."""
    texts: set[str] = set()

    def greet_often() -> None:
        for _ in range(300):
            texts.add(kit.greet("Ada"))
            kit.metrics()
            kit.backends()

    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(greet_often) for _ in range(4)]
        for number in range(100):
            kit.configure(backend=("hi", "plain")[number % 2])
            kit.register_backend(f"hi {number}", Hi())
        for call in calls:
            call.result()
    assert texts <= {"Hi Ada", "Hello, Ada!"}
    assert sum(each.calls for each in kit.metrics().backends.values()) == 1200


def test_a_bad_environment_is_an_error_of_the_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """And mended by mending the environment."""
    monkeypatch.setenv("HELLOKIT_METRICS", "some")
    kit = Kit(discover=False)
    with pytest.raises(SettingsError, match="HELLOKIT_METRICS is 'some'"):
        kit.greet("Ada")
    monkeypatch.setenv("HELLOKIT_METRICS", "off")
    assert kit.greet("Ada") == "Hello, Ada!"


@pytest.mark.usefixtures("default")
def test_imported_functions_follow_the_configuration() -> None:
    """`from hellokit import greet` stays right after `configure`."""
    assert greet("Ada", "Grace", "Eve") == "Hello, Ada, Grace, and Eve!"
    hellokit.configure(locale="en-GB")
    assert greet("Ada", "Grace", "Eve") == "Hello, Ada, Grace and Eve!"
    assert hellokit.settings().locale == "en-GB"


def test_the_modules_verbs_are_those_of_one_kit(default: Kit) -> None:
    """A call by one of them is seen by the others."""
    before = hellokit.metrics()
    assert greet("Ada") == str(hellokit.compose("Ada")) == default.greet("Ada")
    assert (hellokit.metrics() - before).backends["plain"].calls == 2
    assert hellokit.backends() == default.backends()
    with hellokit.use(formality="informal"):
        assert greet("Ada") == "Hi Ada!"


def test_every_setting_of_a_call_is_followed(kit: Kit) -> None:
    """From the next call on, also by routes that ran before."""
    assert kit.greet("Ada", backend="showing") == repr(("en", None, None, "auto", None))
    kit.configure(locale="fr", isolate="never")
    assert kit.greet("Ada", backend="showing") == repr(("fr", None, None, "never", None))
    kit.configure(metrics="off")
    before = kit.metrics()
    kit.greet("Ada", backend="showing")
    assert kit.metrics() == before


def test_a_bad_setting_changes_nothing(kit: Kit) -> None:
    """The message names the setting and what it allows."""
    before = kit.settings()
    with pytest.raises(SettingsError, match="metrics is 'some'"):
        kit.configure(locale="fr", metrics="some")
    with pytest.raises(SettingsError, match="there is no setting 'bakend': did you mean backend"):
        kit.configure(bakend="hi")
    assert kit.settings() == before


def test_a_log_can_be_opened_moved_and_closed_while_greeting(kit: Kit, tmp_path: Path) -> None:
    """The log follows the settings."""
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    for settings in (
        {"performance_log_file": str(one)},
        {"performance_log_file": str(two)},
        {"log_performance_metrics": False},
        {"log_performance_metrics": True, "locale": "fr"},
        {"performance_log_file": None},
    ):
        kit.configure(**settings)
        kit.greet("Ada", backend="hi")
    lines = [path.read_text(encoding="utf-8").splitlines() for path in (one, two)]
    assert [[json.loads(line)["locale"] for line in each] for each in lines] == [
        ["en"],
        ["en", "fr"],
    ]


def test_the_default_kit_is_pickled_by_its_name(default: Kit) -> None:
    """A worker gets its own default kit."""
    assert pickle.loads(pickle.dumps(default)) is default  # noqa: S301  # our own
    assert pickle.loads(pickle.dumps(greet)) == greet  # noqa: S301
    assert copy.copy(default) is copy.deepcopy(default) is default


def test_a_worker_greets_by_the_function_it_is_sent() -> None:
    """`hellokit.greet` can be mapped over a pool of processes."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        assert list(pool.map(greet, ["Ada", "Grace"])) == ["Hello, Ada!", "Hello, Grace!"]


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_another_kit_is_not_pickled(kit: Kit, copied: Callable[[object], object]) -> None:
    """It has threads, files and plugins that nobody could bring along."""
    with pytest.raises(TypeError, match="make one in each process"):
        copied(kit)


def test_a_closed_kit_refuses_to_greet(kit: Kit) -> None:
    """And everything else that needs it running."""
    kit.greet("Ada")
    kit.close()
    kit.close()
    for use in (kit.greet, kit.compose, kit.backends, kit.refresh):
        with pytest.raises(KitClosedError, match="make a new Kit"):
            use()
    with pytest.raises(KitClosedError):
        kit.register(Hi())
    with pytest.raises(KitClosedError):
        kit.use(locale="fr")


def test_a_kit_that_never_started_can_be_closed() -> None:
    """It stays closed."""
    with Kit() as kit:
        pass
    with pytest.raises(KitClosedError):
        kit.greet("Ada")


class Reading:
    """A sink that reads the metrics when the kit closes."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def hellokit_closing(self, kit: Kit) -> None:
        """Read, greet, close and change the kit that closes."""
        self.calls.append(kit.metrics().backends["plain"].calls)
        kit.greet("Ada")
        kit.configure(locale="fr")
        kit.close()


def test_a_plugin_reads_the_metrics_at_the_end() -> None:
    """While it is told that the kit closes, the kit still works; it is told once."""
    reading = Reading()
    with Kit(plugins=[reading], discover=False) as kit:
        kit.greet("Ada")
    assert reading.calls == [1]
    with pytest.raises(KitClosedError):
        kit.greet("Ada")


def test_a_kit_is_refused_while_its_own_plugins_are_loaded() -> None:
    """A plugin that greets too early is told what to wait for."""

    class Early:
        def hellokit_wordings(self) -> None:
            early.greet("Ada")

    early = Kit(plugins=[Early()], discover=False)
    with pytest.raises(PluginError, match=r"wait for hellokit_started\(kit\)"):
        early.greet("Ada")


def test_metrics_can_be_read_after_the_end() -> None:
    """Run, close, then look: the counts are those of the kit's whole life."""
    with Kit(discover=False) as kit:
        kit.greet("Ada")
    assert kit.metrics().backends["plain"].calls == 1
    assert kit.failures() == ()


@pytest.mark.parametrize("settings", [3, {"locale": "en"}])
def test_settings_that_are_none_are_refused_at_once(settings: Any) -> None:
    """The message says what to pass."""
    with pytest.raises(SettingsError, match="pass a hellokit"):
        Kit(settings)


def test_an_error_of_the_first_call_has_no_false_context(kit: Kit) -> None:
    """The traceback shows what is wrong, and not how a route is looked up."""
    with pytest.raises(UnknownBackendError) as caught:
        kit.greet("Ada", backend="nope")
    assert caught.value.__context__ is None


def test_what_belongs_to_a_call_is_no_setting(kit: Kit) -> None:
    """The message points to use()."""
    with pytest.raises(SettingsError, match=r"use\(formality=\.\.\.\)"):
        kit.configure(formality="informal")


def test_starting_a_kit_and_importing_its_plugin_at_once_does_not_wait_for_ever(
    run_script: Callable[[str], str], tmp_path: Path
) -> None:
    """Each of two threads holds what the other needs: the import that greets is refused."""
    info = tmp_path / "acme-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[hellokit.plugins]\nacme = acme_greets\n")
    (tmp_path / "acme_greets.py").write_text(
        "import threading, hellokit\n"
        "if threading.current_thread().name == 'importing':\n"
        "    imports.begun.set()\n"
        "    imports.wait_for_start()\n"
        "    hellokit.greet('Ada')\n"
        "def hellokit_record(record): pass\n"
    )
    told = run_script(
        f"""
        import builtins, sys, threading, time
        import hellokit, hellokit.lifetime
        from hellokit.kit import default
        hellokit.lifetime.LOCK_S = 0.05
        sys.path.insert(0, {str(tmp_path)!r})

        class imports:
            begun = threading.Event()
            def wait_for_start():
                while not default._starting:
                    time.sleep(0.001)

        builtins.imports = imports

        def importing():
            try:
                import acme_greets
            except hellokit.PluginError as error:
                print(error)

        threads = [
            threading.Thread(target=importing, name="importing"),
            threading.Thread(target=lambda: print(hellokit.greet("Eve"))),
        ]
        threads[0].start()
        imports.begun.wait()
        threads[1].start()
        for thread in threads: thread.join()
        """
    )
    refused, greeted = sorted(told.splitlines(), key=lambda line: line.startswith("Hello"))
    assert refused.startswith("another thread has been starting or changing this kit for 0.05 s")
    assert greeted == "Hello, Eve!"


def test_what_was_counted_can_be_read_while_another_thread_closes_the_kit() -> None:
    """The kit is closed just when somebody looks whether it is."""

    class Closing(Kit):
        kept: Any = None

        def _look(self) -> Any:
            kept = self.kept
            if not self._closed:
                self.close()
            return kept

        _ended = property(_look, lambda self, value: setattr(self, "kept", value))

    for read in (Kit.metrics, Kit.failures, Kit.alerts):
        kit = Closing(discover=False)
        kit.greet("Ada")
        read(kit)
        kit.close()
        assert kit.metrics().backends["plain"].calls == 1
