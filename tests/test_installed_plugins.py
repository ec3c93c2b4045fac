"""Plugins and backends of distributions: found, loaded, refreshed, disabled and taken out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from hellokit import BackendLoadError, Kit, PluginError, Settings, UnknownBackendError

if TYPE_CHECKING:
    from installed import Installed

LIFE = """
life = []

def hellokit_started(kit):
    life.append(("started", kit.greet("Ada")))

def hellokit_closing(kit):
    life.append(("closing", kit.greet("Ada")))
"""
GREETING = "def hellokit_greet(backend): return f'{backend} of {__name__}'\n"


class Hi:
    """A backend."""

    def hellokit_greet(self) -> str:
        """Say hi."""
        return "Hi"


def names(kit: Kit) -> list[str]:
    """Return the names of a kit's backends."""
    return [each.name for each in kit.backends()]


def test_a_discovered_plugin_is_told_of_its_life(installed: Installed) -> None:
    """It may greet in all of it."""
    module = installed.add("acme-life", LIFE, plugins={"life": ""})
    with Kit() as kit:
        kit.greet("Ada")
    assert sys.modules[module].life == [("started", "Hello, Ada!"), ("closing", "Hello, Ada!")]


def test_a_discovered_backend_is_told_of_its_life(installed: Installed) -> None:
    """It starts when it is first selected, and not before."""
    module = installed.add("acme-life", LIFE + GREETING, backends={"life": "", "same": ""})
    with Kit() as kit:
        assert {"life", "same"} <= set(names(kit))
        kit.greet("Ada")
        assert module not in sys.modules
        assert kit.greet("Ada", backend="life") == "life of acme_life"
        assert kit.greet("Ada", backend="same") == "same of acme_life"
    assert sys.modules[module].life == [("started", "Hello, Ada!"), ("closing", "Hello, Ada!")]


def test_listing_backends_imports_none(installed: Installed) -> None:
    """What is told of a backend comes from its metadata, until it is loaded."""
    module = installed.add("acme-hi", GREETING, backends={"hi": ""}, version="2.5")
    with Kit() as kit:
        (info,) = [each for each in kit.backends() if each.name == "hi"]
        assert (info.distribution, info.version, info.value) == ("acme-hi", "2.5", module)
        assert (info.builtin, info.loaded, info.error) == (False, False, None)
        assert module not in sys.modules
        kit.greet("Ada", backend="hi")
        assert next(each for each in kit.backends() if each.name == "hi").loaded
        kit.register_backend("object", Hi())
        (info,) = [each for each in kit.backends() if each.name == "object"]
        assert (info.distribution, info.value) == ("", f"{Hi.__module__}.Hi")


def test_a_thing_that_is_backend_and_plugin_is_one(installed: Installed) -> None:
    """Announced as both, its plugin's hooks work from the start, and it greets when selected."""
    source = GREETING + "told = []\ndef hellokit_record(record): told.append(record.backend)"
    module = installed.add("acme-both", source, backends={"both": ""}, plugins={"both": ""})
    with Kit(Settings(strict=True)) as kit:
        assert kit.greet("Ada") == "Hello, Ada!"
        assert kit.greet("Ada", backend="both") == "both of acme_both"
        assert sys.modules[module].told == ["plain", "both"]
        installed.remove("acme-both")
        kit.refresh()
        assert "both" not in names(kit)
        kit.greet("Ada")
    assert sys.modules[module].told == ["plain", "both"]


def test_a_backend_that_lost_its_name_is_no_plugin_either(installed: Installed) -> None:
    """Or it would answer the greetings of all others."""
    for distribution in ("acme-a", "acme-b"):
        installed.add(distribution, GREETING, backends={"two": ""}, plugins={distribution: ""})
    with Kit() as kit:
        assert kit.greet("Ada") == "Hello, Ada!"
        assert kit.greet("Ada", backend="two") == "two of acme_a"
        assert [each.distribution for each in kit.failures()] == ["acme-b"]


