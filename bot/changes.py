"""
Whose wishes changed: a stream per shard. It is written in the same script as the change, so that no process can be
killed between the two and leave the others with what was.
"""

import asyncio
from collections.abc import AsyncIterator

from bot.store import SHARDS, Store, StoreDown, reachable, shard_key, wanted

LISTEN_EVERY = 0.25  # seconds
AT_ONCE = 1000  # per shard; more are kept, so that who listens misses none

# For scripts whose last key is the channel's stream and whose first argument is the channel.
TELL = """
local function tell() redis.call('XADD', KEYS[#KEYS], 'MAXLEN', '~', 2000, '*', 'c', ARGV[1]) end
"""


def changes_key(shard: int) -> str:
    return shard_key(shard, "changes")


async def changes(store: Store) -> AsyncIterator[str | None]:
    """
    Until cancelled, each channel key that any process changed. "": from now on they are heard, and everything may
    have changed before. None: the store is away, and nothing is heard.
    """
    last: list[str] = []
    while wanted():
        try:
            if not last:
                last = await _newest(store)
                yield ""
            found = await _after(store, last)
        except StoreDown:
            last, found = [], []
            yield None
        for shard, entries in enumerate(found):
            for entry, fields in entries:
                last[shard] = entry
                yield fields["c"]
        more = any(len(entries) == AT_ONCE for entries in found)
        await asyncio.sleep(0 if more else LISTEN_EVERY)


async def _newest(store: Store) -> list[str]:
    with reachable():
        pipeline = store.cmd.pipeline(transaction=False)
        for shard in range(SHARDS):
            pipeline.xrevrange(changes_key(shard), count=1)
        return [entries[0][0] if entries else "0-0" for entries in await pipeline.execute()]


async def _after(store: Store, last: list[str]) -> list[list[tuple[str, dict[str, str]]]]:
    with reachable():
        pipeline = store.cmd.pipeline(transaction=False)
        for shard, entry in enumerate(last):
            pipeline.xrange(changes_key(shard), f"({entry}", count=AT_ONCE)
        return list(await pipeline.execute())
