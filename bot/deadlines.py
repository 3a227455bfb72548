"""When rules must be looked at though nothing happens to them, the soonest first."""

from collections.abc import Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush

from bot.book import Key

SLACK = 1000  # outdated entries that are not worth clearing away


class Deadlines:
    """One time for each rule at most. Setting one costs O(log n), asking whether any is due one comparison."""

    __slots__ = ("_at", "_heap")

    def __init__(self, known: Iterable[tuple[Key, datetime]] = ()) -> None:
        self._at = dict(known)
        self._heap = [(at, key) for key, at in self._at.items()]
        heapify(self._heap)

    def put(self, key: Key, at: datetime | None) -> None:
        """In place of the rule's time before; None: it has none."""
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            heappush(self._heap, (at, key))
            self._tidy()

    def due(self, now: datetime, most: int) -> list[Key]:
        """Rules whose time has come, which have none from then on."""
        keys: list[Key] = []
        while self._heap and self._heap[0][0] <= now and len(keys) < most:
            at, key = heappop(self._heap)
            if self._at.get(key) == at:
                del self._at[key]
                keys.append(key)
        return keys

    def _tidy(self) -> None:
        """A time that was set anew leaves its old entry behind."""
        if len(self._heap) > 2 * len(self._at) + SLACK:
            self._heap = [(at, key) for key, at in self._at.items()]
            heapify(self._heap)
