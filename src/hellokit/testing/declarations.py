"""What a contract class declares, and what it may not do: both are refused where it is made."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING

from hellokit.errors import ContractError

if TYPE_CHECKING:
    from hellokit.testing.check import Check
    from hellokit.testing.contract import BackendContract

CONTRACT_VERSION = 1
"""The newest version of the contract; it rises when a check is added or demands more."""

OPTIONS = frozenset({"backend", "plugin", "contract", "unsupported", "not_yet", "patience_s"})
"""What a contract class may set, beside tests of its own."""


def verify(
    contract: type[BackendContract], given: type[BackendContract], checks: Mapping[str, Check]
) -> None:
    """Refuse a contract class that changes the contract, or declares what makes no sense.

    Args:
        contract: the class that was made.
        given: the class that the kit ships.
        checks: the checks there are, by capability.

    Raises:
        ContractError: if it does; the message says what to write instead.
    """
    _verify_whole(contract, given)
    _verify_version(contract)
    _verify_patience(contract)
    for option in ("unsupported", "not_yet"):
        _verify_reasons(contract, option, checks)
    for name in contract.unsupported:
        if checks[name].required:
            raise _error(
                contract,
                f"declares {name!r} unsupported, which is demanded of every backend: "
                "mend the backend, or declare it in not_yet until you have",
            )
        if name in contract.not_yet:
            raise _error(
                contract,
                f"declares {name!r} both unsupported and not_yet: "
                "keep the one if it is so by design, and the other if it is to come",
            )


def _verify_whole(contract: type[BackendContract], given: type[BackendContract]) -> None:
    """Refuse a class in which something of the contract is not the contract's."""
    for name in dir(given):
        if name in OPTIONS or name.startswith("__"):
            continue
        if getattr(contract, name, None) is not getattr(given, name):
            raise _error(
                contract,
                f"redefines {name}, which is part of the contract: give your own test another "
                "name, and declare what the backend does not do in unsupported or not_yet",
            )


def _verify_version(contract: type[BackendContract]) -> None:
    version: object = contract.contract
    if not isinstance(version, int) or version < 1:
        raise _error(contract, f"has contract = {version!r}: use a version from 1 on")
    if version > CONTRACT_VERSION:
        raise _error(
            contract,
            f"was written for version {version} of the contract, and this hellokit knows "
            f"{CONTRACT_VERSION}: update hellokit (pip install --upgrade hellokit)",
        )


def _verify_patience(contract: type[BackendContract]) -> None:
    patience_s: object = contract.patience_s
    if not isinstance(patience_s, int | float) or not 0 < patience_s < inf:
        raise _error(contract, f"has patience_s = {patience_s!r}: use a number of seconds above 0")


def verify_unchanged(contract: BackendContract) -> None:
    """Refuse an object of a contract class on which a fixture has set what is declared.

    Raises:
        ContractError: if it has.
    """
    for option in sorted(OPTIONS - {"backend", "plugin"}):
        if option in vars(contract):
            raise _error(
                type(contract),
                f"has a fixture that sets {option} on self: set it in the class, where it is "
                "checked; a fixture may set plugin and backend",
            )


def _verify_reasons(
    contract: type[BackendContract], option: str, checks: Mapping[str, Check]
) -> None:
    """Refuse a mapping with a capability that there is not, or without a reason."""
    declared: object = getattr(contract, option)
    if not isinstance(declared, Mapping):
        raise _error(
            contract,
            f"has {option} = {declared!r}: use a mapping of capabilities to reasons, as in "
            "{'fork': 'issue 12'}",
        )
    for name, reason in declared.items():
        if name not in checks:
            raise _error(contract, f"has {option} = {{{name!r}: ...}}: {unknown(name, checks)}")
        if not (isinstance(reason, str) and reason.strip()):
            raise _error(
                contract, f"gives no reason for {option} {name!r}: say why, as in 'issue 12'"
            )


def unknown(name: object, checks: Mapping[str, Check]) -> str:
    """Return what to say of a capability that there is not, with the near misses."""
    from difflib import get_close_matches

    near = get_close_matches(str(name).lower(), checks, 3)
    hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    return f"no capability is named {name!r}: {hint}there is {', '.join(checks)}"


def _error(contract: type[BackendContract], complaint: str) -> ContractError:
    return ContractError(f"{contract.__qualname__} {complaint}")
