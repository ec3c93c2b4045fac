"""Leaks: what calls leave behind in their process, how it grows, and where it comes from."""
