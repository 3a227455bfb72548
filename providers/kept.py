"""Answers held in this process: neither too many nor too heavy, however many different questions are asked."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from providers.cache import Page
from providers.types import Reading

T = TypeVar("T")

MOST = 256
HEAVY = 10_000_000  # characters together; parsed, an answer is about three times its text
MOST_LAST = 500
HEAVY_LAST = 50_000  # bars and the like together, some 15 MB


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """
    A parsed answer, how long its text was, and for how long it may be given. Its page keeps its text only where a 304
    may ask for it again; the store has the rest.
    """

    reading: Reading[T]
    page: Page
    size: int
    keep: timedelta


class Answers:
    """
    One source's, by question, the latest fetched last; none that is older than it may be given. What is let go costs
    a look into the store, never a request.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, Kept[Any]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, question: Hashable) -> Kept[Any] | None:
        return self._kept.get(question)

    def put(self, question: Hashable, answer: Kept[Any], now: datetime) -> None:
        self._kept.pop(question, None)
        self._kept = {q: k for q, k in self._kept.items() if now - k.page.fetched < k.keep}
        self._kept[question] = answer
        size = sum(kept.size for kept in self._kept.values())
        while len(self._kept) > 1 and (len(self._kept) > MOST or size > HEAVY):
            size -= self._kept.pop(next(iter(self._kept))).size


class LastSaid:
    """
    The last good answer to each question, for when nobody answers any more. Questions differ from hour to hour ("the
    last 2,161 bars"), so what was asked longest ago goes.
    """

    def __init__(self) -> None:
        self._said: dict[Hashable, Reading[Any]] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._said)

    def get(self, question: Hashable) -> Reading[Any] | None:
        return self._said.get(question)

    def put(self, question: Hashable, answer: Reading[Any]) -> None:
        before = self._said.get(question)
        if before is answer:
            return
        if before is not None:
            self._drop(question)
        self._said[question] = answer
        self._size += _items(answer)
        while len(self._said) > 1 and (len(self._said) > MOST_LAST or self._size > HEAVY_LAST):
            self._drop(next(iter(self._said)))

    def _drop(self, question: Hashable) -> None:
        self._size -= _items(self._said.pop(question))


def _items(answer: Reading[Any]) -> int:
    return len(answer.value) if isinstance(answer.value, tuple) else 1
