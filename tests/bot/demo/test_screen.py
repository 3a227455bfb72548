"""What the demo shows first fits the screen of a phone, with every kind of fact on it."""

from dataclasses import replace

import fakeredis

from bot.demo.scenario import FIRST
from bot.demo.world import World, serve
from bot.render.text import plain
from bot.sources import open_sources
from config.settings import Settings
from config.watchlist import Watchlist
from handlers.briefings import briefing_named
from handlers.reply import Details
from handlers.words import Words
from tests.fakes import Clock, desk_with
from tests.handlers.commands.asking import Told, book

SCREEN = 900


def screenful(reply):
    shown = tuple(block for block in reply.blocks if not isinstance(block, Details))
    return plain(type(reply)(reply.title, shown))


async def test_the_briefing_of_the_demo_fits_a_phone():
    clock, redis = Clock(FIRST), fakeredis.FakeAsyncRedis(decode_responses=True)
    async with serve(World(clock)) as addresses:
        settings = Settings(addresses=addresses)
        async with open_sources(settings, Watchlist.load(), redis, clock) as outside:
            counted = Told(clock, book(clock, 24 * 21, 90e6, 20e6), name="own count")
            desk = desk_with(replace(outside.sources, liquidations=(counted,)), clock)
            bitcoin = desk.watchlist.get("BTC")
            text = screenful(await briefing_named("morning").compose(desk, bitcoin, Words()))

    assert "Missing" not in text
    assert "Liquidated longs" in text
    assert "\nNext " in text
    assert len(text) <= SCREEN, text
