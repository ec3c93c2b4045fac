"""The patrol: who is told of alerts and when, and that nothing waits for it."""

from __future__ import annotations

import gc
import logging
import signal
import threading
from typing import Any

import pytest

from hellokit import Alert, Kit, KitClosedError, PluginError, Request, Settings
from hellokit.monitoring import patrol

HANG_S = 30
"""Nothing takes as long, unless it hangs."""

SHORT_S = 0.3
LONG_S = 3600.0
NAME = "hellokit-patrol"


class Failing:
    """A backend that fails for Ada."""

    def hellokit_greet(self, request: Request) -> str:
        """Greet everybody else."""
        if request.names == ("Ada",):
            raise ConnectionError
        return "Hi"


class Pager:
    """Keeps the alerts it is told of, each with the thread it was told on."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.threads: set[str] = set()
        self.told = threading.Semaphore(0)

    def hellokit_alert(self, alert: Alert) -> None:
        """Keep it."""
        self.alerts.append(alert)
        self.threads.add(threading.current_thread().name)
        self.told.release()

    def next(self) -> Alert:
        """Return the newest alert, when there is one that was not waited for."""
        assert self.told.acquire(timeout=HANG_S)
        return self.alerts[-1]


def kit(*plugins: object, **settings: Any) -> Kit:
    """Return a kit whose backend `failing` fails, with a window of `SHORT_S`."""
    given = {"alert_window_s": SHORT_S, **settings}
    made = Kit(Settings(**given), plugins=plugins, discover=False)
    made.register_backend("failing", Failing)
    return made


def fail(made: Kit, backend: str = "failing") -> None:
    """Make a greeting that fails."""
    with pytest.raises(ConnectionError):
        made.greet("Ada", backend=backend)


def patrols() -> list[threading.Thread]:
    """Return the threads that look."""
    return [thread for thread in threading.enumerate() if thread.name == NAME]


def until_ended() -> None:
    """Wait until no patrol runs."""
    for thread in patrols():
        thread.join(HANG_S)
    assert patrols() == []


@pytest.fixture(autouse=True)
def no_patrol_is_left_over() -> None:
    """Begin each test without one."""
    until_ended()


def test_a_plugin_is_told_when_an_episode_begins_and_ends(caplog: pytest.LogCaptureFixture) -> None:
    """On a thread that looks by itself; the log says the same."""
    caplog.set_level(logging.INFO, "hellokit.alerts")
    pager = Pager()
    with kit(pager) as made:
        fail(made)
        begun, ended = pager.next(), pager.next()
    assert (begun.backend, begun.kind, begun.firing, begun.value) == ("failing", "errors", True, 1)
    assert (ended.backend, ended.kind, ended.firing, ended.calls) == ("failing", "errors", False, 0)
    assert pager.threads == {NAME}
    assert caplog.messages == [str(begun), str(ended)]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert patrols() == []


def test_it_can_be_asked_for_when_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    """No thread runs; who asks is told, and a change is logged once."""
    with kit() as made:
        fail(made)
        first, second = made.alerts(), made.alerts()
        assert patrols() == []
    assert [alert.kind for alert in first] == ["errors"]
    assert first == second == made.alerts()
    assert len(caplog.records) == 1


def test_a_slow_greeting_is_told_of_soon() -> None:
    """However rarely the thread looks, `monitored` wakes it."""
    pager = Pager()
    with kit(pager, alert_window_s=LONG_S, time_threshold_s=1e-9) as made:
        made.greet("Ada", backend="monitored+plain")
        assert pager.next().kind == "time"


def test_closing_looks_a_last_time() -> None:
    """A program that ends soon is not too short to be told of."""
    pager = Pager()
    with kit(pager, alert_window_s=LONG_S) as made:
        fail(made)
    assert [alert.firing for alert in pager.alerts] == [True]


def test_a_plugin_that_raises_is_switched_off(caplog: pytest.LogCaptureFixture) -> None:
    """It is reported once, the others are told, and nobody's greeting fails; also if strict."""

    class Broken(Pager):
        def hellokit_alert(self, alert: Alert) -> None:
            super().hellokit_alert(alert)
            raise SystemExit(3)

    broken, pager = Broken(), Pager()
    with kit(broken, strict=True) as made:
        made.register(pager, "pager")
        fail(made)
        pager.next(), pager.next()
        assert [failure.phase for failure in made.failures()] == ["alert"]
    assert (len(broken.alerts), len(pager.alerts)) == (1, 2)
    assert len([record for record in caplog.records if record.name == "hellokit"]) == 1


