"""English. The list patterns, and who uses which, follow CLDR 47 (Unicode-3.0 licence)."""

from __future__ import annotations

from hellokit.wordings.wording import Wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DATA: dict[str, Any] = {
    "language": "English",
    "dir": "ltr",
    "confidence": "high",
    "default_formality": "informal",
    "slots": {
        "hello": {"with": "Hello, {name}!", "without": "Hello!"},
        "morning": {"with": "Good morning, {name}!", "without": "Good morning!"},
        "afternoon": {"with": "Good afternoon, {name}!", "without": "Good afternoon!"},
        "evening": {"with": "Good evening, {name}!", "without": "Good evening!"},
    },
    "informal": {"hello": {"with": "Hi {name}!", "without": "Hi!"}},
    # "Good night" is a farewell, so that the small hours have the timeless greeting.
    "hours": ((0, "hello"), (5, "morning"), (12, "afternoon"), (18, "evening")),
    "list": {
        "two": "{0} and {1}",
        "start": "{0}, {1}",
        "middle": "{0}, {1}",
        "end": "{0}, and {1}",
    },
}

# Regions of CLDR's World English, which has no comma before "and".
REGIONS = (
    "150 AG AI AT AU BB BE BM BS BW BZ CA CC CH CK CM CX CY CZ DE DG DK DM ER ES FI FJ FK FM FR "
    "GB GD GG GH GI GM GS GY HK HU ID IE IL IM IN IO IT JE JM KE KI KN KY LC LR LS MG MO MS MT MU "
    "MV MW MY NA NF NG NL NO NR NU NZ PG PK PL PN PT PW RO RW SB SC SD SE SG SH SI SK SL SS SX SZ "
    "TC TK TO TT TV TZ UG VC VG VU WS ZA ZM ZW"
)


def hellokit_wordings() -> tuple[Wording, ...]:
    """Return English: American, and World English with its own lists."""
    return english(), _world_english()


def english() -> Wording:
    """Return the English of the United States, which every other locale may fall back on."""
    return Wording.from_data("en", DATA)


def _world_english() -> Wording:
    return Wording.from_data(
        "en-001",
        {
            **DATA,
            "list": {**DATA["list"], "end": "{0} and {1}"},
            "aliases": [f"en-{region}" for region in REGIONS.split()],
        },
    )
