"""/liqs: a floor, by side and venue, and since when it is counted."""

from datetime import timedelta

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.liqs import COMMAND
from providers.errors import ProviderError
from providers.market import Sources
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import Told, ask, book


def desk(clock, **more):
    return desk_with(
        Sources(liquidations=(Told(clock, book(clock, **more), name="own count"),)), clock
    )


async def test_the_title_says_at_least(clock):
    reply = await ask(COMMAND, desk(clock))
    assert reply.title == "BTC liquidations 1 d: at least $48.0 M longs, $24.0 M shorts"
    assert "Binance: $48.0 M longs, $24.0 M shorts" in plain(reply)


async def test_a_window_can_be_chosen(clock):
    reply = await ask(COMMAND, desk(clock), "btc 4h")
    assert reply.title == "BTC liquidations 4 h: at least $8.0 M longs, $4.0 M shorts"


async def test_a_window_that_was_not_heard_whole_is_marked(clock):
    text = plain(await ask(COMMAND, desk(clock, hours=12, since=timedelta(hours=12))))
    assert "1 d*" in text
    assert "Binance: a sample, since Wed 6 Mar 00:00 UTC" in text


async def test_nonsense_is_no_window(clock):
    with pytest.raises(UserError, match="no length of time I can look back"):
        await ask(COMMAND, desk(clock), "btc soon")


async def test_without_any_source_that_is_the_error(clock):
    with pytest.raises(ProviderError):
        await ask(COMMAND, desk_without_sources(clock))
