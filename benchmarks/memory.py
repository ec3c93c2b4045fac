"""What a million different names leave behind: the memory of a process before and after.

Run it with `python benchmarks/memory.py`. Each row is a process of its own, which greets some
people first, so that everything is loaded, and then a million others.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import tracemalloc

from hellokit import Kit

ROWS = {
    "`greet`, ASCII names": 'kit.greet(f"Ada{number}")',
    "`greet`, names of every script": 'kit.greet(chr(0x4E00 + number % 20_000) * 2 + f"{number}é")',
    "`greet`, a million locales": 'kit.greet("Ada", locale=f"en-x-a{number}")',
    "`greet_many` of an iterator": "next(stream)",
    "`greet`, cached": 'kit.greet(f"Ada{number}", backend="cached")',
}


def measure(statement: str, count: int) -> tuple[int, int]:
    """Return the bytes that are held after a tenth of the greetings, and after all of them."""
    kit = Kit(discover=False)
    stream = kit.greet_many(f"Ada{number}" for number in range(2 * count))
    code = compile(statement, "<row>", "eval")
    scope = {"kit": kit, "stream": stream}
    tracemalloc.start()
    held = []
    for number in range(count + 1):
        scope["number"] = number  # type: ignore[assignment]  # what the statement reads
        eval(code, scope)  # noqa: S307  # the rows are written above
        if number in {count // 10, count}:
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    return held[0], held[1]


def main() -> None:
    """Print the table, or one row of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--row", choices=ROWS)
    given = parser.parse_args()
    if given.row:
        before, after = measure(ROWS[given.row], given.count)
        print(f"| {given.row} | {before / 1024:,.0f} | {after / 1024:,.0f} |")
        return
    print(f"| {given.count:,} | KiB held after a tenth | after all |")
    print("|---|---|---|", flush=True)
    for row in ROWS:
        command = [sys.executable, __file__, "--count", str(given.count), "--row", row]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
