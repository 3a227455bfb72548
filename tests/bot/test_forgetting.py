"""/forget leaves nothing that names the chat, and everything of all others."""

from bot.buttons import Buttons
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.scripts import GROUP
from bot.store import shard_key, shard_of
from handlers.command import Channel
from handlers.preferences import Preferences
from tests.bot.owing import AT, alert, lying, notice

MINE, OTHER = Channel("telegram", "-1001", "45"), Channel("telegram", "-1001", "46")


async def lived_in(store, channel):
    outbox = Outbox(store)
    await StoreNotebook(store).set_preferences(channel, Preferences(zone="Europe/Berlin"))
    await Buttons(store.cmd, lambda: 0.0).expect(channel, "7", "alert add {answer}")
    sent, waiting = alert(f"a{channel.thread}", "1", channel), notice(f"n{channel.thread}", channel)
    await outbox.owe(None, [sent, waiting])
    entries = await lying(outbox)
    told = [e for e in entries if e.owed.id == sent.id]
    await outbox.begin(told, "t", None, AT)
    await outbox.settle(told, "t", "99", AT)


async def left_of(store, channel):
    found = []
    async for key in store.cmd.scan_iter():
        kind = await store.cmd.type(key)
        held = await store.cmd.hgetall(key) if kind == "hash" else ""
        if kind == "stream" and "changes" not in key:
            held = await store.cmd.xrange(key)
        if kind in ("set", "zset"):
            held = await store.cmd.smembers(key) if kind == "set" else ""
        if channel.key in f"{key} {held}":
            found.append(key)
    return found


async def in_hand(store, channel) -> int:
    stream = shard_key(shard_of(channel.key), "owed")
    return (await store.cmd.xpending(stream, GROUP))["pending"]


async def test_everything_of_the_chat_is_gone_and_nothing_of_others(store):
    await lived_in(store, MINE)
    await lived_in(store, OTHER)
    entries = await lying(Outbox(store))
    mine = [e for e in entries if e.owed.channel == MINE.key]

    assert await StoreNotebook(store).forget(MINE) == 1

    assert await left_of(store, MINE) == []
    assert len(await left_of(store, OTHER)) == 7
    assert await in_hand(store, MINE) == len(entries) - len(mine)
    (begun,) = await Outbox(store).begin(mine[:1], "t", None, AT)
    assert begun.verdict == "gone"


async def test_not_even_when_it_was_written_to_is_kept(store):
    private = Channel("telegram", "7")
    await lived_in(store, private)

    await StoreNotebook(store).forget(private)

    assert await left_of(store, private) == []
