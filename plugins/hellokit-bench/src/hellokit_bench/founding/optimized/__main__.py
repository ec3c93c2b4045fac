"""Greets with monitoring, logging and profiling around it.

Exit codes: 0, 1 if it failed, 130 if it was interrupted.
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import pstats
import sys
from time import perf_counter

import psutil

MANY = 1000

log = logging.getLogger("hello")


def greet(message: str, repeat: int) -> None:
    """Print the message so many times."""
    for _ in range(repeat):
        print(message)  # noqa: T201  # it is a script


def monitored(message: str, repeat: int) -> float:
    """Print the message, log what it cost, and return how long it took, in seconds."""
    process = psutil.Process()
    before = process.memory_info().rss
    began = perf_counter()
    greet(message, repeat)
    took_s = perf_counter() - began
    grown = process.memory_info().rss - before
    log.info("%d in %.1f us, memory %+d bytes", repeat, took_s * 1e6, grown)
    return took_s


def profiled(message: str, repeat: int) -> None:
    """Print the message under cProfile, and what took longest."""
    with cProfile.Profile() as profile:
        monitored(message, repeat)
    pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(10)


def benchmark(message: str, repeat: int) -> None:
    """Print the message, and how fast that was."""
    took_s = monitored(message, repeat)
    sys.stderr.write(f"{repeat} in {took_s:.6f} s, {repeat / took_s:.0f}/s\n")


def run(arguments: argparse.Namespace) -> int:
    """Carry out what was asked for, and return the exit code."""
    if arguments.repeat < 1:
        log.error("--repeat must be at least 1")
        return 1
    if arguments.repeat > MANY:
        log.warning("%d is a lot", arguments.repeat)
    way = profiled if arguments.profile else benchmark if arguments.benchmark else monitored
    way(arguments.message, arguments.repeat)
    return 0


def main() -> int:
    """Read the command line, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--message", default="Hello, World!")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--benchmark", action="store_true")
    parser.add_argument("--profile", action="store_true")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        return run(parser.parse_args())
    except KeyboardInterrupt:
        return 130
    except OSError:
        log.exception("failed")
        return 1


if __name__ == "__main__":
    sys.exit(main())
