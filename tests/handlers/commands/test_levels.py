"""/levels: zones around the price, each with its reasons."""

import re

import pytest

from bot.render.text import plain
from handlers.command import UserError
from handlers.commands.levels import COMMAND
from providers.market import Sources
from tests.fakes import desk_with, desk_without_sources
from tests.handlers.commands.asking import Bars, Told, ask, chain


def desk(clock):
    options = Told(clock, chain(clock), name="deribit")
    return desk_with(Sources(candles=(Bars(clock),), options=(options,)), clock)


async def test_resistance_stands_above_the_price_and_support_below(clock):
    reply = await ask(COMMAND, desk(clock))
    text = plain(reply)
    assert reply.title.startswith("BTC $")
    above, below = text.split("— BTC $")
    assert "resistance · ↑ +" in above
    assert "support" in below
    assert "round number $90,000" in text
    assert "× a usual day)" in above
    assert not re.search("touched, never closed beyond · touched", text)


async def test_max_pain_is_named_with_its_expiry(clock):
    assert "max pain $90,000 of 8 Mar 2030" in plain(await ask(COMMAND, desk(clock)))


async def test_without_prices_it_says_so(clock):
    with pytest.raises(UserError, match=r"BTC price: no data"):
        await ask(COMMAND, desk_without_sources(clock))


async def test_words_nobody_asked_for_are_refused(clock):
    with pytest.raises(UserError, match="I do not understand “now”"):
        await ask(COMMAND, desk(clock), "btc now")
