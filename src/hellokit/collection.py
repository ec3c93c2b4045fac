"""The collection: what the plugins of a kit know of words, each asked for its wordings once."""

from __future__ import annotations

from hellokit.errors import PluginError
from hellokit.names import clean_names
from hellokit.plugins import call
from hellokit.wordings.lazy import LazyWording
from hellokit.wordings.tags import canonical, fallbacks
from hellokit.wordings.wording import Wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, TypeVar

    import pluggy

    from hellokit.plugins import Plugins
    from hellokit.wordings.table import AnyWording

    Failed = Callable[[object, BaseException], object]
    T = TypeVar("T")


class Collection:
    """The wordings of the plugins that are registered.

    Args:
        plugins: the manager that knows them.
        rank: tells how much a plugin's words count: those of a higher rank go before others.
        failed: told once of a plugin whose hook raised while a greeting was composed. It is asked
            again: whoever has a strange name must not decide how others are called.

    Attributes:
        errors: of plugins whose wordings cannot be used; whoever reports one takes it out.
    """

    def __init__(self, plugins: Plugins, rank: Callable[[object], int], failed: Failed) -> None:
        self._plugins = plugins
        self._rank = rank
        self._failed = failed
        self._told: set[tuple[str, object]] = set()
        self._given: dict[object, tuple[AnyWording, ...]] = {}
        self.errors: dict[object, BaseException] = {}

    def wordings(self) -> list[AnyWording]:
        """Return all of them; a later one counts more than an earlier one."""
        asked = reversed(self._ranked("hellokit_wordings"))
        self._given = {each.plugin: self._asked(each) for each in asked}
        self._told = {each for each in self._told if self._plugins.is_registered(each[1])}
        return [wording for given in self._given.values() for wording in given]

    def lost(self, wording: AnyWording, error: BaseException) -> None:
        """Report the plugin whose lazy wording could not be loaded."""
        owners = [owner for owner, given in self._given.items() if wording in given]
        for owner in owners[-1:]:
            self._failed(owner, error)

    def chain(self, tag: str) -> Iterable[str]:
        """Return the tags that may answer for a canonical one, in order.

        Those of the first plugin that knows any; else what RFC 4647's lookup tries.
        """
        for found in self._answers("hellokit_fallbacks", {"tag": tag}, _tags):
            return found
        return fallbacks(tag)

    def inflect(self, name: str, locale: str) -> str:
        """Return the form of a name in which somebody is called, if a plugin knows it."""
        for found in self._answers("hellokit_vocative", {"name": name, "locale": locale}, _name):
            return found
        return name

    def inflects(self) -> bool:
        """Tell whether there is a plugin that may know."""
        return any(self._plugins.implementations("hellokit_vocative"))

    def _answers(
        self, hook: str, given: Mapping[str, str], checked: Callable[[Any], T]
    ) -> Iterator[T]:
        """Yield what plugins answer, checked, but for None; one that fails is reported."""
        for implementation in self._ranked(hook):
            try:
                answer = call(implementation, given)
                if answer is not None:
                    yield checked(answer)
            except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may raise anything
                if (hook, implementation.plugin) not in self._told:
                    self._told.add((hook, implementation.plugin))
                    self._failed(implementation.plugin, error)

    def _ranked(self, hook: str) -> list[pluggy.HookImpl]:
        """Return the implementations of a hook, those that count most first."""
        found = self._plugins.implementations(hook)
        return sorted(found, key=lambda each: self._rank(each.plugin), reverse=True)

    def _asked(self, implementation: pluggy.HookImpl) -> tuple[AnyWording, ...]:
        plugin = implementation.plugin
        if plugin in self._given:
            return self._given[plugin]
        try:
            return checked(implementation.function())
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may raise anything
            self.errors[plugin] = error
            return ()


def _tags(tags: Any) -> tuple[str, ...]:
    return tuple(map(canonical, tags))


def _name(form: Any) -> str:
    """Return the one name that a plugin gave, clean as any other.

    Raises:
        PluginError: if nothing of it can be seen.
    """
    names = clean_names((form,))
    if not names:
        raise PluginError(f"hellokit_vocative returned {form!r}: return a name, or None")
    return names[0]


def checked(wordings: Any) -> tuple[AnyWording, ...]:
    """Return the wordings of one plugin.

    Raises:
        PluginError: if they are not several things, or one is neither a Wording nor a LazyWording.
    """
    kind = type(wordings).__name__
    if isinstance(wordings, (str, bytes, dict)) or not hasattr(wordings or (), "__iter__"):
        raise PluginError(f"hellokit_wordings returned a {kind}: return a list of Wording objects")
    found = tuple(wordings or ())
    for each in found:
        if not isinstance(each, Wording | LazyWording):
            raise PluginError(
                f"hellokit_wordings returned a {kind} with a {type(each).__name__} in it: return "
                "Wording objects, for example from Wording.from_data(locale, data)"
            )
    return found
