"""The gate: what a call does, counted, against a baseline that is checked in."""
