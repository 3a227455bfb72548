"""What was worked out a moment ago, for everybody who asks the same."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

KEPT = timedelta(seconds=2)
MOST = 512  # results; the oldest go


class Recent:
    """
    Reading a thousand bars into levels costs tens of milliseconds: done once however many ask at once, and again only
    when a moment has passed. What failed is not kept.
    """

    def __init__(self, kept: timedelta = KEPT) -> None:
        self._kept = kept
        self._known: dict[Hashable, tuple[datetime, asyncio.Future[Any]]] = {}

    async def get(self, key: Hashable, now: datetime, work: Callable[[], Awaitable[T]]) -> T:
        """`work`'s result, which may be two seconds old. Raises what `work` raises."""
        known = self._known.get(key)
        if known is None or not timedelta() <= now - known[0] < self._kept:
            self._forget(key, now)
            known = self._known[key] = now, asyncio.ensure_future(_awaited(work()))
            known[1].add_done_callback(lambda done: self._landed(key, done))
        # Shielded: one impatient asker must not end it for the others.
        found: T = await asyncio.shield(known[1])
        return found

    def _forget(self, key: Hashable, now: datetime) -> None:
        """What nobody will be given any more, in the order in which it was asked for; and the oldest of too many."""
        self._known.pop(key, None)
        while self._known:
            oldest = next(iter(self._known))
            if len(self._known) < MOST and now - self._known[oldest][0] < self._kept:
                break
            del self._known[oldest]

    def _landed(self, key: Hashable, done: asyncio.Future[Any]) -> None:
        failed = done.cancelled() or done.exception() is not None
        if failed and key in self._known and self._known[key][1] is done:
            del self._known[key]


async def _awaited(work: Awaitable[T]) -> T:
    return await work
