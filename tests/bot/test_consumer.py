"""What a process takes of the outbox: nothing is left behind, whoever had it before and however that ended."""

from collections import Counter
from dataclasses import dataclass, field, replace

import pytest
from redis.exceptions import ConnectionError as Lost

from bot import scripts
from bot.consumer import AT_ONCE, Consumer
from bot.outbox import Outbox
from bot.store import SHARDS, Store, StoreDown, shard_key, shard_of
from handlers.command import Channel
from tests.bot.owing import AT, HERE, SOON, notice

OTHER = Channel("discord", "2")
ALL = frozenset(range(SHARDS))


@dataclass
class Held:
    """The shards of a process, as they are told."""

    held: frozenset[int] = field(default=ALL)

    @property
    def mine(self) -> frozenset[int]:
        return self.held


class LosesAnswers:
    """A client whose connection breaks after the store has done what it was asked, `times` times."""

    def __init__(self, client, times: int) -> None:
        self._client, self._times = client, times

    async def xreadgroup(self, *args, **more):
        answer = await self._client.xreadgroup(*args, **more)
        self._times -= 1
        if self._times >= 0:
            raise Lost
        return answer


def process(store: Store, shards: Held | None = None, sweep: float = 0.0) -> Consumer:
    return Consumer(Outbox(store), shards or Held(), sweep=sweep, wait=SOON)


async def taken(consumer: Consumer) -> list[str]:
    """All that there is to take now."""
    names: list[str] = []
    while found := await consumer.entries(1000):
        names += [entry.owed.id for entry in found]
    return names


async def pending(store: Store) -> int:
    streams = (shard_key(shard, "owed") for shard in ALL)
    return sum([(await store.cmd.xpending(s, scripts.GROUP))["pending"] for s in streams])


async def members(store: Store, channel: Channel) -> list[str]:
    stream = shard_key(shard_of(channel.key), "owed")
    return [row["name"] for row in await store.cmd.xinfo_consumers(stream, scripts.GROUP)]


async def test_what_is_new_is_given_once(store):
    one = process(store, sweep=60.0)
    await Outbox(store).owe(None, [notice("a"), notice("b", OTHER)])

    assert sorted(await taken(one)) == ["a", "b"]
    assert await pending(store) == 2


async def test_what_a_killed_process_had_in_hand_goes_to_who_holds_its_shards_next(store):
    await Outbox(store).owe(None, [notice("a")])
    assert await taken(process(store)) == ["a"]
    await Outbox(store).owe(None, [notice("b")])
    heir = process(store)

    assert await taken(heir) == ["a", "b"]
    assert len(await members(store, HERE)) == 1


async def test_more_than_a_page_of_unfinished_messages_is_taken_over_in_order(store):
    names = [f"n{n:04}" for n in range(2 * AT_ONCE + 7)]
    for start in range(0, len(names), 100):
        await Outbox(store).owe(None, [notice(name) for name in names[start : start + 100]])
    assert len(await taken(process(store, sweep=60.0))) == len(names)

    assert await taken(process(store, sweep=60.0)) == names


async def test_what_a_process_took_that_had_lost_the_shard_is_found_by_its_holder(store):
    late, holder = process(store), process(store)
    await taken(late)
    await taken(holder)
    await Outbox(store).owe(None, [notice("a")])
    assert await taken(late) == ["a"]

    assert await taken(holder) == ["a"]
    assert await members(store, HERE) != []


async def test_one_that_shares_nothing_is_left_what_it_has(store):
    mine = shard_of(HERE.key)
    one, two = process(store, Held(frozenset({mine}))), process(store, Held(ALL - {mine}))
    await Outbox(store).owe(None, [notice("a"), notice("b", OTHER)])

    assert (await taken(one), await taken(two), await taken(one)) == (["a"], ["b"], [])


async def test_what_was_handed_over_in_a_lost_answer_is_given_again(store):
    losing = replace(store, block=LosesAnswers(store.block, 1), once=LosesAnswers(store.once, 1))
    one = process(losing, sweep=60.0)
    await Outbox(store).owe(None, [notice("a")])

    with pytest.raises(StoreDown):
        await one.entries(1000)
    assert await taken(one) == ["a"]


async def test_what_came_while_the_shard_was_not_ours_is_given_when_it_is_again(store):
    class Wavering(Held):
        """Not ours by the time the answer is there."""

        asked = 0

        @property
        def mine(self) -> frozenset[int]:
            self.asked += 1
            return ALL

    shards = Wavering()
    one = process(store, shards, sweep=60.0)
    assert await taken(one) == []
    await Outbox(store).owe(None, [notice("a")])
    shards.held = frozenset()
    assert await taken(one) == []
    shards.held = ALL

    assert await taken(one) == ["a"]


async def test_an_emptied_store_is_gone_on_with(store):
    one = process(store)
    await taken(one)
    await store.cmd.flushall()
    await Outbox(store).owe(None, [notice("a")])

    with pytest.raises(StoreDown):
        await one.entries(1000)
    assert await taken(one) == ["a"]


@pytest.mark.parametrize("end", ["settled", "given up", "gone"])
async def test_what_is_finished_is_pending_no_more(store, end):
    outbox, one = Outbox(store), process(store)
    await outbox.owe(None, [notice("a")])
    found = await one.entries(1000)
    await outbox.begin(found, "t", None, AT)
    match end:
        case "settled":
            await outbox.settle(found, "t", "m", AT)
        case "given up":
            await outbox.give_up(found, "dead", "refused", AT)
        case "gone":
            await store.cmd.hset(shard_key(found[0].shard, "d", "a"), "st", "expired")
            await outbox.begin(found, "t", None, AT)

    assert await pending(store) == 0
    assert Counter(await taken(process(store))) == Counter()


async def test_what_was_deleted_while_it_was_in_hand_is_forgotten(store):
    one = process(store)
    await Outbox(store).owe(None, [notice("a"), notice("b")])
    found = await one.entries(1000)
    await store.cmd.xdel(shard_key(found[0].shard, "owed"), found[0].entry)

    assert await taken(process(store)) == ["b"]
    assert await pending(store) == 1
