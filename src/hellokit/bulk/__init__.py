"""Greetings in bulk: streams of any length, in order, at a bounded concurrency."""
