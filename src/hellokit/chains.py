"""Chains: backends joined by `+`, outermost first, such as `"cached+monitored+plain"`."""

from __future__ import annotations

from hellokit.errors import ChainError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hellokit.plugins import Plugins


def parse(chain: str) -> tuple[str, ...]:
    """Return the backends that a chain names, outermost first.

    Raises:
        ChainError: if a part is empty or repeated.

    >>> parse("cached+monitored+plain")
    ('cached', 'monitored', 'plain')
    """
    parts = tuple(part.strip() for part in chain.split("+"))
    if not all(parts):
        raise ChainError(
            f"backend {chain!r} has an empty part: join names with +, as in 'cached+plain'"
        )
    for part in parts:
        if parts.count(part) > 1:
            raise ChainError(f"backend {chain!r} names {part!r} twice: name each part once")
    return parts


def wraps(plugins: Plugins, plugin: object) -> bool:
    """Tell whether a backend is a wrapping one: it takes the argument `inner`."""
    from hellokit.plugins import COLOURS, defaulted

    return any(
        "inner" in (*implementation.argnames, *defaulted(implementation))
        for hook in COLOURS
        for implementation in plugins.implementations(hook, plugin)
    )


def completed(
    chain: tuple[str, ...], setting: str, load: Callable[[str], object], plugins: Plugins
) -> tuple[str, ...]:
    """Return `chain` with its leaf: one that ends in a wrapping backend gets the default.

    Args:
        chain: the backends' names.
        setting: the chain whose end is the default leaf; `plain` is if that wraps itself, or is in
            the chain already. It is looked at only if it is needed.
        load: returns a backend by its name.
        plugins: the manager in which backends are registered.

    Raises:
        ChainError: if a leaf stands before the end, or `setting` is needed and malformed.
        UnknownBackendError: if there is no such backend.
        BackendLoadError: if a backend cannot be loaded.
    """
    loaded = [load(name) for name in chain]
    for name, plugin in zip(chain[:-1], loaded[:-1], strict=True):
        if not wraps(plugins, plugin):
            raise ChainError(
                f"backend {'+'.join(chain)!r} has the leaf {name!r} before its end: "
                "a leaf calls no other backend, so put it last"
            )
    if not wraps(plugins, loaded[-1]):
        return chain
    leaf = parse(setting)[-1]
    return (*chain, "plain" if leaf in chain or wraps(plugins, load(leaf)) else leaf)
