"""`python -m hellokit` is the command `hellokit`."""

from __future__ import annotations

import sys

from hellokit.cli import main

if __name__ == "__main__":
    sys.exit(main())
