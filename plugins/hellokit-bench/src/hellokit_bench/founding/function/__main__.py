"""Greets by a function, for inner loops."""

from __future__ import annotations


def hello(name: str = "World") -> str:
    """Return the greeting."""
    message = f"Hello, {name}!" if name else "Hello!"
    return message.strip()


if __name__ == "__main__":
    hello()
