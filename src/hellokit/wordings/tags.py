"""Language tags: their canonical form, and the tags to fall back on.

Well-formedness is RFC 5646's (section 2.1) for language, extended language, script, region and
variants. Extensions and private use are checked and dropped: they choose no words. The
irregular grandfathered tags (`i-klingon`, `en-GB-oed`) are not accepted.
"""

from __future__ import annotations

from hellokit.errors import LocaleError, RequestTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LENGTH = 128

# Lengths of subtags, in the grammar of RFC 5646.
SHORTEST, LONGEST = 2, 8
EXTENDED, MOST_EXTENDED = 3, 3
SCRIPT = 4
REGION_LETTERS, REGION_DIGITS = 2, 3
VARIANT = 5
VARIANT_WITH_DIGIT = 4

# How many tags each memo of tags holds.
MEMO_SIZE = 1024

# Catalogues written for the C locale are in English by convention, and a process without a
# language set asks for it: so "C" is English, whatever the default of the kit.
_POSIX_NAMES = frozenset({"c", "posix"})
_POSIX_SCRIPTS = {"latin": "Latn", "cyrillic": "Cyrl"}

_memo: dict[object, str] = {}


def canonical(tag: object) -> str:
    """Return the canonical form of a language tag.

    Args:
        tag: a BCP 47 tag in any case, with `-` or `_`, or a POSIX locale name.

    Returns:
        The tag without extensions, in RFC 5646's case. `C` and `POSIX` are `en`; private use
        alone (`x-...`) is `und`, which no wording answers.

    Raises:
        RequestTypeError: if `tag` is not a string.
        LocaleError: if `tag` is not well-formed or longer than 128 characters.

    >>> canonical("zh_hant_tw"), canonical("sr_RS.UTF-8@latin"), canonical("de-u-co-phonebk")
    ('zh-Hant-TW', 'sr-Latn-RS', 'de')
    """
    # The class is asked for first: an object may claim to equal a string of the memo.
    if tag.__class__ is str:
        known = _memo.get(tag)
        if known is not None:
            return known
    return _learned(tag)


def fallbacks(tag: str) -> tuple[str, ...]:
    """Return `tag` and what RFC 4647's lookup (section 3.4) tries after it, in order.

    >>> fallbacks("zh-Hant-TW")
    ('zh-Hant-TW', 'zh-Hant', 'zh')
    """
    chain = []
    subtags = tag.split("-")
    while subtags:
        chain.append("-".join(subtags))
        subtags.pop()
        while subtags and len(subtags[-1]) == 1:
            subtags.pop()
    return tuple(chain)


def script(tag: str) -> str | None:
    """Return the script subtag of a canonical tag, if it has one.

    >>> script("zh-Hant-TW"), script("zh-TW")
    ('Hant', None)
    """
    # Case tells a canonical script from everything else in the tag.
    return next((part for part in tag.split("-") if part.istitle() and len(part) == SCRIPT), None)


def _learned(tag: object) -> str:
    # Not isinstance(): it believes the __class__ that a lazy proxy pretends to have.
    if not issubclass(type(tag), str):
        raise RequestTypeError(
            f"locale is of type {type(tag).__name__}: pass a language tag such as 'pt-BR', "
            "or None for the default"
        )
    # A subclass may lie about everything but its stored characters.
    stored = str.__str__(tag)
    parsed = _parsed(stored)
    # Emptying beats evicting: it is one atomic step, and a flood of strange tags cannot keep
    # the usual ones out for good.
    if len(_memo) >= MEMO_SIZE:
        _memo.clear()
    _memo[stored] = parsed
    return parsed


def _parsed(tag: str) -> str:
    if not tag:
        raise _malformed(tag, "it is empty")
    if len(tag) > MAX_LENGTH:
        raise _malformed(tag, f"it has {len(tag)} characters, and {MAX_LENGTH} are allowed")
    name, at, modifier = tag.partition("@")
    name, dot, codeset = name.partition(".")
    if (dot and not _is_word(codeset)) or (at and not _is_word(modifier)):
        raise _malformed(tag, "what follows '.' or '@' is no code set or modifier")
    if name.lower() in _POSIX_NAMES:
        return "en"
    subtags = name.lower().replace("_", "-").split("-")
    for subtag in subtags:
        if not (subtag.isascii() and subtag.isalnum() and len(subtag) <= LONGEST):
            raise _malformed(tag, f"{subtag!r} is no subtag (one to eight letters or digits)")
    return _assembled(tag, subtags, _POSIX_SCRIPTS.get(modifier.lower()))


def _is_word(text: str) -> bool:
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _assembled(tag: str, subtags: list[str], modifier_script: str | None) -> str:
    """Put lower-case subtags in canonical case, dropping extensions."""
    if subtags[0] == "x":
        _drop_extensions(tag, subtags)
        return "und"
    language = subtags.pop(0)
    if not language.isalpha() or len(language) < SHORTEST:
        raise _malformed(tag, f"{language!r} is no language (two to eight letters)")
    parts = [language]
    if len(language) <= EXTENDED:
        parts += _taken(subtags, _is_extended_language, MOST_EXTENDED)
    scripts = [subtag.title() for subtag in _taken(subtags, _is_script, 1)]
    parts += scripts or ([modifier_script] if modifier_script else [])
    parts += [subtag.upper() for subtag in _taken(subtags, _is_region, 1)]
    parts += _taken(subtags, _is_variant, len(subtags))
    _drop_extensions(tag, subtags)
    return "-".join(parts)


def _taken(subtags: list[str], fits: Callable[[str], bool], most: int) -> list[str]:
    """Remove at most `most` leading subtags that fit, and return them."""
    count = 0
    while count < min(most, len(subtags)) and fits(subtags[count]):
        count += 1
    taken = subtags[:count]
    del subtags[:count]
    return taken


def _is_extended_language(subtag: str) -> bool:
    return len(subtag) == EXTENDED and subtag.isalpha()


def _is_script(subtag: str) -> bool:
    return len(subtag) == SCRIPT and subtag.isalpha()


def _is_region(subtag: str) -> bool:
    return (len(subtag) == REGION_LETTERS and subtag.isalpha()) or (
        len(subtag) == REGION_DIGITS and subtag.isdigit()
    )


def _is_variant(subtag: str) -> bool:
    return len(subtag) >= VARIANT or (len(subtag) == VARIANT_WITH_DIGIT and subtag[0].isdigit())


def _drop_extensions(tag: str, subtags: list[str]) -> None:
    """Check that the rest is extensions, each a singleton with something after it."""
    while subtags:
        singleton = subtags.pop(0)
        if len(singleton) != 1:
            raise _malformed(tag, f"{singleton!r} is not in a place where it can stand")
        if singleton == "x":
            followed = bool(subtags)
            subtags.clear()
        else:
            followed = bool(_taken(subtags, lambda subtag: len(subtag) > 1, len(subtags)))
        if not followed:
            raise _malformed(tag, f"nothing follows {singleton!r}")


def _malformed(tag: str, reason: str) -> LocaleError:
    shown = repr(tag) if len(tag) <= MAX_LENGTH else f"{tag[:40]!r}..."
    return LocaleError(
        f"locale {shown} is not a language tag: {reason}; pass a BCP 47 tag "
        "such as 'en', 'pt-BR' or 'zh-Hant-TW', or None for the default"
    )
