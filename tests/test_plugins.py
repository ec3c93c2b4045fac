"""Plugins and backends: registered, told of their life, and taken out again."""

from __future__ import annotations

from functools import partial
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from hellokit import (
    Kit,
    PluginError,
    Record,
    Request,
    UnknownBackendError,
    Wording,
    WordingError,
    hookimpl,
)
from hellokit.wordings.english import DATA

if TYPE_CHECKING:
    from collections.abc import Generator


class Sink:
    """A plugin that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def hellokit_record(self, record: Record) -> None:
        """Keep the backend."""
        self.told.append(record.backend)

    def hellokit_started(self, kit: Kit) -> None:
        """Keep that."""
        self.told.append(("started", kit))

    def hellokit_closing(self, kit: Kit) -> None:
        """Keep that."""
        self.told.append(("closing", kit))


class Loud:
    """A wrapper of every backend."""

    @hookimpl(wrapper=True)
    def hellokit_greet(self) -> Generator[None, str, str]:
        """Say it in capitals."""
        return (yield).upper()


class Hi:
    """A backend."""

    def hellokit_greet(self) -> str:
        """Say hi."""
        return "Hi"


class Equal(Hi):
    """A backend that equals all others of its kind."""

    def __eq__(self, other: object) -> bool:
        """Compare by kind."""
        return isinstance(other, Equal)

    def __hash__(self) -> int:
        """Hash by kind."""
        return hash(Equal)


def names(kit: Kit) -> list[str]:
    """Return the names of a kit's backends."""
    return [each.name for each in kit.backends()]


def test_a_plugin_is_told_of_its_life_in_order() -> None:
    """It starts when the kit does, or when it is registered later, and ends once."""
    early, late, out = Sink(), Sink(), Sink()
    with Kit(plugins=[early], discover=False) as kit:
        kit.register(late)
        undo = kit.register(out)
        kit.greet("Ada")
        undo()
        undo()
        kit.greet("Bob")
    undo()
    for sink in (early, late):
        assert sink.told == [("started", kit), "plain", "plain", ("closing", kit)]
    assert out.told == [("started", kit), "plain", ("closing", kit)]


def test_what_is_registered_again_is_new() -> None:
    """An object that was taken out can come back."""
    sink = Sink()
    with Kit(discover=False) as kit:
        kit.register(sink)()
        kit.register(sink)
        kit.greet()
    assert sink.told == [*[("started", kit), ("closing", kit)], *sink.told[2:]]
    assert sink.told[2:] == [("started", kit), "plain", ("closing", kit)]


def test_a_class_is_made_an_object() -> None:
    """The undo takes out what was made of it."""
    with Kit(plugins=[Sink], discover=False) as kit:
        undo = kit.register(Loud)
        assert kit.greet("Ada") == "HELLO, ADA!"
        undo()
        assert kit.greet("Ada") == "Hello, Ada!"
        undo = kit.register_backend("hi", Hi)
        assert kit.greet("Ada", backend="hi") == "Hi"
        undo()
        assert "hi" not in names(kit)


def test_a_wrapper_sees_every_backend() -> None:
    """Also one that is registered after it."""
    with Kit(plugins=[Loud()], discover=False) as kit:
        kit.register_backend("hi", Hi())
        assert kit.greet("Ada", backend="hi") == "HI"
        assert kit.greet("Ada") == "HELLO, ADA!"


@pytest.mark.parametrize(
    "plugin",
    [
        type("Static", (), {"hellokit_record": staticmethod(lambda record: record)}),
        type("Class", (), {"hellokit_record": classmethod(lambda cls: cls)}),
        type("Marked", (), {"take": hookimpl(specname="hellokit_record")(lambda self: self)}),
        type("Optional", (Sink,), {"hellokit_x": hookimpl(optionalhook=True)(lambda self: self)}),
        type("Disabled", (Sink,), {"hellokit_started": None}),
        type("Defaults", (), {"hellokit_record": lambda self, record=None: (self, record.backend)}),
    ],
    ids=lambda kind: kind.__name__,
)
def test_a_hook_may_be_any_function(plugin: type) -> None:
    """Methods of all kinds, marked or by name alone, with arguments as they need them."""
    kit = Kit(discover=False)
    kit.register(plugin())
    assert kit.greet("Ada") == "Hello, Ada!"
    assert kit.failures() == ()


