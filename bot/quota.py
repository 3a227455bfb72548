"""How the processes share a platform's pace: slots are handed out through the store twice a second, not per message."""

import asyncio
import logging
from contextlib import suppress
from uuid import uuid4

from bot.pacer import Pacer
from bot.store import Store, StoreDown, reachable, wanted

log = logging.getLogger(__name__)

EVERY = 0.5  # seconds
TTL = 3.0  # a killed process's slots are free after this, long after its last second has passed

# "<process>" -> "<held> <wanted> <end>". Grants what the demand makes our part, as far as others leave it;
# what we hold beyond our part we give back as our slots cool down.
SHARE = """
local me, limit, held = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local wanted, ttl = tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all, others, demand = redis.call('HGETALL', KEYS[1]), 0, wanted
for i = 1, #all, 2 do
  if all[i] ~= me then
    local h, w, till = string.match(all[i + 1], '^(%d+) (%d+) (%d+)$')
    if tonumber(till) > now then
      others, demand = others + h, demand + w
    else redis.call('HDEL', KEYS[1], all[i]) end
  end
end
local part = math.max(1, math.floor(limit * wanted / demand))
local granted = math.max(0, math.min(part, limit - others))
redis.call('HSET', KEYS[1], me, math.max(held, granted) .. ' ' .. wanted .. ' ' .. (now + ttl))
return granted"""
LEAVE = """
return redis.call('HDEL', KEYS[1], ARGV[1])"""


class Quota:
    """Keeps one pacer's share in agreement with the other processes on this store."""

    def __init__(self, store: Store, platform: str, pacer: Pacer) -> None:
        self.me = uuid4().hex
        self._store, self._pacer = store, pacer
        self._key = f"lh:{{ops}}:pace:{platform}"
        self._limit = pacer.limits.per_second
        pacer.shared(0)  # nothing until the store has said how many processes there are

    async def agree(self) -> None:
        """Ask for what we need, give back what we do not. Raises StoreDown."""
        pacer = self._pacer
        wanted = 1 + min(pacer.wanted, self._limit * 10)
        args = (self.me, self._limit, pacer.share, wanted, round(TTL * 1000))
        with reachable():
            granted = int(await self._store.run(SHARE, [self._key], args))
        if granted != pacer.share:
            # Slots in use stay ours until a second after their answers.
            pacer.shared(max(granted, min(pacer.busy, pacer.share)))

    async def run(self) -> None:
        """
        Agree until cancelled. While the store is away one slot remains, so that questions are still answered; another
        process may use it too by then.
        """
        loop = asyncio.get_running_loop()
        agreed = loop.time()
        try:
            while wanted():
                asked = loop.time()
                with suppress(StoreDown):
                    await self.agree()
                    agreed = asked
                if loop.time() - agreed > TTL - 1:
                    self._pacer.shared(1)
                await asyncio.sleep(EVERY)
        finally:
            self._pacer.shared(0)
            with suppress(StoreDown), reachable():
                await asyncio.shield(self._store.run(LEAVE, [self._key], (self.me,)))
