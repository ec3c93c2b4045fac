"""The optimized script: the second of four programs."""
