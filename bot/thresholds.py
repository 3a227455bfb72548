"""Prices at which something may happen, sorted, behind a gate: the next line below the market and the next above."""

import gc
from array import array
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Generic, TypeVar

from sortedcontainers import SortedList

from handlers.rule import Direction

Place = tuple[Direction, float]  # waits for a price at or below, or at or above, this
NEAR = 128  # lines on each side that lie ready


K = TypeVar("K", bound=Hashable)


class Thresholds(Generic[K]):
    """
    One asset's lines. While the price stays between `low` and `high` nothing can happen, so a tick costs two
    comparisons; otherwise each line it crosses costs one pop. A key may wait at several lines; whoever is told that
    one was crossed places the key anew or removes it, which takes it from the others too.
    """

    __slots__ = ("_above", "_below", "_places", "high", "low")

    def __init__(self, placed: Iterable[tuple[K, tuple[Place, ...]]] = ()) -> None:
        self._places = dict(placed)
        self._below: _Side[K] = _Side(self._entries(Direction.BELOW))
        self._above: _Side[K] = _Side(self._entries(Direction.ABOVE))
        self._gate()

    def __len__(self) -> int:
        return len(self._places)

    def keys(self) -> Iterable[K]:
        """Whoever waits at a line, or did until it was crossed and is not placed anew yet."""
        return self._places.keys()

    def place(self, key: K, places: tuple[Place, ...]) -> None:
        """Wait here and nowhere else."""
        self._remove(key)
        if places:
            self._places[key] = places
        for direction, line in places:
            if direction is Direction.BELOW:
                self._below.add(line, key)
            else:
                self._above.add(-line, key)
        self._gate()

    def remove(self, key: K) -> None:
        self._remove(key)
        self._gate()

    def crossed(self, price: float) -> list[K]:
        """
        The keys of the lines this price reaches; those lines are gone. A key is not even hashed here: among a million
        each look at another object is a cache miss, and the feeds wait meanwhile.
        """
        keys = self._below.reached(price) + self._above.reached(-price)
        self._gate()
        return keys

    def _remove(self, key: K) -> None:
        """Crossed lines are gone already."""
        for direction, line in self._places.pop(key, ()):
            if direction is Direction.BELOW:
                self._below.discard(line, key)
            else:
                self._above.discard(-line, key)

    def _gate(self) -> None:
        """Both directions, after every change: a line that is missed here never rings."""
        self.low, self.high = self._below.next, -self._above.next

    def _entries(self, direction: Direction) -> list[tuple[float, K]]:
        sign = 1 if direction is Direction.BELOW else -1
        return [
            (sign * line, key)
            for key, places in self._places.items()
            for way, line in places
            if way is direction
        ]


class _Side(Generic[K]):
    """
    Lines on one side of the market, the greatest first to be crossed (those above are kept negative). The next ones
    lie ready, packed side by side, at the end of an array, which costs next to nothing to cut; the others in a sorted
    list, whose middle is cheap to change.
    """

    __slots__ = ("_far", "_keys", "_lines")

    def __init__(self, entries: list[tuple[float, K]]) -> None:
        entries.sort()
        cut = max(0, len(entries) - NEAR)
        self._lines = array("d", [line for line, _ in entries[cut:]])
        self._keys = [key for _, key in entries[cut:]]
        self._far = SortedList(entries[:cut])

    @property
    def next(self) -> float:
        return self._lines[-1] if self._lines else -inf

    def add(self, line: float, key: K) -> None:
        if self._far and line < self._lines[0]:
            self._far.add((line, key))
        else:
            self._put(line, key)
        self._level()

    def discard(self, line: float, key: K) -> None:
        at = bisect_left(self._lines, line)
        while at < len(self._lines) and self._lines[at] == line:
            if self._keys[at] == key:
                del self._lines[at], self._keys[at]
                break
            at += 1
        else:
            self._far.discard((line, key))
        self._level()

    def reached(self, value: float) -> list[K]:
        """The keys at or beyond this value, no longer waiting."""
        keys: list[K] = []
        while True:
            at = bisect_left(self._lines, value)
            keys += self._keys[at:]
            del self._lines[at:], self._keys[at:]
            if self._lines or not self._far:
                return keys
            self._level()

    def _level(self) -> None:
        """Whenever a rule comes or goes, so that a tick hardly ever has to. While any are far, some are near."""
        while self._far and len(self._lines) < NEAR // 2:
            self._put(*self._far.pop(-1))
        while len(self._lines) > NEAR * 2:
            self._far.add((self._lines.pop(0), self._keys.pop(0)))

    def _put(self, line: float, key: K) -> None:
        at = bisect_left(self._lines, line)
        self._lines.insert(at, line)
        self._keys.insert(at, key)


@contextmanager
def uncollected() -> Iterator[None]:
    """
    Without the cycle collector, which would walk a million young tuples again and again, and stop a tick for
    milliseconds to do so later. What is made inside is left out for good; it still goes when nobody holds it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
