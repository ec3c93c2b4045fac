"""What the contract demands for what lies around a greeting: the process it runs in."""

from __future__ import annotations

import locale
import logging
import os
import random
import signal
import socket
import warnings
from typing import TYPE_CHECKING

from hellokit.testing.check import check
from hellokit.testing.trial import VERBS

if TYPE_CHECKING:
    from typing import Any

    from hellokit.testing.trial import Trial

OTHERS = ("PYTEST_CURRENT_TEST",)
"""Variables that others set at any time."""


class SurroundingsChecks:
    """The check of the surroundings: the first, as the first greeting may be the one that acts."""

    @check(
        "leave alone what belongs to the whole process: take what you need as an argument "
        "(babel for locale, random.Random() for random), and import at the top of the module "
        "what changes it"
    )
    def test_surroundings(self, trial: Trial) -> None:
        """A greeting leaves the process around it as it was."""
        before = surroundings()
        for verb in VERBS:
            trial.by(verb, f"Ada by {verb}")
        after = surroundings()
        changed = [name for name in before | after if before.get(name) != after.get(name)]
        assert not changed, f"it changed {', '.join(changed)}"
        state = random.getstate()
        try:
            assert drawn_after(trial, 1) != drawn_after(trial, 2), "it seeds the module random"
        finally:
            random.setstate(state)


def surroundings() -> dict[str, Any]:
    """Return what belongs to the whole process, by what it is called."""
    root = logging.getLogger()
    variables = {f"the variable {name}": os.environ[name] for name in os.environ.keys() - {*OTHERS}}
    return {
        "the working directory": os.getcwd(),  # noqa: PTH109  # it is the same, and not an object
        **variables,
        "the locale": locale.setlocale(locale.LC_ALL),
        "the signal handlers": {each.name: signal.getsignal(each) for each in signal.Signals},
        "the filters of warnings": list(warnings.filters),
        "the level of the root logger": root.level,
        "the handlers of the root logger": list(root.handlers),
        "the default time-out of sockets": socket.getdefaulttimeout(),
    }


def drawn_after(trial: Trial, seed: int) -> float:
    """Seed the module random, greet, and return what is drawn then."""
    random.seed(seed)
    for verb in VERBS:
        trial.by(verb, f"Grace {seed} by {verb}")
    return random.random()  # noqa: S311  # it is what is tried
