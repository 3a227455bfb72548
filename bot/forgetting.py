"""What stays of a chat outside its own hash: letters, where they stand, questions. Found and deleted when it asks."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from bot.owed import Owed
from bot.scripts import GROUP
from bot.store import Store, reachable, shard_key, shard_of

SETTLED_FOR = 60  # seconds
STEP = 1000  # keys looked at per round trip
ASKED = "lh:{btn}:ask:"
_owed = msgspec.json.Decoder(Owed).decode


async def erase_traces(store: Store, channel: str) -> None:
    """
    Letters still owed, records of those sent, where alerts stand, and open questions. Looks through every key of the
    store, which is slow and rare. Buttons keep a command and no chat; they end by themselves after 30 days.
    """
    shard = shard_of(channel)
    with reachable():
        await _drop_owed(store, shard, channel)
        chat = channel.partition("/")[0]
        await store.cmd.delete(shard_key(shard, "sent", chat), shard_key(shard, "hold", chat))
        for record in [r async for r in _records(store, shard, channel)]:
            await _settle(store, record)
            await store.cmd.zrem(shard_key(shard, "dead"), record.rsplit(":d:", 1)[-1])
        ends = f":{channel}"
        async for key in _keys(store, shard_key(shard, "message", "*"), lambda k: k.endswith(ends)):
            await store.cmd.delete(key)
        begins = f"{ASKED}{channel}:"
        async for key in _keys(store, f"{ASKED}*", lambda k: k.startswith(begins)):
            await store.cmd.delete(key)


async def _drop_owed(store: Store, shard: int, channel: str) -> None:
    stream = shard_key(shard, "owed")
    for entry, fields in await store.cmd.xrange(stream):
        if _owed(fields["b"]).channel == channel:
            await store.cmd.xack(stream, GROUP, entry)
            await store.cmd.xdel(stream, entry)


async def _settle(store: Store, record: str) -> None:
    """A sender that has read it already must find it settled; a minute later it is gone."""
    await store.cmd.delete(record)
    await store.cmd.hset(record, "st", "expired")
    await store.cmd.expire(record, SETTLED_FOR)


async def _records(store: Store, shard: int, channel: str) -> AsyncIterator[str]:
    async for key in _keys(store, shard_key(shard, "d", "*"), lambda _: True):
        if await store.cmd.hget(key, "c") == channel:
            yield key


async def _keys(store: Store, pattern: str, mine: Callable[[str], bool]) -> AsyncIterator[str]:
    """The pattern narrows, `mine` decides: a chat's name may hold what a pattern reads as its own marks."""
    found: Any
    async for found in store.cmd.scan_iter(match=_plain(pattern), count=STEP):
        if mine(str(found)):
            yield str(found)


def _plain(pattern: str) -> str:
    """Square brackets would mean something; ours only ever ends in a star."""
    return pattern.replace("[", "?").replace("]", "?")
