"""A list in place: greeted in batches that grow as its results are taken."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest

from hellokit import Kit, Request, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 8


class Counting:
    """Greets, counts what it has greeted, and fails or is interrupted by name."""

    def __init__(self) -> None:
        self.made = 0

    def hellokit_greet(self, request: Request) -> str:
        """Do what the name says."""
        (name,) = request.names
        if name == "Bad":
            raise ConnectionError(name)
        if name == "Stop":
            raise KeyboardInterrupt
        self.made += 1
        return f"Hi {name}"


@pytest.fixture
def counting() -> Counting:
    """Return the backend."""
    return Counting()


@pytest.fixture
def kit(counting: Counting) -> Iterator[Kit]:
    """Return a kit with that backend as its own, and small batches."""
    with Kit(Settings(backend="counting", batch_size=BATCH), discover=False) as kit:
        kit.register_backend("counting", counting)
        yield kit


@pytest.mark.parametrize("taken", range(1, 40))
def test_no_more_is_made_ahead_than_was_taken(kit: Kit, counting: Counting, taken: int) -> None:
    """Nor more than a batch: whoever takes one and leaves has had one made."""
    stream = kit.greet_many(["Ada"] * 1000)
    assert list(islice(stream, taken)) == ["Hi Ada"] * taken
    assert 0 <= counting.made - taken < min(taken, BATCH)


def test_what_failed_was_not_taken(kit: Kit, counting: Counting) -> None:
    """Items that are left out make no batch larger."""
    stream = kit.greet_many(["Bad"] * 100 + ["Ada"] * 100, on_error="skip")
    assert next(stream) == "Hi Ada"
    assert counting.made == 1


@pytest.mark.parametrize("before", range(10))
def test_an_interrupt_comes_after_the_texts_made_before_it(kit: Kit, before: int) -> None:
    """What was made in the same batch is not lost, and nothing is left out after it."""
    stream = kit.greet_many([*["Ada"] * before, "Stop", "Eve"], on_error="skip")
    assert list(islice(stream, before)) == ["Hi Ada"] * before
    with pytest.raises(KeyboardInterrupt):
        next(stream)


def test_an_interrupt_is_not_lost_if_the_consumer_leaves(kit: Kit) -> None:
    """It is raised where the stream is closed."""
    stream = kit.greet_many(["Ada", "Ada", "Stop"])
    assert list(islice(stream, 2)) == ["Hi Ada"] * 2
    with pytest.raises(KeyboardInterrupt):
        stream.close()
