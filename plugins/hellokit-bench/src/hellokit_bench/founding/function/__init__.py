"""The simple function: the last of four programs."""
