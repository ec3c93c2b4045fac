"""A contract class that bends the contract is refused when it is made."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from hellokit import ContractError, testing
from hellokit.testing import CONTRACT_VERSION, BackendContract
from hellokit.testing.contract import CHECKS

DOCS = Path(__file__).parent.parent / "docs"


def contract(*bases: type, **attributes: Any) -> type:
    """Make a contract class."""
    return type("TestLoud", (*bases, BackendContract), {"backend": "loud", **attributes})


def refused(*bases: type, **attributes: Any) -> str:
    """Make one that is refused; return what is said."""
    with pytest.raises(ContractError) as caught:
        contract(*bases, **attributes)
    return str(caught.value)


def test_a_check_cannot_be_redefined() -> None:
    """What has the name of a check and is another function is refused, and so is None."""
    for replacement in (None, lambda _: None):
        said = refused(test_fork=replacement)
        assert said.startswith("TestLoud redefines test_fork, which is part of the contract")
        assert "declare what the backend does not do in unsupported or not_yet" in said


def test_a_check_cannot_be_redefined_by_another_base() -> None:
    """A mixin that comes first hides no check."""

    class Lenient:
        def test_names(self) -> None:
            """Try nothing."""

    assert "redefines test_names" in refused(Lenient)


def test_tests_of_ones_own_are_welcome() -> None:
    """A class may have tests, fixtures and attributes beside those of the contract."""
    made: Any = contract(test_loud=lambda _: None, url="redis://")
    assert made.url == "redis://"


@pytest.mark.parametrize("option", ["unsupported", "not_yet"])
def test_an_unknown_capability_is_refused_with_its_near_misses(option: str) -> None:
    """The message says what there is."""
    said = refused(**{option: {"forks": "it holds a socket"}})
    assert (
        "no capability is named 'forks': did you mean 'fork'? there is surroundings, text, " in said
    )
    assert all(name in said for name in CHECKS)


@pytest.mark.parametrize("reason", ["", "  ", None, True])
@pytest.mark.parametrize("option", ["unsupported", "not_yet"])
def test_a_declaration_has_a_reason(option: str, reason: object) -> None:
    """To say nothing of why is refused."""
    assert f"gives no reason for {option} 'fork': " in refused(**{option: {"fork": reason}})


@pytest.mark.parametrize("declared", [["fork"], {"fork"}, "fork", None])
@pytest.mark.parametrize("option", ["unsupported", "not_yet"])
def test_a_declaration_is_a_mapping(option: str, declared: object) -> None:
    """To name capabilities and no reasons is refused, whatever holds the names."""
    assert f"has {option} = {declared!r}: use a mapping " in refused(**{option: declared})


def test_what_is_demanded_of_all_cannot_be_declared_unsupported() -> None:
    """It may be declared not to work yet."""
    said = refused(unsupported={"counting": "it counts itself"})
    assert "which is demanded of every backend" in said
    contract(not_yet={"counting": "issue 12"})


def test_a_capability_is_not_declared_twice() -> None:
    """By design and to come exclude each other."""
    said = refused(unsupported={"fork": "a socket"}, not_yet={"fork": "issue 12"})
    assert "both unsupported and not_yet" in said


@pytest.mark.parametrize("version", [0, -1, "1", None])
def test_a_version_is_a_number_from_one(version: object) -> None:
    """Anything else is refused."""
    assert f"has contract = {version!r}" in refused(contract=version)


def test_a_newer_version_is_refused() -> None:
    """The message says to update hellokit."""
    said = refused(contract=CONTRACT_VERSION + 1)
    assert f"version {CONTRACT_VERSION + 1} of the contract" in said
    assert "pip install --upgrade hellokit" in said


@pytest.mark.parametrize("patience_s", [0, -1, "10", None, float("inf"), float("nan")])
def test_patience_is_a_number_of_seconds(patience_s: object) -> None:
    """What would wait for ever, or not at all, is refused."""
    assert f"has patience_s = {patience_s!r}: use a number" in refused(patience_s=patience_s)


@pytest.mark.parametrize("option", ["unsupported", "not_yet", "contract", "patience_s"])
def test_a_fixture_cannot_declare_anything(option: str) -> None:
    """What a class may not declare cannot be set on its object, either."""
    loud: Any = contract(plugin=Loud)()
    setattr(loud, option, {"counting": "it counts itself"})
    with pytest.raises(ContractError, match=f"has a fixture that sets {option} on self: set it in"):
        CHECKS["counting"].run(loud, lambda *_: None)


def test_every_check_says_what_it_demands_and_how_that_is_met() -> None:
    """The demand is one sentence, there is a remedy, and the version is one that there was."""
    for name, check in CHECKS.items():
        assert name == check.name
        assert check.demand.endswith(".")
        assert check.remedy
        assert 1 <= check.since <= CONTRACT_VERSION


class Loud:
    """A leaf with words of its own."""

    def hellokit_greet(self) -> str:
        """Greet."""
        return "HELLO!"


def test_a_check_of_a_later_contract_is_told_and_fails_nothing() -> None:
    """A class that names its version is not broken by an update of hellokit."""
    loud: Any = contract(plugin=Loud, contract=1)
    told: list[Any] = []
    later = attrs.evolve(CHECKS["composition"], since=2)
    with pytest.raises(pytest.xfail.Exception, match="version 2 demands: A leaf says what"):
        later.run(loud(), lambda _, value: told.append(value[:3]))
    attrs.evolve(CHECKS["repetition"], since=2).run(loud(), lambda _, value: told.append(value[:3]))
    assert told == [
        ["loud", "composition", "of a later contract"],
        ["loud", "repetition", "kept"],
    ]


APPLIES = {
    None: "every backend",
    "leaf": "leaves",
    "wrapping": "wrapping backends",
    "installed": "installed backends",
    "fork": "platforms with `os.fork`",
    "agreement": "those that promise `agreement`",
    "foretold": "those that promise `agreement` and `repetition`",
}


def test_the_table_of_capabilities_is_that_of_the_code() -> None:
    """The reference lists each with what it demands, of whom, in the order of the checks."""
    page = (DOCS / "reference" / "testing.md").read_text("utf-8")
    rows = [
        f"| `{each.name}` | {each.demand} | {APPLIES[each.needs]} |{' yes' * each.required} |"
        for each in CHECKS.values()
    ]
    assert "\n".join(rows) in page


def test_every_public_name_is_described() -> None:
    """Each name of `hellokit.testing` has an entry in the reference."""
    page = (DOCS / "reference" / "testing.md").read_text("utf-8")
    described = re.findall(r"^\.\. \w[\w:]*:: (?:hellokit\.testing\.)?(\w+)$", page, re.MULTILINE)
    assert sorted(described) == sorted(testing.__all__)