def test_what_is_no_exception_does_not_end_the_looks() -> None:
    """Whatever a plugin raises: whoever listens beside it hears of the next change."""
    pager = Pager()

    class Leaving:
        def hellokit_alert(self) -> None:
            raise GeneratorExit

    with kit(pager, Leaving) as made:
        fail(made)
        assert pager.next().firing
        assert not pager.next().firing


def test_a_plugin_that_was_switched_off_is_heard_when_it_comes_back() -> None:
    """Registering it anew is a fresh start."""

    class Broken(Pager):
        def hellokit_alert(self, alert: Alert) -> None:
            super().hellokit_alert(alert)
            raise OSError

    broken = Broken()
    with kit(alert_window_s=LONG_S) as made:
        undo = made.register(broken)
        fail(made)
        made.greet("Eve", backend="failing")
        assert len(made.alerts()) == 1
        undo()
        made.register(broken)
        made.configure(error_ratio_threshold=1)
        assert made.alerts() == ()
    assert [alert.firing for alert in broken.alerts] == [True, False]


def test_nothing_waits_for_a_plugin_that_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Greetings, looks, registering and closing go on; it holds up its own thread alone."""
    monkeypatch.setattr(patrol, "PATIENCE_S", 0.01)
    begun, go_on = threading.Event(), threading.Event()

    class Blocking:
        def hellokit_alert(self) -> None:
            begun.set()
            assert go_on.wait(HANG_S)

    made = kit(Blocking)
    fail(made)
    assert begun.wait(HANG_S)
    assert made.greet("Ada") == "Hello, Ada!"
    assert [alert.backend for alert in made.alerts()] == ["failing"]
    made.register(Pager)()
    made.close()
    assert len(patrols()) == 1
    go_on.set()


def test_changes_are_told_in_their_order_by_whoever_tells() -> None:
    """One that comes while another is told waits for it, and for no lock."""

    class Asking(Pager):
        def hellokit_alert(self, alert: Alert) -> None:
            if alert.firing:
                made.configure(error_ratio_threshold=1)
                assert made.alerts() == ()
            super().hellokit_alert(alert)

    asking = Asking()
    with kit(asking, alert_window_s=LONG_S) as made:
        fail(made)
        made.greet("Eve", backend="failing")
        made.alerts()
    assert [alert.firing for alert in asking.alerts] == [True, False]


def test_a_look_within_a_look_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal handler may ask while the code it interrupts is asking."""
    pager = Pager()
    with kit(pager, alert_window_s=LONG_S) as made:
        fail(made)
        engine = made._started()
        counted = engine.metrics
        within: list[tuple[Alert, ...]] = []

        def interrupted() -> object:
            within.append(made.alerts())
            return counted()

        monkeypatch.setattr(engine, "metrics", interrupted)
        assert len(made.alerts()) == 1
        monkeypatch.undo()
    assert within == [()]
    assert len(pager.alerts) == 1


