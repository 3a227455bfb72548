"""Which process sends to which chats: the store's shards, shared out evenly among the living."""

import asyncio
import logging
import time
from collections.abc import Collection
from contextlib import suppress
from uuid import uuid4

from bot.store import SHARDS, Store, StoreDown, reachable, wanted

log = logging.getLogger(__name__)

TTL = 3.0  # seconds after which a killed process's shards are free
SAFE = 0.7  # of that: unrenewed for longer, we stop
KEY = "lh:{ops}:shards"

# One hash: "a:<process>" its end of life, "s:<shard>" "<process> <end>". Renews ours, takes free ones up to a fair
# share, and answers our shards and that share.
SHARE = """
local me, ttl = ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'a:' .. me, now + ttl)
local all, alive, owner = redis.call('HGETALL', KEYS[1]), 0, {}
for i = 1, #all, 2 do
  local kind, name = string.sub(all[i], 1, 2), string.sub(all[i], 3)
  if kind == 'a:' then
    if tonumber(all[i + 1]) > now then alive = alive + 1 else redis.call('HDEL', KEYS[1], all[i]) end
  else
    local who, till = string.match(all[i + 1], '^(%S+) (%d+)$')
    if who == me or tonumber(till) > now then owner[name] = who end
  end
end
local fair, mine = math.ceil(ARGV[3] / alive), {}
for s = 0, ARGV[3] - 1 do
  if owner[tostring(s)] == me then mine[#mine + 1] = s end
end
for s = 0, ARGV[3] - 1 do
  if #mine < fair and not owner[tostring(s)] then mine[#mine + 1] = s end
end
for _, s in ipairs(mine) do redis.call('HSET', KEYS[1], 's:' .. s, me .. ' ' .. (now + ttl)) end
return {fair, mine, alive}"""
RELEASE = """
for i = 2, #ARGV do
  local held = redis.call('HGET', KEYS[1], 's:' .. ARGV[i])
  if held and string.match(held, '^(%S+) ') == ARGV[1] then redis.call('HDEL', KEYS[1], 's:' .. ARGV[i]) end
end
return 1"""
LEAVE = """
redis.call('HDEL', KEYS[1], 'a:' .. ARGV[1])
return 1"""


class Shards:
    """`mine` are ours to read and send; `surplus` are to be let go once nothing of them is under way."""

    def __init__(self, store: Store, ttl: float = TTL) -> None:
        self.me = uuid4().hex
        self.alive = 1
        self._store, self._ttl = store, ttl
        self._held: frozenset[int] = frozenset()
        self._fair = SHARDS
        self._renewed = 0.0

    @property
    def held(self) -> frozenset[int]:
        """Empty as soon as the store may have given them to another."""
        safe = time.monotonic() - self._renewed < self._ttl * SAFE
        return self._held if safe else frozenset()

    @property
    def mine(self) -> frozenset[int]:
        return self.held - self.surplus

    @property
    def surplus(self) -> frozenset[int]:
        return frozenset(sorted(self.held)[self._fair :])

    async def renew(self) -> None:
        """Say that we live and take our share. Raises StoreDown."""
        asked = time.monotonic()
        args = (self.me, round(self._ttl * 1000), SHARDS)
        with reachable():
            fair, mine, alive = await self._store.run(SHARE, [KEY], args)
        before = self._held
        self._held, self._fair, self.alive = frozenset(map(int, mine)), int(fair), int(alive)
        self._renewed = asked
        if before != self._held:
            log.info("shards_held", extra={"shards": len(self._held), "processes": self.alive})

    async def release(self, shards: Collection[int]) -> None:
        """Let others have these at once."""
        self._held -= frozenset(shards)
        if shards:
            with suppress(StoreDown), reachable():
                await self._store.run(RELEASE, [KEY], (self.me, *shards))

    async def leave(self) -> None:
        """Hand over everything: we are going."""
        await self.release(self._held)
        with suppress(StoreDown), reachable():
            await self._store.run(LEAVE, [KEY], (self.me,))

    async def run(self) -> None:
        """Renew until cancelled, then hand over."""
        try:
            while wanted():
                with suppress(StoreDown):
                    await self.renew()
                await asyncio.sleep(self._ttl / 6)
        finally:
            await asyncio.shield(self.leave())
