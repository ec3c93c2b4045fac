"""The async script: the third of four programs."""
