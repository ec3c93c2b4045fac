"""The backend `cached`: what it keeps, for how long, and what makes it forget."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from caching import Blocking, Clock, Counting, CountingAsync

from hellokit import (
    Kit,
    PluginError,
    Request,
    Settings,
    SettingsError,
    Wording,
)
from hellokit.builtin.cached import Cached
from hellokit.caching.store import ClockStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHAIN = "cached+counting"


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with a leaf that counts."""
    with Kit(Settings(), discover=False) as kit:
        kit.register_backend("counting", Counting)
        for chain in ("cached+plain", CHAIN):
            kit.selected(chain)  # loading a backend is of type change, which empties the cache
        yield kit


class Loud:
    """A wrapping backend that shouts."""

    def hellokit_greet(self, request: Request, inner: Callable[[Request], str]) -> str:
        """Return it in capitals."""
        return inner(request).upper()


class Klingon:
    """Brings a wording."""

    def __init__(self, word: str) -> None:
        self.word = word

    def hellokit_wordings(self) -> list[Wording]:
        """Return it, in the place of English's."""
        hello = {"with": f"{self.word} {{name}}", "without": self.word}
        return [Wording.from_data("tlh", {"slots": {"hello": hello}, "hours": [[0, "hello"]]})]


def test_a_greeting_is_computed_once(kit: Kit) -> None:
    """The second call of the same request gets the text of the first, in either colour."""
    texts = [kit.greet("Ada", backend=CHAIN) for _ in range(3)]
    texts.append(asyncio.run(kit.greet_async("Ada", backend=CHAIN)))
    assert texts == ["Hello, Ada! 1"] * 4
    assert kit.metrics().backends["cached"].attributes == {"hit": 3, "miss": 1}
    assert kit.metrics().backends["counting"].calls == 1


@pytest.mark.parametrize(
    "other",
    [
        {"names": ("Eve",)},
        {"names": ("Ada", "Eve")},
        {"locale": "en-GB"},
        {"formality": "formal"},
        {"at": time(19)},
        {"extra": {"n": 1}},
    ],
)
def test_the_key_is_the_whole_request(kit: Kit, other: dict[str, Any]) -> None:
    """A request that differs in anything has a greeting of its own."""
    kit.greet("Ada", backend=CHAIN)
    names = other.pop("names", ("Ada",))
    text = kit.greet(*names, backend=CHAIN, **other)
    assert text.endswith("2")
    assert kit.greet(*names, backend=CHAIN, **other) == text


def test_the_locale_is_resolved(kit: Kit) -> None:
    """No locale is the default one, in whatever way it is written."""
    texts = {kit.greet("Ada", backend=CHAIN, locale=tag) for tag in (None, "en", "EN", "en.UTF-8")}
    assert texts == {"Hello, Ada! 1"}


def test_a_scope_is_part_of_the_request(kit: Kit) -> None:
    """Defaults of `use()` make another request, and the same ones the same request."""
    texts = [kit.greet("Ada", backend=CHAIN)]
    for _ in range(2):
        with kit.use(formality="informal", isolate="always"):
            texts.append(kit.greet("Ada", backend=CHAIN))
    assert texts[0] != texts[1] == texts[2]


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (1, 1.0), (0.0, -0.0), ((1,), (True,)), (frozenset({1}), frozenset({1.0}))],
)
def test_values_that_are_only_equal_are_kept_apart(kit: Kit, one: object, other: object) -> None:
    """A backend may show 1 and True otherwise, though they are equal."""
    texts = [
        kit.greet("Ada", backend=CHAIN, extra={"n": value}) for value in (one, other, one, other)
    ]
    assert [text[-1] for text in texts] == ["1", "2", "1", "2"]


def test_the_order_of_extra_does_not_matter(kit: Kit) -> None:
    """Two mappings with the same content are one request."""
    for extra in ({"a": 1, "b": 2}, {"b": 2, "a": 1}):
        assert kit.greet("Ada", backend=CHAIN, extra=extra).endswith("1")
    assert kit.cache.info().hits == 1


class Unruly:
    """Something whose hash raises what nobody expects."""

    def __hash__(self) -> int:
        """Raise."""
        raise ValueError


@pytest.mark.parametrize("value", [[1], {}, (1, [2]), Unruly()])
def test_what_cannot_be_hashed_is_not_cached(kit: Kit, value: object) -> None:
    """Such a request goes by, and is counted."""
    for number in (1, 2):
        assert kit.greet("Ada", backend=CHAIN, extra={"n": value}).endswith(str(number))
    assert kit.metrics().backends["cached"].attributes == {"bypass": 2}
    assert kit.cache.invalidate(Request("Ada", extra={"n": value})) == 0


