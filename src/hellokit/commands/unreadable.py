"""Bytes that are no text: Python keeps each as a lone surrogate, and no greeting shows one."""

from __future__ import annotations

LOST = ": what cannot be read of it was left out; convert it, for example with iconv"
"""What becomes of such bytes, and what to do, to be put behind what held them."""


def has_bytes(text: str) -> bool:
    r"""Tell whether a text, decoded with `surrogateescape`, holds bytes that are no text.

    >>> has_bytes(b"Zo\xeb".decode(errors="surrogateescape")), has_bytes("Zoë")
    (True, False)
    """
    return any("\udc80" <= character <= "\udcff" for character in text)
