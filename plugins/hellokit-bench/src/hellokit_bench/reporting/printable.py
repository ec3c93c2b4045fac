"""Text that a terminal or a page can show without being moved by it."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return a text with what does not print, such as escape sequences, written out.

    >>> printable("a\x1b[31mé")
    'a\\x1b[31mé'
    """
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
