"""Greets the world, and nothing else."""

print("Hello, World!")  # noqa: T201  # it is a script
