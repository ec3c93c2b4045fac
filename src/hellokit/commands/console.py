"""The console: the standard streams of the command, and what becomes of its errors."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from hellokit.errors import HellokitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TextIO

    from hellokit.commands.progress import Progress

LONGEST_MESSAGE = 2000
"""How many characters of an error's message are shown."""

_BREAKS = {*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029}
_ESCAPED_BREAKS = {code: chr(code).encode("unicode_escape").decode() for code in _BREAKS}


class Console:
    """Writes results to standard output, and everything else to standard error.

    Attributes:
        failed: whether an error was reported.
    """

    def __init__(self) -> None:
        self.failed = False
        self.progress: Progress | None = None
        self._unwritable = False
        # Whatever the terminal cannot show is spelled out: a greeting never fails for it.
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")

    def say(self, text: str) -> None:
        """Write one line to standard output.

        Raises:
            BrokenPipeError: if nobody reads it any more.
            HellokitError: if it cannot be written for another reason.
        """
        output = sys.stdout
        if output is None:  # Python gives no stream for a descriptor closed when it started
            raise HellokitError("standard output is closed: open it, for example with >/dev/null")
        try:
            output.write(f"{text}\n")
        except OSError as error:
            raise self._refused(error) from error

    def say_json(self, value: Mapping[str, Any]) -> None:
        """Write one JSON object on one line, in ASCII, which every terminal shows as it is."""
        import json

        self.say(json.dumps(value))

    def flush(self) -> None:
        """Hand on what was written to standard output.

        Raises:
            BrokenPipeError: if nobody reads it any more.
            HellokitError: if it cannot be written for another reason.
        """
        if sys.stdout is not None:
            try:
                sys.stdout.flush()
            except OSError as error:
                raise self._refused(error) from error

    def complain(self, text: str) -> None:
        """Write one line to standard error, whatever the text holds.

        Raises:
            BrokenPipeError: if nobody reads it any more.
        """
        self.note(f"hellokit: {text}")

    def note(self, text: str) -> None:
        """Write one line to standard error as it is, except that nothing in it is hidden.

        Raises:
            BrokenPipeError: if nobody reads it any more.
        """
        if self.progress is not None:
            self.progress.clear()
        self._write_error(f"{escaped(text)}\n")

    def report(self, error: BaseException, where: str = "") -> None:
        """Tell the user of an error: in one line, and with its traceback if debugging.

        Args:
            error: what went wrong.
            where: where in the input, such as `"line 17"`.
        """
        self.failed = True
        debugging = wants_traceback()
        if debugging:
            self._write_error(_traceback(error))
        told = message(error)
        if where:
            told = f"{where}: {told}"
        elif not isinstance(error, HellokitError):
            hint = "" if debugging else ": set DEBUG=1 to see the traceback"
            told = f"unexpected {told}{hint}"
        self.complain(told)

    def close(self, code: int) -> int:
        """Flush the streams so that nothing can fail when the interpreter ends.

        Returns:
            The exit code: `code`, or 1 if the output could not be written.
        """
        told = self._unwritable
        try:
            self.flush()
        except BrokenPipeError:
            _discard(sys.stdout)
        except HellokitError as error:
            _discard(sys.stdout)
            code = code or 1
            if not told:
                with suppress(BrokenPipeError):
                    self.report(error)
        try:
            if sys.stderr is not None:
                sys.stderr.flush()
        except OSError:
            _discard(sys.stderr)
        return code

    def _write_error(self, text: str) -> None:
        if sys.stderr is None:
            return
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except BrokenPipeError:
            raise
        except OSError:
            _discard(sys.stderr)  # there is nobody left to tell

    def _refused(self, error: OSError) -> OSError | HellokitError:
        if isinstance(error, BrokenPipeError):
            return error
        self._unwritable = True
        return HellokitError(
            f"standard output cannot be written: {error.strerror or error}; "
            "what was not written is lost"
        )


def escaped(text: str) -> str:
    r"""Return `text` in one line, with everything that cannot be seen spelled out.

    >>> print(escaped("a\x1b[31mb\n"))
    a\x1b[31mb\n
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def one_line(text: str) -> str:
    r"""Return a greeting as one line without controls; isolates and joiners are part of it.

    >>> print(one_line("Hello,\n\x1b[31mAda!"))
    Hello,\n\x1b[31mAda!
    """
    return text if text.isprintable() else text.translate(_ESCAPED_BREAKS)


def message(error: BaseException) -> str:
    """Return what an error says, bounded; its type goes first unless the error is hellokit's."""
    try:
        if not isinstance(error, HellokitError):
            from hellokit.failures import described

            return described(error)
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  # anyone's __str__
        return type(error).__name__
    return text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"


def wants_traceback() -> bool:
    """Tell whether the settings ask for tracebacks; where they are bad, `DEBUG` alone decides."""
    from hellokit.kit import default

    try:
        return default.settings().debug
    except HellokitError:
        from hellokit.environment import LENIENT_FLAG_WORDS

        asked = os.environ.get("HELLOKIT_DEBUG") or os.environ.get("DEBUG") or ""
        return LENIENT_FLAG_WORDS.get(asked.strip().lower(), False)


def _traceback(error: BaseException) -> str:
    from traceback import format_exception

    lines = "".join(format_exception(error)).splitlines()
    return "".join(f"{escaped(line)}\n" for line in lines)


def _discard(stream: TextIO) -> None:
    """Send what a stream still holds nowhere: the interpreter would fail on it at its end."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
