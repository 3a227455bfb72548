import asyncio

import pytest

from bot.pacer import TELEGRAM, UNLIMITED, Pacer
from bot.quota import Quota
from bot.store import StoreDown


def one(store) -> tuple[Pacer, Quota]:
    pacer = Pacer(TELEGRAM)
    return pacer, Quota(store, "telegram", pacer)


class Gone:
    async def run(self, *_):
        raise StoreDown


async def test_nothing_is_sent_before_the_store_has_said_how_many_we_are(store):
    pacer, _ = one(store)

    assert pacer.share == 0


async def test_a_process_alone_has_the_whole_pace(store):
    pacer, quota = one(store)
    await quota.agree()

    assert pacer.share == 30


async def test_together_they_never_have_more_than_the_platform_allows(store):
    (first, one_), (second, two), (third, three) = [one(store) for _ in range(3)]
    shares = []
    for _ in range(4):
        for quota in (one_, two, three):
            await quota.agree()
            shares.append(first.share + second.share + third.share)

    assert max(shares) <= 30
    assert min(first.share, second.share, third.share) >= 9


async def test_who_has_more_to_send_gets_more(store):
    (busy, one_), (idle, two) = one(store), one(store)
    waiting = [asyncio.ensure_future(_send(busy, str(n))) for n in range(200)]
    await asyncio.sleep(0)
    for _ in range(4):
        await two.agree()
        await one_.agree()
    shares = busy.share, idle.share
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)

    assert shares[0] >= 28
    assert sum(shares) <= 30


async def _send(pacer: Pacer, chat: str) -> None:
    async with pacer.slot(chat):
        await asyncio.Event().wait()


async def test_who_leaves_leaves_its_part_to_the_others(store):
    (first, one_), (_, two) = one(store), one(store)
    leaving = asyncio.ensure_future(two.run())
    await asyncio.sleep(0.05)
    for _ in range(3):
        await one_.agree()
    shared = first.share
    leaving.cancel()
    await asyncio.wait([leaving])
    await one_.agree()

    assert shared < 30
    assert first.share == 30


async def test_without_the_store_questions_are_still_answered():
    pacer = Pacer(UNLIMITED)
    quota = Quota(Gone(), "telegram", pacer)
    with pytest.raises(StoreDown):
        await quota.agree()

    assert pacer.share == 0
