"""
This process as a consumer of the outbox: of each shard it holds, first what was handed out before and is not settled,
then what is new, in that order, so that no chat's messages overtake each other.
"""

import asyncio
from collections.abc import Collection
from datetime import timedelta

from bot.outbox import FIRST, Entry, Outbox
from bot.shards import Shards

WAIT = timedelta(seconds=0.5)
AT_ONCE = 25  # entries of each shard: thousands of lines that begin together would hold up what is being sent
SWEEP = 2.0  # seconds
CLAIMED = ""  # where the next pending entry starts: there is none


class Consumer:
    """
    A process that lost a shard, and does not know it yet, may still be handed something of it. The shard's holder looks
    for that every few seconds, so nothing waits for the other to end.
    """

    def __init__(
        self, outbox: Outbox, shards: Shards, *, sweep: float = SWEEP, wait: timedelta = WAIT
    ) -> None:
        self._outbox, self._shards, self._sweep, self._wait = outbox, shards, sweep, wait
        self._next: dict[int, str] = {}  # of each shard, where to go on claiming
        self._swept = 0.0

    async def entries(self, room: int) -> list[Entry]:
        """
        A few more entries to send, at most about `room`; some may have been given before. Raises StoreDown, after
        which everything unfinished is given again: what was handed over in a lost answer is among it.
        """
        try:
            found = await self._found(room)
        except BaseException:
            self._next.clear()
            raise
        kept = self._shards.held
        self.keep(kept)
        return [entry for entry in found if entry.shard in kept]

    def keep(self, shards: Collection[int]) -> None:
        """Whatever else was ours is claimed anew when it is ours again."""
        self._next = {shard: start for shard, start in self._next.items() if shard in shards}

    async def _found(self, room: int) -> list[Entry]:
        mine = self._shards.mine
        if not mine:
            return []
        while unclaimed := [shard for shard in sorted(mine) if self._next.get(shard) != CLAIMED]:
            if found := await self._claim(unclaimed):
                return found
        now = asyncio.get_running_loop().time()
        if now - self._swept >= self._sweep:
            self._swept = now
            if strays := await self._strays(mine):
                return strays
        return await self._outbox.read(mine, min(room, AT_ONCE), self._wait)

    async def _claim(self, shards: Collection[int]) -> list[Entry]:
        pages = await asyncio.gather(
            *(self._outbox.claim(shard, self._next.get(shard, FIRST), AT_ONCE) for shard in shards)
        )
        self._next |= {s: start for s, (_, start) in zip(shards, pages, strict=True)}
        return [entry for found, _ in pages for entry in found]

    async def _strays(self, shards: Collection[int]) -> list[Entry]:
        pages = await asyncio.gather(
            *(self._outbox.claim(shard, limit=AT_ONCE, others=True) for shard in shards)
        )
        return [entry for found, _ in pages for entry in found]
