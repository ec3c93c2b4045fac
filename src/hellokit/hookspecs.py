"""Every hook, on one page.

A plugin is a module, a class or an object with functions of these names. An implementation
takes only the arguments it needs (pluggy's own rule). `hookimpl` marks one that needs options
(`tryfirst`, `trylast`, `wrapper`); without options the name is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction
    from collections.abc import Awaitable, Callable, Iterable

    from hellokit.configuration import Settings
    from hellokit.kit import Kit
    from hellokit.metering.record import Record
    from hellokit.monitoring.alert import Alert
    from hellokit.request import Request
    from hellokit.wordings.lazy import LazyWording
    from hellokit.wordings.wording import Wording

hookspec = pluggy.HookspecMarker("hellokit")
hookimpl = pluggy.HookimplMarker("hellokit")


@hookspec(firstresult=True)
def hellokit_greet(
    request: Request,
    inner: Callable[[Request], str],
    kit: Kit,
    backend: str,
    words: Callable[[Request], str],
    note: Callable[..., None],
    settings: Settings,
    chain: str,
) -> str | None:
    """Carry a request out and return the text, or None to decline.

    A leaf takes `request` and makes the text; a wrapping backend takes `inner` too and calls
    `inner(request)`. `backend` is the name under which it runs, `words(request)` composes the
    greeting, `note("hit")` counts an attribute beside the backend's calls, `settings` are
    those in force when the call began, and `chain` names the backends from this one inwards, as
    in "cached+plain". When settings, plugins or wordings change, `words` and `inner` are new.
    """


@hookspec(firstresult=True)
def hellokit_greet_async(
    request: Request,
    inner: Callable[[Request], Awaitable[str]],
    kit: Kit,
    backend: str,
    words: Callable[[Request], str],
    note: Callable[..., None],
    settings: Settings,
    chain: str,
) -> Awaitable[str] | None:
    """Carry a request out without blocking the event loop: a coroutine of the text."""


@hookspec
def hellokit_record(record: Record) -> None:
    """Receive one record per call, whatever the backend."""


@hookspec
def hellokit_alert(alert: Alert) -> None:
    """Be told of an alert when it begins to fire, and again when that is over.

    While a plugin has this hook, a thread looks at the thresholds, and calls it: it may block.
    """


@hookspec
def hellokit_wordings() -> Iterable[Wording | LazyWording] | None:
    """Return the wordings of the locales that this plugin adds or replaces."""


@hookspec(firstresult=True)
def hellokit_fallbacks(tag: str) -> Iterable[str] | None:
    """Return the language tags whose wordings may answer for `tag`, in order, or None.

    `tag` is canonical. The first wording along the chain answers; what is not in the script that
    `tag` asks for is passed over. It is asked once for each tag.
    """


@hookspec(firstresult=True)
def hellokit_vocative(name: str, locale: str) -> str | None:
    """Return the form of `name` in which somebody is called in `locale`, or None.

    It is asked in locales whose wording says that the vocative is due (`name_case`), for each
    greeting: a plugin that has to think keeps what it found. None leaves the name as it is, and
    so does an error, which is reported once.
    """


@hookspec
def hellokit_commands(subparsers: _SubParsersAction[ArgumentParser]) -> None:
    """Add subcommands to the `hellokit` command.

    Make a parser with `subparsers.add_parser(name, help=...)`, and say what runs with
    `parser.set_defaults(run=function)`. The function takes the parsed arguments, and returns the
    exit code, or None for 0; what it raises is told without a traceback, and is exit code 1.
    """


@hookspec
def hellokit_started(kit: Kit) -> None:
    """Be told that a kit has started and is ready to greet."""


@hookspec
def hellokit_closing(kit: Kit) -> None:
    """Be told that a kit is closing, or the interpreter is exiting: flush what you hold."""
