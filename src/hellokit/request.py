"""The request: what to greet. Frozen, and cleaned once, where it is made."""

from __future__ import annotations

from operator import itemgetter
from types import MappingProxyType

from hellokit.errors import RequestTypeError, RequestValueError
from hellokit.names import FIRST_MARK, MAX_LENGTH, clean_names
from hellokit.wordings.tags import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, time
    from typing import Any, Literal, TypeAlias

    Formality: TypeAlias = Literal["formal", "informal"]
    Isolate: TypeAlias = Literal["auto", "always", "never"]
    Moment: TypeAlias = time | datetime | str
    RequestFactory: TypeAlias = Callable[
        [tuple[object, ...], object, object, object, object], "Request"
    ]

_time: set[type] = set()
"""Holds the class `time` once a time was given: `datetime` is not imported before."""

FORMALITIES = ("formal", "informal")
ISOLATES = ("auto", "always", "never")


class Request(tuple["Any", ...]):
    """What to greet: a tuple underneath, so that it is made, hashed and compared at C speed.

    Args:
        *names: what to call the people, at most 32; each is cleaned. `None` and blank
            names drop out.
        locale: a BCP 47 tag, or None for the default of the kit that carries the request out.
        formality: `"formal"`, `"informal"` or None.
        at: the addressee's wall clock, a `time` or `datetime`, of which hour and minute are kept;
            or the name of an occasion, such as `"birthday"`.
        isolate: when names are put between U+2068 and U+2069: `"auto"`, `"always"`,
            `"never"`, or None for the kit's default.
        extra: anything a backend of yours wants to know, by name.

    Raises:
        RequestTypeError: if an argument has the wrong type.
        RequestValueError: if there are too many names, or an option has an unknown value.
        LocaleError: if `locale` is not well-formed.

    >>> Request("  Ada ", locale="en_US.UTF-8")
    Request('Ada', locale='en-US')
    """

    __slots__ = ()

    def __new__(  # noqa: PYI034  # a request is a Request, of whatever class it was asked
        cls,
        *names: str | None,
        locale: str | None = None,
        formality: Formality | None = None,
        at: Moment | None = None,
        isolate: Isolate | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Request:
        """Check and clean the arguments."""
        if isolate is not None and isolate not in ISOLATES:
            raise RequestValueError(f"isolate is {isolate!r}: use one of {', '.join(ISOLATES)}")
        return factory(None, isolate)(names, locale, formality, at, extra)

    if TYPE_CHECKING:

        @property
        def names(self) -> tuple[str, ...]:
            """The cleaned names; empty for a nameless greeting."""

        @property
        def locale(self) -> str | None:
            """The canonical language tag."""

        @property
        def formality(self) -> Formality | None:
            """The register asked for."""

        @property
        def at(self) -> time | str | None:
            """The addressee's wall clock, to the minute, or the occasion."""

        @property
        def isolate(self) -> Isolate | None:
            """When names are isolated from the text around them."""

        @property
        def extra(self) -> Mapping[str, Any] | None:
            """What the caller told the backend, read-only."""

    else:
        names = property(itemgetter(0), doc="The cleaned names; empty for a nameless greeting.")
        locale = property(itemgetter(1), doc="The canonical language tag.")
        formality = property(itemgetter(2), doc="The register asked for.")
        at = property(itemgetter(3), doc="The addressee's wall clock, or the occasion.")
        isolate = property(itemgetter(4), doc="When names are isolated from the text around them.")
        extra = property(itemgetter(5), doc="What the caller told the backend, read-only.")

    def __repr__(self) -> str:
        """Show the names, and the options that are set."""
        fields = zip(("locale", "formality", "at", "isolate", "extra"), self[1:], strict=True)
        options = [f"{name}={value!r}" for name, value in fields if value is not None]
        return f"Request({', '.join([*map(repr, self.names), *options])})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields: they are clean already."""
        extra = None if self.extra is None else dict(self.extra)
        return _restored, ((*self[:5], extra),)

    def completed(self, locale: str, isolate: Isolate) -> Request:
        """Return this request with a kit's defaults in place of what is None."""
        if self[1] is not None and self[4] is not None:
            return self
        fields = (self[0], self[1] or locale, self[2], self[3], self[4] or isolate, self[5])
        return tuple.__new__(Request, fields)


def factory(default_locale: str | None, isolate: Isolate | None) -> RequestFactory:
    """Return the function that makes a kit's requests, with its defaults bound.

    Every greeting passes here, so the commonest names, of Latin letters and digits
    alone, are let through without a further call.
    """
    new = tuple.__new__
    kind = Request

    def request(
        names: tuple[Any, ...], locale: Any, formality: Any, at: Any, extra: Any
    ) -> Request:
        if not (
            len(names) == 1
            and type(name := names[0]) is str
            and len(name) <= MAX_LENGTH
            and name.isalnum()
            and (name.isascii() or max(name) < FIRST_MARK)
        ):
            names = clean_names(names)
        locale = default_locale if locale is None else canonical(locale)
        if formality is not None and formality not in FORMALITIES:
            raise _bad_formality(formality)
        if at is not None and not (
            type(at) in _time and at.second == at.microsecond == 0 and at.tzinfo is None
        ):
            at = moment(at)
        if extra is not None:
            extra = _frozen(extra)
        return new(kind, (names, locale, formality, at, isolate, extra))

    return request


def likewise(template: Request, defaults: Request) -> Callable[[Any], Request]:
    """Return the function that makes the request of an item of a stream.

    Args:
        template: what the requests of names are like, but for the names.
        defaults: what stands for what an item that is a `Request` leaves open.
    """
    new = tuple.__new__
    kind = Request
    _, locale, formality, at, isolate, extra = template

    def request(item: Any) -> Request:
        if (
            type(item) is str
            and len(item) <= MAX_LENGTH
            and item.isalnum()
            and (item.isascii() or max(item) < FIRST_MARK)
        ):
            names: tuple[str, ...] = (item,)
        elif isinstance(item, Request):
            return item.completed(defaults[1], defaults[4])
        else:
            names = clean_names(item if type(item) is tuple else (item,))
        return new(kind, (names, locale, formality, at, isolate, extra))

    return request


def moment(at: object) -> time | str:
    """Return the hour and minute of `at`, or the occasion that it names.

    Raises:
        RequestTypeError: if `at` is neither a `time`, a `datetime` nor a `str`.
        RequestValueError: if it is a `str` that is no name of an occasion.
    """
    from datetime import datetime, time

    _time.add(time)
    if isinstance(at, (time, datetime)):  # a union takes longer
        return time(at.hour, at.minute)
    if not isinstance(at, str):
        raise RequestTypeError(
            f"at is of type {type(at).__name__}: pass the addressee's local time as a "
            "datetime.time or datetime.datetime, the name of an occasion, or None"
        )
    from hellokit.wordings.occasions import MAX_LENGTH as LONGEST
    from hellokit.wordings.occasions import TIMES, is_occasion

    if at in TIMES:
        raise RequestValueError(
            f"at is {at!r}, a time of day: pass the addressee's local time, as a datetime.time"
        )
    if not is_occasion(at):
        shown = repr(at[:LONGEST])
        raise RequestValueError(
            f"at is {shown}, which names no occasion: use words of a to z joined by hyphens, "
            "such as 'birthday', or pass the time of day as a datetime.time"
        )
    return str.__str__(at)


def _bad_formality(formality: object) -> RequestTypeError | RequestValueError:
    allowed = "use 'formal', 'informal' or None"
    if isinstance(formality, str):
        return RequestValueError(f"formality is {formality!r}: {allowed}")
    return RequestTypeError(f"formality is of type {type(formality).__name__}: {allowed}")


def _frozen(extra: object) -> MappingProxyType[str, Any]:
    try:
        return MappingProxyType(dict(extra))  # type: ignore[call-overload]  # checked by dict
    except (TypeError, ValueError):
        raise RequestTypeError(
            f"extra is of type {type(extra).__name__}: pass a mapping of names to values, or None"
        ) from None


def _restored(fields: tuple[Any, ...]) -> Request:
    extra = None if fields[5] is None else MappingProxyType(fields[5])
    return tuple.__new__(Request, (*fields[:5], extra))
