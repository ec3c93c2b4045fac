"""Names: each is cleaned before anything else sees it.

Most names need nothing. The two short cuts here let those through, and give what the whole
policy, `hellokit.cleaning`, would give; it is imported when the first name needs it.
"""

from __future__ import annotations

from hellokit.errors import RequestTypeError, RequestValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

MAX_LENGTH = 128
MAX_NAMES = 32
MIN_MAX_LENGTH = 8

_LOOKED_AT = 4  # times the greatest length: whatever is behind that is never looked at
FIRST_MARK = "\u0300"  # every printable character before it is visible and stays as it is
_FIRST_FILLER = "\u115f"
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # Hangul, invisible, and letters all the same

_REMEDIES = {
    **dict.fromkeys(
        ("list", "tuple", "set", "frozenset", "generator"),
        "pass the names one by one: greet(*names)",
    ),
    **dict.fromkeys(
        ("bytes", "bytearray"),
        "decode it first, for example with name.decode('utf-8', 'replace')",
    ),
}


def clean_names(names: tuple[object, ...]) -> tuple[str, ...]:
    """Clean each of `names`, and leave out those that are None or show nothing.

    Args:
        names: what the caller passed, at most 32.

    Returns:
        The cleaned names, in their order.

    Raises:
        RequestTypeError: if one is neither a `str` nor None.
        RequestValueError: if there are more than 32.

    >>> clean_names((" Ada ", None, "", "Grace"))
    ('Ada', 'Grace')
    """
    if len(names) > MAX_NAMES:
        raise RequestValueError(
            f"{len(names)} names in one greeting, at most {MAX_NAMES} are allowed: "
            "greet fewer people at once, or each by themselves with greet_many"
        )
    try:
        return tuple([cleaned for name in names if (cleaned := clean(name))])
    except RequestTypeError:
        if len(names) == 1:
            raise
        raise RequestTypeError(_refusal_among(names)) from None


def clean(name: object, max_length: int = MAX_LENGTH) -> str:
    r"""Return `name` as it can be shown: one line, in NFC, without hidden characters.

    Args:
        name: a `str` or None. Of a subclass of `str` the stored characters count.
        max_length: the greatest length of the result in code points, at least 8. A longer
            name is cut and ends in an ellipsis.

    Returns:
        The cleaned name, an exact `str`; "" if `name` is None or shows nothing.

    Raises:
        RequestTypeError: if `name` is neither a `str` nor None.
        RequestValueError: if `max_length` is less than 8.

    >>> clean("  Zoe\u0308\n")
    'Zoë'
    """
    if max_length < MIN_MAX_LENGTH:
        raise RequestValueError(
            f"max_length is {max_length}: use at least {MIN_MAX_LENGTH} code points"
        )
    if type(name) is not str:
        return "" if name is None else clean(_stored(name, max_length), max_length)
    if len(name) <= max_length and name.isprintable():
        if name.isascii() or (last := max(name)) < FIRST_MARK:
            return " ".join(name.split()) if " " in name else name
        if name.replace(" ", "").isalnum():
            import unicodedata

            if unicodedata.is_normalized("NFC", name) and (
                last < _FIRST_FILLER or _FILLERS.isdisjoint(name)
            ):
                return " ".join(name.split()) if " " in name else name
    from hellokit.cleaning import cleaned

    return cleaned(name[: _LOOKED_AT * max_length], max_length)


def _stored(name: object, max_length: int) -> str:
    """Return the first characters that a subclass of `str` holds, whatever its methods say."""
    if not _is_str(name):
        raise RequestTypeError(_refusal("the name", name))
    return str.__getitem__(name, slice(_LOOKED_AT * max_length))


def _is_str(value: object) -> TypeGuard[str]:
    # Not isinstance(): it believes the __class__ that a lazy proxy pretends to have.
    return issubclass(type(value), str)


def _refusal_among(names: tuple[object, ...]) -> str:
    """Say which of several names is refused; the name itself is never asked for its text."""
    positions = enumerate(names, 1)
    position, name = next((at, it) for at, it in positions if it is not None and not _is_str(it))
    return _refusal(f"name {position} of {len(names)}", name)


def _refusal(which: str, name: object) -> str:
    kind = type(name).__name__
    remedy = _REMEDIES.get(kind, "pass a str, or None for no name")
    return f"{which} has the type {kind}: {remedy}"
