"""What the author of a plugin is told about a slip: what is wrong, and what to do about it."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from hellokit import (
    BackendLoadError,
    BackendResultError,
    Kit,
    PluginError,
    Record,
    Request,
    SettingsError,
    Wording,
    hookimpl,
)
from hellokit.wordings.english import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installed import Installed


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with nothing but hellokit's own."""
    with Kit(discover=False) as made:
        yield made


class Hi:
    """A backend that is sound."""

    def hellokit_greet(self) -> str:
        """Say hi."""
        return "Hi"


class Bound:
    """A backend that cannot be made of nothing."""

    def __init__(self, host: str) -> None:
        self.host = host

    def hellokit_greet(self) -> str:
        """Say where from."""
        return self.host


class Unmade:
    """A backend that fails in a way of its own while it is made."""

    def __init__(self) -> None:
        raise TypeError("no port")

    def hellokit_greet(self) -> str:
        """Say nothing."""
        return ""


def greets(*arguments: str, **also: str) -> Any:
    """Return a class whose `hellokit_greet` has these parameters, and methods by other names."""
    methods = {"hellokit_greet": ", ".join(arguments), **also}
    text = "\n".join(f"    def {name}({taken}): return 'Hi'" for name, taken in methods.items())
    namespace: dict[str, Any] = {}
    exec(f"class Made:\n{text}", namespace)  # noqa: S102  # a class to order
    return namespace["Made"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"nl": 5}, "returned a dict: return a list of Wording objects"),
        ("nl", "returned a str: return a list of Wording objects"),
        (5, "returned a int: return a list of Wording objects"),
        (Wording.from_data("nl", DATA), "returned a Wording: return a list of Wording objects"),
        ([DATA], r"returned a list with a dict in it: .* Wording\.from_data\(locale, data\)"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_wordings_that_are_none_are_told_by_what_was_returned(
    given: object, told: str, kit: Kit
) -> None:
    """What a plugin returned is named, not what happens to be in it."""

    class Words:
        def hellokit_wordings(self) -> Any:
            return given

    with pytest.raises(PluginError, match=f"^hellokit_wordings {told}"):
        kit.register(Words)


def test_a_backend_that_returns_nothing_is_asked_for_its_return(kit: Kit) -> None:
    """A branch without one is the likeliest cause."""

    class Forgetful:
        def hellokit_greet(self, request: Request) -> str | None:
            return "Hi" if request.names else None

    kit.register_backend("forgetful", Forgetful)
    with pytest.raises(
        BackendResultError,
        match=r"'forgetful' returned None, not a str: .* lack a `return`\? .*declined",
    ):
        kit.greet(backend="forgetful")


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("request", "words"), r"\(self, request, words\)"),
        (("request",), r"\(self, request\)"),
        ((), r"\(self\)"),
    ],
)
def test_a_method_without_self_is_refused(
    arguments: tuple[str, ...], remedy: str, kit: Kit
) -> None:
    """It would be given the object in the place of its first argument."""
    with pytest.raises(
        PluginError, match=rf"the first parameter of a method is the object: write {remedy}"
    ):
        kit.register_backend("made", greets(*arguments))


def test_a_class_method_is_told_of_the_class(kit: Kit) -> None:
    """Its first parameter is called otherwise."""
    made = type("Made", (), {"hellokit_record": classmethod(lambda record: record)})
    with pytest.raises(PluginError, match=r"is the class: write \(cls, record\)"):
        kit.register(made)


def test_a_method_may_call_its_object_anything(kit: Kit) -> None:
    """Also if it takes whatever it is given."""
    kit.register_backend("this", greets("this", "request"))
    assert kit.greet("Ada", backend="this") == "Hi"
    method = hookimpl(lambda *given: str(len(given)))
    kit.register_backend("any", type("Any", (), {"hellokit_greet": method}))
    assert kit.greet("Ada", backend="any") == "1"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("hellokit_recrod", "hellokit_record"),
        ("hellokit_start", "hellokit_started"),
        ("hellokit_wording", "hellokit_wordings"),
        ("hellokit_greet_asynch", "hellokit_greet_async"),
        ("helokit_alert", "hellokit_alert"),
        ("Hellokit_record", "hellokit_record"),
        ("hellokti_record", "hellokit_record"),
    ],
)
def test_a_hook_by_nearly_its_name_is_refused(name: str, near: str, kit: Kit) -> None:
    """Beside a hook that is right, it would be left out and nobody would know."""
    with pytest.raises(PluginError, match=rf"the unknown hook {name} \({name} may mean {near}\)"):
        kit.register_backend("made", greets("self", **{name: "self"}))
    with pytest.raises(PluginError, match=rf"the unknown hook {name} \({name} may mean {near}\)"):
        kit.register(type("Made", (), {name: lambda self: self}))


@pytest.mark.parametrize(
    "name",
    [
        "hellokit_greet_all",
        "hellokit_greet_async_many",
        "hellokit_settings",
        "hello_greet",
        "hello_commands",
        "greet",
        "record",
        "helper",
        "hellokit",
    ],
)
def test_functions_of_the_authors_own_are_let_pass(name: str, kit: Kit) -> None:
    """A name that is not close to a hook's is a helper's."""
    kit.register_backend("made", greets("self", **{name: "self"}))
    assert kit.greet("Ada", backend="made") == "Hi"


