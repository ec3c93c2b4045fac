"""What a greeting in French costs beside what applications write instead, and loading locales.

Run it with `python benchmarks/locales.py`. Each peer is made ready beforehand, as an application
would: the Fluent bundle is built, the template compiled, the catalogue and Babel's locale loaded.
Each is measured in turn with the greeting, round by round; the medians of the rounds are printed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from datetime import time
from gettext import GNUTranslations
from io import BytesIO
from timeit import Timer
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import get_period_id
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from fluent.runtime import FluentBundle, FluentResource
from jinja2 import Environment

from hellokit import Kit, Settings
from hellokit_locales import plugin

if TYPE_CHECKING:
    from collections.abc import Callable

SEVEN_PM = time(19)
EVENING_HOUR = 18
LOCALES = 114
FIRSTS = ("fr", "ar", "zh-TW", "es-MX", "sr-ME")

FLUENT = """
hello = { $part ->
    [evening1] Bonsoir { $name }\u202f!
    [night1] Bonsoir { $name }\u202f!
   *[other] Bonjour { $name }\u202f!
}
"""
JINJA = (
    "{% if hour >= 18 or hour < 4 %}Bonsoir {{ name }}\u202f!"
    "{% else %}Bonjour {{ name }}\u202f!{% endif %}"
)

# These run in processes of their own, in which nothing else is loaded.
FIRST_USE = """
import sys
from time import perf_counter
from datetime import time
from hellokit import greet
greet("Ada")
begun = perf_counter()
greet("Ada", locale=sys.argv[1], at=time(19))
print((perf_counter() - begun) * 1e3)
"""
LOADED = """
import sys, tracemalloc
from time import perf_counter
from hellokit import Kit
from hellokit_locales.shelf import load, tags
known, count = tags(), int(sys.argv[1])
chosen = [known[place * len(known) // count] for place in range(count)]
loading, greeting = [], []
for _ in range(15):
    begun = perf_counter()
    kept = [load(tag) for tag in chosen]
    loading.append((perf_counter() - begun) * 1e3)
    kit = Kit()
    kit.greet("Ada")
    begun = perf_counter()
    for tag in chosen:
        kit.greet("Ada", locale=tag)
    greeting.append((perf_counter() - begun) * 1e3)
    del kept, kit
print(*loading)
print(*greeting)
tracemalloc.start()
kit = Kit()
for tag in chosen:
    kit.greet("Ada", locale=tag)
print(tracemalloc.get_traced_memory()[0] / 1e6)
"""


def hellokit_french() -> Timer:
    """Return the timer of the greeting, with metrics full."""
    kit = Kit(Settings(metrics="full"), discover=False, plugins=[plugin])
    assert kit.greet("Ada", locale="fr", at=SEVEN_PM) == "Bonsoir Ada\u202f!"  # noqa: S101
    given = {"greet": kit.greet, "seven_pm": SEVEN_PM}
    return Timer('greet("Ada", locale="fr", at=seven_pm)', globals=given)


def fluent() -> Timer:
    """Return the timer of fluent.runtime, which is told the part of the day."""
    bundle = FluentBundle(["fr"], use_isolating=True)
    bundle.add_resource(FluentResource(FLUENT))
    pattern = bundle.get_message("hello").value

    def greet(name: str, at: time) -> str:
        part = "evening1" if at.hour >= EVENING_HOUR else "other"
        text, errors = bundle.format_pattern(pattern, {"name": name, "part": part})
        if errors:
            raise errors[0]
        return str(text)

    return ready(greet)


def jinja2() -> Timer:
    """Return the timer of a compiled template."""
    template = Environment(autoescape=True).from_string(JINJA)

    def greet(name: str, at: time) -> str:
        return template.render(name=name, hour=at.hour)

    return ready(greet)


def gettext_and_babel() -> Timer:
    """Return the timer of a compiled catalogue, with the day period of Babel."""
    catalogue = Catalog(locale="fr")
    catalogue.add("Good evening, %(name)s!", "Bonsoir %(name)s\u202f!")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    translate = GNUTranslations(compiled).gettext
    locale = Locale.parse("fr")
    messages = {"evening1": "Good evening, %(name)s!"}

    def greet(name: str, at: time) -> str:
        return translate(messages[get_period_id(at, locale=locale)]) % {"name": name}

    return ready(greet)


def ready(greet: Callable[[str, time], str]) -> Timer:
    """Return the timer of a peer that says what hellokit says."""
    text = greet("Ada", SEVEN_PM).replace("\u2068", "").replace("\u2069", "")
    assert text == "Bonsoir Ada\u202f!", text  # noqa: S101  # or there is nothing to compare
    return Timer('greet("Ada", seven_pm)', globals={"greet": greet, "seven_pm": SEVEN_PM})


# Peer, at most.
PEERS = {
    "fluent.runtime, bundle prebuilt": (fluent, 0.35),
    "Jinja2, template compiled": (jinja2, 0.25),
    "gettext + Babel's day period": (gettext_and_babel, 0.25),
}


def compare(rounds: int, number: int) -> None:
    """Print what the greeting costs beside each peer."""
    own = hellokit_french()
    print("| what | ns | hellokit to it | at most |\n|---|---|---|---|")
    greetings = []
    for name, (peer, most) in PEERS.items():
        other = peer()
        pairs = [(own.timeit(number), other.timeit(number)) for _ in range(rounds)]
        greetings += [mine / number * 1e9 for mine, _ in pairs]
        nanoseconds = statistics.median(theirs for _, theirs in pairs) / number * 1e9
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        print(f"| {name} | {nanoseconds:.0f} | {ratio:.2f} | {most} |")
    print(f"| `greet('Ada', locale='fr', at=time(19))` | {statistics.median(greetings):.0f} | | |")


def numbers(script: str, argument: object) -> list[list[float]]:
    """Return the numbers that a script prints, line by line, in a fresh process."""
    command = [sys.executable, "-c", script, str(argument)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=51)
    parser.add_argument("--number", type=int, default=2_000)
    given = parser.parse_args()
    compare(given.rounds, given.number)
    firsts = [ms for tag in FIRSTS for ((ms,),) in [numbers(FIRST_USE, tag) for _ in range(5)]]
    loading, greeting, (held,) = numbers(LOADED, LOCALES)
    median = statistics.median
    print("\n| what | median | best | at most |\n|---|---|---|---|")
    print(f"| first use of a locale, ms | {median(firsts):.2f} | {min(firsts):.2f} | 2 |")
    print(f"| {LOCALES} locales loaded, ms | {median(loading):.1f} | {min(loading):.1f} | 10 |")
    print(f"| {LOCALES} locales greeted in, ms | {median(greeting):.1f} | {min(greeting):.1f} | |")
    print(f"| {LOCALES} locales greeted in, MB | {held:.2f} | | 5 |")


if __name__ == "__main__":
    main()
