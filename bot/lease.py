"""Who does what only one process may do: polling Telegram, planning, reading feeds. Saves work, guarantees nothing."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import uuid4

from bot.store import Store, StoreDown, reachable, wanted

log = logging.getLogger(__name__)

TTL = 3.0  # seconds: a killed holder is followed after at most this and a third
SAFE = 0.7  # of the life: unrenewed for longer we stop working, before another may start
Answer = bool | None  # ours, another's, or the store did not say

# The same token may take again, so a lost answer does not lose the lease.
TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1"""
RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0"""

Work = Callable[[], Awaitable[None]]


class Lease:
    """A named right that one process at a time holds while it renews it."""

    def __init__(self, store: Store, name: str, ttl: float = TTL) -> None:
        self.name, self._store, self._ttl = name, store, ttl
        self._key, self._token = _key(name), uuid4().hex

    async def take(self) -> bool:
        """Take it, or keep it. Raises StoreDown."""
        with reachable():
            args = (self._token, round(self._ttl * 1000))
            return bool(await self._store.run(TAKE, [self._key], args))

    async def release(self) -> None:
        """Give it up at once if it is ours; a store that is away lets it run out."""
        with suppress(StoreDown), reachable():
            await self._store.run(RELEASE, [self._key], (self._token,))

    async def run(self, work: Work, *, through_outages: bool = False) -> None:
        """
        Do `work` whenever we hold the lease, until cancelled. The work is cancelled and awaited before the lease can
        have passed to another. With `through_outages` it goes on for as long as the store does not answer: then
        nobody can take the lease, unless the store is away for us alone. An exception of the work ends this and is
        raised.
        """
        while wanted():
            if await self._asked():
                try:
                    await self._hold(work, through_outages=through_outages)
                finally:
                    await self.release()
            await asyncio.sleep(self._ttl / 6)

    async def _asked(self) -> Answer:
        try:
            async with asyncio.timeout(self._ttl / 3):
                return await self.take()
        except (StoreDown, TimeoutError):
            return None

    async def _hold(self, work: Work, *, through_outages: bool) -> None:
        log.info("lease_taken", extra={"lease": self.name})
        working = asyncio.ensure_future(work())
        renewed = time.monotonic()
        try:
            while through_outages or time.monotonic() - renewed < self._ttl * SAFE:
                await asyncio.wait([working], timeout=self._ttl / 6)
                asked = time.monotonic()
                if working.done() or (ours := await self._asked()) is False:
                    break
                renewed = asked if ours else renewed
        finally:
            working.cancel()
            await asyncio.wait([working])
            log.info("lease_left", extra={"lease": self.name})
        if not working.cancelled():
            working.result()


async def held(store: Store, name: str) -> bool:
    """Whether some process holds this lease. Raises StoreDown."""
    with reachable():
        return bool(await store.cmd.exists(_key(name)))


async def run_while_leader(
    store: Store, name: str, work: Work, ttl: float = TTL, *, through_outages: bool = False
) -> None:
    """For a TaskGroup: `work` runs in one process at a time; another takes over when this one ends or dies."""
    await Lease(store, name, ttl).run(work, through_outages=through_outages)


def _key(name: str) -> str:
    return f"lh:{{lease:{name}}}"