def test_a_signal_handler_may_wake_it() -> None:
    """Ten thousand times, at any moment of another wake."""
    bell = patrol._Bell()
    old = signal.signal(signal.SIGALRM, lambda *_: bell.ring())
    signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-4)
    try:
        for _ in range(10_000):
            bell.ring()
            bell.wait(0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    bell.ring()
    assert bell.wait(0)


def test_a_log_handler_that_raises_stops_nothing() -> None:
    """The plugins are told all the same, and go on being told."""

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002  # logging gives it
            raise OSError("disk full")

    pager, handler = Pager(), Broken()
    logging.getLogger("hellokit").addHandler(handler)
    try:
        with kit(pager) as made:
            fail(made)
            assert [pager.next().firing, pager.next().firing] == [True, False]
    finally:
        logging.getLogger("hellokit").removeHandler(handler)


def test_the_thread_leaves_with_the_last_who_listens() -> None:
    """And comes again with the next one, who is told of nothing that was before."""
    pager = Pager()
    with kit(alert_window_s=LONG_S) as made:
        made.greet("Ada")
        assert patrols() == []
        undo = made.register(Pager())
        fail(made)
        assert len(patrols()) == 1
        undo()
        assert patrols() == []
        fail(made)
        assert patrols() == []
        made.register(pager)
        made.greet("Ada")
        assert len(patrols()) == 1
    assert pager.alerts == []


def test_a_kit_that_nobody_has_any_more_takes_its_thread_along() -> None:
    """The thread does not keep it."""
    made = kit(Pager(), alert_window_s=LONG_S)
    fail(made)
    assert len(patrols()) == 1
    del made
    gc.collect()
    until_ended()


def test_a_kit_that_failed_to_start_leaves_no_thread_behind() -> None:
    """Nor does the thread start it again, over and over."""
    begun: list[Kit] = []

    class Greeting(Pager):
        def hellokit_started(self, kit: Kit) -> None:
            begun.append(kit)
            kit.greet("Ada")
            raise OSError

    given = Settings(strict=True, alert_window_s=SHORT_S)
    made = Kit(given, plugins=[Greeting()], discover=False)
    with pytest.raises(PluginError, match=r"failed \(start\): OSError"):
        made.greet("Ada")
    until_ended()
    assert len(begun) == 1


def test_a_backend_that_listens_has_a_thread_when_it_is_used() -> None:
    """That it is loaded is not enough."""
    with Kit(Settings(lazy_loading=False), discover=False) as made:
        made.greet("Ada")
        assert patrols() == []
        made.greet("Ada", backend="monitored+plain")
        assert len(patrols()) == 1


def test_a_plugin_may_close_the_kit() -> None:
    """It is told on the thread that closing ends, and that does not wait for itself."""

    class Closing(Pager):
        def hellokit_alert(self, alert: Alert) -> None:
            made.close()
            super().hellokit_alert(alert)

    closing = Closing()
    made = kit(closing)
    fail(made)
    closing.next()
    until_ended()
    with pytest.raises(KitClosedError):
        made.greet("Ada")
    assert len(made.alerts()) == 1


def test_another_window_holds_at_once() -> None:
    """The thread does not sleep on for what was a long one."""
    pager = Pager()
    with kit(pager, alert_window_s=LONG_S) as made:
        fail(made)
        made.configure(alert_window_s=SHORT_S)
        assert pager.next().window_s == SHORT_S


@pytest.mark.parametrize("window_s", [1e-300, 1e300])
def test_any_window_can_be_waited_for(window_s: float) -> None:
    """Neither does the thread spin, nor is a pause too long for the platform."""
    pager = Pager()
    with kit(pager, alert_window_s=window_s) as made:
        fail(made)
    assert pager.alerts[0].firing


def test_a_thread_that_cannot_start_costs_no_greeting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says why nobody looks; closing does."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    pager = Pager()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with kit(pager) as made:
        fail(made)
        assert caplog.messages == ["no thread looks at the thresholds: can't start new thread"]
    assert [alert.firing for alert in pager.alerts] == [True]


def test_a_kit_that_is_being_changed_for_long_is_looked_at_later() -> None:
    """The thread does not end of it."""
    pager = Pager()
    with kit(pager) as made:
        made.greet("Ada")
        alerts, failed = made.alerts, threading.Event()

        def busy() -> tuple[Alert, ...]:
            if not failed.is_set():
                failed.set()
                from hellokit import PluginError

                raise PluginError("another thread has been changing this kit for 30 s")
            return alerts()

        made.alerts = busy  # type: ignore[method-assign]  # what a held lock would do in 30 s
        assert failed.wait(HANG_S)
        fail(made)
        assert pager.next().firing
        del made.alerts
