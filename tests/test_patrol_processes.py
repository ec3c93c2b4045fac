"""The patrol in processes of their own: what is imported, at a fork, and at the end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")


def test_the_end_of_a_program_looks_a_last_time(run_script: Callable[[str], str]) -> None:
    """Also where no kit is closed."""
    told = run_script(
        """
        import hellokit, logging
        logging.getLogger("hellokit").propagate = False
        logging.getLogger("hellokit").addHandler(logging.NullHandler())

        class Pager:
            def hellokit_alert(self, alert):
                print(alert.backend, alert.kind, flush=True)

        hellokit.configure(time_threshold_s=1e-9)
        hellokit.default.register(Pager)
        hellokit.greet("Ada")
        """
    )
    assert told == "plain time\n"


def test_a_plain_greeting_imports_nothing_of_this(run_script: Callable[[str], str]) -> None:
    """Nor do the metrics, until somebody listens or asks."""
    told = run_script(
        """
        import sys, hellokit
        hellokit.greet("Ada")
        hellokit.metrics()
        print([name for name in sys.modules if name.startswith("hellokit.monitoring")])
        hellokit.default.alerts()
        print("hellokit.monitoring.alarm" in sys.modules)
        """
    )
    assert told == "[]\nTrue\n"


@needs_fork
def test_a_child_looks_for_itself(run_script: Callable[[str], str]) -> None:
    """It is told of its own calls, by a thread of its own, from its first greeting on."""
    told = run_script(
        """
        import os, threading, warnings
        from hellokit import Kit, Settings
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside a thread is the test

        class Pager:
            def hellokit_alert(self, alert):
                os.write(1, f"{name} {alert.backend} {alert.kind} {alert.calls}\\n".encode())

        class Failing:
            def hellokit_greet(self, request):
                raise ConnectionError

        def fail():
            try:
                kit.greet(backend="failing")
            except ConnectionError:
                pass

        import logging
        logging.getLogger("hellokit").addHandler(logging.NullHandler())
        logging.getLogger("hellokit").propagate = False
        name = "parent"
        kit = Kit(Settings(alert_window_s=3600.0), discover=False, plugins=[Pager])
        kit.register_backend("failing", Failing)
        fail(), fail()
        kit.alerts()
        child = os.fork()
        if not child:
            name = "child"
            assert kit.alerts() == ()
            fail()
            assert [each.name for each in threading.enumerate()][1:] == ["hellokit-patrol"]
            kit.close()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        kit.close()
        """
    )
    assert told == "parent failing errors 2\nchild failing errors 1\n"


@needs_fork
def test_a_fork_during_a_look_hangs_nobody(run_script: Callable[[str], str]) -> None:
    """100 children of a kit that is looked at all the time can greet, look and close."""
    told = run_script(
        """
        import os, threading, warnings
        from hellokit import Kit, Settings
        warnings.simplefilter("ignore", DeprecationWarning)

        class Pager:
            def hellokit_alert(self, alert): pass

        import logging
        logging.getLogger("hellokit").addHandler(logging.NullHandler())
        logging.getLogger("hellokit").propagate = False
        settings = Settings(alert_window_s=0.001, time_threshold_s=1e-9)
        kit = Kit(settings, discover=False, plugins=[Pager])
        kit.greet("Ada", backend="monitored")
        done = threading.Event()
        def work():
            while not done.is_set():
                kit.greet("Ada", backend="monitored")
                kit.alerts()
        thread = threading.Thread(target=work)
        thread.start()
        codes = set()
        for _ in range(100):
            child = os.fork()
            if not child:
                code = 1
                try:
                    kit.greet("Ada", backend="monitored")
                    code = 0 if len(kit.alerts()) == 2 else 2
                    kit.close()
                finally:
                    os._exit(code)
            codes.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        done.set()
        thread.join()
        kit.close()
        print(codes)
        """
    )
    assert told == "{0}\n"