UTC_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("1.0"), Decimal("1.00")),
        (UTC_NOON, UTC_NOON.astimezone(timezone(timedelta(hours=1)))),
        (0.0, -0.0),
        ((0.0,), (-0.0,)),
        (1, True),
        ("1", b"1"),
    ],
)
def test_values_that_read_differently_share_no_greeting(
    kit: Kit, one: object, other: object
) -> None:
    """Even if they are equal."""

    class Reading:
        """Says what it reads."""

        def hellokit_greet(self, request: Request) -> str:
            """Return the value as text."""
            return str(request.extra)

    kit.register_backend("reading", Reading)
    for value in (one, other, one, other):
        extra = {"value": value}
        assert kit.greet(backend="cached+reading", extra=extra) == str(extra)


@pytest.mark.parametrize("value", ["a", b"a", 1, True, 1.5, None, ("a", (1, None)), frozenset("a")])
def test_plain_values_are_cached(kit: Kit, value: object) -> None:
    """What reads the same whenever it is equal can be looked up."""
    for _ in range(2):
        assert kit.greet("Ada", backend=CHAIN, extra={"n": value}).endswith("1")
    assert kit.cache.invalidate(Request("Ada", extra={"n": value})) == 1


def test_chains_do_not_mix(kit: Kit) -> None:
    """What stands behind is part of what is kept."""
    kit.register_backend("loud", Loud)
    for _ in range(2):
        assert kit.greet("Ada", backend="cached+plain") == "Hello, Ada!"
        assert kit.greet("Ada", backend="cached+loud+plain") == "HELLO, ADA!"
        assert kit.greet("Ada", backend="cached+loud") == "HELLO, ADA!"
        assert kit.greet("Ada", backend="cached") == "Hello, Ada!"
    assert kit.cache.info().misses == 2


def test_what_stands_in_front_does_not_matter(kit: Kit) -> None:
    """The same chain behind shares its greetings, whoever calls it."""
    kit.register_backend("loud", Loud)
    assert kit.greet("Ada", backend=CHAIN) == "Hello, Ada! 1"
    assert kit.greet("Ada", backend=f"loud+{CHAIN}") == "HELLO, ADA! 1"


@pytest.mark.parametrize("leaf", [Counting, CountingAsync, Blocking])
def test_backends_of_every_colour_are_cached(kit: Kit, leaf: type[Counting]) -> None:
    """Whatever stands behind is called once, from sync and from async code."""
    kit.register_backend("leaf", leaf)

    async def twice() -> list[str]:
        return [await kit.greet_async("Ada", backend="cached+leaf") for _ in range(2)]

    assert asyncio.run(twice()) == ["Hello, Ada! 1"] * 2
    assert kit.greet("Ada", backend="cached+leaf") == "Hello, Ada! 1"
    assert [kit.greet("Eve", backend="cached+leaf") for _ in range(2)] == ["Hello, Eve! 2"] * 2


def test_an_error_is_not_kept(kit: Kit) -> None:
    """After a failure the next call computes again."""

    class Moody:
        """Fails at first."""

        failed = False

        def hellokit_greet(self) -> str:
            """Raise once."""
            if not self.failed:
                self.failed = True
                raise ValueError("not now")
            return "Hi"

    kit.register_backend("moody", Moody)
    with pytest.raises(ValueError, match="not now"):
        kit.greet("Ada", backend="cached+moody")
    assert [kit.greet("Ada", backend="cached+moody") for _ in range(2)] == ["Hi", "Hi"]
    assert kit.metrics().backends["moody"].calls == 2


def test_nothing_is_kept_when_caching_is_off() -> None:
    """The backend then passes through, in either colour, and notes nothing."""
    with Kit(Settings(cache_enabled=False), discover=False) as kit:
        kit.register_backend("counting", Counting)
        assert kit.greet("Ada", backend=CHAIN).endswith("1")
        assert kit.greet("Ada", backend=CHAIN, extra={"n": [1]}).endswith("2")
        assert asyncio.run(kit.greet_async("Ada", backend=CHAIN)).endswith("3")
        assert kit.metrics().backends["cached"].attributes == {}
        assert kit.cache.info().entries == 0
        kit.configure(cache_enabled=True)
        assert [kit.greet("Ada", backend=CHAIN)[-1] for _ in range(2)] == ["4", "4"]


def test_a_greeting_expires(kit: Kit) -> None:
    """It is good in the first nine tenths of its time, and not after its end."""
    clock, counting = Clock(), Counting()
    kit.register_backend("mine", Cached(ClockStore(clock)))
    kit.register_backend("other", counting)
    kit.configure(cache_ttl_s=100.0)
    for _ in range(20):
        before = kit.greet("Ada", backend="mine+other")
        clock.now += 89.9
        assert kit.greet("Ada", backend="mine+other") == before
        clock.now += 10.2
        assert kit.greet("Ada", backend="mine+other") != before
        clock.now += 1000
    assert counting.calls == 40


@pytest.mark.parametrize("bad", [{"cache_ttl_s": 0}, {"cache_max_entries": 0}])
def test_a_cache_of_nothing_is_refused(bad: dict[str, Any]) -> None:
    """A time or size of 0 is an error of the settings; `cache_enabled` says it clearly."""
    with pytest.raises(SettingsError):
        Settings(**bad)


