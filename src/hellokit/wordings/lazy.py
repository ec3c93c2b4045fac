"""Lazy wordings: known by their tags, and loaded when a request first needs them."""

from __future__ import annotations

from hellokit.errors import WordingError
from hellokit.wordings.wording import Wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class LazyWording:
    """A wording that is loaded when a request first needs it.

    Args:
        locale: its language tag, in canonical form.
        load: returns the wording; kept from then on. Threads that come first together may each
            call it, and where it raised it is called again for another tag.
        aliases: further tags that it answers, in canonical form, unless a wording has that tag.

    >>> from hellokit import Kit
    >>> def load():
    ...     return Wording(locale="tlh", slots={"hello": {"with": "nuqneH, {name}!",
    ...                                                   "without": "nuqneH!"}})
    >>> class Klingon:
    ...     def hellokit_wordings(self):
    ...         return [LazyWording("tlh", load)]
    >>> with Kit(discover=False, plugins=[Klingon]) as kit:
    ...     kit.greet("Ada", locale="tlh")
    'nuqneH, Ada!'
    """

    __slots__ = ("_load", "_wording", "aliases", "locale")

    def __init__(
        self, locale: str, load: Callable[[], Wording], *, aliases: Sequence[str] = ()
    ) -> None:
        self.locale = locale
        self.aliases = tuple(aliases)
        self._load = load
        self._wording: Wording | None = None

    def loaded(self) -> Wording:
        """Return the wording.

        Raises:
            WordingError: if what is loaded is no wording, or that of another locale.
        """
        if self._wording is None:
            wording = self._load()
            if not isinstance(wording, Wording) or wording.locale != self.locale:
                raise WordingError(
                    f"wording {self.locale!r}: loading it gave {wording!r}; "
                    f"return a Wording whose locale is {self.locale!r}"
                )
            self._wording = wording
        return self._wording

    def __repr__(self) -> str:
        """Name the locale."""
        return f"LazyWording({self.locale!r})"
