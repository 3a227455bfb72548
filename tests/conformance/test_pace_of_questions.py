"""Who asks too much at once is told so once on both platforms, and nothing is left waiting."""

import asyncio

import pytest

from bot.demo.world import World, serve
from tests.conformance.home import ANN, TEXT, at_home, frozen, platforms, said, until

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the local servers' own
]
SORRY = "One moment, please"


async def test_a_flood_is_answered_kindly_once(shared, tmp_path):
    world = World(frozen)
    async with (
        platforms(shared) as rigs,
        serve(world) as addresses,
        at_home(rigs, world, addresses, tmp_path, commands_per_minute=4) as home,
    ):
        telegram, discord = rigs
        start = await home.telegram.ask(ANN, ANN, "/start")
        for _ in range(3):
            await home.telegram.ask(ANN, ANN, "/start")
        assert SORRY in said(await home.telegram.ask(ANN, ANN, "/start"))
        for _ in range(5):
            home.telegram.write(ANN, ANN, "/start")
        data = start["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        pressed = telegram.press(ANN, start["message_id"], ANN, data)["callback_query_id"]
        await until(lambda: telegram.callbacks[pressed]["answered"], "the press")

        for _ in range(4):
            await home.discord.slash("start")
        assert SORRY in said(await home.discord.slash("start"))
        for _ in range(3):
            await home.discord.settled(discord.slash("start", {}, TEXT, 500), "start")
        await asyncio.sleep(0.1)

        assert sum(SORRY in words for words in home.telegram.words(ANN)) == 1
        assert sum(SORRY in said(m) for m in discord.messages.values()) == 1
        assert telegram.violations == []
        assert discord.violations == []
        assert discord.timings()["pending"] == []
