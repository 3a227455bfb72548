"""A source's parsed answers in this process: none older than it may be given, and neither too many nor too heavy."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from providers.cache import Page
from providers.types import Reading

T = TypeVar("T")

MOST = 256
HEAVY = 10_000_000  # characters together; parsed, an answer is about three times its text


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
    """By question, the latest fetched last. What is let go costs a look into the store, never a request."""

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
