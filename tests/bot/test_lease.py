import asyncio
import time

import pytest

from bot.lease import Lease
from bot.store import StoreDown

TTL = 0.3


class Job:
    """Work that only one may do; `most` is how many ever did at once."""

    def __init__(self) -> None:
        self.doing, self.most = 0, 0
        self.began: list[float] = []
        self.ended: list[float] = []
        self.news = asyncio.Event()

    async def __call__(self) -> None:
        self.doing += 1
        self.most = max(self.most, self.doing)
        self.began.append(time.monotonic())
        self.news.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.doing -= 1
            self.ended.append(time.monotonic())

    async def times(self, number: int) -> None:
        async with asyncio.timeout(10):
            while len(self.began) < number:
                self.news.clear()
                await self.news.wait()


class Cut(Lease):
    """A process that the store has stopped answering, when `cut`."""

    cut = False

    async def take(self) -> bool:
        if self.cut:
            raise StoreDown
        return await super().take()


async def stop(*tasks: asyncio.Task) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_only_one_takes_it_and_may_take_it_again(store):
    one, two = Lease(store, "poll"), Lease(store, "poll")

    assert [await one.take(), await two.take(), await one.take()] == [True, False, True]


async def test_leases_of_different_names_do_not_meet(store):
    assert await Lease(store, "a").take()
    assert await Lease(store, "b").take()


async def test_who_does_not_hold_it_cannot_release_it(store):
    one, two = Lease(store, "poll"), Lease(store, "poll")
    await one.take()

    await two.release()

    assert not await two.take()


async def test_a_released_lease_is_handed_over_at_once(store):
    job = Job()
    first = asyncio.ensure_future(Lease(store, "poll").run(job))
    await job.times(1)
    second = asyncio.ensure_future(Lease(store, "poll").run(job))
    released = time.monotonic()
    await stop(first)
    await job.times(2)
    await stop(second)

    assert job.began[1] - released < 1
    assert job.most == 1


async def test_renewed_work_goes_on_for_longer_than_a_life(store):
    job = Job()
    tasks = [asyncio.ensure_future(Lease(store, "poll", TTL).run(job)) for _ in range(3)]
    await job.times(1)
    await asyncio.sleep(TTL * 2)
    await stop(*tasks)

    assert len(job.began) == 1


async def test_a_killed_holder_is_followed_within_a_life_and_a_third(store):
    await Lease(store, "poll", TTL).take()  # killed: never renewed, never released
    killed = time.monotonic()
    job = Job()
    task = asyncio.ensure_future(Lease(store, "poll", TTL).run(job))
    await job.times(1)
    await stop(task)

    assert TTL * 0.5 < job.began[0] - killed < TTL * 1.34 + 0.5


async def test_a_holder_cut_off_stops_before_another_may_start(store):
    job, one, two = Job(), Cut(store, "poll", TTL), Lease(store, "poll", TTL)
    tasks = [asyncio.ensure_future(one.run(job))]
    await job.times(1)
    tasks.append(asyncio.ensure_future(two.run(job)))
    one.cut = True
    await job.times(2)
    await stop(*tasks)

    assert job.ended[0] < job.began[1]
    assert job.most == 1


async def test_who_answers_people_goes_on_while_the_store_is_away(store):
    job, one = Job(), Cut(store, "poll", TTL)
    task = asyncio.ensure_future(one.run(job, through_outages=True))
    await job.times(1)
    one.cut = True
    await asyncio.sleep(TTL * 2)
    still = job.doing
    await stop(task)

    assert still == 1


async def test_who_went_on_stops_when_another_was_first_after_the_outage(store):
    job, one, two = Job(), Cut(store, "poll", TTL), Lease(store, "poll", 10)
    task = asyncio.ensure_future(one.run(job, through_outages=True))
    await job.times(1)
    one.cut = True
    while not await two.take():  # noqa: ASYNC110 - the store has no event
        await asyncio.sleep(TTL / 6)
    one.cut = False
    async with asyncio.timeout(5):
        while job.doing:  # noqa: ASYNC110 - nor has the job
            await asyncio.sleep(0.01)
    await stop(task)

    assert len(job.began) == 1


async def test_work_that_breaks_is_raised_and_gives_the_lease_up(store):
    async def broken() -> None:
        raise ValueError("bug")

    with pytest.raises(ValueError, match="bug"):
        await Lease(store, "poll").run(broken)

    assert await Lease(store, "poll").take()
