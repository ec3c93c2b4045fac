"""Comparing two sides: processes measured in turn, and what may be said of their ratio."""
