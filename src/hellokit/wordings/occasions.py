"""Occasions: greetings that a caller asks for by name, such as that of a birthday.

No date is looked at: who calls knows what is celebrated, and by whom.
"""

from __future__ import annotations

from hellokit.wordings.patterns import checked_mapping, fault
from hellokit.wordings.rules import SLOTS, split_forms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hellokit.wordings.patterns import Pattern

MAX_LENGTH = 32
TIMES = {*SLOTS, "now"}
"""Words for a time of day, which is no occasion: whoever passes one has mistaken `at`."""


def is_occasion(name: str) -> bool:
    """Tell whether a string can be the name of an occasion: words of a to z, and hyphens.

    >>> is_occasion("new-year"), is_occasion("19:00"), is_occasion("morning")
    (True, False, False)
    """
    return (
        len(name) <= MAX_LENGTH
        and name not in TIMES
        and all(word.isascii() and word.isalpha() and word.islower() for word in name.split("-"))
    )


def split_occasions(where: str, data: object) -> dict[str, Pattern]:
    """Check and split the patterns of occasions, by their names.

    Args:
        where: the place that an error names.
        data: for each occasion its patterns `with` and `without` a name.

    Raises:
        WordingError: if an occasion is misnamed, lacks a form, or has a pattern that breaks a rule.
    """
    given = checked_mapping(where, data)
    for name in given:
        if not (isinstance(name, str) and is_occasion(name)):
            raise fault(
                where, f"{name!r} names no occasion", "use words of a to z joined by hyphens"
            )
    return {name: split_forms(f"{where}.{name}", name, forms) for name, forms in given.items()}