@pytest.mark.parametrize("order", [("acme-a", "acme-b"), ("acme-b", "acme-a")])
def test_of_two_with_one_name_the_first_by_distribution_wins(
    order: tuple[str, str], installed: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever was installed first; the other one is told of, with both, and not imported."""
    for distribution in order:
        source = GREETING + "def hellokit_record(record): ..."
        installed.add(distribution, source, backends={"two": ""}, plugins={"also": ":__dict__"})
        installed.add(f"{distribution}s", LIFE, plugins={"two": ""})
    with Kit(Settings(disable_plugins=("also",))) as kit:
        assert kit.greet("Ada", backend="two") == "two of acme_a"
        conflicts = kit.failures()
    assert [(each.phase, each.distribution) for each in conflicts] == [
        ("conflict", "acme-b"),
        ("conflict", "acme-bs"),
    ]
    assert "(from acme-a 1.0) has the name already" in conflicts[0].error
    assert "(from acme-as 1.0) has the name already" in conflicts[1].error
    assert [each.message for each in caplog.records] == list(map(str, conflicts))
    assert "acme_b" not in sys.modules
    assert "acme_bs" not in sys.modules


def test_a_plugin_that_fails_does_not_pass_its_name_on(installed: Installed) -> None:
    """Who has a name is told by metadata, before anything runs: as `hellokit doctor` tells it."""
    installed.add("acme-a", "1 / 0", plugins={"two": ""})
    installed.add("acme-b", LIFE, plugins={"two": ""})
    with Kit() as kit:
        kit.greet("Ada")
        told = [(each.phase, each.distribution) for each in kit.failures()]
    assert told == [("conflict", "acme-b"), ("import", "acme-a")]
    assert "acme_b" not in sys.modules


def test_the_names_of_built_in_backends_are_reserved(installed: Installed) -> None:
    """Another distribution cannot take one."""
    installed.add("acme-a", GREETING, backends={"plain": ""})
    with Kit() as kit:
        assert kit.greet("Ada") == "Hello, Ada!"
        (told,) = kit.failures()
    assert (told.distribution, told.phase) == ("acme-a", "conflict")
    with pytest.raises(PluginError, match=r"acme-a 1\.0.*\(from hellokit "):
        Kit(Settings(strict=True)).greet("Ada")


def test_a_registered_object_goes_before_an_installed_one(installed: Installed) -> None:
    """When it is taken out, the installed one is there again."""
    installed.add("acme-hi", GREETING, backends={"hi": ""})
    with Kit() as kit:
        assert kit.greet("Ada", backend="hi") == "hi of acme_hi"
        undo = kit.register_backend("hi", Hi())
        assert kit.greet("Ada", backend="hi") == "Hi"
        undo()
        assert kit.greet("Ada", backend="hi") == "hi of acme_hi"


def test_a_kit_without_discovery_has_what_is_built_in(installed: Installed) -> None:
    """Nothing that is installed is used."""
    module = installed.add("acme-hi", GREETING + LIFE, backends={"hi": ""}, plugins={"hi": ""})
    with Kit(discover=False) as kit:
        assert all(each.builtin for each in kit.backends())
        assert kit.greet("Ada") == "Hello, Ada!"
    assert module not in sys.modules


def test_a_refresh_takes_in_what_was_installed(installed: Installed) -> None:
    """New plugins start, new backends can be selected; the others do not start again."""
    old = installed.add("acme-old", LIFE, plugins={"old": ""})
    with Kit() as kit:
        kit.greet("Ada")
        new = installed.add("acme-new", LIFE, plugins={"new": ""})
        installed.add("acme-hi", GREETING, backends={"hi": ""})
        with pytest.raises(UnknownBackendError):
            kit.greet("Ada", backend="hi")
        kit.refresh()
        kit.refresh()
        assert kit.greet("Ada", backend="hi") == "hi of acme_hi"
        assert len(sys.modules[old].life) == len(sys.modules[new].life) == 1


def test_a_refresh_takes_out_what_was_uninstalled(installed: Installed) -> None:
    """Plugins and backends that are gone are told so, and do nothing any more."""
    installed.add("acme-old", LIFE + GREETING, backends={"old": ""})
    installed.add("acme-sink", LIFE, plugins={"sink": ""})
    with Kit() as kit:
        assert kit.greet("Ada", backend="old") == "old of acme_old"
        installed.remove("acme-old")
        installed.remove("acme-sink")
        kit.refresh()
        for module in ("acme_old", "acme_sink"):
            assert [event for event, _ in sys.modules[module].life] == ["started", "closing"]
        with pytest.raises(UnknownBackendError):
            kit.greet("Ada", backend="old")


def test_a_refresh_mends_what_was_broken(installed: Installed) -> None:
    """A backend that could not be loaded is tried again."""
    module = installed.add("acme-hi", "import no_such_module", backends={"hi": ""})
    with Kit() as kit:
        with pytest.raises(BackendLoadError):
            kit.greet("Ada", backend="hi")
        (installed.folder / f"{module}.py").write_text(GREETING, encoding="utf-8")
        kit.refresh()
        assert kit.greet("Ada", backend="hi") == "hi of acme_hi"


def test_a_refresh_heeds_what_is_disabled_by_then(installed: Installed) -> None:
    """A plugin can be disabled and enabled while the kit runs."""
    life = installed.add("acme-life", LIFE, plugins={"life": ""})
    installed.add("acme-hi", GREETING, backends={"hi": ""})
    with Kit() as kit:
        kit.greet("Ada", backend="hi")
        kit.configure(disable_plugins=("life", "acme-hi"))
        kit.refresh()
        assert [event for event, _ in sys.modules[life].life] == ["started", "closing"]
        with pytest.raises(BackendLoadError, match=r"acme-hi 1\.0.* is disabled: take it out of"):
            kit.greet("Ada", backend="hi")
        assert next(each for each in kit.backends() if each.name == "hi").error == "disabled"
        kit.configure(disable_plugins=())
        kit.refresh()
        assert kit.greet("Ada", backend="hi") == "hi of acme_hi"
        assert sys.modules[life].life[-1][0] == "started"


@pytest.mark.parametrize("disabled", ["hi", "acme-hi", "all", "other,hi"])
def test_what_the_environment_disables_is_not_imported(
    disabled: str, installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name, its distribution's, or with all others; what is built in stays."""
    module = installed.add("acme-hi", GREETING + LIFE, backends={"hi": ""}, plugins={"hi": ""})
    monkeypatch.setenv("HELLOKIT_DISABLE_PLUGINS", disabled)
    with Kit() as kit:
        assert kit.greet("Ada") == "Hello, Ada!"
        with pytest.raises(BackendLoadError, match="is disabled"):
            kit.greet("Ada", backend="hi")
        assert kit.failures() == ()
    assert module not in sys.modules


def test_without_lazy_loading_all_is_loaded_at_the_start(installed: Installed) -> None:
    """What is broken is then known from the start."""
    module = installed.add("acme-hi", GREETING, backends={"hi": ""})
    installed.add("acme-bad", "import no_such_module", backends={"bad": ""})
    with Kit(Settings(lazy_loading=False)) as kit:
        kit.greet("Ada")
        assert module in sys.modules
        assert [(each.distribution, each.phase) for each in kit.failures()] == [
            ("acme-bad", "import")
        ]


def test_what_is_disabled_gives_its_name_back(installed: Installed) -> None:
    """Disabling the winner of a conflict lets the other one in, and ends the conflict."""
    installed.add("acme-a", "def hellokit_greet(): return 'a'", backends={"same": ""})
    installed.add("acme-b", "def hellokit_greet(): return 'b'", backends={"same": ""})
    with Kit(Settings(disable_plugins=("acme-a",))) as kit:
        assert kit.greet(backend="same") == "b"
        assert kit.failures() == ()
