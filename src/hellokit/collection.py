"""The collection of wordings: what the plugins of a kit bring, each asked once."""

from __future__ import annotations

from hellokit.errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import pluggy

    from hellokit.plugins import Plugins
    from hellokit.wordings.wording import Wording


class Collection:
    """The wordings of the plugins that are registered.

    Args:
        plugins: the manager that knows them.

    Attributes:
        errors: of plugins whose wordings cannot be used; whoever reports one takes it out.
    """

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins
        self._given: dict[object, tuple[Wording, ...]] = {}
        self.errors: dict[object, BaseException] = {}

    def wordings(self) -> list[Wording]:
        """Return all of them, in the order in which their plugins were registered."""
        asked = reversed(list(self._plugins.implementations("hellokit_wordings")))
        self._given = {each.plugin: self._asked(each) for each in asked}
        return [wording for given in self._given.values() for wording in given]

    def _asked(self, implementation: pluggy.HookImpl) -> tuple[Wording, ...]:
        plugin = implementation.plugin
        if plugin in self._given:
            return self._given[plugin]
        try:
            return checked(implementation.function())
        except (Exception, SystemExit) as error:  # noqa: BLE001  # a plugin may raise anything
            self.errors[plugin] = error
            return ()


def checked(wordings: Any) -> tuple[Wording, ...]:
    """Return the wordings of one plugin.

    Raises:
        PluginError: if they are not several things, or one is not a Wording.
    """
    from hellokit.wordings.wording import Wording

    kind = type(wordings).__name__
    if isinstance(wordings, (str, bytes, dict)) or not hasattr(wordings or (), "__iter__"):
        raise PluginError(f"hellokit_wordings returned a {kind}: return a list of Wording objects")
    found = tuple(wordings or ())
    for each in found:
        if not isinstance(each, Wording):
            raise PluginError(
                f"hellokit_wordings returned a {kind} with a {type(each).__name__} in it: return "
                "Wording objects, for example from Wording.from_data(locale, data)"
            )
    return found
