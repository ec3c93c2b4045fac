"""The store of `cached`: its bound, its deadlines and who has to go, against a plain model."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import Any

import pytest
from caching import Clock, Counting, ended, in_threads
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hellokit import Kit, Settings
from hellokit.builtin.cached import Cached
from hellokit.caching.store import ClockStore

KEYS = st.tuples(st.integers(0, 1), st.sampled_from("abcd"))


class Model(RuleBasedStateMachine):
    """CLOCK as the book has it: a list of entries that is gone around."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.store = ClockStore(self.clock, spread=0)
        self.sections = [self.store.section("a"), self.store.section("b")]
        self.ring: list[list[Any]] = []  # key, text, deadline, visited

    def find(self, key: tuple[int, str]) -> list[Any] | None:
        """Return the entry of a key."""
        return next((entry for entry in self.ring if entry[0] == key), None)

    @rule(key=KEYS)
    def get(self, key: tuple[int, str]) -> None:
        """Look a key up: it is there until its deadline, and marked."""
        entry = self.find(key)
        expected = None
        if entry is not None and self.clock.now < entry[2]:
            entry[3] = True
            expected = entry[1]
        assert self.sections[key[0]].get(key[1]) == expected

    @rule(key=KEYS, text=st.text(max_size=2), ttl=st.integers(1, 5), most=st.integers(1, 6))
    def put(self, key: tuple[int, str], text: str, ttl: int, most: int) -> None:
        """Keep a greeting: the first in the ring that is unmarked or expired makes room."""
        if (old := self.find(key)) is not None:
            self.ring.remove(old)
        evicted = 0
        while len(self.ring) >= most:
            entry = self.ring.pop(0)
            if entry[3] and self.clock.now < entry[2]:
                entry[3] = False
                self.ring.append(entry)
            else:
                evicted += self.clock.now < entry[2]
        self.ring.append([key, text, self.clock.now + ttl, False])
        assert self.sections[key[0]].put(key[1], text, ttl, most) == evicted
        assert len(self.store) <= most

    @rule(key=KEYS)
    def discard(self, key: tuple[int, str]) -> None:
        """Drop one."""
        entry = self.find(key)
        if entry is not None:
            self.ring.remove(entry)
        assert self.sections[key[0]].discard(key[1]) == (entry is not None)

    @rule(which=st.integers(0, 1))
    def leave(self, which: int) -> None:
        """Drop all of one section."""
        self.ring = [entry for entry in self.ring if entry[0][0] != which]
        self.sections[which].leave()

    @rule()
    def clear(self) -> None:
        """Drop everything."""
        self.ring = []
        self.store.clear()

    @rule(seconds=st.integers(1, 3))
    def wait(self, seconds: int) -> None:
        """Let time go by."""
        self.clock.now += seconds

    @invariant()
    def same_entries(self) -> None:
        """The store holds what the model holds, and leads to nothing else."""
        assert len(self.store) == len(self.ring)
        assert sum(len(section._keys) for section in self.sections) == len(self.ring)


def test_the_store_is_a_clock() -> None:
    """Whatever is done to it, the store and the model agree."""
    run_state_machine_as_test(Model)


def test_what_is_asked_for_stays() -> None:
    """Of a stream of one-off greetings none pushes out one that is asked for."""
    section = ClockStore().section("a")
    section.put("Ada", "Hello, Ada!", 60, 8)
    for turn in range(1000):
        section.put(turn, "once", 60, 8)
        assert section.get("Ada") == "Hello, Ada!"


def test_deadlines_are_spread() -> None:
    """Greetings that were kept at one moment do not all expire at one moment, and none late."""
    clock = Clock()
    store = ClockStore(clock)
    section = store.section("a")
    for turn in range(100):
        section.put(turn, "Hello!", 100, 100)
    left = []
    for seconds in (89.9, 92.5, 95.0, 97.5, 100.0):
        clock.now = 1000 + seconds
        left.append(sum(section.get(turn) is not None for turn in range(100)))
    assert left[0] == 100
    assert left[-1] == 0
    assert all(15 < before - after < 35 for before, after in pairwise(left))


