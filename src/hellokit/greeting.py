"""The greeting: what composing gives, in parts and as text."""

from __future__ import annotations

import attrs

from hellokit.wordings.bidi import FIRST_STRONG_ISOLATE, POP_DIRECTIONAL_ISOLATE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal


@attrs.frozen
class Greeting:
    """A composed greeting.

    Args:
        text: the whole greeting, for plain text.
        parts: the same text as pairs `(text, is_name)`; joined, they are `text`. The names
            are as they were asked for: marks that isolate them, and honorifics, stand in the
            parts beside them.
        locale: the tag of the wording that answered.
        slot: the time of day of its words: `"hello"`, `"morning"` and so on.
        direction: `"ltr"` or `"rtl"`, the direction of the wording.

    >>> greeting = Greeting("Hi Ada!", (("Hi ", False), ("Ada", True), ("!", False)),
    ...                     locale="en", slot="hello", direction="ltr")
    >>> str(greeting), greeting.__html__()
    ('Hi Ada!', 'Hi <bdi>Ada</bdi>!')
    """

    text: str
    parts: tuple[tuple[str, bool], ...]
    locale: str
    slot: str
    direction: Literal["ltr", "rtl"]

    def __str__(self) -> str:
        """Return the text."""
        return self.text

    def __html__(self) -> str:
        """Return the greeting as HTML: all escaped, each name in a `<bdi>` of its own.

        Template engines with autoescape call it. Set `lang` and `dir` on the element around
        it from `locale` and `direction`.
        """
        from html import escape

        return "".join(
            f"<bdi>{escape(text)}</bdi>" if is_name else escape(_without_isolates(text))
            for text, is_name in self.parts
        )


def _without_isolates(text: str) -> str:
    """Drop the marks that `<bdi>` stands in for; no pattern holds them itself."""
    return text.replace(FIRST_STRONG_ISOLATE, "").replace(POP_DIRECTIONAL_ISOLATE, "")