@pytest.mark.parametrize(
    ("plugin", "message"),
    [
        (None, r"NoneType\)? has no hellokit hook"),
        (5, r"int\)? has no hellokit hook"),
        (object(), r"object\)? has no hellokit hook: give it one of hellokit_alert"),
        ([], r"list\)? cannot be hashed"),
        (SimpleNamespace, r"SimpleNamespace\)? cannot be hashed"),
        (type("Part", (), {"hellokit_greet": partial(print)}), "is a partial: make it a function"),
        (type("Own", (), {"hellokit_greet": property(id)}), "is a property: make it a function"),
    ],
)
def test_what_is_no_plugin_is_refused(plugin: Any, message: str) -> None:
    """Registering it is an error of the application, also as one of a kit's own plugins."""
    with pytest.raises(PluginError, match=message):
        Kit(discover=False).register(plugin)
    with pytest.raises(PluginError, match=message):
        Kit(discover=False).register_backend("it", plugin)
    with pytest.raises(PluginError, match=message):
        Kit(plugins=[plugin], discover=False).greet("Ada")


def test_an_object_is_registered_once() -> None:
    """As a plugin or as a backend; the message says as what it is there."""
    kit = Kit(discover=False)
    sink = Sink()
    kit.register(sink, "journal")
    with pytest.raises(PluginError, match=r"registered already, as plugin 'journal'"):
        kit.register(sink)
    with pytest.raises(PluginError, match=r"^plugin 'journal' \(class Sink\) has a name that is"):
        kit.register(Sink(), "journal")
    with pytest.raises(PluginError, match=r"registered already, as plugin 'journal'"):
        kit.register_backend("journal", sink)
    kit.register_backend("one", Equal())
    with pytest.raises(PluginError, match="compare objects by identity if they are two"):
        kit.register_backend("two", Equal())
    assert kit.greet("Ada", backend="one") == "Hi"


@pytest.mark.parametrize("name", ["", " ", "a+b", " a", 5, None])
def test_a_backend_is_named_by_a_word(name: Any) -> None:
    """Another name could not be selected."""
    with pytest.raises(PluginError, match="a backend cannot be named"):
        Kit(discover=False).register_backend(name, Hi())


def test_the_name_of_a_backend_is_taken_once() -> None:
    """The names of the built-in backends are reserved."""
    kit = Kit(discover=False)
    with pytest.raises(PluginError, match="'plain' is built in"):
        kit.register_backend("plain", Hi())
    undo = kit.register_backend("hi", Hi())
    with pytest.raises(PluginError, match="'hi' is registered already"):
        kit.register_backend("hi", Hi())
    undo()
    kit.register_backend("hi", Hi())
    undo()
    assert kit.greet("Ada", backend="hi") == "Hi"


def test_what_is_no_backend_is_refused() -> None:
    """And leaves nothing behind."""
    kit = Kit(discover=False)
    before = names(kit)
    with pytest.raises(PluginError, match="'sink' has neither hellokit_greet nor"):
        kit.register_backend("sink", sink := Sink())
    with pytest.raises(PluginError, match="'loud' has neither hellokit_greet nor"):
        kit.register_backend("loud", Loud())
    assert kit.greet("Ada") == "Hello, Ada!"
    assert sink.told == []
    assert names(kit) == before


class Lively(Sink):
    """A backend with the hooks of a plugin."""

    def hellokit_greet(self, request: Request) -> str:
        """Say hi."""
        return f"Hi, {request.names[0]}"


def test_a_backend_is_a_plugin_too() -> None:
    """It is told of its life and of all records, under however many names it goes."""
    backend = Lively()
    with Kit(discover=False) as kit:
        undo_one = kit.register_backend("one", backend)
        undo_two = kit.register_backend("two", backend)
        assert kit.greet("Ada", backend="two") == "Hi, Ada"
        assert kit.greet("Ada") == "Hello, Ada!"
        undo_one()
        undo_two()
        kit.greet("Ada")
    assert backend.told == [("started", kit), "two", "plain", ("closing", kit)]


