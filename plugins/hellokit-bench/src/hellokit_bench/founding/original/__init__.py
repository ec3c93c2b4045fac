"""The script that prints a message: the first of four programs."""
