"""A press is acknowledged in time even while the store that knows what it means is slow."""

import asyncio

import fakeredis
import pytest

from tests.conformance.test_discord_rig import Bot, World, listening, made, rig

__all__ = ["rig"]  # a fixture

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local server's own
]


class SlowOnce(fakeredis.FakeAsyncRedis):
    """The next question after `slow` was set is never answered."""

    slow = False

    async def get(self, name):
        if self.slow:
            self.slow = False
            await asyncio.Event().wait()
        return await super().get(name)


async def test_a_new_answer_is_begun_within_a_second(rig):
    bot, store = Bot(), SlowOnce()
    transport = made(rig, bot, store)
    async with listening(rig, transport):
        world = World(rig, bot, transport, store)
        message = await world.slash("levels")
        store.slow = True

        record = await world.press(message, "New")
        answer = await world.settled(record)

        assert record["acked"] - record["created"] < 1
        assert answer["embeds"][0]["title"] == "Chart"
    assert rig.violations == []
    assert rig.timings()["pending"] == []