class Meddling:
    """A key whose comparison does something to the store, as a signal handler might."""

    def __init__(self, act: Any) -> None:
        self.act = act
        self.acting = False

    def __hash__(self) -> int:
        """All the same."""
        return 1

    def __eq__(self, other: object) -> bool:
        """Act, and be another one."""
        if not self.acting:
            self.acting = True
            self.act()
            self.acting = False
        return self is other


@pytest.mark.parametrize("act", ["put", "discard", "leave", "clear", "get"])
def test_the_store_may_be_used_in_the_middle_of_a_change(act: str) -> None:
    """What interrupts a change does not wait for it, and the bound holds all the same."""
    store = ClockStore()
    section = store.section("a")
    acts = {
        "put": lambda: section.put("inner", "text", 60, 3),
        "discard": lambda: section.discard("b"),
        "leave": section.leave,
        "clear": store.clear,
        "get": lambda: section.get("b"),
    }
    for key in "abc":
        section.put(key, key, 60, 3)
    for _ in range(5):
        section.put(Meddling(lambda: None), "one", 60, 3)
        section.put(Meddling(acts[act]), "two", 60, 3)
        assert len(store) <= 3
        assert len(section._keys) <= len(store)
    for key in "defg":
        section.put(key, key, 60, 3)
    assert [section.get(key) for key in "cdefg"] == [None, None, "e", "f", "g"]


def test_what_is_dropped_in_the_middle_of_a_change_leaves_later() -> None:
    """A signal handler's drop is heeded at once; its room is free when the change is over."""
    store = ClockStore()
    section = store.section("a")
    for key in "ab":
        section.put(key, key, 60, 2)
    store._changing = True
    assert section.discard("a")
    assert len(store) == 2
    assert section.put("c", "c", 60, 2) == 0
    assert [section.get(key) for key in "abc"] == [None, "b", None]
    store._changing = False
    assert section.put("c", "c", 60, 2) == 0
    assert [section.get(key) for key in "abc"] == [None, "b", "c"]
    assert len(store) == 2


def test_threads_keep_the_bound() -> None:
    """Threads that put, get and drop at once never see more than the bound, nor wrong texts."""
    store = ClockStore()
    sections = [store.section(name) for name in "ab"]
    most: list[int] = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        for turn in range(3000):
            section, key = sections[turn % 2], turn * 7 % 50
            text = section.get(key)
            assert text in (None, str(key))
            section.put(key, str(key), 60, 20)
            if turn % 11 == 0:
                section.discard(key)
            if turn % 997 == 0:
                store.clear()
            most.append(len(store))

    threads, outcomes = in_threads(4, work)
    assert ended(threads)
    assert outcomes == [None] * 4
    assert max(most) <= 20
    assert sum(len(section._keys) for section in sections) == len(store)


class Shelf:
    """A store of somebody else's: sections are parts of one dict."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, object], str] = {}

    def section(self, chain: str) -> ShelfSection:
        """Return the part of a chain."""
        return ShelfSection(self.kept, chain)

    def clear(self) -> None:
        """Drop everything."""
        self.kept.clear()

    def forked(self) -> None:
        """Nothing to do."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.kept)


class ShelfSection:
    """One chain's part of a `Shelf`."""

    def __init__(self, kept: dict[tuple[str, object], str], chain: str) -> None:
        self.kept = kept
        self.chain = chain

    def get(self, key: object) -> str | None:
        """Return what is kept."""
        return self.kept.get((self.chain, key))

    def put(self, key: object, text: str, ttl_s: float, most: int) -> int:
        """Keep it."""
        assert (ttl_s, most) == (86400, 4096)
        self.kept[self.chain, key] = text
        return 0

    def discard(self, key: object) -> bool:
        """Drop it."""
        return self.kept.pop((self.chain, key), None) is not None

    def leave(self) -> None:
        """Keep it all the same: other processes may use it."""


def test_greetings_may_be_kept_elsewhere() -> None:
    """A backend made of `Cached` and a shared store serves two kits from it."""
    shelf, counting = Shelf(), Counting()
    texts = []
    for _ in range(2):
        with Kit(Settings(), discover=False) as kit:
            kit.register_backend("counting", counting)
            kit.register_backend("shelf", Cached(shelf))
            texts += [kit.greet("Ada", backend="shelf+counting") for _ in range(2)]
            texts.append(kit.greet("Ada", backend="shelf+counting", extra={"n": 1}))
    assert [text[-1] for text in texts] == ["1", "1", "2"] * 2
