"""Clocks that tick evenly, so that what depends on a duration goes the same way in each run."""

from __future__ import annotations

import sys
import time
from itertools import count
from types import ModuleType

_START_S = 2**30
_TICK_NS = 128
_TICK_S = 2.0**-23  # about as long, and exact in a float
_SECOND_NS = 10**9

_SECONDS = ("time", "monotonic", "perf_counter", "process_time", "thread_time")


def even_out() -> None:
    """Replace the clocks of `time` in this process by counters of how often they are read.

    Each reading is 128 ns after the one before. Modules that took a clock by its name have it
    replaced too, but those of the standard library: threads wait by them. What holds a clock
    elsewhere, as in a closure or a default, keeps it, so open the subject afterwards.
    """
    even: dict[int, object] = {}
    for name in _SECONDS:
        even[id(getattr(time, name))] = count(float(_START_S), _TICK_S).__next__
        even[id(getattr(time, f"{name}_ns"))] = count(_START_S * _SECOND_NS, _TICK_NS).__next__
    for module_name, module in list(sys.modules.items()):
        ours = module_name.partition(".")[0] not in sys.stdlib_module_names
        if isinstance(module, ModuleType) and (ours or module is time):
            names = vars(module)
            names |= {name: even[id(at)] for name, at in dict(names).items() if id(at) in even}