def test_what_is_no_function_may_have_any_name(kit: Kit) -> None:
    """A list of records is no hook that was misspelt."""

    class Kept(Hi):
        hellokit_records: ClassVar[list[object]] = []

    kit.register_backend("kept", Kept)
    assert kit.greet("Ada", backend="kept") == "Hi"


def test_a_hook_that_is_marked_as_optional_may_be_near_another(kit: Kit) -> None:
    """That is the author's word that it is meant."""

    class Later(Hi):
        @hookimpl(optionalhook=True)
        def hellokit_records(self) -> None:
            """Be a hook of hellokit's to come."""

    kit.register_backend("later", Later)
    assert kit.greet("Ada", backend="later") == "Hi"


@pytest.mark.parametrize(
    "function", [lambda request: request, partial(print), print, Hi().hellokit_greet]
)
def test_a_function_is_no_backend(function: Any, kit: Kit) -> None:
    """The message says what is."""
    told = "a function is no backend: pass a class, an object or a module with hellokit_greet"
    with pytest.raises(PluginError, match=told):
        kit.register_backend("f", function)
    with pytest.raises(PluginError, match="a function is no plugin: pass a class, an object or a"):
        kit.register(function)


def test_a_class_that_needs_arguments_is_refused(kit: Kit) -> None:
    """With what it needs, and what to register in its place."""
    told = "class Bound is called without arguments, .*'host'.*: register an object"
    with pytest.raises(PluginError, match=told):
        kit.register_backend("bound", Bound)
    with pytest.raises(PluginError, match=told):
        kit.register(Bound)
    with pytest.raises(PluginError, match=told), Kit(plugins=[Bound], discover=False) as other:
        other.greet("Ada")


def test_what_a_class_raises_while_it_is_made_is_its_own(kit: Kit) -> None:
    """A `TypeError` from inside is no matter of arguments."""
    with pytest.raises(TypeError, match="no port"):
        kit.register_backend("unmade", Unmade)


class Sink:
    """A sink that is full."""

    def hellokit_record(self, record: Record) -> None:
        """Fail."""
        raise OSError("full", record.backend)


def test_messages_name_a_plugin_as_its_author_does(kit: Kit) -> None:
    """By the name that it was given, and its class; without an address, or a name within."""
    with pytest.raises(PluginError, match=r"^backend 'typo' \(class Made\) has the unknown hook"):
        kit.register_backend("typo", greets("self", hellokit_recrod="self"))
    with pytest.raises(PluginError, match=r"^plugin object has no hellokit hook"):
        kit.register(object())
    with pytest.raises(PluginError, match=r"^plugin 'journal' \(class object\) has no"):
        kit.register(object(), "journal")
    with pytest.raises(PluginError, match=r"^plugin 'words' \(module\) has no"):
        kit.register(ModuleType("words"))
    with pytest.raises(PluginError, match=r"^hellokit_greet of plugin Hi makes it a backend"):
        kit.register(Hi)


def test_a_failure_names_a_plugin_as_its_author_does(kit: Kit) -> None:
    """Where it was registered is for its application to know."""
    for name in (None, "journal"):
        kit.register(Sink(), name)
    kit.greet("Ada")
    journal, unnamed = sorted(kit.failures(), key=lambda each: each.source)
    assert journal.source == "plugin 'journal' (class Sink)"
    assert unnamed.source == "plugin Sink"
    assert " at 0x" not in f"{journal} {unnamed}"


def test_a_failure_says_where_it_was_raised(kit: Kit) -> None:
    """In the plugin's own code, however deep it went from there."""

    class Deep(Sink):
        def hellokit_record(self, record: Record) -> None:
            int(record.backend)

    kit.register(Deep)
    kit.greet("Ada")
    (failure,) = kit.failures()
    line = Deep.hellokit_record.__code__.co_firstlineno + 1
    assert failure.where == f"{__file__}:{line}"


UNSET = """
from hellokit import SettingsError

class Remote:
    def __init__(self):
        raise SettingsError("REMOTE_URL is not set: give the address of the server")

    def hellokit_greet(self):
        return ""
"""


def test_a_plugin_that_is_not_configured_is_not_to_be_uninstalled(kit: Kit) -> None:
    """A `SettingsError` of its own says what it lacks: the remedy is to set that."""

    class Unset:
        def hellokit_record(self, record: Record) -> None:
            raise SettingsError(f"JOURNAL_FILE is not set, for {record.backend}")

    kit.register(Unset)
    kit.greet("Ada")
    (failure,) = kit.failures()
    assert failure.remedy == "Set what it asks for"


def test_a_backend_that_is_not_configured_says_what_it_lacks(installed: Installed) -> None:
    """As the cause, with the same remedy; it can be disabled too."""
    installed.add("acme-remote", UNSET, backends={"remote": ":Remote"})
    told = "REMOTE_URL is not set: .* Set what it asks for, or set HELLOKIT_DISABLE_PLUGINS=remote$"
    with Kit() as kit, pytest.raises(BackendLoadError, match=told):
        kit.greet("Ada", backend="remote")
