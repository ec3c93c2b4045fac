"""Slowness: which packages an import spends its time on, as Python itself accounts for it."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from tempfile import TemporaryFile

from hellokit.commands.children import kill, start

_IMPORT = (
    "import hellokit.commands.probe, importlib, os; "
    "os.write(2, b'\\nhellokit: from here\\n'); importlib.import_module(sys.argv[2]); os._exit(0)"
)
_MARK = b"\nhellokit: from here\n"
_LINE = re.compile(rb"^import time: +(\d+) \| +\d+ \| +([\w.]+)$", re.MULTILINE)
SHOWN = 3


def slowest(module: str, time_limit_s: float) -> dict[str, float]:
    """Return the packages that importing a module takes the longest to import, each with ms.

    A package's time is its own, without that of the packages that it imports. What a process
    that has started a kit has imported already is not counted.

    Args:
        module: what to import, in a process of its own.
        time_limit_s: seconds that it may take.
    """
    with TemporaryFile() as account:
        child = start(_IMPORT, module, options=["-X", "importtime"], stderr=account)
        try:
            child.wait(time_limit_s)
        except subprocess.TimeoutExpired:
            pass  # what was accounted for so far is told
        finally:
            kill(child)
        account.seek(0)
        _, _, told = account.read().partition(_MARK)
    microseconds: Counter[str] = Counter()
    for took, name in _LINE.findall(told):
        microseconds[name.partition(b".")[0].decode()] += int(took)
    return {name: took / 1e3 for name, took in microseconds.most_common(SHOWN)}
