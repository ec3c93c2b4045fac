"""The library's log, on standard error: only the command sets handlers and levels."""

from __future__ import annotations

import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from hellokit.commands.console import Console

_HANDLER = "hellokit.command"


def watch(console: Console) -> None:
    """Have what the library logs told on the console.

    Most runs log nothing, and `logging` takes milliseconds to import: it is configured when
    somebody imports it.
    """
    if "logging" in sys.modules:
        _configure(console)
    else:
        sys.meta_path.insert(0, _Watch(lambda: _configure(console)))


def verbose() -> None:
    """Tell of every call too, not of warnings alone."""
    import logging

    logging.getLogger("hellokit").setLevel(logging.INFO)


@contextmanager
def collected() -> Iterator[list[str]]:
    """Collect what the library logs meanwhile, in place of telling it."""
    import logging

    class Handler(logging.Handler):
        """Keeps the messages."""

        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    messages: list[str] = []
    logger = logging.getLogger("hellokit")
    handlers, logger.handlers = logger.handlers, [Handler()]
    try:
        yield messages
    finally:
        logger.handlers = handlers


def _configure(console: Console) -> None:
    import logging

    class Handler(logging.Handler):
        """Writes a record as a message of the command."""

        def emit(self, record: logging.LogRecord) -> None:
            try:
                console.complain(f"{record.levelname.lower()}: {record.getMessage()}")
            except Exception:  # noqa: BLE001  # logging must never break a greeting
                self.handleError(record)

        def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
            """Say nothing: the terminal is gone, or the record is malformed."""

    logger = logging.getLogger("hellokit")
    for handler in list(logger.handlers):
        if handler.name == _HANDLER:
            logger.removeHandler(handler)
    handler = Handler()
    handler.name = _HANDLER
    logger.addHandler(handler)
    logger.propagate = False  # a plugin may have configured the root: each line once
    logger.setLevel(logging.WARNING)


class _Watch:
    """Finds `logging` for its first import, and calls `imported` right after it."""

    def __init__(self, imported: Callable[[], None]) -> None:
        self._imported = imported

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  # the import system's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Return the ordinary spec of `logging`, with a loader that tells of the import."""
        if name != "logging" or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._imported)  # type: ignore[assignment]  # a duck
        return spec


class _Loader:
    def __init__(self, loader: Loader, imported: Callable[[], None]) -> None:
        self._loader = loader
        self._imported = imported

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._imported()