def test_the_bound_holds_over_all_chains() -> None:
    """The cache never holds more than it may, and counts what had to go."""
    with Kit(Settings(cache_max_entries=5), discover=False) as kit:
        kit.register_backend("loud", Loud)
        for turn in range(40):
            for chain in ("cached+plain", "cached+loud+plain"):
                kit.greet(f"Ada {turn}", backend=chain)
                assert kit.cache.info().entries == min(5, kit.cache.info().misses)
        info = kit.cache.info()
    assert (info.misses, info.evictions, info.max_entries) == (80, 75, 5)


def test_a_smaller_bound_holds_from_the_next_greeting_on(kit: Kit) -> None:
    """Settings may change while the cache is full."""
    for turn in range(10):
        kit.greet(f"Ada {turn}", backend=CHAIN)
    kit.configure(cache_max_entries=3)
    for turn in range(10):
        kit.greet(f"Ada {turn}", backend=CHAIN)
        assert kit.cache.info().entries <= 3


def test_other_wordings_make_other_greetings(kit: Kit) -> None:
    """Registering, replacing and taking out wordings is heeded at once."""
    texts = [kit.greet("Ada", backend="cached", locale="tlh")]
    for mark in ("nuqneH", "qaleghqa'"):
        undo = kit.register(Klingon(mark))
        texts.append(kit.greet("Ada", backend="cached", locale="tlh"))
        undo()
    texts.append(kit.greet("Ada", backend="cached", locale="tlh"))
    assert texts == ["Hello, Ada!", "nuqneH Ada", "qaleghqa' Ada", "Hello, Ada!"]


def test_other_settings_make_other_greetings(kit: Kit) -> None:
    """A request without a locale is that of the new default, and one that falls back as well."""
    kit.register(Klingon("nuqneH"))
    texts = [kit.greet("Ada", backend="cached", locale="xx")]
    kit.configure(locale="tlh")
    texts += [kit.greet("Ada", backend="cached", locale=tag) for tag in ("xx", None)]
    kit.configure(isolate="always")
    texts.append(kit.greet("Ada", backend="cached"))
    assert texts == ["Hello, Ada!", "nuqneH Ada", "nuqneH Ada", "nuqneH \u2068Ada\u2069"]


def test_another_backend_of_the_same_name_is_another_one(kit: Kit) -> None:
    """What a backend said that is gone is not said for its successor."""
    undo = kit.register_backend("leaf", Counting)
    kit.greet("Ada", backend="cached+leaf")
    undo()

    class Successor:
        """The one that has the name now."""

        def hellokit_greet(self) -> str:
            """Greet."""
            return "I am new"

    kit.register_backend("leaf", Successor)
    assert kit.greet("Ada", backend="cached+leaf") == "I am new"


def test_a_change_frees_what_was_kept(kit: Kit) -> None:
    """What no longer holds takes no room, and its state is let go after the next change."""
    for turn in range(10):
        kit.greet(f"Ada {turn}", backend=CHAIN)
    for locale in ("de", "fr", "it", "en"):
        kit.configure(locale=locale)
        kit.greet("Ada", backend=CHAIN)
        kit.greet("Ada", backend="cached+plain")
        assert kit.cache.info().entries == 2
        cached: Any = kit.plugins.get_plugin("hellokit.backends:cached")
        assert len(cached._lanes) <= 4


def test_a_call_bound_before_a_change_goes_on_with_its_own(kit: Kit) -> None:
    """Who holds an old route, as a long batch does, gets old texts, and spoils no new ones."""
    kit.register(Klingon("nuqneH"))
    kit.greet("Ada", backend="cached")
    state = kit._state
    kit.configure(locale="tlh")
    old = Request("Ada", locale="xx", isolate="auto")
    for _ in range(3):
        assert state.calls["cached"](old) == "Hello, Ada!"
        assert kit.greet("Ada", backend="cached", locale="xx") == "nuqneH Ada"
    # Ada, the old text twice as the change dropped the first one, and the new text.
    assert kit.cache.info().misses == 4


def test_kits_share_nothing(kit: Kit) -> None:
    """Each kit has a cache of its own."""
    kit.greet("Ada", backend=CHAIN)
    with Kit(Settings(), discover=False) as other:
        other.register_backend("counting", Counting)
        assert other.cache.info().entries == 0
        assert other.greet("Ada", backend=CHAIN).endswith("1")
        assert other.cache.info().misses == 1


def test_a_record_says_whether_it_was_a_hit(kit: Kit) -> None:
    """Sinks see the attribute in the record of the call."""
    seen = []

    class Sink:
        """Keeps what it is told."""

        def hellokit_record(self, record: Any) -> None:
            """Keep it."""
            if record.backend == "cached":
                seen.append(dict(record.attributes))

    kit.register(Sink)
    for name in ("Ada", "Ada"):
        kit.greet(name, backend=CHAIN)
    assert seen == [{"miss": 1}, {"hit": 1}]


def test_the_name_is_reserved(kit: Kit) -> None:
    """Nobody else can be `cached`."""
    with pytest.raises(PluginError, match="built in"):
        kit.register_backend("cached", Counting)
