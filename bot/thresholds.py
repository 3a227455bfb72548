"""Prices at which something may happen, sorted, behind a gate: the next line below the market and the next above."""

import gc
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Generic, TypeVar

from sortedcontainers import SortedList

from handlers.rule import Direction

Place = tuple[Direction, float]  # waits for a price at or below, or at or above, this


K = TypeVar("K", bound=Hashable)


class Thresholds(Generic[K]):
    """
    One asset's lines. While the price stays between `low` and `high` nothing can happen, so a tick costs two
    comparisons; otherwise O(log n + crossed). A key may wait at several lines; a crossed key waits at none until it
    is placed again.
    """

    __slots__ = ("_above", "_below", "_places", "high", "low")

    def __init__(self, placed: Iterable[tuple[K, tuple[Place, ...]]] = ()) -> None:
        self._places = dict(placed)
        self._below = SortedList(self._entries(Direction.BELOW))
        self._above = SortedList(self._entries(Direction.ABOVE))
        self._gate()

    def __len__(self) -> int:
        return len(self._places)

    def place(self, key: K, places: tuple[Place, ...]) -> None:
        """Wait here and nowhere else."""
        self._remove(key)
        if places:
            self._places[key] = places
        for direction, line in places:
            (self._below if direction is Direction.BELOW else self._above).add((line, key))
        self._gate()

    def remove(self, key: K) -> None:
        self._remove(key)
        self._gate()

    def crossed(self, price: float) -> tuple[K, ...]:
        """The keys whose line this price reaches, taken out of the waiting."""
        keys: dict[K, None] = {}
        while self._below and self._below[-1][0] >= price:
            keys[self._take(self._below, -1)] = None
        while self._above and self._above[0][0] <= price:
            keys[self._take(self._above, 0)] = None
        self._gate()
        return tuple(keys)

    def _take(self, lines: SortedList, index: int) -> K:
        line, key = lines.pop(index)
        way = Direction.BELOW if lines is self._below else Direction.ABOVE
        others = [place for place in self._places.pop(key) if place != (way, line)]
        for direction, other in others:
            (self._below if direction is Direction.BELOW else self._above).remove((other, key))
        crossed: K = key
        return crossed

    def _remove(self, key: K) -> None:
        for direction, line in self._places.pop(key, ()):
            (self._below if direction is Direction.BELOW else self._above).remove((line, key))

    def _gate(self) -> None:
        """Both directions, after every change: a line that is missed here never rings."""
        self.low = self._below[-1][0] if self._below else -inf
        self.high = self._above[0][0] if self._above else inf

    def _entries(self, direction: Direction) -> list[tuple[float, K]]:
        return [
            (line, key)
            for key, places in self._places.items()
            for way, line in places
            if way is direction
        ]


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the cycle collector, which would walk a million young tuples again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
