import asyncio

from bot.shards import Shards
from bot.store import SHARDS

TTL = 0.4


async def settled(*processes: Shards) -> None:
    """Each renews and gives away its surplus, as delivery does, until nothing moves."""
    for _ in range(4):
        for one in processes:
            await one.renew()
            await one.release(one.surplus)


async def test_one_process_holds_all(store):
    alone = Shards(store)
    await alone.renew()

    assert len(alone.held) == SHARDS


async def test_shards_are_shared_evenly_and_never_twice(store):
    processes = [Shards(store) for _ in range(3)]
    await settled(*processes)

    held = [p.mine for p in processes]
    assert sorted(map(len, held)) == [4, 6, 6] or sorted(map(len, held)) == [5, 5, 6]
    assert frozenset().union(*held) == frozenset(range(SHARDS))
    assert sum(map(len, held)) == SHARDS


async def test_surplus_is_named_before_it_is_given_away(store):
    first, second = Shards(store), Shards(store)
    await first.renew()
    await second.renew()
    await first.renew()

    assert len(first.surplus) == SHARDS // 2
    assert first.mine.isdisjoint(first.surplus)
    assert second.held == frozenset()


async def test_who_leaves_hands_over_at_once(store):
    first, second = Shards(store), Shards(store)
    await settled(first, second)
    await first.leave()
    await second.renew()

    assert len(second.held) == SHARDS
    assert first.held == frozenset()


async def test_a_killed_process_is_followed_after_its_time(store):
    killed, other = Shards(store, TTL), Shards(store, TTL)
    await settled(killed, other)
    before = len(other.held)
    await asyncio.sleep(TTL + 0.05)
    await other.renew()

    assert before == SHARDS // 2
    assert len(other.held) == SHARDS


async def test_unrenewed_shards_are_let_go_before_another_may_have_them(store):
    slow = Shards(store, TTL)
    await slow.renew()
    await asyncio.sleep(TTL * 0.8)

    assert slow.held == frozenset()
