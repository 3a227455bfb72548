"""Every loop over the store ends when it is told to, even where the store's client swallows that."""

import asyncio
from datetime import timedelta

import pytest

from bot.clockwork import Beat, Clockwork
from bot.delivery import Delivery
from bot.lease import Lease
from bot.notebook import StoreNotebook
from bot.outbox import Outbox
from bot.pacer import TELEGRAM, UNLIMITED, Pacer
from bot.planner import Planner
from bot.quota import Quota
from bot.shards import Shards
from bot.store import Store, reachable
from tests.bot.owing import AT
from tests.bot.test_delivery import Loopback, Titles
from tests.fakes import Clock


class Deaf:
    """A client that finishes what it does, whatever anybody says meanwhile; `busy` from its `after`-th call on."""

    def __init__(self, client, after: int) -> None:
        self._client, self._after = client, after
        self.busy = asyncio.Event()

    def __getattr__(self, name):
        inner = getattr(self._client, name)

        async def call(*args, **more):
            return await self.whole(inner(*args, **more))

        return call if asyncio.iscoroutinefunction(inner) or name.islower() else inner

    def pipeline(self, **more):
        return DeafPipeline(self._client.pipeline(**more), self)

    async def whole(self, work):
        self._after -= 1
        if self._after < 0:
            self.busy.set()
        running = asyncio.ensure_future(work)
        while not running.done():
            try:
                await asyncio.sleep(0.005)
                await asyncio.shield(running)
            except asyncio.CancelledError:
                continue
        return running.result()


class DeafPipeline:
    def __init__(self, pipeline, client: Deaf) -> None:
        self._pipeline, self._client = pipeline, client

    def __getattr__(self, name):
        return getattr(self._pipeline, name)

    async def execute(self, **more):
        return await self._client.whole(self._pipeline.execute(**more))


class DeafStore(Store):
    """Everything of it, scripts too."""

    __slots__ = ()

    def digest(self, script):
        return str(self.cmd._client.register_script(script).sha)

    async def run(self, script, keys, args=()):
        plain = self.cmd._client.register_script(script)
        return await self.cmd.whole(plain(keys=list(keys), args=list(args)))


def planning(store: Store):
    planner = Planner(
        store, StoreNotebook(store), Outbox(store),
        now=Clock(AT), trading_day=lambda _: True, grace=timedelta(minutes=15),
    )  # fmt: skip

    async def ever() -> None:
        while True:
            await planner.tick()

    return Clockwork([Beat("plan", timedelta(milliseconds=10), ever)]).run()


def delivering(store: Store):
    shards = Shards(store)

    async def run() -> None:
        await shards.renew()
        await Delivery(
            Outbox(store), shards, StoreNotebook(store), {"discord": Loopback()},
            {"discord": Pacer(UNLIMITED)}, Titles(), Clock(AT),
        ).run()  # fmt: skip

    return run()


def leading(store: Store):
    return Lease(store, "poll", 0.1).run(asyncio.Event().wait)


LOOPS = {
    "planner": planning,
    "delivery": delivering,
    "lease": leading,
    "notebook": lambda store: StoreNotebook(store).listen(),
    "shards": lambda store: Shards(store, 0.1).run(),
    "quota": lambda store: Quota(store, "telegram", Pacer(TELEGRAM)).run(),
}


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("loop", LOOPS)
async def test_a_loop_that_is_told_to_stop_ends(store, loop, after):
    client = Deaf(store.cmd, after)
    task = asyncio.ensure_future(LOOPS[loop](DeafStore(client, client, client, "deaf")))
    async with asyncio.timeout(10):
        await client.busy.wait()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    assert task.cancelled()


async def test_an_answer_after_the_word_to_stop_is_not_gone_on_with():
    async def swallows() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return

    async def asks() -> str:
        with reachable():
            await swallows()
        return "went on"

    task = asyncio.ensure_future(asks())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
