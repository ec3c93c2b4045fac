"""Greets concurrently: a semaphore, batches, errors contained, and a simulated web load."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from time import perf_counter

BATCH = 100
REQUESTS = 1000

log = logging.getLogger("hello")


async def greet(message: str, gate: asyncio.Semaphore) -> str:
    """Print the message, without blocking for more than that."""
    async with gate:
        await asyncio.sleep(0)
        print(message)  # noqa: T201  # it is a script
        return message


async def serve(number: int, gate: asyncio.Semaphore) -> str:
    """Answer a web request as if it took its time: 1.0 to 1.9 ms."""
    async with gate:
        await asyncio.sleep(0.001 + number % 10 * 0.0001)
        return f"Hello, visitor {number}!"


async def greet_many(message: str, count: int, limit: int) -> int:
    """Print the message so many times, batch by batch, and return how many failed."""
    gate, failed = asyncio.Semaphore(limit), 0
    for first in range(0, count, BATCH):
        size = min(BATCH, count - first)
        batch = (greet(message, gate) for _ in range(size))
        results = await asyncio.gather(*batch, return_exceptions=True)
        failed += sum(isinstance(each, BaseException) for each in results)
    return failed


async def simulate_web(limit: int) -> int:
    """Answer a thousand web requests, and return how many failed."""
    gate = asyncio.Semaphore(limit)
    requests = (serve(number, gate) for number in range(REQUESTS))
    results = await asyncio.gather(*requests, return_exceptions=True)
    return sum(isinstance(each, BaseException) for each in results)


async def run(arguments: argparse.Namespace) -> int:
    """Carry out what was asked for, and return the exit code."""
    count, limit = arguments.count, arguments.concurrent_limit
    if min(count, limit) < 1:
        log.error("--count and --concurrent-limit must be at least 1")
        return 1
    began = perf_counter()
    simulated = arguments.web_simulation
    failed = await (
        simulate_web(limit) if simulated else greet_many(arguments.message, count, limit)
    )
    if arguments.benchmark:
        done, took_s = REQUESTS if simulated else count, perf_counter() - began
        sys.stderr.write(f"{done} in {took_s:.6f} s, {done / took_s:.0f}/s, {failed} failed\n")
    return int(failed > 0)


def main() -> int:
    """Read the command line, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--message", default="Hello, World!")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--concurrent-limit", type=int, default=10)
    parser.add_argument("--benchmark", action="store_true")
    parser.add_argument("--web-simulation", action="store_true")
    logging.basicConfig(level=logging.INFO)
    try:
        return asyncio.run(run(parser.parse_args()))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
