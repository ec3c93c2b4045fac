"""Patterns: what becomes of the text around fields that a name has not."""

from __future__ import annotations

import pytest

from hellokit_locales.name_patterns import Initials, first_letter, pattern

DOTTED = Initials("{0}.", "{0} {1}")
BARE = Initials("{0}", "{0} {1}")
NOTHING = dict.fromkeys(
    ("title", "given", "given-informal", "given2", "surname", "generation", "credentials"), ""
)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("{title} {surname}", {"title": "Dr.", "surname": "Wang"}, "Dr. Wang"),
        ("{title} {surname}", {"surname": "Wang"}, "Wang"),
        ("{title} {surname}", {"title": "Dr."}, "Dr."),
        ("{title} {surname}", {}, ""),
        ("{surname}, {title} {given}", {"surname": "Wang", "given": "Robin"}, "Wang, Robin"),
        (
            "{surname} {generation}, {credentials}",
            {"surname": "Wang", "generation": "Jr."},
            "Wang Jr.",
        ),
        (
            "{surname} {generation}, {credentials}",
            {"surname": "Wang", "credentials": "PhD"},
            "Wang PhD",
        ),
        ("{title} . {surname}", {"title": "Dr", "surname": "Wang"}, "Dr . Wang"),
        ("{title} {given} {given2} {surname}", {"title": "Dr", "surname": "Wang"}, "Dr Wang"),
        ("{surname} {generation}{title}", {"surname": "山田", "title": "さん"}, "山田 さん"),
        ("{surname}{generation}{title}", {"surname": "山田", "title": "さん"}, "山田さん"),
    ],
)
def test_what_touches_a_missing_field_goes_with_it(
    text: str, values: dict[str, str], expected: str
) -> None:
    """Neither spaces nor punctuation are left over."""
    assert pattern(text).filled({**NOTHING, **values}, DOTTED) == expected


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("{given-initial}. ({given2}) {surname}", "given given2 surname", "F. (Bar) Baz"),
        ("{given-initial}. ({given2}) {surname}", "given surname", "F. Baz"),
        ("{given-initial}.({given2}) {surname}", "given surname", "F Baz"),
        ("{given-initial}. ({given2}) {surname}", "given2 surname", "Bar) Baz"),
    ],
)
def test_the_examples_of_the_standard_hold(text: str, values: str, expected: str) -> None:
    """These are those of UTS #35, part 8, "Formatting examples"."""
    name = {"given": "Foo", "given2": "Bar", "surname": "Baz"}
    chosen = {field: name[field] for field in values.split()}
    assert pattern(text).filled({**NOTHING, **chosen}, BARE) == expected


@pytest.mark.parametrize(
    ("initials", "text", "expected"),
    [
        (DOTTED, "Mary Beth", "M. B."),
        (Initials("{0}.", "{0}{1}"), "Mary Beth", "M.B."),
        (BARE, "Mary Beth", "M B"),
        (DOTTED, "Anne-Marie", "A. M."),
        (DOTTED, "D’Arcy (Bob)", "D. B."),
        (DOTTED, "ராஜேந்திரன்", "ரா."),
        (DOTTED, "李", "李."),
        (DOTTED, "!?", ""),
    ],
)
def test_initials_are_first_letters_of_words(initials: Initials, text: str, expected: str) -> None:
    """Hyphens part words, apostrophes do not, and what is no letter begins none."""
    assert initials.of(text) == expected


def test_a_letter_keeps_its_marks() -> None:
    """What belongs to it is what Unicode calls a grapheme cluster, as far as names need it."""
    assert first_letter("e\u0323\u0302x") == "e\u0323\u0302"
    assert first_letter("क\u094d\u200dष") == "क\u094d\u200dष"


def test_a_capital_is_asked_for_of_the_first_letter_alone() -> None:
    """Of "van den Berg", only the "v" changes."""
    values = {**NOTHING, "surname": "van den Berg"}
    assert pattern("{surname-initialCap}").filled(values, DOTTED) == "Van den Berg"
