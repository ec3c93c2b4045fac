"""What the contract demands of the life of a backend: from its import to the end of its kit."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hellokit import Wording
from hellokit.testing.check import check
from hellokit.testing.trial import VERBS

if TYPE_CHECKING:
    from hellokit.testing.trial import Trial

MANY = 60
FEW = MANY // 10
"""What many greetings may add, as a pool does that grows: less than a tenth of them."""

KITS = 5

IMPORTED = """
import sys
from hellokit import Kit, Settings
name, module = sys.argv[1:]
kit = Kit(Settings())
kit.backends()
if name != "plain":
    kit.greet("Ada", backend="plain")
sys.exit(f"{module} is imported" if module in sys.modules else 0)
"""


class OtherWords:
    """English words that the kit has not had."""

    def hellokit_wordings(self) -> list[Wording]:
        """Return them."""
        welcome = {"with": "Welcome, {name}!", "without": "Welcome!"}
        return [Wording.from_data("en", {"language": "English", "slots": {"hello": welcome}})]


class LifetimeChecks:
    """The checks of import, resources, changes and the end."""

    @check(
        "publish it under hellokit.backends alone, and import its module from nothing that is "
        "imported earlier",
        needs="installed",
    )
    def test_laziness(self, trial: Trial) -> None:
        """It is not imported by listing the backends, nor by greeting through another one."""
        infos = {info.name: info for info in trial.kit.backends()}
        module = infos[trial.name].value.partition(":")[0].strip()
        paths = os.pathsep.join(filter(None, sys.path))
        trial.watched = False  # it does not greet here
        done = subprocess.run(  # noqa: S603  # this interpreter, on a script of ours
            [sys.executable, "-c", IMPORTED, trial.name, module],
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            timeout=10 * trial.patience_s,
            check=False,
        )
        assert done.returncode == 0, f"before it was selected: {done.stderr.strip()}"

    @check(
        "take words, inner and settings as arguments of each call, keep none of them, and greet "
        "through no other kit",
        needs="agreement",
    )
    def test_changes(self, trial: Trial) -> None:
        """When the kit's wordings and plugins change, the next call goes by the new ones."""
        fresh = trial.another()
        composes = trial.composes and trial.another().greet("Bo") == trial.kit.compose("Bo").text
        fresh.kit.register(OtherWords)
        for each in (trial, fresh):
            for verb in VERBS:
                each.by(verb, f"Ada by {verb}")
        trial.kit.register(OtherWords)
        trial.kit.refresh()
        for verb in VERBS:
            text, expected = (each.by(verb, f"Grace by {verb}") for each in (trial, fresh))
            if composes:
                expected = trial.kit.compose(f"Grace by {verb}").text
            assert text == expected, f"{verb} does not go by the kit's own words as they are now"

    @check("close in a finally what a call opens, and reuse what outlives it", required=True)
    def test_resources(self, trial: Trial) -> None:
        """Many greetings leave no threads, descriptors or tasks behind."""

        async def main() -> tuple[int, int]:
            await greet_many_times(trial)
            before = len(asyncio.all_tasks())
            await greet_many_times(trial)
            return before, len(asyncio.all_tasks())

        for number in range(MANY):
            trial.greet(f"Ada{number}")
        before = held()
        for number in range(MANY):
            trial.greet(f"Grace{number}")
        assert falls_below(before + FEW, trial), (
            f"{MANY} greetings raised the number of {WHAT} from {before} to {held()}"
        )
        tasks_before, tasks = trial.aside(main())
        assert tasks < tasks_before + FEW, (
            f"{MANY} greetings raised the number of tasks from {tasks_before} to {tasks}"
        )
        assert falls_below(before + FEW, trial), (
            f"asynchronous greetings raised the number of {WHAT} from {before} to {held()}"
        )

    @check(
        "release in hellokit_closing(kit) what the backend holds, and let it be called for a "
        "backend that has never greeted",
        required=True,
    )
    def test_closing(self, trial: Trial) -> None:
        """A kit closes, twice if asked to, without a failure, and lets go of what it held."""
        trial.greet("Ada")
        before = held()
        # A shared object may be of no use once its first kit is closed.
        for _ in range(KITS if trial.promises("independence") else 1):
            other = trial.another()
            for verb in VERBS:
                other.by(verb, verb)
            other.kit.close()
            other.kit.close()
            failures = [str(each) for each in other.kit.failures()]
            assert failures == [], "closing failed"
        assert falls_below(before + KITS, trial), (
            f"{KITS} closed kits raised the number of {WHAT} from {before} to {held()}"
        )

    @check(
        "publish a class, of which each kit makes its own object, and keep its state on self",
    )
    def test_independence(self, trial: Trial) -> None:
        """A kit greets and counts by itself, also when another one has greeted and closed."""
        other = trial.another()
        other.greet("Ada")
        trial.greet("Grace")
        other.kit.close()
        for verb in VERBS:
            text = trial.by(verb, f"Ada by {verb}")
            if trial.foretold:
                expected = trial.another().by(verb, f"Ada by {verb}")
                assert text == expected, f"{verb} says something else now"
        assert trial.counted().calls == 1 + len(VERBS), "a kit counts what another one greeted"


async def greet_many_times(trial: Trial) -> None:
    """Greet many times in this event loop."""
    for number in range(MANY):
        await trial.kit.greet_async(f"Alan{number}", backend=trial.chain)


WHAT = "threads and descriptors"


def held() -> int:
    """Return how many threads and file descriptors this process has."""
    descriptors = 0
    with suppress(OSError):  # not every platform tells
        descriptors = len(list(Path("/dev/fd").iterdir()))
    return threading.active_count() + descriptors


def falls_below(bound: int, trial: Trial) -> bool:
    """Tell whether what this process has is below a bound, or is so in time."""
    if held() >= bound:
        gc.collect()
    return trial.until(lambda: held() < bound)
