"""What the contract demands of texts."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from hellokit import Request
from hellokit.testing.bad_names import bad_names
from hellokit.testing.check import check
from hellokit.testing.scripted import ScriptedBackend
from hellokit.testing.trial import VERBS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hellokit.testing.trial import Trial


def greetings() -> tuple[tuple[tuple[str | None, ...], Mapping[str, Any]], ...]:
    """Return one of each kind of request: the names and the options, which nobody else has."""
    return (
        (("Ada",), {}),
        (("Ada", "Grace"), {}),
        (("Ada", "Grace", "Alan"), {"formality": "formal"}),
        ((), {}),
        ((None, " "), {"formality": "informal"}),
        (("Zoë",), {"locale": "fr-CA"}),
        (("Ada",), {"locale": "en", "at": time(7, 30)}),
        (("Grace",), {"at": time(21), "formality": "informal"}),
        (("Alan",), {"extra": {"tags": ["one", "two"]}}),
    )


OPTIONS: tuple[Mapping[str, Any], ...] = (
    {},
    {"formality": "informal"},
    {"locale": "fr-CA"},
    {"at": time(7, 30)},
    {"extra": {"tone": "warm"}},
)
"""Of each option one, and none."""

SHOWN = 5


class TextChecks:
    """The checks of texts."""

    @check("return a str for every request, whatever names and options it has", required=True)
    def test_text(self, trial: Trial) -> None:
        """Every request gets a text: without a name, with several, with any of the options."""
        for names, options in greetings():
            for verb in VERBS:
                text = trial.by(verb, *names, **options)
                assert isinstance(text, str), f"{verb}{names} with {options} gave {text!r}"

    @check(
        "take the names as they are in request.names: do not encode, format or evaluate them, "
        "and expect no number of them",
        required=True,
    )
    def test_names(self, trial: Trial) -> None:
        """Every bad name is greeted, with the words of the kit if the backend has no others."""
        complaints = []
        different: dict[Request, tuple[str, str]] = {}
        for called, name in bad_names().items():
            different.setdefault(Request(name), (called, name))
        for verb in VERBS:
            trial = trial.another()
            composes = trial.composes and trial.by(verb, "Bo") == trial.kit.compose("Bo").text
            for called, name in different.values():
                try:
                    text = trial.by(verb, name)
                except Exception as error:  # noqa: BLE001  # all of the names are tried
                    complaints.append(f"{verb} of {called!r} raised {error!r}")
                else:
                    if composes and text != trial.kit.compose(name).text:
                        complaints.append(f"{verb} of {called!r} gave {text!r}")
        shown = "; ".join(complaints[:SHOWN])
        assert not complaints, f"of {len(bad_names())} names, {len(complaints)} calls fail: {shown}"

    @check("make hellokit_greet and hellokit_greet_async share what makes the text")
    def test_agreement(self, trial: Trial) -> None:
        """`greet` and `greet_async` of a new kit give the same text for the same request."""
        other = trial.another()
        for names, options in greetings():
            text, awaited = trial.greet(*names, **options), other.greet_async(*names, **options)
            assert awaited == text, f"of {names} with {options}, greet_async differs from greet"

    @check("let the text depend on the request alone, not on earlier calls, a clock or chance")
    def test_repetition(self, trial: Trial) -> None:
        """The same request gets the same text again."""
        for names, options in greetings():
            for verb in VERBS:
                first, second = (trial.by(verb, *names, **options) for _ in range(2))
                assert second == first, f"the second {verb}{names} differs from the first"

    @check("put every field of the request into the key of what you keep", needs="foretold")
    def test_options(self, trial: Trial) -> None:
        """A name that was greeted is greeted anew if one option differs, whichever that is."""
        one = trial.another(ScriptedBackend(text=shown))
        for options in OPTIONS:
            fresh = trial.another(ScriptedBackend(text=shown))
            for verb in VERBS:
                text, expected = (
                    each.by(verb, f"Ada by {verb}", **options) for each in (one, fresh)
                )
                assert text == expected, (
                    f"{verb} with {options} gave what was said to other options"
                )

    @check(
        "take `words` and return words(request), or declare composition unsupported",
        needs="leaf",
        certain=True,
    )
    def test_composition(self, trial: Trial) -> None:
        """A leaf says what the kit composes, in the locale, register and time of the request."""
        for verb in VERBS:
            trial = trial.another()
            for names, options in greetings():
                given = {name: value for name, value in options.items() if name != "extra"}
                expected = trial.kit.compose(*names, **given).text
                text = trial.by(verb, *names, **options)
                assert text == expected, f"{verb}{names} with {options} gave words of its own"


def shown(request: Request) -> str:
    """Return a text that shows every field."""
    return repr(request)