def test_the_manager_is_pluggys() -> None:
    """What it takes out or blocks is gone, also for the calls that come."""
    kit = Kit(plugins=[loud := Loud()], discover=False)
    assert kit.greet("Ada") == "HELLO, ADA!"
    kit.plugins.unregister(loud)
    assert kit.greet("Ada") == "Hello, Ada!"
    kit.register_backend("hi", hi := Hi())
    assert kit.greet("Ada", backend="hi") == "Hi"
    kit.plugins.unregister(hi)
    with pytest.raises(UnknownBackendError):
        kit.greet("Ada", backend="hi")
    kit.plugins.set_blocked("hellokit.backends:hi")
    with pytest.raises(PluginError, match="'hi' is blocked in the kit's plugin manager"):
        kit.register_backend("hi", hi)
    assert kit.plugins.unblock("hellokit.backends:hi")
    kit.register_backend("hi", hi)
    assert kit.greet("Ada", backend="hi") == "Hi"


def test_a_monitor_sees_greetings_until_it_is_undone() -> None:
    """The tools of pluggy work on a kit."""
    kit = Kit(discover=False)
    seen: list[str] = []
    kit.greet("Ada")
    undo = kit.plugins.add_hookcall_monitoring(lambda name, *_: seen.append(name), lambda *_: None)
    assert kit.greet("Ada") == "Hello, Ada!"
    undo()
    assert kit.greet("Ada") == "Hello, Ada!"
    assert seen == ["hellokit_greet"]


class Bavarian:
    """A plugin with a locale."""

    def __init__(self, text: str) -> None:
        self.text = text

    def hellokit_wordings(self) -> list[Wording]:
        """Return it."""
        slots = {"hello": {"with": self.text, "without": "Servus!"}}
        return [Wording.from_data("bar", {**DATA, "slots": slots, "informal": {}, "hours": ()})]


def test_wordings_come_and_go_with_their_plugin() -> None:
    """The last one that was registered counts."""
    with Kit(plugins=[Bavarian("Servus, {name}!")], discover=False) as kit:
        assert kit.greet("Ada", locale="bar") == "Servus, Ada!"
        undo = kit.register(Bavarian("Griaß di, {name}!"))
        assert kit.greet("Ada", locale="bar") == "Griaß di, Ada!"
        undo()
        assert kit.greet("Ada", locale="bar") == "Servus, Ada!"


def test_wordings_that_break_a_rule_are_refused() -> None:
    """The error is the wording's own, and nothing of the plugin stays."""
    kit = Kit(discover=False)
    bad = Bavarian("Servus!")
    for _ in range(2):
        with pytest.raises(WordingError, match="bar"):
            kit.register(bad)
    assert not kit.plugins.is_registered(bad)
    assert kit.failures() == ()


def test_an_undo_after_the_end_does_nothing() -> None:
    """Whoever cleans up late is not told off."""
    with Kit(discover=False) as kit:
        undo = kit.register(Sink())
        undo_backend = kit.register_backend("hi", Hi())
    undo()
    undo_backend()


def test_a_plugin_that_greets_like_a_backend_is_refused() -> None:
    """Whether it was asked would depend on what was loaded first; the message says what to do."""
    with Kit(discover=False) as kit:
        with pytest.raises(PluginError, match=r"makes it a backend: use register_backend\(\)"):
            kit.register(Hi)
        assert kit.greet("Ada") == "Hello, Ada!"


def test_what_a_hook_does_not_offer_is_named() -> None:
    """With what it does offer."""

    class Misspelt:
        """Takes a record by another name."""

        def hellokit_record(self, rekord: object) -> None:
            """Do nothing."""

    with (
        Kit(discover=False) as kit,
        pytest.raises(PluginError, match=r"hellokit_record takes rekord, .* any of record"),
    ):
        kit.register(Misspelt)


def test_plugins_that_share_a_sink_function_are_two() -> None:
    """Each gets its record, and each is told by its own name when it fails."""
    taken: list[Any] = []

    def hellokit_record(record: Any) -> None:
        taken.append(record)
        raise OSError("disk full")

    with Kit(discover=False) as kit:
        for name in ("one", "two"):
            module: Any = ModuleType(name)
            module.hellokit_record = hellokit_record
            kit.register(module)
        for _ in range(2):
            kit.greet("Ada")
        assert {failure.plugin for failure in kit.failures()} == {"one", "two"}
    assert len(taken) == 2
