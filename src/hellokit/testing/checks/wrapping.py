"""What the contract demands of wrapping backends: of what they do with the one behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hellokit.testing.check import check
from hellokit.testing.checks.texts import greetings
from hellokit.testing.scripted import ScriptedBackend
from hellokit.testing.trial import INNER, VERBS

if TYPE_CHECKING:
    from hellokit.testing.trial import Trial

MULTILINE = "Hello,\n\tAda \N{WAVING HAND SIGN}!"


class Trouble(Exception):  # noqa: N818  # it is what happens, and nobody catches it by name
    """An error that no backend knows."""


class Halt(BaseException):
    """Something that is no `Exception`, as `KeyboardInterrupt` is none."""


class WrappingChecks:
    """The checks of wrapping backends."""

    @check(
        "return what inner(request) returned, or declare transparency unsupported",
        needs="wrapping",
        certain=True,
    )
    def test_transparency(self, trial: Trial) -> None:
        """The text of the backend behind it is passed on unchanged."""
        trial = trial.another(ScriptedBackend(text=MULTILINE))
        for verb in VERBS:
            assert trial.by(verb, verb) == MULTILINE, (
                f"{verb} changed the text of the backend behind it"
            )

    @check(
        "call inner once, and keep its result if you need it twice", needs="wrapping", certain=True
    )
    def test_single_inner(self, trial: Trial) -> None:
        """A call that goes well calls the backend behind it at most once."""
        for verb in VERBS:
            before = len(trial.inner.requests)
            trial.by(verb, verb)
            calls = len(trial.inner.requests) - before
            assert calls <= 1, f"one {verb} made {calls} calls of inner"

    @check(
        "call inner(request) with the request that you were given, and change nothing in it",
        needs="wrapping",
        certain=True,
    )
    def test_request(self, trial: Trial) -> None:
        """The backend behind it is given the same request, options and `extra` included."""
        direct = trial.another()
        for names, options in greetings():
            direct.kit.greet(*names, backend=INNER, **options)
        for verb in VERBS:
            for (names, options), expected in zip(greetings(), direct.inner.requests, strict=True):
                before = len(trial.inner.requests)
                trial.by(verb, *names, **options)
                for seen in trial.inner.requests[before:]:
                    assert seen == expected, f"{verb} passed another request to inner"

    @check(
        "do not catch what inner raises; if you must, catch Exception, and raise the same object "
        "again",
        needs="wrapping",
    )
    def test_errors(self, trial: Trial) -> None:
        """What the backend behind it raises reaches the caller as it is, an interrupt at once."""
        sync_only = KeyboardInterrupt("from inner")
        for error in (Trouble("from inner"), Halt("from inner"), sync_only):
            for verb in VERBS[: 1 if error is sync_only else 2]:
                failing = trial.another(ScriptedBackend(failures=[error]))
                caught = failing.outcome(verb, verb)
                if calls := len(failing.inner.requests):
                    assert caught is error, f"{verb} made {caught!r} of it"
                    again = calls > 1 and trial.promises("single_inner")
                    assert not again or isinstance(error, Exception), (
                        f"{verb} called inner again after {error!r}"
                    )

    @check("keep no error: let the next call try again", needs="wrapping")
    def test_recovery(self, trial: Trial) -> None:
        """A request that has failed once is greeted when the backend behind it can again."""
        for verb in VERBS:
            failing = trial.another(ScriptedBackend(failures={0: Trouble("only once")}))
            first, second = (failing.outcome(verb, "Ada") for _ in range(2))
            assert second is None, f"after {first!r}, the same {verb} gave {second!r}"
