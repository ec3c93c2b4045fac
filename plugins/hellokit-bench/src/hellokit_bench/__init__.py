"""Measures any backend of hellokit, puts load on it, and finds what grew slower or leaks."""
